"""Ink of a page in, printed boxes out: single boxes, and combs (boxes in a row, one digit each).

A frame is a component whose ink lies along the sides of its own bounding box. Its sides, and the
walls between the cells of a comb, are taken out of the ink; what was written inside stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, InkMask
from ocrdigits.vision.components import find_components
from ocrdigits.vision.rules import find_horizontal_rules, find_vertical_rules

_SIDE_SHARE = 0.6
"""A side is inked along at least this share of its length: worn print leaves gaps."""


_RAGGED_PX = 2
_NARROWEST_CELL = 0.78  # width against height, if empty: the 0 of magnetic print is a box of 0.6


@dataclass(frozen=True, slots=True)
class Frames:
    """Printed boxes of a page.

    Attributes:
        ink: (H, W) the ink of their sides and walls.
        combs: Boxes around rows of cells, one string each.
    """

    ink: InkMask
    combs: tuple[Box, ...]


@dataclass(frozen=True, slots=True)
class _Frame:
    box: Box
    cell_count: int


def find_frames(ink: InkMask, min_side_px: int, max_height_px: int) -> Frames:
    """Find printed boxes.

    Args:
        ink: (H, W) ink of a level page.
        min_side_px: Smaller boxes are letters.
        max_height_px: Higher boxes are borders and tables.

    Returns:
        The ink of all frames, and the combs among them.
    """
    components = find_components(ink)
    lines = np.zeros_like(ink)
    frames = []
    narrow: list[tuple[_Frame, InkMask]] = []
    for index, (box, area) in enumerate(zip(components.boxes, components.areas, strict=True)):
        x, y, w, h = (int(value) for value in box)
        if min(w, h) < min_side_px or h > max_height_px or area > 0.6 * w * h:
            continue
        place = np.s_[y : y + h, x : x + w]
        component = components.labels[place] == index + 1
        sides, cell_count = _frame_sides(component)
        frame = _Frame(Box(x, y, w, h), cell_count)
        if cell_count > 1 or (cell_count == 1 and w >= _NARROWEST_CELL * h):
            lines[place] |= sides
            frames.append(frame)
        elif cell_count == 1:
            narrow.append((frame, sides))
    for frame, sides in _narrow_cells(narrow, components.boxes):
        box = frame.box
        lines[box.y : box.bottom, box.x : box.right] |= sides
        frames.append(frame)
    return Frames(lines, tuple(_join_combs(frames)))


def _narrow_cells(
    narrow: list[tuple[_Frame, InkMask]], boxes: NDArray[np.int32]
) -> list[tuple[_Frame, InkMask]]:
    """Upright cells: those that something is written in, and empty ones in a row with them."""
    written = [it for it in narrow if _encloses_writing(it[0].box, boxes)]
    beside = [
        it
        for it in narrow
        if any(
            continues_comb(it[0].box, w.box) or continues_comb(w.box, it[0].box) for w, _ in written
        )
    ]
    known = {id(it) for it in written}
    return written + [it for it in beside if id(it) not in known]


def _encloses_writing(box: Box, boxes: NDArray[np.int32]) -> bool:
    x, y, w, h = boxes.T
    inside = (x > box.x) & (y > box.y) & (x + w < box.right) & (y + h < box.bottom)
    return bool((inside & (h >= 0.35 * box.height)).any())


def _frame_sides(component: InkMask) -> tuple[InkMask, int]:
    """Ink of the four sides and inner walls, and the number of cells; 0 if it is no frame."""
    height, width = component.shape
    if not _has_corners(component):
        return np.zeros_like(component), 0
    level = find_horizontal_rules(component, max(6, round(_SIDE_SHARE * width)))
    upright = find_vertical_rules(component, max(6, round(_SIDE_SHARE * height)))
    rim = max(2, round(0.2 * height))
    level[rim : height - rim] = False  # a dash in the middle is writing
    sides = (level[:rim], level[-rim:], upright[:, :rim], upright[:, -rim:])
    if not all(side.any() for side in sides):
        return np.zeros_like(component), 0
    through = upright[:rim].any(axis=0) & upright[-rim:].any(axis=0)  # a 1 stops short of a side
    walls = _runs(_widen(np.asarray(through)) & (upright.sum(axis=0) > 0.3 * height))
    cells = sum(1 for a, b in pairwise(walls) if b[0] - a[1] > 0.3 * height)
    lines = np.zeros_like(component)
    for start, stop in walls:
        lines |= _band(component, start, stop)
    for start, stop in _runs(level.sum(axis=1) > 0.3 * width):
        lines |= _band(component.T, start, stop).T
    return lines, cells


def _widen(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Marks grown by two: a wall leans by a pixel or two from top to bottom."""
    return np.asarray(np.convolve(marked, np.ones(5), mode="same") > 0)


def _band(component: InkMask, start: int, stop: int) -> InkMask:
    """Ink of the columns `start` to `stop` and their ragged edge, where no stroke crosses them."""
    left, right = max(start - _RAGGED_PX, 0), stop + _RAGGED_PX
    before = component[:, max(left - 2, 0) : left].any(axis=1, keepdims=True)
    after = component[:, right : right + 2].any(axis=1, keepdims=True)
    band = np.zeros_like(component)
    band[:, left:right] = component[:, left:right] & ~(before | after)
    return band


def _has_corners(component: InkMask) -> bool:
    """Whether all four corners of the bounding box are inked; a 0 is round."""
    reach = max(2, round(0.12 * min(component.shape)))
    head, tail = slice(None, reach), slice(-reach, None)
    return all(component[rows, columns].any() for rows in (head, tail) for columns in (head, tail))


def _runs(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N, 2) start and stop of each run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    return np.asarray(edges.reshape(-1, 2), dtype=np.int64)


def _join_combs(frames: list[_Frame]) -> list[Box]:
    """Frames with several cells, and single cells of one size in a row, as one box each."""
    combs = [frame.box for frame in frames if frame.cell_count > 1]
    cells = sorted(
        (f.box for f in frames if f.cell_count == 1 and f.box.width <= 1.6 * f.box.height),
        key=lambda box: box.x,
    )
    rows: list[list[Box]] = []
    for cell in cells:
        row = next((row for row in rows if continues_comb(row[-1], cell)), None)
        if row is None:
            rows.append([cell])
        else:
            row.append(cell)
    return combs + [reduce(Box.union, row) for row in rows if len(row) > 1]


def continues_comb(last: Box, cell: Box) -> bool:
    """Tell whether a cell goes on the row that another one ends: same size, level, near."""
    same_size = abs(last.height - cell.height) <= 0.2 * last.height
    same_line = abs(last.y - cell.y) <= 0.25 * last.height
    return same_size and same_line and -2 <= cell.x - last.right <= 0.9 * last.width
