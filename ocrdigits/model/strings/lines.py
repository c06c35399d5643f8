"""Line images as the string network takes them: their frames, and which of them make a batch.

A line's answer must not depend on the lines read with it, so only lines of one width are read
together. Padding to fewer widths was slower: on one core larger batches save nothing (0.88 ms a
line unpadded, 0.90 ms padded to multiples of 16 px, 0.96 ms to 32 px).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import LINE_PX, LineImage

LineSample = tuple[LineImage, str]
"""A line and the text it shows."""

COLUMN_PX = 4
"""Width of a column of the network's maps; lines are multiples of it."""
FRAMES_PER_COLUMN = 2
"""Answers for each column: a frame is 2 px wide."""
FRAME_PX = COLUMN_PX // FRAMES_PER_COLUMN


def frame_count(width_px: int) -> int:
    """The frames of a line of this width."""
    return width_px // FRAME_PX


def stack_lines(lines: Sequence[LineImage], width_px: int) -> NDArray[np.float32]:
    """Put lines into one array, with paper to the right of each.

    Args:
        lines: (32, W) each, W at most `width_px`.
        width_px: Columns of the array.

    Returns:
        (N, 1, 32, width_px).
    """
    stacked = np.zeros((len(lines), 1, LINE_PX, width_px), np.float32)
    for row, line in zip(stacked, lines, strict=True):
        row[0, :, : line.shape[1]] = line
    return stacked


def group_by_width(lines: Sequence[LineImage]) -> dict[int, list[int]]:
    """Find the lines that make a batch.

    Args:
        lines: (32, W) each.

    Returns:
        Width → places in `lines`.

    Raises:
        ValueError: If a line has another height, type or a width that is no multiple of 4.
    """
    groups: dict[int, list[int]] = {}
    for place, line in enumerate(lines):
        require_line(line)
        groups.setdefault(line.shape[1], []).append(place)
    return groups


def require_line(line: LineImage) -> None:
    """Raise `ValueError` unless an array is a `LineImage`."""
    fits = line.ndim == 2 and line.shape[0] == LINE_PX and line.shape[1] > 0
    if not fits or line.shape[1] % COLUMN_PX or line.dtype != np.float32:
        raise ValueError(
            f"a line must be ({LINE_PX}, a multiple of {COLUMN_PX}) float32, "
            f"not {line.shape} {line.dtype}"
        )
