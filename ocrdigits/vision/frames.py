"""Ink of a page in, printed boxes out: single boxes, and combs (boxes in a row, one digit each).

A frame is a component whose ink lies along the sides of its own bounding box. Its sides, and the
walls between the cells of a comb, are taken out of the ink; what was written inside stays.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, InkMask, InkPage
from ocrdigits.vision.closed_cells import WRITTEN, find_closed_combs, has_four_corners
from ocrdigits.vision.comb_rows import chain_cells, continues_row
from ocrdigits.vision.components import find_components
from ocrdigits.vision.morphology import true_runs
from ocrdigits.vision.rules import find_horizontal_rules, find_vertical_rules
from ocrdigits.vision.ticked_floors import Floor, find_ticked_floor

_SIDE_SHARE = 0.6
"""A side is inked along at least this share of its length: worn print leaves gaps."""


_HOLE = 0.55  # of a box, at least, is inside its sides
_THROUGH = 0.85  # of a box's columns: a rule through so many makes it a table
_RAGGED_PX = 2
_NARROWEST_CELL = 0.78
"""Width against height of a cell that may stand alone and empty …"""
_NARROWEST_FAT_CELL, _FAT = 0.87, 0.08
"""… and if its sides are so fat, against its height: the 0 of magnetic print is a box of 0.78, with
sides of 0.11, and ink that runs makes it wider: to 0.85 on the scanned cheques it was seen on."""


@dataclass(frozen=True, slots=True)
class Frames:
    """Printed boxes of a page.

    Attributes:
        ink: (H, W) the ink of their sides and walls.
        combs: Boxes around rows of cells, one string each.
        floors: Rows of cells that are open at the top.
    """

    ink: InkMask
    combs: tuple[Box, ...]
    floors: tuple[Floor, ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    box: Box
    cell_count: int


def find_frames(page: InkPage, min_side_px: int, max_height_px: int) -> Frames:
    """Find printed boxes.

    Args:
        page: Ink of a level page.
        min_side_px: Smaller boxes are letters.
        max_height_px: Higher boxes are borders and tables.

    Returns:
        The ink of all frames, and the combs among them.
    """
    lines = np.zeros_like(page.ink)
    frames = []
    for comb in find_closed_combs(page, min_side_px, max_height_px):
        box = comb.box
        lines[box.y : box.bottom, box.x : box.right] |= comb.walls
        frames.append(_Frame(box, comb.cell_count))
    components = find_components(page.ink & ~lines)
    floors: list[Floor] = []
    narrow: list[tuple[_Frame, InkMask]] = []
    for index, (box, area) in enumerate(zip(components.boxes, components.areas, strict=True)):
        x, y, w, h = (int(value) for value in box)
        if area > 0.6 * w * h or h > max_height_px:
            continue
        place = np.s_[y : y + h, x : x + w]
        if min(w, h) >= min_side_px:
            component = components.labels[place] == index + 1
            sides, cell_count = _frame_sides(component)
            frame = _Frame(Box(x, y, w, h), cell_count)
            if cell_count > 1 or (cell_count == 1 and w >= _narrowest_cell(component) * h):
                lines[place] |= sides
                frames.append(frame)
                continue
            if cell_count == 1 or _is_empty_box(component):
                narrow.append((replace(frame, cell_count=1), sides if cell_count else component))
                continue
        if w >= max(2 * h, min_side_px):
            component = components.labels[place] == index + 1
            ticked = find_ticked_floor(component)
            if ticked is not None:
                lines[place] |= ticked.print
                floors.append(ticked.floor.moved(x, y))
    for frame, sides in _narrow_cells(narrow, components.boxes):
        box = frame.box
        lines[box.y : box.bottom, box.x : box.right] |= sides
        frames.append(frame)
    return Frames(lines, tuple(_join_combs(frames)), tuple(floors))


def _narrowest_cell(component: InkMask) -> float:
    """How wide a box must be at least, in its heights, to be no magnetic 0."""
    height, width = component.shape
    rim = round(0.25 * min(component.shape))
    is_empty = not component[rim:-rim, rim:-rim].any()
    is_fat = component.sum() >= _FAT * height * 2 * (width + height)
    return _NARROWEST_FAT_CELL if is_empty and is_fat else _NARROWEST_CELL


def _narrow_cells(
    narrow: list[tuple[_Frame, InkMask]], boxes: NDArray[np.int32]
) -> list[tuple[_Frame, InkMask]]:
    """Upright cells: those that something is written in, and empty ones in a row with them."""
    written = [it for it in narrow if _encloses_writing(it[0].box, boxes)]
    beside = [
        it
        for it in narrow
        if any(
            continues_row(it[0].box, w.box) or continues_row(w.box, it[0].box) for w, _ in written
        )
    ]
    known = {id(it) for it in written}
    return written + [it for it in beside if id(it) not in known]


def _encloses_writing(box: Box, boxes: NDArray[np.int32]) -> bool:
    x, y, w, h = boxes.T
    inside = (x > box.x) & (y > box.y) & (x + w < box.right) & (y + h < box.bottom)
    return bool((inside & (h >= WRITTEN * box.height)).any())


def _frame_sides(component: InkMask) -> tuple[InkMask, int]:
    """Ink of the four sides and inner walls, and the number of cells; 0 if it is no frame."""
    height, width = component.shape
    if not _has_corners(component):
        return np.zeros_like(component), 0
    level = find_horizontal_rules(component, max(6, round(_SIDE_SHARE * width)))
    upright = find_vertical_rules(component, max(6, round(_SIDE_SHARE * height)))
    rim = max(2, round(0.2 * height))
    if level[rim : height - rim].any(axis=0).mean() > _THROUGH:
        return np.zeros_like(component), 0
    level[rim : height - rim] = False  # a dash in the middle is writing
    sides = (level[:rim], level[-rim:], upright[:, :rim], upright[:, -rim:])
    if not all(side.any() for side in sides):
        return np.zeros_like(component), 0
    through = upright[:rim].any(axis=0) & upright[-rim:].any(axis=0)  # a 1 stops short of a side
    walls = true_runs(_widen(np.asarray(through)) & (upright.sum(axis=0) > 0.3 * height))
    cells = sum(1 for a, b in pairwise(walls) if b[0] - a[1] > 0.3 * height)
    lines = np.zeros_like(component)
    for start, stop in walls:
        lines |= _band(component, start, stop)
    for start, stop in true_runs(level.sum(axis=1) > 0.3 * width):
        lines |= _band(component.T, start, stop).T
    return lines, cells


def _is_empty_box(component: InkMask) -> bool:
    """Whether a component is a closed box of four sides, also one seen aslant, and nothing else."""
    mask = np.pad(component.astype(np.uint8), 1)
    contours, levels = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    outer = [c for c, level in zip(contours, levels[0], strict=True) if level[3] < 0]
    holes = [c for c, level in zip(contours, levels[0], strict=True) if level[3] >= 0]
    if len(outer) != 1 or not holes:
        return False
    hull = np.asarray(cv2.convexHull(outer[0]), np.int32)
    hole = max(cv2.contourArea(it) for it in holes)
    return has_four_corners(hull) and hole >= _HOLE * cv2.contourArea(hull)


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


def _join_combs(frames: list[_Frame]) -> list[Box]:
    """Cells of one size in a row as one box: frames with several, and frames of one each."""
    parts = [f for f in frames if f.box.width <= 1.6 * f.box.height * f.cell_count]
    wide = [f for f in frames if f.box.width > 1.6 * f.box.height * f.cell_count]
    rows = chain_cells(parts, lambda it: it.box)
    joined = [row for row in rows if sum(frame.cell_count for frame in row) > 1]
    combs = [frame.box for frame in wide if frame.cell_count > 1]
    return combs + [reduce(Box.union, (frame.box for frame in row)) for row in joined]
