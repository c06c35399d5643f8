"""A grey page in, the same with tinted boxes as light as its paper out.

Forms print boxes for one digit each as patches of pale colour. In grey they are darker paper, whose
edges would pass for ink.
"""

from __future__ import annotations

from functools import reduce

import cv2
import numpy as np

from ocrdigits.records import Box, GrayImage, InkMask
from ocrdigits.vision.comb_rows import chain_cells
from ocrdigits.vision.components import find_components
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.morphology import open_ink

_SMALL_PX = 960  # long side of the copy that is searched
_STROKE_PX = 9  # there; wider than a pen's
_PAPER_PX = 81  # there; wider than a box
_OPEN_PX = 5  # there; narrower tints are edges
_DARKEST = 0.35  # of the paper's grey
_LIGHTEST = (0.95, 0.88)  # pale tints; and darker ones, between which the paper looks darker too
_SIDE_PX = (10, 110)  # there
_LEAST_FILL = 0.8  # of its bounding box
_ASPECT = (0.4, 1.7)  # width against height
_LEAST_COUNT = 3
_MARGIN = 0.2  # around a row of boxes, of its height


def flatten_tints(gray: GrayImage) -> GrayImage:
    """Make rows of tinted boxes as light as the paper around them.

    Args:
        gray: (H, W) page.

    Returns:
        (H, W) without the tints; the page itself if it has none.
    """
    height, width = gray.shape
    scale = min(1.0, _SMALL_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    rows = _find_rows(_close(small, _STROKE_PX), _close(small, _PAPER_PX))
    if not rows:
        return gray
    flat = gray.copy()
    for row in rows:
        margin = _MARGIN * row.height
        top, bottom = max(0, row.y - margin) / scale, (row.bottom + margin) / scale
        left, right = max(0, row.x - margin) / scale, (row.right + margin) / scale
        place = np.s_[int(top) : int(bottom), int(left) : int(right)]
        part = gray[place]
        ground = _close(part, max(3, round(_STROKE_PX / scale)) | 1).astype(np.float32)
        paper = np.float32(np.percentile(ground, 90))
        flat[place] = np.clip(part * (paper / np.maximum(ground, 1)), 0, 255).astype(np.uint8)
    return flat


def _close(gray: GrayImage, side: int) -> GrayImage:
    """The page without what is darker than its surroundings and narrower than so many pixels."""
    block = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_CLOSE, block), np.uint8)


def _find_rows(ground: GrayImage, paper: GrayImage) -> list[Box]:
    """Boxes around rows of tinted patches."""
    shade = ground / np.maximum(paper, 1).astype(np.float32)
    found: list[Box] = []
    for lightest in _LIGHTEST:
        tinted = (shade > _DARKEST) & (shade < lightest)
        rows = chain_cells(_find_patches(np.asarray(tinted)), lambda it: it)
        boxes = [reduce(Box.union, row) for row in rows if len(row) >= _LEAST_COUNT]
        found += [box for box in boxes if not any(covered_share(box, other) for other in found)]
    return found


def _find_patches(tinted: InkMask) -> list[Box]:
    """Those of the size and shape of a box for one digit."""
    components = find_components(open_ink(tinted, _OPEN_PX, _OPEN_PX))
    w, h = components.boxes[:, 2:].T
    fits = (np.minimum(w, h) >= _SIDE_PX[0]) & (np.maximum(w, h) <= _SIDE_PX[1])
    fits &= (
        (components.areas >= _LEAST_FILL * w * h) & (w >= _ASPECT[0] * h) & (w <= _ASPECT[1] * h)
    )
    return [Box(*it) for it in components.boxes[fits].tolist()]
