"""A normalised line in, the same line leaning a little more or less out."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import LINE_PX, LineImage


def lean_line(line: LineImage, lean: float) -> LineImage:
    """Shear a line about its middle row, so that its columns stay where they are.

    Args:
        line: (32, W).
        lean: Shift to the right per pixel of height.

    Returns:
        (32, W).
    """
    middle = (LINE_PX - 1) / 2
    shear = np.array([[1.0, -lean, lean * middle], [0.0, 1.0, 0.0]])
    leaning = cv2.warpAffine(line, shear, (line.shape[1], LINE_PX), flags=cv2.INTER_LINEAR)
    return np.asarray(leaning, np.float32)
