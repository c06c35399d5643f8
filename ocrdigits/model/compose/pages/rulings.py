"""Ruled, squared and dotted papers: a ruling goes in, its faint lines go onto the sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

_INKS: tuple[Color, ...] = (
    (0.90, 0.78, 0.66),
    (0.84, 0.72, 0.62),
    (0.80, 0.80, 0.79),
    (0.66, 0.65, 0.64),
    (0.78, 0.86, 0.70),
    (0.78, 0.74, 0.92),
)
_MARGIN_INKS: tuple[Color, ...] = ((0.62, 0.58, 0.90), (0.88, 0.70, 0.56))
RULINGS = ("lines", "lines", "squares", "dots", "wide squares")


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a pad is ruled.

    Attributes:
        manner: One of `RULINGS`.
        pitch_px: From one writing line to the next; squares are half or a whole of it.
        top_px: The first line.
        color: Of the lines.
        margin_px: x of a margin line; 0 for none.
        line_px: Width of the lines.
    """

    manner: str
    pitch_px: int
    top_px: int
    color: Color
    margin_px: int
    line_px: int


def sample_ruling(rng: np.random.Generator, pitch_px: int) -> Ruling:
    """A pad whose writing lines have that distance; a line lies at every multiple of it."""
    manner = pick(rng, RULINGS)
    margin = round(between(rng, 90, 170)) if manner == "lines" and toss(rng) else 0
    top = pitch_px * int(rng.integers(1, 3)) if manner == "lines" else 0
    return Ruling(manner, pitch_px, top, pick(rng, _INKS), margin, pick(rng, (1, 2, 2)))


def print_ruling(rng: np.random.Generator, sheet: Sheet, ruling: Ruling) -> None:
    """Print a pad's lines all over a sheet.

    Args:
        rng: Source of chance.
        sheet: Gets the lines.
        ruling: How it is ruled.
    """
    pitch = ruling.pitch_px
    if ruling.manner == "dots":
        step = pitch // 2
        for y in range(step, sheet.height, step):
            for x in range(step, sheet.width, step):
                sheet.fill(Box(x - 1, y - 1, 3, 3), ruling.color, InkClass.RULE)
        return
    step = pitch if ruling.manner in ("lines", "wide squares") else pitch // 2
    for y in range(ruling.top_px, sheet.height, step):
        _rule(sheet, [(0, y), (sheet.width, y)], ruling)
    if ruling.manner != "lines":
        shift = int(rng.integers(step))
        for x in range(shift, sheet.width, step):
            _rule(sheet, [(x, 0), (x, sheet.height)], ruling)
    if ruling.margin_px:
        x, color = ruling.margin_px, pick(rng, _MARGIN_INKS)
        for shift in pick(rng, ((0,), (0,), (0, 6))):
            sheet.polyline([(x + shift, 0), (x + shift, sheet.height)], 2, color)


def _rule(sheet: Sheet, points: list[tuple[float, float]], ruling: Ruling) -> None:
    sheet.polyline(points, ruling.line_px, ruling.color)
