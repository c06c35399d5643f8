"""Comb fields in the manners that forms print them; boxes come back, ready to be written in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ocrdigits.model.compose.chance import between, pick
from ocrdigits.model.compose.lettering import draw_comb
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

COMB_INKS: tuple[Color, ...] = (
    (0.35, 0.62, 0.96),
    (0.45, 0.74, 0.42),
    (0.45, 0.42, 0.92),
    (0.86, 0.66, 0.42),
    (0.62, 0.61, 0.60),
    (0.15, 0.14, 0.14),
)
"""Drop-out orange, green, red and blue, grey, black."""
MANNERS = ("joined", "gaps", "ticks", "tinted", "underlines", "dotted")


@dataclass(frozen=True, slots=True)
class Comb:
    """How combs of one page look.

    Attributes:
        manner: One of `MANNERS`.
        color: Of the lines.
        line_px: Their width.
    """

    manner: str
    color: Color
    line_px: int


def sample_comb(rng: np.random.Generator) -> Comb:
    """The combs of a page."""
    return Comb(pick(rng, MANNERS), pick(rng, COMB_INKS), pick(rng, (1, 2, 2, 3)))


def print_comb(
    rng: np.random.Generator, sheet: Sheet, comb: Comb, box: Box, count: int
) -> list[Box]:
    """Print a comb.

    Args:
        rng: Source of chance.
        sheet: Gets the print.
        comb: How.
        box: The whole comb, sheet frame.
        count: How many boxes.

    Returns:
        The boxes, left to right.
    """
    gap_px = round(between(rng, 6, 14)) if comb.manner in ("gaps", "underlines", "tinted") else 0
    pitch = (box.width + gap_px) / count
    edges = [round(box.x + pitch * k) for k in range(count + 1)]
    cells = [Box(a, box.y, b - a - gap_px, box.height) for a, b in pairwise(edges)]
    if comb.manner == "joined":
        return draw_comb(sheet, box, count, comb.color)
    for cell in cells:
        _print_cell(sheet, comb, cell)
    if comb.manner in ("ticks", "dotted"):
        _print_wall(sheet, comb, (box.right, box.bottom - box.height // 2), box.bottom)
    return cells


def _print_cell(sheet: Sheet, comb: Comb, cell: Box) -> None:
    floor = [(cell.x, cell.bottom), (cell.right, cell.bottom)]
    if comb.manner == "gaps":
        sheet.frame(cell, comb.line_px, comb.color)
    elif comb.manner == "underlines":
        sheet.polyline(floor, comb.line_px, comb.color)
    elif comb.manner == "tinted":
        blue, green, red = (0.5 + 0.5 * value for value in comb.color)
        sheet.fill(cell, (blue, green, red), InkClass.GROUND)
    else:
        sheet.polyline(floor, comb.line_px, comb.color)
        top = cell.bottom - cell.height // (2 if comb.manner == "ticks" else 1)
        _print_wall(sheet, comb, (cell.x, top), cell.bottom)


def _print_wall(sheet: Sheet, comb: Comb, start: tuple[int, int], bottom: int) -> None:
    x, top = start
    if comb.manner == "ticks":
        sheet.polyline([(x, top), (x, bottom)], comb.line_px, comb.color)
        return
    for y in range(top, bottom, 9):
        sheet.fill(Box(x - 1, y, 2, 4), comb.color, InkClass.RULE)
