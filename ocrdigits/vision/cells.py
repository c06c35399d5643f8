"""A photo and the mesh of a table in, the straightened table with the ink of its cells out.

The mesh is straightened piece by piece, so that curled paper comes out flat and every cell a
rectangle. The rules are taken for what they are by their place; what is left in a cell is writing
where it is tall enough and not an offshoot of its borders.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Coverage, GrayImage, Homography, InkMask, InkPage
from ocrdigits.settings import EnhanceSettings, TableSettings
from ocrdigits.vision.components import Components, find_components
from ocrdigits.vision.enhance import (
    Contrast,
    cover_ink,
    dark_on_light,
    measure_contrast,
    measure_paper,
    soften,
)
from ocrdigits.vision.morphology import dilate, keep_seeded, open_ink
from ocrdigits.vision.rank import rank_value

_TINT = 2.2  # from the median of the dots of a printed tint, freed of shading, to their deviation
_DARKEST = 0.99  # rank of the darkest ink of a cell: thin writing covers few of its pixels
_DARK = 0.97  # rank of a character's darkest ink
_PALE = 0.25  # of a character's darkest ink: the fringe of a blurred stroke; 0.2 … 0.4 do as well

_AROUND = 0.97  # of a cell's side: what reaches so far is a rule, or hangs on one
_RUN = 0.3  # of a cell's side: longer runs of ink along its borders are a rule's
_PAPER = 0.7  # rank of the paper of a cell with its rules
_SHADED, _MOST_SHADE = 1.15, 3.0  # by how much darker paper lies in a shadow

MeshPoints = NDArray[np.float64]
"""(rows + 1, columns + 1, 2) x and y where the rules cross, photo frame."""


@dataclass(frozen=True, slots=True)
class FlatTable:
    """A straightened table.

    Attributes:
        gray: (H, W) grey picture.
        tops: (rows + 1,) where its level rules are.
        lefts: (columns + 1,) where its upright rules are.
        points: Where they cross in the photo.
    """

    gray: GrayImage
    tops: NDArray[np.int64]
    lefts: NDArray[np.int64]
    points: MeshPoints

    def cell_box(self, row: int, column: int, inset: float = 0.0) -> Box:
        """A cell's place, without a share of its lower side along its borders."""
        x, right = (int(it) for it in self.lefts[column : column + 2])
        y, bottom = (int(it) for it in self.tops[row : row + 2])
        rim = round(inset * min(right - x, bottom - y))
        return Box(x + rim, y + rim, right - x - 2 * rim, bottom - y - 2 * rim)

    def cut(self, box: Box) -> GrayImage:
        """The picture inside a box."""
        return np.ascontiguousarray(self.gray[box.y : box.bottom, box.x : box.right])

    def photo_from_cell(self, row: int, column: int, box: Box) -> Homography:
        """Takes points of a cell's cut-out, made at `box`, to the photo."""
        cell = self.cell_box(row, column)
        x, y = cell.x - box.x - 0.5, cell.y - box.y - 0.5
        right, bottom = x + cell.width, y + cell.height
        source = np.array([[x, y], [right, y], [right, bottom], [x, bottom]], np.float32)
        corners = self.points[
            [row, row, row + 1, row + 1], [column, column + 1, column + 1, column]
        ]
        return np.asarray(cv2.getPerspectiveTransform(source, corners.astype(np.float32)))


def flatten_table(gray: GrayImage, points: MeshPoints, *, least_px: int, most_px: int) -> FlatTable:
    """Straighten a table, cell by cell.

    Args:
        gray: (H, W) photo.
        points: Its mesh.
        least_px: Rows come out at least this high …
        most_px: … and at most this; between these as high as they are in the photo.

    Returns:
        The table.
    """
    heights = np.median(np.linalg.norm(np.diff(points, axis=0), axis=2), axis=1)
    widths = np.median(np.linalg.norm(np.diff(points, axis=1), axis=2), axis=0)
    usual = float(np.median(heights))
    scale = min(max(usual, least_px), most_px) / usual
    tops = np.rint(np.append(0, np.cumsum(np.maximum(heights * scale, 6)))).astype(np.int64)
    lefts = np.rint(np.append(0, np.cumsum(np.maximum(widths * scale, 6)))).astype(np.int64)
    if scale < 0.75:  # average first: a warp alone would skip pixels
        size = max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale))
        factor = np.array([size[0] / gray.shape[1], size[1] / gray.shape[0]])
        gray = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
        maps = _spread((points + 0.5) * factor - 0.5, tops, lefts)
    else:
        maps = _spread(points, tops, lefts)
    method = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR
    flat = cv2.remap(
        gray, maps[..., 0], maps[..., 1], interpolation=method, borderMode=cv2.BORDER_REPLICATE
    )
    return FlatTable(np.asarray(flat, np.uint8), tops, lefts, points)


def _spread(
    points: MeshPoints, tops: NDArray[np.int64], lefts: NDArray[np.int64]
) -> NDArray[np.float32]:
    """(H, W, 2) photo places of the pixels of the flat table: the mesh, interpolated."""
    ys, xs = np.arange(tops[-1]) + 0.5, np.arange(lefts[-1]) + 0.5
    rows = np.interp(ys, tops, np.arange(len(tops)))
    columns = np.interp(xs, lefts, np.arange(len(lefts)))
    down = np.minimum(rows.astype(np.int64), len(tops) - 2)
    right = np.minimum(columns.astype(np.int64), len(lefts) - 2)
    v, u = (rows - down)[:, None, None], (columns - right)[None, :, None]
    upper = points[down][:, right] * (1 - u) + points[down][:, right + 1] * u
    lower = points[down + 1][:, right] * (1 - u) + points[down + 1][:, right + 1] * u
    return np.asarray(upper * (1 - v) + lower * v, np.float32)


@dataclass(frozen=True, slots=True)
class TableInk:
    """The writing of a table, or of one cell.

    Attributes:
        page: What is ink, and how much of each pixel it covers.
        contrast: (H, W) by how many grey levels a pixel is darker than its paper; 0 on the rules.
    """

    page: InkPage
    contrast: Contrast

    def cut(self, box: Box) -> TableInk:
        """The ink inside a box."""
        place = np.s_[box.y : box.bottom, box.x : box.right]
        ink: InkMask = np.ascontiguousarray(self.page.ink[place])
        page = InkPage(ink, np.ascontiguousarray(self.page.coverage[place]))
        return TableInk(page, np.ascontiguousarray(self.contrast[place]))


def find_table_ink(table: FlatTable, settings: TableSettings, enhance: EnhanceSettings) -> TableInk:
    """Separate the writing of a table from its paper; rules and what is beside them are left out.

    Ink is judged by the darkest of its own cell, as pale print may stand beside black pen, and by
    the rules, which are known to be ink.

    Args:
        table: Straightened.
        settings: How wide the rules may be.
        enhance: Thresholds.

    Returns:
        Ink of the table's shape.
    """
    sides = min(np.median(np.diff(table.tops)), np.median(np.diff(table.lefts)))
    window = max(9, round(settings.paper_window * float(sides))) | 1
    light = dark_on_light(table.gray, window)
    contrast, noise = measure_contrast(soften(light), window)
    noises = _lift_shadow(contrast, light, table, noise, settings.rim)
    rules = settings.least_ink * _rule_level(contrast, table)
    level = np.zeros_like(contrast)
    for row in range(len(table.tops) - 1):
        for column in range(len(table.lefts) - 1):
            inner = table.cell_box(row, column, settings.rim)
            writing = contrast[inner.y : inner.bottom, inner.x : inner.right]
            dots = writing - cv2.GaussianBlur(writing, (0, 0), 1.5)
            cell = table.cell_box(row, column)
            place = np.s_[cell.y : cell.bottom, cell.x : cell.right]
            noises[place] = np.maximum(noises[place], _TINT * rank_value(np.abs(dots)))
            level[place] = rank_value(writing, _DARKEST)
            _clear_rim(contrast, table, row, column, settings)
    floor = max(rules, settings.least_beside * rank_value(level, 0.9))
    level = np.maximum(level, np.maximum(floor, enhance.strong_sigmas * noises))
    low = np.maximum(enhance.weak_share * level, enhance.weak_sigmas * noises)
    high = np.maximum(enhance.strong_share * level, enhance.strong_sigmas * noises)
    high = np.maximum(high, floor)
    ink = keep_seeded(contrast > low, contrast > high)
    return TableInk(InkPage(ink, cover_ink(contrast, ink, level)), contrast)


def _place_of(box: Box) -> tuple[slice, slice]:
    return np.s_[box.y : box.bottom, box.x : box.right]


def _lift_shadow(
    contrast: Contrast, light: GrayImage, table: FlatTable, noise: float, rim: float
) -> Contrast:
    """Make ink in a shadow as dark beside its paper as elsewhere, in place.

    Returns:
        (H, W) the noise of each cell's paper: in a shadow its own, elsewhere `noise`.
    """
    rows, columns = len(table.tops) - 1, len(table.lefts) - 1
    cells = [(row, column) for row in range(rows) for column in range(columns)]
    papers = np.array([
        max(rank_value(light[_place_of(table.cell_box(*cell))], _PAPER), 1.0) for cell in cells
    ])  # fmt: skip
    noises = np.full_like(contrast, noise)
    for cell, shade in zip(cells, np.median(papers) / papers, strict=True):
        if shade > _SHADED:
            place = _place_of(table.cell_box(*cell))
            contrast[place] *= np.float32(min(shade, _MOST_SHADE))
            inner = contrast[_place_of(table.cell_box(*cell, rim))]
            noises[place] = max(measure_paper(inner)[1], 0.7)
    return noises


def _rule_level(contrast: NDArray[np.float32], table: FlatTable) -> float:
    """How dark the rules usually are."""
    darks = []
    for top in table.tops[1:-1]:
        darks.append(contrast[max(0, top - 3) : top + 4].max(axis=0))
    for left in table.lefts[1:-1]:
        darks.append(contrast[:, max(0, left - 3) : left + 4].max(axis=1))
    return float(np.median(np.concatenate(darks)))


def _clear_rim(
    contrast: NDArray[np.float32],
    table: FlatTable,
    row: int,
    column: int,
    settings: TableSettings,
) -> None:
    """Erase a cell's borders, in place."""
    cell, inner = table.cell_box(row, column), table.cell_box(row, column, settings.rim)
    kept = contrast[inner.y : inner.bottom, inner.x : inner.right].copy()
    contrast[cell.y : cell.bottom, cell.x : cell.right] = 0
    contrast[inner.y : inner.bottom, inner.x : inner.right] = kept


def find_writing(page: InkPage, settings: TableSettings) -> tuple[Components, NDArray[np.bool_]]:
    """Tell a cell's writing from specks and from what its borders left.

    Args:
        page: Ink of one cell, without its rules.
        settings: How high writing is.

    Returns:
        The cell's components, and which of them are writing; none in a blank cell.
    """
    height, width = page.ink.shape
    side = min(height, width)
    rim = round(settings.border * side)
    components = _without_rules(find_components(page.ink), page.ink, rim)
    x, y, w, h = components.boxes.T
    at_border = (x <= 1) | (y <= 1) | (x + w >= width - 1) | (y + h >= height - 1)
    inner = components.labels[rim : height - rim, rim : width - rim]
    inside = np.bincount(inner.ravel(), minlength=len(h) + 1)[1:] / components.areas
    thin = np.minimum(w, h) < 0.35 * np.maximum(w, h)
    offshoot = (inside < 0.35) & (at_border | (thin & (inside == 0)))
    tall = (h >= settings.least_height * side) & (components.areas >= 0.004 * side * side)
    anchors = tall & ~offshoot
    if not anchors.any():
        return components, anchors
    top, bottom = y[anchors].min(), (y + h)[anchors].max()
    center = y + h / 2
    marks = ~at_border & (center > top) & (center < bottom + 0.2 * (bottom - top))
    marks &= ~offshoot & (components.areas >= 0.0015 * side * side)
    return components, np.asarray(anchors | marks)


def _without_rules(components: Components, ink: InkMask, rim: int) -> Components:
    """The components without what rules left along the borders, where writing may hang on it."""
    height, width = ink.shape
    _, _, w, h = components.boxes.T
    is_around = ((w >= _AROUND * width) | (h >= _AROUND * height)) & (
        components.areas < 0.5 * w * h
    )
    if not is_around.any():
        return components
    border = np.ones_like(ink)
    border[rim : height - rim, rim : width - rim] = False
    level = open_ink(ink, 1, max(3, round(_RUN * width)))
    upright = open_ink(ink, max(3, round(_RUN * height)), 1)
    level[rim : height - rim] = False
    upright[:, rim : width - rim] = False
    return find_components(ink & ~(border & (level | upright)))


def tone_writing(ink: TableInk, components: Components, chosen: NDArray[np.bool_]) -> Coverage:
    """The writing of a cell in its own tones.

    Coverage is black wherever a pen left its mark; in a blurred 8 or 6 that is one blot, of which
    only the tones show the holes.

    Args:
        ink: Of the cell.
        components: Of the cell.
        chosen: (N,) which are writing, at least one.

    Returns:
        (h, w) the writing's box, from 0 (paper) to 1 (its darkest).
    """
    own, contrast = _contrast_of(ink, components, chosen)
    share = contrast / max(rank_value(contrast[own], _DARK), 1.0)
    tones = np.clip((share - _PALE) / (1 - _PALE), 0, 1) * own
    return np.asarray(tones, np.float32)


def measure_darkness(ink: TableInk, components: Components, chosen: NDArray[np.bool_]) -> float:
    """How dark a cell's writing is where it is darkest, grey levels; arguments as above."""
    own, contrast = _contrast_of(ink, components, chosen)
    return rank_value(contrast[own], _DARK)


def _contrast_of(
    ink: TableInk, components: Components, chosen: NDArray[np.bool_]
) -> tuple[InkMask, Contrast]:
    """In the box of a cell's writing: what is writing, and how dark it is."""
    box = components.box_of(chosen)
    own = dilate(components.ink_of(chosen, box))
    return own, ink.contrast[box.y : box.bottom, box.x : box.right]
