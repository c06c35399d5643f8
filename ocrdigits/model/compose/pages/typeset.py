"""Setting print: a line and its style go in; ink and truth go onto the sheet.

A style says how high the digits are, whatever the typeface, and may be narrower than the typeface
was drawn: most print that people photograph is narrower than DejaVu.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between, pick
from ocrdigits.model.compose.fonts import bundled_typeface, load_typeface
from ocrdigits.model.compose.lettering import PRINT_INK
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.sheet import Sheet, as_coverage, classify_characters
from ocrdigits.records import Box, Kind

PLAIN_FACES = ("DejaVuSans", "DejaVuSerif", "STIXGeneral", "cmr10", "cmss10", "DejaVuSansMono")
BOLD_FACES = ("DejaVuSans-Bold", "DejaVuSerif-Bold", "STIXGeneralBol", "cmb10")
ITALIC_FACES = ("DejaVuSans-Oblique", "DejaVuSerif-Italic", "STIXGeneralItalic", "cmti10")
TYPED_FACES = ("DejaVuSansMono", "DejaVuSansMono-Bold", "cmtt10")
_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Style:
    """How a line is printed.

    Attributes:
        typeface: A bundled one, e.g. `DejaVuSans-Bold`.
        height_px: Height of a digit.
        color: Of the ink.
        width_frac: Width of the characters, 1 as the typeface was drawn.
        tracking_frac: Free space added between characters, in heights.
    """

    typeface: str
    height_px: float
    color: Color = PRINT_INK
    width_frac: float = 1.0
    tracking_frac: float = 0.0

    def scaled(self, factor: float) -> Style:
        """The same print, higher or lower."""
        return replace(self, height_px=self.height_px * factor)

    def tinted(self, color: Color) -> Style:
        """The same print in another ink."""
        return replace(self, color=color)


def sample_style(
    rng: np.random.Generator,
    height_px: float,
    faces: Sequence[str] = PLAIN_FACES,
    color: Color = PRINT_INK,
) -> Style:
    """A typeface at a width; the wide DejaVu is mostly condensed."""
    face = pick(rng, faces)
    low, high = (0.7, 1.0) if face.startswith("DejaVu") else (0.9, 1.1)
    return Style(face, height_px, color, between(rng, low, high), between(rng, 0.0, 0.06))


@dataclass(frozen=True, slots=True)
class _Glyph:
    coverage: NDArray[np.float32]
    dx: int
    dy: int
    advance_px: float


@lru_cache(maxsize=64)
def _find_typeface(name: str) -> Path:
    return bundled_typeface(name)


@lru_cache(maxsize=64)
def _digit_frac(name: str) -> float:
    """Height of a digit as a share of the typeface's size."""
    _, top, _, bottom = load_typeface(_find_typeface(name), 400).getbbox("0")
    return float(bottom - top) / 400


@lru_cache(maxsize=16384)
def _draw_glyph(name: str, character: str, size_px: int, width_cent: int) -> _Glyph:
    font = load_typeface(_find_typeface(name), size_px)
    advance_px = font.getlength(character) * width_cent / 100
    mask, (dx, dy) = font.getmask2(character, mode="L", anchor="ls")
    if mask.getbbox() is None:
        return _Glyph(np.zeros((0, 0), np.float32), 0, 0, advance_px)
    x0, y0, x1, y1 = mask.getbbox()  # the mask holds the bearings, too
    ink = np.frombuffer(bytes(mask), np.uint8).reshape(mask.size[::-1])[y0:y1, x0:x1]
    width = max(1, round((x1 - x0) * width_cent / 100))
    narrow = cv2.resize(ink, (width, y1 - y0), interpolation=cv2.INTER_AREA)
    return _Glyph(as_coverage(narrow), round((dx + x0) * width_cent / 100), dy + y0, advance_px)


def _layout_line(text: str, style: Style) -> tuple[list[_Glyph], float]:
    size_px = max(6, round(style.height_px / _digit_frac(style.typeface)))
    width_cent = round(100 * style.width_frac)
    glyphs = [_draw_glyph(style.typeface, c, size_px, width_cent) for c in text]
    return glyphs, style.tracking_frac * style.height_px


def measure_print(text: str, style: Style) -> float:
    """Width of a printed line."""
    glyphs, tracking_px = _layout_line(text, style)
    return sum(glyph.advance_px + tracking_px for glyph in glyphs)


def print_line(sheet: Sheet, text: str, style: Style, x: float, baseline: float) -> float:
    """Print a line of text.

    Args:
        sheet: Gets the ink and the truth.
        text: What to print.
        style: How.
        x: Left end, sheet frame.
        baseline: Baseline, sheet frame.

    Returns:
        Where the line ends.
    """
    glyphs, tracking_px = _layout_line(text, style)
    boxes = []
    for glyph, ink_class in zip(glyphs, classify_characters(text), strict=True):
        left, top = round(x) + glyph.dx, round(baseline) + glyph.dy
        height, width = glyph.coverage.shape
        boxes.append(Box(left, top, width, height) if width else _NOWHERE)
        sheet.stain(glyph.coverage, left, top, style.color, ink_class)
        x += glyph.advance_px + tracking_px
    sheet.keep_truth(text, boxes, Kind.LINE, is_handwritten=False)
    return x
