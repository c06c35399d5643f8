"""A crop's line and what was read in it in, whether its edges may have cost a digit out.

A 1 along the edge of a tight crop looks like a rule, or like a part of the neighbour's number, and
a string reader that learnt to leave those out is sure of the rest. Rules and frames are higher
than the digits, and most parts of neighbours do not stand on the line.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.assemble import ScoredLine
from ocrdigits.records import LINE_PX, LineImage
from ocrdigits.vision.geometry import map_points

# Heights of a digit, but for the first one.
_INK = 0.4
_LOWEST, _HIGHEST = 0.5, 1.3
_MOST_OFF_LINE = 0.35
_NEAREST, _FARTHEST = 0.75, 2.75  # from the middle of the outermost character
_NARROWEST_PX = 2
_TIGHT = 0.6  # of a crop's height


def leaves_digit(scored: ScoredLine) -> bool:
    """Whether something as high as a digit stands on the line, beside all that was read.

    So it does in one of twenty sure crops that were held out (584: logbooks and drawn ones, as
    they are and cut tightly), mostly where nothing is amiss.

    Args:
        scored: Of a crop.

    Returns:
        False also where nothing was read, or nobody looked at the crop as it stands.
    """
    if scored.plain is None:
        return False
    look, path = scored.plain.line, scored.plain.scores.argmax(axis=1)
    read = np.flatnonzero(path)
    if not len(read):
        return False
    digit = scored.line.digit_height
    wide, high = digit / look.crop_from_line[0, 0], digit / look.crop_from_line[1, 1]
    center = np.array([[scored.line.image.shape[1] / 2, LINE_PX / 2]])
    look_from_line = np.linalg.inv(look.crop_from_line) @ scored.line.crop_from_line
    middle = float(map_points(center, np.asarray(look_from_line, np.float64))[0, 1])
    frame_px = scored.plain.frame_px
    first, last = (read[0] + 0.5) * frame_px, (read[-1] + 0.5) * frame_px
    sides = (
        (first - _FARTHEST * wide, first - _NEAREST * wide),
        (last + _NEAREST * wide, last + _FARTHEST * wide),
    )
    return any(
        _holds_digit(look.image[:, max(0, int(start)) : max(0, int(stop))], middle, high)
        for start, stop in sides
    )


def is_cut_tightly(scored: ScoredLine, crop_height_px: int) -> bool:
    """Whether the digits of a line nearly fill the height of their crop."""
    return scored.line.digit_height >= _TIGHT * crop_height_px


def _holds_digit(part: LineImage, middle: float, high: float) -> bool:
    """Whether a piece of ink is as high as a digit and stands as high as the line."""
    if part.shape[1] < _NARROWEST_PX:
        return False
    ink = np.asarray(part > _INK, np.uint8)
    stats = cv2.connectedComponentsWithStats(ink)[2][1:]  # x, y, width, height, area; no ground
    heights = stats[:, 3] / high
    off_line = np.abs(stats[:, 1] + stats[:, 3] / 2 - middle) / high
    fits = (heights >= _LOWEST) & (heights <= _HIGHEST) & (off_line < _MOST_OFF_LINE)
    return bool((fits & (stats[:, 2] >= _NARROWEST_PX)).any())
