"""Where characters of a line lie: spans of columns in, boxes of their ink in the crop out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, LineImage
from ocrdigits.vision.components import bounding_box

_INK = 0.3  # a pixel darker than this share of the pen is ink
_REACH_PX = 20  # half a wide digit, and some: further out is another's ink


def box_characters(line: LineImage, spans: Sequence[tuple[float, float]]) -> list[Box]:
    """Find the ink of each character.

    The string reader says where in a character it is sure of it, often in a few columns; the cut
    between two goes through the column with the least ink.

    Args:
        line: (32, W) the line.
        spans: First column and the one past the last of each character, left to right.

    Returns:
        One box a character, in pixels of the line.
    """
    if not spans:
        return []
    height, width = line.shape
    columns = line.sum(axis=0)  # (W,)
    middles = [(start + stop) / 2 for start, stop in spans]
    cuts = [_least_ink(columns, a, b) for a, b in pairwise(middles)]
    first = max(0, round(middles[0]) - _REACH_PX)
    last = min(width, round(middles[-1]) + _REACH_PX)
    bounds = [first, *cuts, last]
    return [
        _around_ink(line, left, max(left + 1, right), height) for left, right in pairwise(bounds)
    ]


def _least_ink(columns: NDArray[np.float32], left: float, right: float) -> int:
    """The column with the least ink between two characters, the middle one of several."""
    start, stop = round(left), max(round(left) + 1, round(right) + 1)
    between = columns[start:stop]
    if not len(between):
        return start
    least = np.flatnonzero(between <= between.min() + 1e-3)
    return start + int(least[len(least) // 2])


def _around_ink(line: LineImage, left: int, right: int, height: int) -> Box:
    box = bounding_box(line[:, left:right] > _INK)
    if not box.width:
        return Box(left, 0, right - left, height)
    return replace(box, x=left + box.x)
