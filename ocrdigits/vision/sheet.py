"""Shrunk photo in, corners of the sheet of paper out, if one lies on something else.

Most sheets are brighter than the table and found by thresholds; the others by their sides.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import GrayImage
from ocrdigits.vision.geometry import Corners
from ocrdigits.vision.morphology import close_ink, open_ink
from ocrdigits.vision.sheet_sides import RIM_WORTH, find_sides

_CLEAR = 0.95  # of the sides of a sheet show: it needs no other look
_FILL = 0.93  # of a bright area, what four corners enclose
_MIDDLE = 0.4  # of a side, to either end, where it is straight
_LEAST_SINE = 0.5  # of the angle at a corner
_DROP = 14  # grey levels from a sheet to what it lies on
_STRIPE, _STRIPED = 2, 0.85  # steps along a side to what is beside a stripe; how much then shows
_BEYOND = 0.03, 0.12  # of a side: so far beyond its end it may go on


def find_sheet(gray: GrayImage) -> Corners | None:
    """Find a sheet of paper that does not fill the photo.

    Args:
        gray: (H, W) shrunk photo, some 640 pixels long.

    Returns:
        Its corners, or None if the sheet fills the picture or cannot be told from the table.
    """
    smooth = np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.5), np.uint8)
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    found = []
    for share in (0.6, 0.75, 0.9, 1.0, 1.1):  # a shadow on the sheet needs a lower threshold
        corners = _bright_quadrilateral(smooth, share * otsu)
        if corners is not None and _is_large(corners, smooth):
            drops, rims = _edge_shares(corners, smooth)
            edges = drops + rims
            is_seen = edges.min() > 0.58 and edges.mean() > 0.75  # half an edge: often a frame's
            if is_seen and not _goes_on(corners, smooth):
                found.append(corners)
    best = max(found, key=_area, default=None)
    worth = 0.0 if best is None else _worth(best, smooth)
    if worth >= _CLEAR:
        return best
    by_sides = find_sides(gray)  # the rest of a sheet may just lie in the shade
    if by_sides is None or _goes_on(by_sides, smooth):
        return best
    return by_sides if best is None or _worth(by_sides, smooth) > worth else best


def _worth(corners: Corners, gray: GrayImage) -> float:
    """How well the sides of a sheet show, in [0, 1]; the picture's border shows half of one."""
    drops, rims = _edge_shares(corners, gray)
    return float((drops + RIM_WORTH * rims).mean())


def _bright_quadrilateral(gray: GrayImage, threshold: float) -> Corners | None:
    """The largest bright area, if it has four corners."""
    bright = open_ink(close_ink(np.asarray(gray > threshold), 15, 15), 15, 15)
    contours, _ = cv2.findContours(
        bright.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    if not contours:
        return None
    contour = cv2.convexHull(max(contours, key=cv2.contourArea))
    for tolerance in (0.015, 0.02, 0.03, 0.05):
        polygon = cv2.approxPolyDP(contour, tolerance * cv2.arcLength(contour, True), True)
        if len(polygon) == 4:
            corners = order_corners(polygon[:, 0].astype(np.float32))
            area = cv2.contourArea(contour)
            if cv2.contourArea(corners) < _FILL * area:  # its corners are rounded, its sides bent
                corners = _fit_sides(corners, contour[:, 0].astype(np.float32))
                if not _is_inside(corners.astype(np.float64), gray).all():
                    return None
            return corners if _FILL <= cv2.contourArea(corners) / area <= 1 / _FILL else None
    return None


def _fit_sides(corners: Corners, outline: Corners) -> Corners:
    """Corners between the lines that are fitted to an outline between rough corners.

    Args:
        corners: (4, 2), clockwise.
        outline: (N, 2) corners of a convex polygon.
    """
    steps = np.linspace(0, 1, 32, endpoint=False)[:, None]
    ends = np.roll(outline, -1, axis=0)
    dense = (outline[:, None] + steps * (ends - outline)[:, None]).reshape(-1, 2)
    weights = np.repeat(np.linalg.norm(ends - outline, axis=1), len(steps))
    along = np.roll(corners, -1, axis=0) - corners
    lengths = np.maximum(np.linalg.norm(along, axis=1), 1e-6)
    from_corner = dense[:, None] - corners  # (N, 4, 2)
    places = (from_corner * along).sum(2) / lengths**2
    away = np.abs(from_corner[..., 0] * along[:, 1] - from_corner[..., 1] * along[:, 0]) / lengths
    lines = []  # a, b, c of ax + by = c
    for side in range(4):
        near = (away.argmin(1) == side) & (np.abs(places[:, side] - 0.5) < _MIDDLE)
        if not near.any():
            return corners
        weight = weights[near] / weights[near].sum()
        middle = weight @ dense[near]
        spread = dense[near] - middle
        _, axes = np.linalg.eigh((spread * weight[:, None]).T @ spread)
        normal = axes[:, 0] * np.sign(axes[:, 0] @ (middle - corners.mean(axis=0)))  # outward
        lines.append((*normal, float((dense[near] @ normal).max())))  # nothing is cut off
    found = []
    for before, side in zip(np.roll(lines, 1, axis=0), np.array(lines), strict=True):
        normals = np.stack([before[:2], side[:2]])
        if abs(np.linalg.det(normals)) < _LEAST_SINE:
            return corners
        found.append(np.linalg.solve(normals, [before[2], side[2]]))
    return np.array(found, np.float32)


def _area(corners: Corners) -> float:
    return float(cv2.contourArea(corners))


def _is_large(corners: Corners, gray: GrayImage) -> bool:
    """Large and nearly a rectangle."""
    share = _area(corners) / (gray.shape[0] * gray.shape[1])
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    opposite = np.minimum(sides[:2], sides[2:]) >= 0.7 * np.maximum(sides[:2], sides[2:])
    return bool(0.2 <= share <= 0.985 and opposite.all())


def _edge_shares(
    corners: Corners, gray: GrayImage
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of each side where the picture drops within a few pixels, and at its border.

    Soft shadows do not drop. (4,) each.
    """
    points, outward = _along_sides(corners, np.linspace(0.05, 0.95, 60))

    def at(offset: float) -> NDArray[np.float32]:
        return _grey_at(points + offset * outward, gray)

    outside = np.minimum(at(4), at(6))
    before, after = (at(-14) - at(-6)).mean(1), (at(6) - at(14)).mean(1)
    slope = np.minimum(before, after)[:, None] / 8  # grey levels a pixel, of a soft shadow
    least = _DROP + 12 * np.maximum(slope, 0)
    rim = ~_is_inside(points + 6 * outward, gray)
    inside = np.maximum(at(-4), at(-6))
    drops = ((inside - outside > least) & ~rim).mean(1)
    if not rim.any():  # an airmail envelope has stripes there, and is light between them
        shifted = [np.roll(inside, step, axis=1) for step in range(-_STRIPE, _STRIPE + 1)]
        between = (np.max(shifted, axis=0) - outside > least).mean(1)
        drops = between if between.min() > _STRIPED else drops
    return drops, rim.mean(1)


def _goes_on(corners: Corners, gray: GrayImage) -> bool:
    """Whether what seems a sheet is a part of one: two sides go on straight beyond a third."""
    beyond = np.linspace(*_BEYOND, 24)
    after, before = (_drops_all_along(corners, steps, gray) for steps in (1 + beyond, -beyond))
    # Beyond the third side: the one before it after its end, the next one before its beginning.
    return bool((np.roll(after, 1) & np.roll(before, -1)).any())


def _drops_all_along(
    corners: Corners, steps: NDArray[np.float64], gray: GrayImage
) -> NDArray[np.bool_]:
    """(4,) whether it is darker outside than inside in both halves of some steps along a side.

    On the mean: what is printed on a newspaper drops here and there.
    """
    points, outward = _along_sides(corners, steps)
    is_seen = _is_inside(points, gray).all(1)

    def means(offset: float) -> NDArray[np.float32]:
        grey = _grey_at(points + offset * outward, gray)
        return np.asarray(grey.reshape(4, 2, -1).mean(2))

    return np.asarray(is_seen & (means(-5) - means(5) > _DROP).all(1))


def _along_sides(
    corners: Corners, steps: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points on each side, clockwise, 0 where it begins and 1 where it ends; and its outward.

    Returns:
        (4, N, 2) x and y, and (4, 1, 2) of length 1.
    """
    ends = (np.roll(corners, -1, axis=0) - corners).astype(np.float64)  # (4, 2)
    points = corners[:, None] + steps[:, None] * ends[:, None]
    direction = ends / np.maximum(np.linalg.norm(ends, axis=1, keepdims=True), 1e-6)
    return points, np.stack([direction[:, 1], -direction[:, 0]], 1)[:, None]


def _grey_at(points: NDArray[np.float64], gray: GrayImage) -> NDArray[np.float32]:
    """(4, N) grey levels; beyond the picture those of its border."""
    last = np.array(gray.shape[::-1]) - 1
    x, y = np.round(points).astype(np.int64).clip(0, last).transpose(2, 0, 1)
    return np.asarray(gray[y, x], np.float32)


def _is_inside(points: NDArray[np.float64], gray: GrayImage) -> NDArray[np.bool_]:
    """(4, N) which points lie in the picture; (4,) of one point each."""
    last = np.array(gray.shape[::-1]) - 1
    return np.asarray(((points >= 0) & (points <= last)).all(-1))


def order_corners(points: Corners) -> Corners:
    """Clockwise from the top left, as the picture stands."""
    center = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - center[1], points[:, 0] - center[0])
    ordered = points[np.argsort(angles)]
    first = int(np.argmin(ordered.sum(axis=1)))
    return np.asarray(np.roll(ordered, -first, axis=0), np.float32)


def inset_corners(corners: Corners) -> Corners:
    """Move corners inwards by 0.8 %, so that no table shows at the rim."""
    center = corners.mean(axis=0)
    return np.asarray(center + np.float32(0.992) * (corners - center), np.float32)
