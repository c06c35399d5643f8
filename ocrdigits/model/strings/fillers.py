"""What stands around a number and reads as nothing: signs, letters, lines, frames, neighbours.

Everything is added to a canvas of ink, after the number and in its pen or a printer's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.glyphs import draw_printed_cells, draw_stroke_cells
from ocrdigits.model.compose.hand.pens import InkPatch
from ocrdigits.model.strings.handwriting import InkLine
from ocrdigits.records import Coverage

_SIGNS = "$$$$€€££=##*"
_CURRENCIES = ("Rs", "Rs.", "CHF", "EUR", "USD", "Fr.", "kr")
_FENCES = ("*", "**", "***", "#", "=")
_BRACKETS = "()[]"
_UNITS = "kgcmFCAErx%=+dLhsm"
_LETTERS = "abcdefghkmnprstuvwxyzABCDEFGHKLMNPRTUVXYZ"
_BANK_SIZE = 260
_DESCENDERS = "gpqyjß"
_LOW = "acemnorsuvwxz"


@dataclass(frozen=True, slots=True)
class SignBank:
    """Letters and signs, drawn beforehand: by hand and by printers.

    Attributes:
        written: Character, its crops.
        printed: The same, printed.
    """

    written: dict[str, list[Coverage]]
    printed: dict[str, list[Coverage]]

    def take(self, rng: np.random.Generator, character: str, *, printed: bool) -> Coverage:
        """One crop of a character."""
        crops = self.printed if printed else self.written
        return pick(rng, crops.get(character) or self.written[character])


def draw_sign_bank(seed: int = 0) -> SignBank:
    """Draw letters and signs; takes about a second."""
    rng = np.random.default_rng(seed)
    words = "".join((*_CURRENCIES, *_FENCES))
    characters = "".join(sorted(set(_SIGNS + _BRACKETS + _UNITS + _LETTERS + words)))
    repeated = max(1, _BANK_SIZE // len(characters))
    written: dict[str, list[Coverage]] = {c: [] for c in characters}
    printed: dict[str, list[Coverage]] = {c: [] for c in characters}
    for character in characters:
        written[character] += draw_stroke_cells(rng, repeated, character)[0]
        printed[character] += draw_printed_cells(rng, repeated, character)[0]
    return SignBank(written, printed)


def add_signs(rng: np.random.Generator, line: InkLine, bank: SignBank, *, printed: bool) -> None:
    """Put a currency, a word, a unit or closing dashes before and after a number, or a fence."""
    left, _, right, _ = line.bounds
    unit = line.height_px
    if toss(rng, 0.12):
        fence, beside = pick(rng, _FENCES), unit * between(rng, 0.08, 0.3)
        _add_word(rng, line, (bank, printed), fence, (left - beside, -1))
        _add_word(rng, line, (bank, printed), fence, (right + beside, 1))
        return
    if toss(rng, 0.5):
        chance = float(rng.random())
        words = (
            pick(rng, _SIGNS) if chance < 0.5
            else pick(rng, _CURRENCIES) if chance < 0.7
            else _sample_word(rng, _LETTERS)
        )  # fmt: skip
        _add_word(rng, line, (bank, printed), words, (left - unit * between(rng, 0.1, 0.5), -1))
    if toss(rng, 0.5):
        x = right + unit * between(rng, 0.12, 0.5)
        chance = float(rng.random())
        if chance < 0.45 and not printed:
            _close(rng, line, x)
        elif chance < 0.75:
            _add_word(rng, line, (bank, printed), _sample_word(rng, _UNITS), (x, 1))
        else:
            _add_word(rng, line, (bank, printed), pick(rng, "€$=#%"), (x, 1))


def write_word(
    rng: np.random.Generator, bank: SignBank, height_px: float, *, printed: bool
) -> InkLine:
    """A word or some signs and no number."""
    line = InkLine(height_px, height_px * between(rng, 0.06, 0.15))
    if toss(rng, 0.15):
        _add_ditto(rng, line)
        return line
    word = pick(rng, (_sample_word(rng, _LETTERS), _sample_word(rng, _UNITS), pick(rng, _SIGNS)))
    _add_word(rng, line, (bank, printed), word, (0.0, 1))
    for patch in line.patches:
        height, width = patch.coverage.shape
        line.spans.append((patch.x, patch.y, patch.x + width, patch.y + height))
    return line


def _add_ditto(rng: np.random.Generator, line: InkLine) -> None:
    """Two short strokes side by side, for what stands in the row above."""
    unit, lean = line.height_px, float(rng.normal(0.1, 0.15))
    x, y, tall = 0.0, 0.0, unit * between(rng, 0.35, 0.9)
    for _ in range(2):
        high = tall * between(rng, 0.8, 1.2)
        bow = unit * float(rng.normal(0, 0.06))
        points = [(x + lean * high, y - high), (x + lean * high / 2 + bow, y - high / 2), (x, y)]
        line.patches.append(draw_stroke(points, line.stroke_px))
        left, right = min(x, x + lean * high), max(x, x + lean * high)
        line.spans.append((left, y - high, right, y))
        x, y = x + unit * between(rng, 0.2, 0.5), unit * float(rng.normal(0, 0.06))


def _sample_word(rng: np.random.Generator, letters: str) -> str:
    return "".join(pick(rng, letters) for _ in range(int(rng.choice((1, 1, 2, 2, 3, 4)))))


def _add_word(
    rng: np.random.Generator, line: InkLine, source: tuple[SignBank, bool], word: str,
    place: tuple[float, int],
) -> None:  # fmt: skip
    """Set a word's letters from a place on, to the right (1) or left (-1); they have no span."""
    (bank, printed), (x, way) = source, place
    size = line.height_px * between(rng, 0.75, 1.15)
    for character in word[::way]:
        crop = bank.take(rng, character, printed=printed)
        high = size * (0.65 if character in _LOW else 1.0)
        if character in "=*+":
            high *= 0.45
        elif character == ".":
            high *= 0.12
        elif character in _BRACKETS:
            high *= between(rng, 1.0, 1.5)
        scale = high / crop.shape[0]
        wide = max(3, round(crop.shape[1] * scale * (1 if character != "=" else 1.6)))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        size_px = wide, max(3, round(high))
        ink = np.asarray(cv2.resize(crop, size_px, interpolation=method), np.float32)
        foot = 0.3 * high if character in _DESCENDERS else 0.0
        foot -= 0.25 * size if character in "=*+" else 0.0
        foot += 0.5 * (high - line.height_px) if character in _BRACKETS else 0.0
        left = x if way > 0 else x - wide
        line.patches.append(InkPatch(ink, round(left), round(foot - high)))
        x += way * (wide + size * between(rng, 0.02, 0.15))


def _close(rng: np.random.Generator, line: InkLine, x: float) -> None:
    """The dash or double dash that keeps others from adding digits; some put a slash first."""
    unit, long = line.height_px, line.height_px * between(rng, 0.9, 2.6)
    y = -unit * between(rng, 0.3, 0.6)
    if toss(rng, 0.35):
        lean, foot = unit * between(rng, 0.3, 0.7), unit * between(rng, 0.0, 0.3)
        line.patches.append(
            draw_stroke([(x, foot), (x + lean, -unit * between(rng, 0.8, 1.2))], line.stroke_px)
        )
        x += lean * between(rng, 0.6, 1.0) + unit * between(rng, 0.05, 0.3)
        long *= between(rng, 0.3, 0.8)
    for _ in range(2 if toss(rng, 0.4) else 1):
        bow = unit * float(rng.normal(0, 0.05))
        points = [
            (x, y),
            (x + long / 2, y + bow),
            (x + long, y + unit * float(rng.normal(0, 0.08))),
        ]
        line.patches.append(draw_stroke(points, line.stroke_px))
        y += unit * between(rng, 0.15, 0.3)


def add_enclosure(
    rng: np.random.Generator, line: InkLine, bank: SignBank, *, printed: bool
) -> None:
    """Put a number in brackets, a bracket behind it as in a list, or a ring around it."""
    left, _, right, _ = line.bounds
    kind = float(rng.random())
    if kind < 0.4:
        _add_ring(rng, line)
        return
    opening, closing = ("(", ")") if kind < 0.8 else ("[", "]") if kind < 0.9 else ("", ")")
    beside = line.height_px * between(rng, 0.05, 0.4)
    _add_word(rng, line, (bank, printed), opening, (left - beside, -1))
    _add_word(rng, line, (bank, printed), closing, (right + beside, 1))


def _add_ring(rng: np.random.Generator, line: InkLine) -> None:
    """An oval around a number, begun anywhere, whose ends miss or cross each other."""
    left, top, right, bottom = line.bounds
    unit = line.height_px
    radii = (
        (right - left) / 2 * between(rng, 1.0, 1.25) + unit * between(rng, 0.2, 0.5),
        (bottom - top) / 2 * between(rng, 1.0, 1.25) + unit * between(rng, 0.15, 0.4),
    )
    turns = np.linspace(0, math.tau * between(rng, 0.92, 1.12), 48) + between(rng, 0, math.tau)
    grows = 1 + np.linspace(0, float(rng.normal(0, 0.06)), 48)
    bumps = 1 + 0.03 * np.sin(2 * turns + between(rng, 0, math.tau))
    x = (left + right) / 2 + radii[0] * grows * bumps * np.cos(turns)
    y = (top + bottom) / 2 + radii[1] * grows * bumps * np.sin(turns)
    points = list(zip(x.tolist(), y.tolist(), strict=True))
    line.patches.append(draw_stroke(points, line.stroke_px * between(rng, 0.6, 1.1)))


def add_full_stop(rng: np.random.Generator, line: InkLine) -> None:
    """A dot behind a number, as behind ordinals; no decimal follows, so that it says nothing."""
    _, _, right, _ = line.bounds
    x, y = right + line.height_px * between(rng, 0.08, 0.3), -line.height_px * between(rng, 0, 0.1)
    points = [(x, y), (x + 1, y + 0.5)]
    line.patches.append(draw_stroke(points, line.stroke_px * between(rng, 1.0, 1.5)))


def add_underline(rng: np.random.Generator, line: InkLine) -> None:
    """One or two lines under a number, by hand."""
    left, _, right, _ = line.bounds
    unit = line.height_px
    y = unit * between(rng, 0.06, 0.35)
    for _ in range(2 if toss(rng, 0.2) else 1):
        ends = left - unit * between(rng, -0.3, 0.4), right + unit * between(rng, -0.3, 0.4)
        bow, tilt = unit * float(rng.normal(0, 0.06)), unit * float(rng.normal(0, 0.06))
        points = [(ends[0], y), ((ends[0] + ends[1]) / 2, y + bow), (ends[1], y + tilt)]
        line.patches.append(draw_stroke(points, line.stroke_px * between(rng, 0.7, 1.0)))
        y += unit * between(rng, 0.12, 0.25)


def draw_stroke(points: list[tuple[float, float]], pen_px: float) -> InkPatch:
    """Ink of one stroke: through many points, or bent through three."""
    place = np.array(points)
    if len(place) == 3:
        steps = np.linspace(0, 1, 9)[:, None]
        first, middle, last = place
        control = 2 * middle - (first + last) / 2
        place = (1 - steps) ** 2 * first + 2 * steps * (1 - steps) * control + steps**2 * last
    low = np.floor(place.min(axis=0) - pen_px / 2 - 3)
    size = np.ceil(place.max(axis=0) + pen_px / 2 + 3) - low
    mask = np.zeros((int(size[1]) + 1, int(size[0]) + 1), np.uint8)
    fixed = np.rint((place - low) * 16).astype(np.int32)
    cv2.polylines(mask, [fixed], False, 255, max(1, round(pen_px)), cv2.LINE_AA, 4)
    return InkPatch(mask.astype(np.float32) / np.float32(255), int(low[0]), int(low[1]))


def draw_frame(
    rng: np.random.Generator, canvas: Coverage, inner: tuple[float, float, float, float],
    height_px: float,
) -> None:  # fmt: skip
    """Print rules around a number: a box, some of its sides, a table's lines, ruled paper.

    Args:
        rng: Source of chance.
        canvas: (H, W) darkness of the print, changed in place.
        inner: Left, top, right, bottom of the number.
        height_px: Height of a digit.
    """
    height, width = canvas.shape
    left, top, right, bottom = inner
    dark = between(rng, 0.25, 1.0)
    thick = max(1, round(height_px * between(rng, 0.02, 0.09)))
    tilt = float(rng.normal(0, 0.012)) * width
    kind = float(rng.random())
    mask = np.zeros(canvas.shape, np.uint8)
    ys: list[float] = []
    xs: list[float] = []
    if kind < 0.62:  # box or cell: some sides, drawn through or meeting in corners
        shares = (0.9, 0.9, 0.9, 0.9) if toss(rng) else (0.35, 0.6, 0.35, 0.6)
        gaps = height_px * rng.uniform((0.05, 0.02, 0.05, 0.02), (0.7, 0.45, 1.0, 0.45))
        if toss(rng, shares[0]):
            xs.append(left - float(gaps[0]))
        if toss(rng, shares[2]):
            xs.append(right + float(gaps[2]))
        if toss(rng, shares[1]):
            ys.append(top - float(gaps[1]))
        if toss(rng, shares[3]):
            ys.append(bottom + float(gaps[3]))
    else:  # ruled paper: level lines at a pitch, one of them near the baseline at times
        pitch = height_px * between(rng, 0.35, 2.2)
        first = (
            bottom + height_px * float(rng.normal(0, 0.12)) if toss(rng) else between(rng, 0, pitch)
        )
        first -= np.ceil(first / pitch) * pitch
        ys = np.arange(first, height + pitch, pitch).tolist()
        dark *= 0.6
        thick = 1
    crossing = toss(rng, 0.5)
    for y in ys:
        ends = (0.0, float(width)) if crossing or len(xs) < 2 else (min(xs), max(xs))
        _rule(mask, (ends[0], y - tilt / 2), (ends[1], y + tilt / 2), thick)
    for x in xs:
        ends = (0.0, float(height)) if crossing or len(ys) < 2 else (min(ys), max(ys))
        lean = -tilt * height / max(width, 1)
        _rule(mask, (x - lean / 2, ends[0]), (x + lean / 2, ends[1]), thick)
    np.maximum(canvas, mask * np.float32(dark / 255), out=canvas)


def draw_comb(
    rng: np.random.Generator, canvas: Coverage, spans: list[tuple[float, float, float, float]],
    height_px: float,
) -> None:  # fmt: skip
    """Walls between digits, as in the boxes of a form: full height or ticks at the foot."""
    top = min(span[1] for span in spans) - height_px * between(rng, 0.1, 0.35)
    bottom = max(span[3] for span in spans) + height_px * between(rng, 0.05, 0.35)
    if toss(rng, 0.3):
        top = bottom - height_px * between(rng, 0.2, 0.5)
    thick, dark = max(1, round(height_px * between(rng, 0.02, 0.06))), between(rng, 0.25, 0.8)
    mask = np.zeros(canvas.shape, np.uint8)
    walls = [(a[2] + b[0]) / 2 for a, b in pairwise(spans)]
    if walls:
        pitch = height_px * between(rng, 0.6, 0.9)
        walls = [
            min(spans[0][0] - 2, walls[0] - pitch),
            *walls,
            max(spans[-1][2] + 2, walls[-1] + pitch),
        ]
    for x in walls:
        _rule(mask, (x, top), (x, bottom), thick)
    if walls:
        _rule(mask, (walls[0], bottom), (walls[-1], bottom), thick)
        if toss(rng, 0.6):
            _rule(mask, (walls[0], top), (walls[-1], top), thick)
    np.maximum(canvas, mask * np.float32(dark / 255), out=canvas)


def draw_page_edge(rng: np.random.Generator, canvas: Coverage, room: tuple[float, float]) -> None:
    """What lies beside the sheet, dark, at one side within the free room left or right."""
    height, width = canvas.shape
    side = int(rng.integers(2))
    reach = room[side] * between(rng, 0.15, 0.75)
    if reach < 2:
        return
    lean = float(rng.normal(0, 0.02)) * height
    x0, x1 = (0.0, reach) if side == 0 else (width - reach, float(width) + 9)
    corners = np.array([[x0 - 9 if side == 0 else x0, -9], [x1, -9], [x1 + lean, height + 9]])
    last = [x0 - 9 if side == 0 else x0 + lean, height + 9]
    polygon = np.rint(np.vstack([corners, last]) * 16).astype(np.int32)
    mask = np.zeros(canvas.shape, np.uint8)
    cv2.fillPoly(mask, [polygon], 255, cv2.LINE_AA, 4)
    np.maximum(canvas, mask * np.float32(between(rng, 0.6, 1.0) / 255), out=canvas)


def _rule(
    mask: np.ndarray, start: tuple[float, float], end: tuple[float, float], thick: int
) -> None:
    first, last = ((round(x * 16), round(y * 16)) for x, y in (start, end))
    cv2.line(mask, first, last, 255, thick, cv2.LINE_AA, 4)
