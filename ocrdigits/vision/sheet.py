"""Shrunk photo in, corners of the sheet of paper out, if one lies on something darker."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import GrayImage
from ocrdigits.vision.morphology import close_ink, open_ink

Corners = NDArray[np.float32]
"""(4, 2) float32: top left, top right, bottom right, bottom left, as (x, y)."""


def find_sheet(gray: GrayImage) -> Corners | None:
    """Find a sheet of paper that lies on something darker.

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
        if corners is not None and _is_sheet(corners, smooth):
            found.append(corners)
    return max(found, key=cv2.contourArea, default=None)


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
            fits = cv2.contourArea(corners) >= 0.93 * cv2.contourArea(contour)
            return corners if fits else None
    return None


def _is_sheet(corners: Corners, gray: GrayImage) -> bool:
    """Large, nearly a rectangle, and with a sharp edge to something darker on every side."""
    share = cv2.contourArea(corners) / (gray.shape[0] * gray.shape[1])
    if not 0.2 <= share <= 0.985:
        return False
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    if min(sides[0], sides[2]) < 0.7 * max(sides[0], sides[2]):
        return False
    if min(sides[1], sides[3]) < 0.7 * max(sides[1], sides[3]):
        return False
    edges = [
        _edge_share(gray, start, stop)
        for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return min(edges) > 0.58 and float(np.mean(edges)) > 0.75  # half an edge is often a frame's


def _edge_share(gray: GrayImage, start: Corners, stop: Corners) -> float:
    """Share of a side where the picture drops within a few pixels; soft shadows do not.

    A side that runs along the picture's border counts as an edge.
    """
    steps = np.linspace(0.05, 0.95, 60)[:, None]
    points = start + steps * (stop - start)
    direction = (stop - start) / max(float(np.linalg.norm(stop - start)), 1e-6)
    outward = np.array([direction[1], -direction[0]])  # corners run clockwise
    height, width = gray.shape

    def at(offset: float) -> NDArray[np.float32]:
        place = np.round(points + offset * outward).astype(np.int64)
        x, y = place[:, 0].clip(0, width - 1), place[:, 1].clip(0, height - 1)
        return np.asarray(gray[y, x], np.float32)

    drop = np.maximum(at(-4), at(-6)) - np.minimum(at(4), at(6))
    beyond = points + 6 * outward
    border = (beyond[:, 0] < 0) | (beyond[:, 1] < 0)
    border |= (beyond[:, 0] >= width) | (beyond[:, 1] >= height)
    return float(((drop > 14) | border).mean())


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
