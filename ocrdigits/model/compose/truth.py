"""What a composed photo really says: digit strings, where they are, and how they move with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.records import Box, ColorImage, Homography, Kind

Polygon = tuple[tuple[int, int], ...]
"""Corners (x, y), clockwise from the string's own top left."""


@dataclass(frozen=True, slots=True)
class StringTruth:
    """One digit string.

    Attributes:
        text: What it says, separators included.
        kind: Its geometry.
        polygon: Its four corners, in the frame of the sheet or photo that holds it.
        digit_boxes: One box per digit (separators have none), the same frame.
        is_handwritten: False for print.
    """

    text: str
    kind: Kind
    polygon: Polygon
    digit_boxes: tuple[Box, ...]
    is_handwritten: bool


@dataclass(frozen=True, slots=True)
class ComposedPhoto:
    """A photo drawn by us, with its truth.

    Attributes:
        image: (H, W, 3) BGR.
        strings: All its digit strings in reading order, photo frame.
    """

    image: ColorImage
    strings: tuple[StringTruth, ...]


def rectangle_corners(box: Box) -> Polygon:
    """A box as a polygon."""
    return (
        (box.x, box.y),
        (box.right, box.y),
        (box.right, box.bottom),
        (box.x, box.bottom),
    )


def move_truth(truth: StringTruth, photo_from_sheet: Homography) -> StringTruth:
    """Take a string's places from the sheet to the photo.

    Args:
        truth: In the sheet frame.
        photo_from_sheet: Takes sheet points to the photo.

    Returns:
        The same string in the photo frame; boxes bound their moved corners.
    """
    boxes = []
    for box in truth.digit_boxes:
        corners = np.array(_move_points(rectangle_corners(box), photo_from_sheet))
        low, high = corners.min(axis=0).tolist(), corners.max(axis=0).tolist()
        boxes.append(Box(low[0], low[1], high[0] - low[0], high[1] - low[1]))
    polygon = _move_points(truth.polygon, photo_from_sheet)
    return StringTruth(truth.text, truth.kind, polygon, tuple(boxes), truth.is_handwritten)


def _move_points(points: Polygon, homography: Homography) -> Polygon:
    moved = cv2.perspectiveTransform(np.array([points], np.float64), homography)[0]
    return tuple((round(x), round(y)) for x, y in moved.tolist())


def sort_for_reading(strings: Sequence[StringTruth]) -> tuple[StringTruth, ...]:
    """Rows from the top, each from the left; a string joins a row that its middle lies in."""
    rows: list[list[StringTruth]] = []
    for string in sorted(strings, key=_middle_y):
        first = rows[-1][0] if rows else None
        if first is not None and _middle_y(string) < max(y for _, y in first.polygon):
            rows[-1].append(string)
        else:
            rows.append([string])
    return tuple(string for row in rows for string in sorted(row, key=lambda s: s.polygon[0][0]))


def _middle_y(string: StringTruth) -> float:
    return sum(y for _, y in string.polygon) / len(string.polygon)
