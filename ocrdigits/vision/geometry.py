"""Boxes and corners in one frame, seen in another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Homography

Corners = NDArray[np.float32]
"""(4, 2) float32: top left, top right, bottom right, bottom left, as (x, y)."""


def map_points(points: NDArray[np.float64], target_from_source: Homography) -> NDArray[np.float64]:
    """Map points through a homography.

    Args:
        points: (N, 2) as (x, y).
        target_from_source: The map.

    Returns:
        (N, 2) in the target frame.
    """
    mapped = np.column_stack([points, np.ones(len(points))]) @ target_from_source.T
    return np.asarray(mapped[:, :2] / mapped[:, 2:])


def map_corners(box: Box, target_from_source: Homography) -> tuple[tuple[int, int], ...]:
    """Corners of a box, clockwise from its own top left, in the target frame."""
    (a, b, c), (d, e, f), (g, h, i) = target_from_source.tolist()
    mapped = []
    for right, bottom in ((0, 0), (1, 0), (1, 1), (0, 1)):
        # A box's edge lies half a pixel before its first pixel's centre.
        x, y = box.x + right * box.width - 0.5, box.y + bottom * box.height - 0.5
        w = g * x + h * y + i
        mapped.append((round((a * x + b * y + c) / w + 0.5), round((d * x + e * y + f) / w + 0.5)))
    return tuple(mapped)


def map_box(box: Box, target_from_source: Homography) -> Box:
    """Smallest upright box around a mapped box."""
    xs, ys = zip(*map_corners(box, target_from_source), strict=True)
    left, top = min(xs), min(ys)
    return Box(left, top, max(1, max(xs) - left), max(1, max(ys) - top))


def overlap(a: Box, b: Box) -> float:
    """Overlap of two boxes: intersection over union of areas, 0 to 1."""
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    common = max(width, 0) * max(height, 0)
    return common / (a.width * a.height + b.width * b.height - common)


def covered_share(box: Box, other: Box) -> float:
    """Share of a box that another one covers, 0 to 1."""
    width = min(box.right, other.right) - max(box.x, other.x)
    height = min(box.bottom, other.bottom) - max(box.y, other.y)
    return max(width, 0) * max(height, 0) / (box.width * box.height)
