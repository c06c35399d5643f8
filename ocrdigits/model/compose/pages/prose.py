"""Text without a digit: invented sentences, printed or written line by line into an area."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.lettering import Spot
from ocrdigits.model.compose.pages.contents import split_words
from ocrdigits.model.compose.pages.desk import Desk
from ocrdigits.model.compose.pages.typeset import Style, measure_print

_WORDS = split_words(
    "the a of and to in is that for on with as by this be are from or at which it not have you "
    "letter garden river morning table window paper village road bread water winter summer house "
    "teacher market kitchen weather animal picture music question answer evening holiday station "
    "friend family number office report meeting payment notice member service customer insurance "
    "please send bring keep write call visit arrive leave receive sign return agree change open "
    "small large new old early late quiet clear whole next last other every many few often never "
    "OSLO ZOO SOS BOIL SOIL LISBOA BOSS GLASS IDOL BELL SOLO LOBBY SIZE OIL Bob Lola Zoo Sisi Gigi "
    "Monday Tuesday Friday Sunday under between before after during without because while until"
)


@dataclass(frozen=True, slots=True)
class Area:
    """Where text may stand, sheet frame: x and y of its sides."""

    left: float
    top: float
    right: float
    bottom: float


def make_sentence(rng: np.random.Generator, low: int = 4, high: int = 14) -> str:
    """Some words with a capital first and a full stop, at times a comma inside."""
    words = [pick(rng, _WORDS) for _ in range(int(rng.integers(low, high + 1)))]
    if len(words) > 6 and toss(rng, 0.5):
        words[len(words) // 2] += ","
    text = " ".join(words)
    return text[0].upper() + text[1:] + pick(rng, (".", ".", ".", "!", "?"))


def print_paragraphs(desk: Desk, style: Style, area: Area) -> float:
    """Fill an area with printed text.

    Args:
        desk: Gets the print.
        style: Of the print.
        area: Where.

    Returns:
        The next free baseline.
    """
    rng = desk.rng
    leading = style.height_px * between(rng, 1.75, 2.2)
    y = area.top + leading
    while y < area.bottom:
        words = " ".join(make_sentence(rng) for _ in range(int(rng.integers(2, 6)))).split()
        y = _set_words(desk, style, words, Area(area.left, y, area.right, area.bottom), leading)
        y += leading * between(rng, 0.0, 0.8)
    return y


def _set_words(desk: Desk, style: Style, words: list[str], area: Area, leading: float) -> float:
    y, line = area.top, ""
    for word in words:
        longer = f"{line} {word}".strip()
        if line and measure_print(longer, style) > area.right - area.left:
            desk.print(line, style, (area.left, y))
            y, line = y + leading, word
            if y >= area.bottom:
                return y
        else:
            line = longer
    desk.print(line, style, (area.left, y))
    return y + leading


def write_paragraph(desk: Desk, area: Area, height_px: float, pitch: float) -> float:
    """Fill an area with handwriting.

    Args:
        desk: Whose scribe writes.
        area: Where.
        height_px: Of a digit by this scribe, capitals are as high.
        pitch: From one baseline to the next.

    Returns:
        The next free baseline.
    """
    rng, y = desk.rng, area.top + pitch
    while y < area.bottom:
        words = make_sentence(rng, 2, 12).split()
        while words and y < area.bottom:
            count = len(words)
            room = (area.right - area.left) * between(rng, 0.88, 1.0)
            while count > 1 and desk.guess_width(" ".join(words[:count]), height_px) > room:
                count -= 1
            x = area.left + float(rng.normal(0, 5))
            desk.write(" ".join(words[:count]), Spot(x, y, height_px, area.right - x))
            words, y = words[count:], y + pitch
    return y
