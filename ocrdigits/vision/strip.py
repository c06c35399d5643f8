"""A field's ink in, the strip out that the glance at it sees: of one height, whatever its size."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Coverage

STRIP_PX = 24
"""Height of a strip."""
STEP_PX = 4
"""Columns of a strip that share an answer; its width is a multiple of this."""
WIDEST_PX = 960
"""Wider fields are squeezed: forty times as wide as high, they are lines of many words."""

Strip = NDArray[np.float32]
"""(24, W) float32, paper 0 and ink up to 1, W a multiple of 4."""


def make_strip(coverage: Coverage) -> Strip:
    """Bring a field's ink to the height of a strip.

    Args:
        coverage: (H, W) darkness of the ink.

    Returns:
        The strip; blank on the right where its width was made up to the next multiple of 4.
    """
    height, width = coverage.shape
    width_px = min(max(1, round(width * STRIP_PX / height)), WIDEST_PX)
    method = cv2.INTER_AREA if height > STRIP_PX else cv2.INTER_LINEAR
    body = cv2.resize(coverage, (width_px, STRIP_PX), interpolation=method)
    darkest = float(body.max())
    strip = np.zeros((STRIP_PX, -(-width_px // STEP_PX) * STEP_PX), np.float32)
    strip[:, :width_px] = body / darkest if darkest > 0 else body
    return strip


def stack_strips(strips: Sequence[Strip], width_px: int) -> NDArray[np.float32]:
    """Strips as a network takes them, with paper on their right.

    Args:
        strips: (24, W) each.
        width_px: Columns of each afterwards, at least as many as it has.

    Returns:
        (N, 1, 24, width_px).
    """
    stacked = np.zeros((len(strips), 1, STRIP_PX, width_px), np.float32)
    for place, strip in enumerate(strips):
        stacked[place, 0, :, : strip.shape[1]] = strip
    return stacked
