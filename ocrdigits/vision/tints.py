"""A grey page in, the same with tinted boxes as light as its paper out, and where these are.

Forms print boxes for one digit each as patches of pale colour. In grey they are darker paper, whose
edges would pass for ink.
"""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, GrayImage, InkMask
from ocrdigits.vision.comb_rows import chain_cells
from ocrdigits.vision.components import find_components
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.morphology import open_ink

_SMALL_PX = 960  # long side of the copy that is searched
_STROKE_PX, _STROKE = 9, 0.3  # there, or of a box's side; wider than a pen's
_PAPER_PX = 81  # there; wider than a box
_OPEN_PX = 5  # there; narrower tints are edges
_DARKEST = 0.35  # of the paper's grey
_LIGHTEST = (0.95, 0.88)  # pale tints; and darker ones, between which the paper looks darker too
_SIDE_PX = (10, 110)  # there
_LEAST_FILL = 0.8  # of its bounding box
_LIKE_SHADE = 0.1  # of the paper's grey: neighbours differ
_ASPECT = (0.4, 1.7)  # width against height
_LEAST_COUNT, _MOST_COUNT = 3, 20
_MOST_GROWTH = 2  # times as many boxes as are seen apart
_MARGIN = 0.2  # around a row of boxes, of its height

Row = tuple[Box, ...]
"""Tinted boxes beside each other, left to right, in the page."""


def flatten_tints(gray: GrayImage) -> tuple[GrayImage, tuple[Row, ...]]:
    """Make rows of tinted boxes as light as the paper around them.

    Args:
        gray: (H, W) page.

    Returns:
        (H, W) without the tints, and their rows; the page itself and none if it has none.
    """
    height, width = gray.shape
    scale = min(1.0, _SMALL_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    rows = _find_rows(_close(small, _STROKE_PX), _close(small, _PAPER_PX))
    if not rows:
        return gray, ()
    flat = gray.copy()
    for row in rows:
        around = reduce(Box.union, row)
        margin = _MARGIN * around.height
        top, bottom = max(0, around.y - margin) / scale, (around.bottom + margin) / scale
        left, right = max(0, around.x - margin) / scale, (around.right + margin) / scale
        place = np.s_[int(top) : int(bottom), int(left) : int(right)]
        part = gray[place]
        stroke = max(_STROKE_PX, _STROKE * min(min(it.width, it.height) for it in row))
        ground = _close(part, max(3, round(stroke / scale)) | 1).astype(np.float32)
        paper = np.float32(np.percentile(ground, 90))
        flat[place] = np.clip(part * (paper / np.maximum(ground, 1)), 0, 255).astype(np.uint8)
    return flat, tuple(tuple(_enlarge(box, scale) for box in row) for row in rows)


def _enlarge(box: Box, scale: float) -> Box:
    """A box of the copy that is searched, on the page."""
    x, y, right, bottom = (round(it / scale) for it in (box.x, box.y, box.right, box.bottom))
    return Box(x, y, right - x, bottom - y)


def _close(gray: GrayImage, side: int) -> GrayImage:
    """The page without what is darker than its surroundings and narrower than so many pixels."""
    block = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, block), np.uint8)


def _find_rows(ground: GrayImage, paper: GrayImage) -> list[list[Box]]:
    """Rows of tinted patches, left to right; of two at one place the one with more of them."""
    shade = np.asarray(ground / np.maximum(paper, 1), np.float32)
    rows: list[list[Box]] = []
    for lightest in _LIGHTEST:
        tinted = np.asarray((shade > _DARKEST) & (shade < lightest))
        chained = chain_cells(_find_patches(tinted), lambda it: it)
        for seen in (row for row in chained if len(row) >= _LEAST_COUNT):
            row = _go_on(seen, shade)
            if len(row) <= _MOST_GROWTH * len(seen):  # else it is ground that looks so everywhere
                rows.append(row)
    found: list[list[Box]] = []
    for row in sorted(rows, key=len, reverse=True):
        box = reduce(Box.union, row)
        if not any(covered_share(box, reduce(Box.union, other)) for other in found):
            found.append(row)
    return found


def _go_on(row: list[Box], shade: NDArray[np.float32]) -> list[Box]:
    """A row with the patches at its ends that run into something else that is dark."""
    pitch = (row[-1].x - row[0].x) / (len(row) - 1)
    drop = (row[-1].y - row[0].y) / (len(row) - 1)
    height, width = shade.shape
    for end, step in ((0, -1), (-1, 1)):
        while len(row) < _MOST_COUNT:
            last = row[end]
            x, y = round(last.x + step * pitch), round(last.y + step * drop)
            box = Box(x, y, last.width, last.height)
            if min(x, y) < 0 or box.right > width or box.bottom > height:
                break
            off = np.abs(_part(shade, box) - np.median(_part(shade, last)))
            if (off <= _LIKE_SHADE).mean() < _LEAST_FILL:
                break
            row = [box, *row] if step < 0 else [*row, box]
    return row


def _part(shade: NDArray[np.float32], box: Box) -> NDArray[np.float32]:
    return shade[box.y : box.bottom, box.x : box.right]


def _find_patches(tinted: InkMask) -> list[Box]:
    """Those of the size and shape of a box for one digit."""
    components = find_components(open_ink(tinted, _OPEN_PX, _OPEN_PX))
    w, h = components.boxes[:, 2:].T
    fits = (np.minimum(w, h) >= _SIDE_PX[0]) & (np.maximum(w, h) <= _SIDE_PX[1])
    fits &= (
        (components.areas >= _LEAST_FILL * w * h) & (w >= _ASPECT[0] * h) & (w <= _ASPECT[1] * h)
    )
    return [Box(*it) for it in components.boxes[fits].tolist()]
