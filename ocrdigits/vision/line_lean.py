"""A line in, the same line leaning out."""

from __future__ import annotations

import math

import cv2
import numpy as np

from ocrdigits.records import LINE_PX, LineImage
from ocrdigits.vision.line_crop import MIDDLE_PX


def lean_line(image: LineImage, lean: float) -> LineImage:
    """Lean a line to the right, or to the left.

    Args:
        image: (32, W) the line, upright; paper 0.
        lean: Pixels to the right for each pixel up.

    Returns:
        (32, W + 2p): p columns more on either side, so that nothing is lost; p a multiple of 4.
    """
    beside = 4 * math.ceil(abs(lean) * LINE_PX / 8)
    back = np.array([[1.0, lean, -lean * MIDDLE_PX - beside], [0.0, 1.0, 0.0]])
    size = image.shape[1] + 2 * beside, LINE_PX
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(image, back, size, flags=flags), np.float32)
