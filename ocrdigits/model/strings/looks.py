"""The two ways to look at a string, each with a network of its own, and what trains them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.strings.handwriting import Span
from ocrdigits.records import LINE_PX, LineImage
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.line_crop import LineCrop
from ocrdigits.vision.plain_line import FoundLine

PAPER_SHARE = 0.12
"""Of the training crops get paper around them, as doubtful ones do when they are read."""

_LEAST_SEEN_PX = 8.0  # of 14.5 as it should be


class Look(Enum):
    """What a string network is shown."""

    INK = "ink"
    """The line alone, scaled by its digits: `normalize_line`."""
    PLAIN = "plain"
    """Its place in the crop as it stands: `plain_line`."""

    def image_of(self, found: FoundLine) -> LineImage:
        """A found line, looked at this way."""
        return found.line.image if self is Look.INK else found.plain.image

    def shows(self, found: FoundLine, spans: Sequence[Span]) -> bool:
        """Whether a string can be read this way: all its characters are seen, at a usual size.

        The plain look has to bear what went wrong with the line: characters that were erased, a
        scale that a neighbour's part decided. So it trains on such lines as well.

        Args:
            found: As found in a crop.
            spans: Left, top, right and bottom of each true character, in the crop's pixels.
        """
        line = found.line if self is Look.INK else found.plain
        if line.is_blank or not spans:
            return False
        low, high = _place_characters(line, spans)
        return _fill_line(low, high, line) if self is Look.INK else _are_seen(low, high, line)


_Points = NDArray[np.float64]
"""(N, 2) x, y in a line."""


def _place_characters(line: LineCrop, spans: Sequence[Span]) -> tuple[_Points, _Points]:
    """Upper left and lower right corners of characters."""
    line_from_crop = np.asarray(np.linalg.inv(line.crop_from_line), np.float64)
    boxes: NDArray[np.float64] = np.array(spans, np.float64)
    return map_points(boxes[:, :2], line_from_crop), map_points(boxes[:, 2:], line_from_crop)


def _is_tall(low: _Points, high: _Points) -> NDArray[np.bool_]:
    height = (high - low)[:, 1]
    return np.asarray(height > 0.55 * height.max())


def _fill_line(low: _Points, high: _Points, line: LineCrop) -> bool:
    """Whether all characters are inside a line that was scaled by its digits."""
    tall, middle, width = _is_tall(low, high), (low + high) / 2, line.image.shape[1]
    inside = (low[:, 0] > -3) & (high[:, 0] < width + 3)
    inside &= (high[:, 1] > 6) & (low[:, 1] < LINE_PX - 2)
    inside[tall] &= ((middle[:, 1] > 5) & (middle[:, 1] < LINE_PX - 5))[tall]
    return bool(inside.all() and 13 <= float(np.median((high - low)[tall, 1])) <= 31)


def _are_seen(low: _Points, high: _Points, line: LineCrop) -> bool:
    """Whether all characters are in the picture, however tightly it is cut, and none too small."""
    middle = (low + high) / 2
    inside = (middle > 0).all() and (middle < (line.image.shape[1], LINE_PX)).all()
    height = float(np.median((high - low)[_is_tall(low, high), 1]))
    return bool(inside and height >= _LEAST_SEEN_PX)
