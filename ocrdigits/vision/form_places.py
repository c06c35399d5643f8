"""A picture of a form in, the places that somebody may fill in out: boxes, combs, cells, lines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import cv2
import numpy as np

from ocrdigits.records import Box, InkMask
from ocrdigits.vision.comb_rows import chain_cells
from ocrdigits.vision.components import find_components
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.morphology import dilate

# Shares of the picture's height:
_LEAST_CELL, _MOST_CELL = 0.011, 0.13
_GAP = 0.006  # of a line, where another one meets it
_LINE_ROOM = 0.036  # above a line to write on
# Shares of its width:
_LEAST_LINE, _MOST_LINE = 0.08, 0.8  # a longer one parts the page
_EMPTY_SHARE = 0.8  # of its bounding box that a cell fills: others are what surrounds boxes
_LABELLED_SHARE = 0.02  # ink in a cell's lower part


@dataclass(frozen=True, slots=True)
class FormPlace:
    """A place to write.

    Attributes:
        box: Where it is.
        cell_count: Boxes of a comb; 1 for a cell; 0 for a line to write on.
        is_inked: Whether there is ink in it besides its sides: writing, or the form's own words.
    """

    box: Box
    cell_count: int
    is_inked: bool


def find_form_places(ink: InkMask, lines: InkMask) -> list[FormPlace]:
    """Find what a form offers to write in.

    Args:
        ink: (H, W) all ink of the picture.
        lines: (H, W) that of rules and boxes.

    Returns:
        Places, row by row and left to right.
    """
    cells = _find_cells(lines)
    written = ink & ~dilate(lines, 5, 5)
    places = [
        FormPlace(box, count, _is_inked(written, box, count))
        for box, count in [*_join_cells(cells), *((box, 0) for box in _find_lines(lines, cells))]
    ]
    height = ink.shape[0]
    return sorted(places, key=lambda it: (round(it.box.bottom / (0.02 * height)), it.box.x))


def _find_cells(lines: InkMask) -> list[Box]:
    """Rectangles that lines enclose."""
    height, width = lines.shape
    reach = max(5, round(_GAP * height))
    kernel = np.ones((reach, reach), np.uint8)
    closed = cv2.morphologyEx(lines.astype(np.uint8), cv2.MORPH_CLOSE, kernel)
    free = find_components(np.asarray(closed == 0))
    cells = []
    for (x, y, w, h), area in zip(free.boxes.tolist(), free.areas.tolist(), strict=True):
        inside = x > 0 and y > 0 and x + w < width and y + h < height
        fits = _LEAST_CELL * height <= h <= _MOST_CELL * height and 0.55 * h <= w < 0.95 * width
        if inside and fits and area >= _EMPTY_SHARE * w * h:
            cells.append(Box(x, y, w, h))
    return cells


def _join_cells(cells: list[Box]) -> list[tuple[Box, int]]:
    """Narrow cells of one size in a row as one comb; a narrow one alone is there to be ticked."""
    wide = [(cell, 1) for cell in cells if cell.width > 1.6 * cell.height]
    rows = chain_cells((it for it in cells if it.width <= 1.6 * it.height), lambda it: it)
    return wide + [(reduce(Box.union, row), len(row)) for row in rows if len(row) > 1]


def _find_lines(lines: InkMask, cells: list[Box]) -> list[Box]:
    """Room above level lines that are no side of a cell."""
    height, width = lines.shape
    room = round(_LINE_ROOM * height)
    found = []
    for x, y, w, h in find_components(lines).boxes.tolist():
        if h > 0.01 * height or not _LEAST_LINE * width <= w <= _MOST_LINE * width:
            continue
        above = Box(x, max(0, y - room), w, min(y, room) + h)
        if not any(covered_share(above, cell) > 0 for cell in cells):
            found.append(above)
    return found


def _is_inked(written: InkMask, box: Box, cell_count: int) -> bool:
    top = box.y if cell_count != 1 else box.y + round(0.4 * box.height)  # a label may stand there
    part = written[top : box.bottom, box.x : box.right]
    return bool(part.mean() > _LABELLED_SHARE / max(1.0, box.width / box.height / 4))
