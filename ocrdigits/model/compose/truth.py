"""What a composed photo really says: digit strings, where they are, and how they move with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, ColorImage, Kind

Polygon = tuple[tuple[int, int], ...]
"""Corners (x, y), clockwise from the string's own top left."""
Move = Callable[[NDArray[np.float64]], NDArray[np.float64]]
"""Takes (N, 2) points of one frame to another."""


InkMap = NDArray[np.uint8]
"""(H, W) uint8: the `InkClass` of each pixel."""


class InkClass(IntEnum):
    """What a pixel shows."""

    GROUND = 0
    """Paper, its tint, the table."""
    DIGIT = 1
    SEPARATOR = 2
    """A dot, comma, dash or slash inside a digit string."""
    OTHER = 3
    """Letters, signs, signatures, stamps, logos."""
    RULE = 4
    """Ruled lines, frames, boxes."""


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
        ink: What each pixel of the photo shows; the table is ground.
        jpeg_quality: With which such a phone would save it.
    """

    image: ColorImage
    strings: tuple[StringTruth, ...]
    ink: InkMap | None = None
    jpeg_quality: int = 88


def rectangle_corners(box: Box) -> Polygon:
    """A box as a polygon."""
    return (
        (box.x, box.y),
        (box.right, box.y),
        (box.right, box.bottom),
        (box.x, box.bottom),
    )


def move_truth(truth: StringTruth, move: Move) -> StringTruth:
    """Take a string's places from the sheet to the photo.

    Args:
        truth: In the sheet frame.
        move: Takes sheet points to the photo.

    Returns:
        The same string in the photo frame; boxes bound their moved edges.
    """
    boxes = []
    for box in truth.digit_boxes:
        edge = move(_trace_edge(box))
        low, high = edge.min(axis=0), edge.max(axis=0)
        x, y = round(float(low[0])), round(float(low[1]))
        boxes.append(Box(x, y, round(float(high[0])) - x, round(float(high[1])) - y))
    polygon = _round_points(move(np.array(truth.polygon, np.float64)))
    return StringTruth(truth.text, truth.kind, polygon, tuple(boxes), truth.is_handwritten)


def _trace_edge(box: Box) -> NDArray[np.float64]:
    """Corners and the middles between them: a bent side bulges beyond its ends."""
    corners = np.array(rectangle_corners(box), np.float64)
    return np.concatenate([corners, (corners + np.roll(corners, 1, axis=0)) / 2])


def _round_points(points: NDArray[np.float64]) -> Polygon:
    return tuple((round(x), round(y)) for x, y in points.tolist())


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
