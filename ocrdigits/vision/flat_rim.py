"""A crop in, the same crop without the even rim that somebody put around it out.

Crops are padded to a common size with one grey, or cut from screens whose ground goes on around
them; the step where the paper begins would pass for a frame, and its grey for the paper's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, GrayImage

_EVEN = 8  # grey levels that a rim's pixels differ by at most, after JPEG
_LEAST_STEP = 12  # grey levels from a rim to what it surrounds
_SAME = 0.1  # share of the crop's border that may look like the rim: paper that goes on has more
_LEAST_PX = 12
_LEAST_RIM = 0.1  # of the crop's short side; what is narrower is the edge of a cell
_NARROWEST = 0.5  # of its height: what is narrower may be a 1 on its own ground


def inside_rim(gray: GrayImage) -> Box:
    """Find what an even rim surrounds.

    Args:
        gray: (H, W) a crop.

    Returns:
        Its part within the rim; the whole crop where there is none, or where it may be the ground
        on which the writing stands.
    """
    height, width = gray.shape
    whole = Box(0, 0, width, height)
    left, right = _even_columns(gray), _even_columns(gray[:, ::-1])
    top, bottom = _even_columns(gray.T), _even_columns(gray[::-1].T)
    inner = Box(left, top, width - left - right, height - top - bottom)
    is_rim = max(left, right, top, bottom) >= _LEAST_RIM * min(height, width)
    if inner == whole or not is_rim or min(inner.width, inner.height) < _LEAST_PX:
        return whole
    if inner.width < _NARROWEST * inner.height:
        return whole
    part = gray[inner.y : inner.bottom, inner.x : inner.right].astype(np.int16)
    borders = [
        (left, part[:, 0], gray[:, 0]), (right, part[:, -1], gray[:, -1]),
        (top, part[0], gray[0]), (bottom, part[-1], gray[-1]),
    ]  # fmt: skip
    steps = [np.abs(line - int(rim[0])) for depth, line, rim in borders if depth]
    return inner if all((step < _LEAST_STEP).mean() <= _SAME for step in steps) else whole


def _even_columns(gray: NDArray[np.uint8]) -> int:
    """Columns on the left that are all of one grey."""
    first = int(gray[0, 0])
    uneven = np.abs(gray.astype(np.int16) - first).max(axis=0) > _EVEN
    return int(uneven.argmax()) if uneven.any() else 0
