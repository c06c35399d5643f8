"""A crop and its line in, whether a reflection may hide a digit out.

A lamp mirrored in glossy paper or in a display leaves a spot that is as white as can be, with
nothing in it. What stands beside is as clear as ever, and tells nothing of what is missing.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import LINE_PX, GrayImage
from ocrdigits.vision.enhance import background_window, estimate_paper
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.line_crop import CROP_ENHANCE, LineCrop
from ocrdigits.vision.rank import rank_value

_WHITE = 250  # grey level
_LIGHT_PAPER = 235  # paper as light as this is white itself
# Heights of a digit.
_LEAST_WIDTH, _LEAST_HEIGHT = 0.4, 0.5
_MOST = 3.0  # what is wider or higher is white paper
_BESIDE = 1.0  # a digit that stands next to the line


def hides_digit(gray: GrayImage, line: LineCrop) -> bool:
    """Whether a spot of glare as large as a digit lies on a line, or right beside it.

    Args:
        gray: (H, W) a crop, dark on light.
        line: Its line, in its frame.

    Returns:
        False where the paper is as white as glare.
    """
    if line.is_blank or gray.max() < _WHITE:
        return False
    corners = np.array([[0.0, 0.0], [line.image.shape[1], LINE_PX]])
    (left, top), (right, bottom) = map_points(corners, line.crop_from_line)
    digit, middle = line.digit_height, (top + bottom) / 2
    left, right = max(0, left - _BESIDE * digit), right + _BESIDE * digit
    paper = estimate_paper(gray, background_window(gray, CROP_ENHANCE))
    around = paper[max(0, int(top)) : int(bottom) + 1, int(left) : int(right) + 1]
    if not around.size or rank_value(around) >= _LIGHT_PAPER:
        return False
    white = gray >= _WHITE
    _, _, stats, _ = cv2.connectedComponentsWithStats(white.astype(np.uint8))
    x, y, width, height, area = stats[1:].T
    is_large = (width >= _LEAST_WIDTH * digit) & (height >= _LEAST_HEIGHT * digit)
    is_large &= np.maximum(width, height) <= _MOST * digit
    is_full = area >= 0.5 * width * height
    on_line = (y < middle) & (y + height > middle)
    near = (x < right) & (x + width > left)
    return bool((is_large & is_full & on_line & near).any())
