"""Contrast of a page in, quadrilaterals that may be the outline of a ruled table out.

The rules of a table hang together: with the ink thresholded, its grid is one large, hollow
component. Broken and faint rules need gaps closed and a lower threshold, rules that touch other
print a higher one, so several masks are tried and whoever calls judges what is found.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import InkMask
from ocrdigits.settings import TableSettings
from ocrdigits.vision.components import find_components
from ocrdigits.vision.enhance import Contrast
from ocrdigits.vision.geometry import Corners
from ocrdigits.vision.morphology import close_ink, dilate, open_ink
from ocrdigits.vision.sheet import order_corners

_SHARES = (0.45, 0.28, 0.15, 0.7)  # of the ink around: plain, faint, fainter, strict
_GAPS_PX = (1, 5)  # closed beforehand
_MASKS = tuple((share, gap) for gap in _GAPS_PX for share in _SHARES)
_ALIKE = 0.97  # outlines that share this much of their joint area are one
_THICK_PX = 19  # what is thicker than this is a picture or the dark beside the sheet


def find_outlines(
    contrast: Contrast, noise: float, level: Contrast, settings: TableSettings
) -> list[Corners]:
    """Find what may be the outline of a table.

    Args:
        contrast: (H, W) grey levels by which a pixel is darker than the paper.
        noise: Standard deviation of the paper.
        level: (H, W) how dark the ink of each neighbourhood is.
        settings: The least size.

    Returns:
        (4, 2) corners each, clockwise from the top left; no two alike.
    """
    found: list[Corners] = []
    for share, gap in _MASKS:
        ink = np.asarray(contrast > np.maximum(share * level, 3 * noise))
        ink &= ~dilate(open_ink(ink, _THICK_PX, _THICK_PX), 5, 5)
        for corners in _hollow_outlines(close_ink(ink, gap, gap), settings):
            if not any(shared_area(corners, other) > _ALIKE for other in found):
                found.append(corners)
    return found


def _hollow_outlines(ink: InkMask, settings: TableSettings) -> Iterator[Corners]:
    components = find_components(ink)
    _, _, w, h = components.boxes.T
    least = settings.min_side_frac * min(ink.shape)
    large = (np.minimum(w, h) >= least) & (components.areas < 0.5 * w * h)
    for index in np.flatnonzero(large):
        x, y, width, height = components.boxes[index]
        part = components.labels[y : y + height, x : x + width] == index + 1
        points = np.argwhere(part)[:, ::-1].astype(np.int32)
        hull = cv2.convexHull(points)
        if cv2.contourArea(hull) < least * least:
            continue
        polygon = cv2.approxPolyN(hull, 4, ensure_convex=True).reshape(-1, 2)
        if len(polygon) == 4:
            yield order_corners(np.asarray(polygon + np.array([x, y]), np.float32))


def shared_area(one: Corners, other: Corners) -> float:
    """Intersection over union of two quadrilaterals, 0 to 1."""
    common, _ = cv2.intersectConvexConvex(one, other)
    return float(common / (cv2.contourArea(one) + cv2.contourArea(other) - common))


def size_of(corners: Corners) -> tuple[float, float]:
    """Width and height of a quadrilateral: its longer sides."""
    sides: NDArray[np.float64] = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    return float(max(sides[0], sides[2])), float(max(sides[1], sides[3]))
