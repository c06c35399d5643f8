"""Ink of a page in, closed cells of combs out, by the paper that their walls enclose.

Where boxes touch each other, stand aslant, have thick walls, or what is written in them touches
those, the ink of a box is no longer one component with straight sides. The paper inside still has
four corners.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, InkMask, InkPage
from ocrdigits.vision.comb_rows import chain_cells
from ocrdigits.vision.components import bounding_box

_LEAST_CELLS = 3
_LEAST_ROW = 2  # of clear cells, whose walls may go on
_MOST_MORE = 20
_ASPECT = (0.5, 1.6)  # width against height
_LEAST_PAPER = 0.3  # of a cell, beside what is written in it
_BULGE = 1.1  # times the area between its corners; of a 0 it is 1.57
_CORNER = 0.035  # of the outline: what is rounder than this is no corner
_WALLED = 0.85  # of each side, along which there is ink
_WHOLE = 0.8  # of a cell's sides
_SIDEWAYS = 0.7  # cosine between a row and the way to its cells' upright walls
_RAGGED = 0.06  # of a cell's height: rows bend
_MOST_WALL = 0.25  # of the height
WRITTEN = 0.22  # of a cell's height: so high is what is written in it
_SHARED = 2.0  # walls' thicknesses between two rows of cells that share a wall: a table's

_NEAR = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class ClosedCell:
    """One cell.

    Attributes:
        box: Around the paper inside its walls.
        outline: (N, 1, 2) convex outline of that paper, x and y in the page.
    """

    box: Box
    outline: NDArray[np.int32]

    @property
    def middle(self) -> NDArray[np.float64]:
        """(2,) x and y between its corners."""
        return np.asarray(_corners_of(self.outline)[:, 0].mean(axis=0), np.float64)

    def moved(self, step: NDArray[np.float64]) -> ClosedCell:
        """The same at another place."""
        x, y = np.round(step).astype(np.int32).tolist()
        box = Box(self.box.x + x, self.box.y + y, self.box.width, self.box.height)
        return ClosedCell(box, np.asarray(self.outline + np.array((x, y)), np.int32))

    @property
    def inside(self) -> NDArray[np.uint8]:
        """(height, width) of the box, 1 within the walls."""
        filled = np.zeros((self.box.height, self.box.width), np.uint8)
        cv2.fillConvexPoly(filled, self.outline - (self.box.x, self.box.y), 1)
        return filled


@dataclass(frozen=True, slots=True)
class ClosedComb:
    """Cells in a row.

    Attributes:
        box: Around all of them with their outer walls.
        walls: (height, width) the ink of their walls there.
        cell_count: How many.
    """

    box: Box
    walls: InkMask
    cell_count: int


def find_closed_combs(page: InkPage, min_side_px: int, max_height_px: int) -> list[ClosedComb]:
    """Find rows of closed cells.

    Args:
        page: Ink of a page, with lines that are paler, as walls may be, and fainter writing.
        min_side_px: Smaller ones are the insides of letters.
        max_height_px: Higher ones are borders.

    Returns:
        Combs of at least three cells, something written in one of them; the rows of tables are
        none.
    """
    lined = page.lined
    written = page.ink if page.faint is None else np.asarray(page.ink | page.faint)
    cells = _complete(_find_cells(lined, min_side_px, max_height_px), lined)
    rows = [it for it in chain_cells(cells, lambda it: it.box) if len(it) >= _LEAST_CELLS]
    boxes = [_around(row) for row in rows]
    combs = []
    for row, box in zip(rows, boxes, strict=True):
        if not any(_is_written_in(cell, written) for cell in row):
            continue
        wall = _wall_px(lined, row)
        is_of_table = any(_share_walls(box, other, wall) for other in boxes if other is not box)
        if wall <= _MOST_WALL * box.height and not is_of_table:
            combs.append(_comb_of(lined, row, wall))
    return combs


def _find_cells(ink: InkMask, min_side_px: int, max_height_px: int) -> list[ClosedCell]:
    """Enclosed paper with four corners."""
    paper = (~ink).view(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(paper, None, None, None, 4, cv2.CV_32S)
    _, _, w, h, area = stats.T
    fits = (np.minimum(w, h) >= min_side_px) & (h <= max_height_px) & (area >= _LEAST_PAPER * w * h)
    fits &= (w >= _ASPECT[0] * h) & (w <= _ASPECT[1] * h)
    fits[0] = False
    if fits.sum() < _LEAST_CELLS:
        return []
    cells = []
    for index in np.flatnonzero(fits):
        x, y, w, h, _ = stats[index].tolist()
        part = (labels[y : y + h, x : x + w] == index).view(np.uint8)
        contours, _ = cv2.findContours(
            part, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(x, y)
        )
        hull = np.asarray(cv2.convexHull(max(contours, key=cv2.contourArea)), np.int32)
        if has_four_corners(hull) and _has_straight_sides(hull):
            cells.append(ClosedCell(Box(x, y, w, h), hull))
    return cells


def _complete(cells: list[ClosedCell], ink: InkMask) -> list[ClosedCell]:
    """The cells and those that go on their rows, whose paper is cut up by what touches a wall."""
    found = list(cells)
    for row in chain_cells(cells, lambda it: it.box):
        if len(row) < _LEAST_ROW:
            continue
        wall = _wall_px(ink, row)
        for before, last in (row[-2:], row[1::-1]):
            step = last.middle - before.middle
            for count in range(1, _MOST_MORE):
                cell = last.moved(count * step)
                if _is_clear(cell, found) or not _has_walls(cell, step, wall, ink):
                    break
                found = [*(it for it in found if not _holds(cell.box, it.middle)), cell]
    return found


def _is_clear(cell: ClosedCell, cells: Iterable[ClosedCell]) -> bool:
    """Whether one of the cells stands in this one's place and is as large: no part of it."""
    return any(
        _holds(cell.box, it.middle) and it.box.width >= _WHOLE * cell.box.width
        for it in cells
        if it.box.height >= _WHOLE * cell.box.height
    )


def _holds(box: Box, point: NDArray[np.float64]) -> bool:
    return bool(box.x <= point[0] < box.right and box.y <= point[1] < box.bottom)


def _has_walls(cell: ClosedCell, step: NDArray[np.float64], wall_px: float, ink: InkMask) -> bool:
    """Whether ink follows three sides of a cell: all but the one it shares with the row."""
    corners = _corners_of(cell.outline)[:, 0].astype(np.float64)
    if len(corners) != 4:
        return False
    ragged = max(2, round(_RAGGED * cell.box.height))
    reach = np.arange(-ragged, wall_px + ragged + 1)
    shares = np.linspace(0.05, 0.95, 24)[:, None, None]
    for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        outward = (start + stop) / 2 - cell.middle
        outward /= max(float(np.linalg.norm(outward)), 1e-6)
        if outward @ step < -_SIDEWAYS * float(np.linalg.norm(step)):
            continue
        points = start + shares * (stop - start) + reach[:, None] * outward
        x, y = np.round(points).astype(np.int64).transpose(2, 0, 1)
        if x.min() < 0 or y.min() < 0 or x.max() >= ink.shape[1] or y.max() >= ink.shape[0]:
            return False
        if ink[y, x].any(axis=1).mean() < _WALLED:
            return False
    return True


def has_four_corners(hull: NDArray[np.int32]) -> bool:
    """Tell whether a convex outline, (N, 1, 2), is that of a box, also one seen aslant."""
    return len(_corners_of(hull)) == 4


def _has_straight_sides(hull: NDArray[np.int32]) -> bool:
    """Whether an outline goes straight from corner to corner."""
    return cv2.contourArea(hull) <= _BULGE * cv2.contourArea(_corners_of(hull))


def _corners_of(hull: NDArray[np.int32]) -> NDArray[np.int32]:
    return np.asarray(cv2.approxPolyDP(hull, _CORNER * cv2.arcLength(hull, True), True), np.int32)


def _is_written_in(cell: ClosedCell, ink: InkMask) -> bool:
    box = cell.box
    within = cv2.erode(cell.inside, _NEAR)
    writing = ink[box.y : box.bottom, box.x : box.right] & (within > 0)
    return bounding_box(np.asarray(writing)).height >= WRITTEN * box.height


def _around(row: Sequence[ClosedCell]) -> Box:
    left, top = row[0].box.x, min(cell.box.y for cell in row)
    bottom = max(cell.box.bottom for cell in row)
    return Box(left, top, row[-1].box.right - left, bottom - top)


def _wall_px(ink: InkMask, row: Iterable[ClosedCell]) -> float:
    """Usual thickness of the walls above and below cells."""
    lengths = []
    for cell in row:
        box, inside = cell.box, cell.inside
        for share in (0.25, 0.5, 0.75):
            x = int(share * box.width)
            within = np.flatnonzero(inside[:, x])
            column = ink[:, box.x + x]
            above, below = column[: box.y + within[0]][::-1], column[box.y + within[-1] + 1 :]
            lengths += [_first_run_px(above), _first_run_px(below)]
    return float(np.median(lengths))


def _first_run_px(column: InkMask) -> int:
    """How many pixels of ink follow each other from a column's beginning."""
    return len(column) if column.all() else int(column.argmin())


def _share_walls(box: Box, other: Box, wall_px: float) -> bool:
    """Whether one row of cells stands on the other."""
    gap = max(other.y - box.bottom, box.y - other.bottom)
    common = min(box.right, other.right) - max(box.x, other.x)
    return gap <= max(_SHARED * wall_px, 3.0) and common > 0


def _comb_of(ink: InkMask, row: Sequence[ClosedCell], wall_px: float) -> ClosedComb:
    """The walls of a row: the ink around its cells and between them."""
    height, width = ink.shape
    inner, reach = _around(row), int(np.ceil(wall_px)) + 2
    left, top = max(0, inner.x - reach), max(0, inner.y - reach)
    right, bottom = min(width, inner.right + reach), min(height, inner.bottom + reach)
    corner = (-left, -top)
    inside = np.zeros((bottom - top, right - left), np.uint8)
    for cell in row:
        cv2.fillConvexPoly(inside, cell.outline + corner, 1)
    ink = ink[top:bottom, left:right]
    clear = np.asarray(
        cv2.erode(inside, _NEAR), np.uint8
    )  # the walls are ragged; what stands there goes on within
    inside &= clear | np.asarray(cv2.dilate(clear & ink.view(np.uint8), _NEAR), np.uint8)
    whole = np.zeros_like(inside)
    hull = cv2.convexHull(np.concatenate([cell.outline for cell in row]) + corner)
    cv2.fillConvexPoly(whole, hull, 1)
    whole = cv2.dilate(whole, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    walls = ink & (whole > inside)
    around = bounding_box(np.asarray(walls))
    box = Box(left + around.x, top + around.y, around.width, around.height)
    part = walls[around.y : around.bottom, around.x : around.right]
    return ClosedComb(box, np.asarray(part), len(row))
