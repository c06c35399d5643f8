"""An index in, a training line out: a composed number, photographed, cut and normalised as read.

Real digits in one writer's manner, the stroke model's writers, and printers; what stands around
numbers and says nothing; papers, grounds, light, lenses. The grey crop then goes through
`find_line`, so that training sees what reading sees. Crops in which the line is not found are
composed anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.hand.digitstock import DigitStock, load_stock
from ocrdigits.model.strings.capture import Shot, capture
from ocrdigits.model.strings.digit_index import DigitIndex, index_digits
from ocrdigits.model.strings.fillers import (
    SignBank,
    add_enclosure,
    add_full_stop,
    add_signs,
    add_underline,
    draw_comb,
    draw_frame,
    draw_page_edge,
    draw_sign_bank,
    write_word,
)
from ocrdigits.model.strings.grounds import GroundBank, cut_plane, draw_ground_bank, light_paper
from ocrdigits.model.strings.handwriting import InkLine, Span, write_real, write_strokes
from ocrdigits.model.strings.looks import PAPER_SHARE, Look
from ocrdigits.model.strings.printing import print_text
from ocrdigits.model.strings.texts import sample_line_text
from ocrdigits.records import Coverage, GrayImage, LineImage
from ocrdigits.vision.paper_rim import add_paper
from ocrdigits.vision.plain_line import find_line

_ATTEMPTS = 12
_TRUSTED = 8  # from this attempt on nothing stands around the number
_CANVAS_DIGIT_PX = (28.0, 42.0)


@dataclass(frozen=True, slots=True)
class ComposeSettings:
    """What is composed, in shares of the samples.

    Attributes:
        real_share: Written with real digits …
        stroke_share: … by the stroke model; the others are printed.
        sign_share: With signs, words or closing dashes around.
        enclosed_share: In brackets or a ring, of the others.
        frame_share: With rules, boxes or ruled paper.
        neighbour_share: With parts of other lines.
        wordless_share: Not numbers but words or signs; their text is empty.
        digit_px: Smallest and largest height of a digit in the crop.
    """

    real_share: float = 0.70
    stroke_share: float = 0.20
    sign_share: float = 0.14
    enclosed_share: float = 0.1
    frame_share: float = 0.3
    neighbour_share: float = 0.15
    wordless_share: float = 0.0
    digit_px: tuple[float, float] = (10.0, 44.0)


@dataclass(frozen=True, slots=True)
class ComposedCrop:
    """A composed crop before it is normalised.

    Attributes:
        gray: (H, W) as a camera saved it.
        text: What it says.
        spans: Left, top, right, bottom of each character in `gray`.
    """

    gray: GrayImage
    text: str
    spans: tuple[Span, ...]


class ComposedSource:
    """Composed lines by number; the same number, seed and stock give the same line."""

    def __init__(
        self,
        seed: int,
        stock: DigitStock,
        settings: ComposeSettings | None = None,
        *,
        look: Look = Look.INK,
    ) -> None:
        self._seed, self._look = seed, look
        self._settings = settings or ComposeSettings()
        self._digits: DigitIndex = index_digits(stock)
        self._signs: SignBank = draw_sign_bank()
        self._grounds: GroundBank = draw_ground_bank()

    def sample(self, index: int) -> tuple[LineImage, str]:
        """Compose one line.

        Args:
            index: Its number, from 0.

        Returns:
            The line and its text, of `ALPHABET`; empty only where `wordless_share` asks for it.
        """
        for attempt in range(_ATTEMPTS):
            crop = self.compose_crop(index, attempt)
            if toss(np.random.default_rng((self._seed, 5, index)), PAPER_SHARE):
                crop = _put_in_paper(crop)
            found = find_line(crop.gray)
            if self._look.shows(found, crop.spans):
                break
        return self._look.image_of(found), crop.text

    def compose_crop(self, index: int, attempt: int = 0) -> ComposedCrop:
        """Compose one crop, as it would be cut from a photo.

        Args:
            index: Its number.
            attempt: How often the line was not found in it.

        Returns:
            The crop.
        """
        rng = np.random.default_rng((self._seed, index, attempt))
        text, line, is_print = self._write(rng)
        plain = attempt >= _TRUSTED
        if not plain and toss(rng, self._settings.sign_share):
            add_signs(rng, line, self._signs, printed=is_print or toss(rng, 0.3))
        elif not plain and toss(rng, self._settings.enclosed_share):
            add_enclosure(rng, line, self._signs, printed=is_print)
        elif not plain and "." not in text and toss(rng, 0.06):
            add_full_stop(rng, line)
        if not plain and toss(rng, 0.05):
            add_underline(rng, line)
        canvas, shift = _frame_line(rng, line)
        spans = [
            (s[0] + shift[0], s[1] + shift[1], s[2] + shift[0], s[3] + shift[1]) for s in line.spans
        ]
        ink = _texture(rng, self._grounds, canvas)
        printed = np.zeros_like(ink)
        if not plain:
            self._surround(rng, (ink, printed), spans, line)
        contrast = between(rng, 0.07, 0.3) if toss(rng, 0.25) else between(rng, 0.3, 0.95)
        paper = light_paper(rng, self._grounds, ink.shape)
        scene = _lay(rng, paper, (ink, printed), contrast)
        low, high = self._settings.digit_px
        target = float(np.exp(rng.uniform(np.log(low), np.log(high))))
        shot = Shot(target / line.height_px, line.height_px, contrast * float(paper.mean()))
        gray = capture(rng, self._grounds, scene, shot)
        sx, sy = gray.shape[1] / ink.shape[1], gray.shape[0] / ink.shape[0]
        small = tuple((s[0] * sx, s[1] * sy, s[2] * sx, s[3] * sy) for s in spans)
        return ComposedCrop(gray, text.replace(" ", ""), small)

    def _write(self, rng: np.random.Generator) -> tuple[str, InkLine, bool]:
        text, height_px = sample_line_text(rng), between(rng, *_CANVAS_DIGIT_PX)
        if self._settings.wordless_share and toss(rng, self._settings.wordless_share):
            is_print = toss(rng)
            return "", write_word(rng, self._signs, height_px, printed=is_print), is_print
        if len(text) >= 4 and text.isdigit() and toss(rng, 0.08):
            text = f"{int(text):,}".replace(",", " ") if text[0] != "0" else text
        chance = float(rng.random())
        real, strokes = self._settings.real_share, self._settings.stroke_share
        if chance < real:
            return text, write_real(rng, self._digits, text, height_px), False
        if chance < real + strokes:
            return text, write_strokes(rng, text, height_px), False
        return text, print_text(rng, text, height_px), True

    def _surround(
        self, rng: np.random.Generator, layers: tuple[Coverage, Coverage], spans: list[Span],
        line: InkLine,
    ) -> None:  # fmt: skip
        ink, printed = layers
        left, top, right, bottom = _around(spans)
        share = self._settings.frame_share
        if toss(rng, share):
            draw_frame(rng, printed, (left, top, right, bottom), line.height_px)
        elif len(spans) > 1 and toss(rng, 0.06):
            draw_comb(rng, printed, spans, line.height_px)
        if toss(rng, 0.03):
            draw_page_edge(rng, printed, (left, ink.shape[1] - right))
        if toss(rng, self._settings.neighbour_share):
            for _ in range(int(rng.integers(1, 4))):
                self._add_neighbour(rng, ink, (left, top, right, bottom), line)

    def _add_neighbour(
        self, rng: np.random.Generator, ink: Coverage, own: Span, line: InkLine
    ) -> None:
        """A part of another line's ink, cut by the border of the crop."""
        height, width = ink.shape
        number = int(rng.integers(len(self._digits.stock.cells)))
        side = max(6, round(line.height_px * between(rng, 0.8, 1.4)))
        cell = cv2.resize(self._digits.stock.cells[number], (side, side)) / np.float32(255)
        kind = int(rng.integers(4))
        # At the sides little of it may show, or what shows of a cut digit of the number is lost.
        reach = line.height_px * (between(rng, 0.1, 0.35) if kind < 2 else between(rng, 0.03, 0.15))
        x = between(rng, -0.5 * side, width - 0.5 * side)
        y = between(rng, -0.5 * side, height - 0.5 * side)
        if kind == 0:
            y = min(own[1] - 2, reach) - 0.85 * side
        elif kind == 1:
            y = max(own[3] + 2, height - reach) - 0.15 * side
        elif kind == 2:
            x = min(own[0] - 2, reach) - 0.8 * side
        else:
            x = max(own[2] + 2, width - reach) - 0.2 * side
        paste(ink, np.asarray(cell, np.float32), round(x), round(y))


def _put_in_paper(crop: ComposedCrop) -> ComposedCrop:
    gray, rim = add_paper(crop.gray)
    spans = tuple((s[0] + rim, s[1] + rim, s[2] + rim, s[3] + rim) for s in crop.spans)
    return ComposedCrop(gray, crop.text, spans)


def load_composed_source(
    folder: Path, seed: int, settings: ComposeSettings | None = None
) -> ComposedSource:
    """Make a source of the training digits in a folder, as `load_stock` takes it."""
    return ComposedSource(seed, load_stock(folder), settings)


def paste(canvas: Coverage, patch: Coverage, x: int, y: int) -> None:
    """Lay ink on a canvas; the fuller ink counts, what lies beyond the border is lost."""
    height, width = canvas.shape
    left, top = max(0, x), max(0, y)
    right, bottom = min(width, x + patch.shape[1]), min(height, y + patch.shape[0])
    if left < right and top < bottom:
        part = canvas[top:bottom, left:right]
        np.maximum(part, patch[top - y : bottom - y, left - x : right - x], out=part)


def _around(spans: list[Span]) -> Span:
    lefts, tops, rights, bottoms = zip(*spans, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _frame_line(rng: np.random.Generator, line: InkLine) -> tuple[Coverage, tuple[float, float]]:
    """Put a line on a canvas: tight, usual or loose, rarely in the middle; it climbs a little."""
    left, top, right, bottom = line.bounds
    unit = line.height_px
    chance = float(rng.random())
    margins = (
        rng.uniform(-0.12, 0.15, 4) if chance < 0.07
        else rng.uniform(-0.04, 0.15, 4) if chance < 0.22
        else rng.uniform(0.05, 0.8, 4) if chance < 0.8
        else rng.uniform(0.3, 2.0, 4)
    ) * unit  # fmt: skip
    margins[:2] += unit * rng.exponential(0.35, 2) * (chance >= 0.22)
    width = max(8, round(right - left + margins[0] + margins[1]))
    height = max(8, round(bottom - top + margins[2] + margins[3]))
    canvas = np.zeros((height, width), np.float32)
    shift = round(margins[0] - left), round(margins[2] - top)
    for patch in line.patches:
        paste(canvas, patch.coverage, patch.x + shift[0], patch.y + shift[1])
    if toss(rng, 0.6):
        canvas = _tilt(rng, canvas)
    return canvas, (float(shift[0]), float(shift[1]))


def _tilt(rng: np.random.Generator, canvas: Coverage) -> Coverage:
    """A line that climbs or falls, and bends."""
    height, width = canvas.shape
    slope = float(np.clip(rng.normal(0, 0.035), -0.12, 0.12))
    slope *= min(1.0, 6 * height / width / 6)
    matrix = np.array([[1.0, 0.0, 0.0], [slope, 1.0, -slope * width / 2]])
    return np.asarray(cv2.warpAffine(canvas, matrix, (width, height)), np.float32)


def _texture(rng: np.random.Generator, bank: GroundBank, ink: Coverage) -> Coverage:
    """Ink that thins out along strokes and shows the paper's tooth."""
    textured = ink
    if toss(rng, 0.4):
        starved = np.clip(cut_plane(rng, bank.cloud, ink.shape) - 0.3, 0, 1.5)
        textured = textured * (1 - np.float32(between(rng, 0.1, 0.55)) * starved)
    if toss(rng, 0.4):
        tooth = np.clip(cut_plane(rng, bank.grain[1], ink.shape), 0, 2)
        textured = textured * (1 - np.float32(between(rng, 0.03, 0.22)) * tooth)
    return np.asarray(textured, np.float32)


def _lay(
    rng: np.random.Generator,
    paper: NDArray[np.float32],
    layers: tuple[Coverage, Coverage],
    contrast: float,
) -> NDArray[np.float32]:
    """Darken paper by ink, and by print of its own darkness; or light writing on dark ground."""
    ink, printed = layers
    rule = contrast * between(rng, 0.4, 1.3) if toss(rng, 0.8) else between(rng, 0.3, 0.95)
    scene = paper * (1 - np.float32(contrast) * ink) * (1 - np.float32(min(rule, 0.95)) * printed)
    if toss(rng, 0.02):
        scene = 1 - scene
    return np.asarray(scene, np.float32)
