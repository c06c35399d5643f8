"""The two ways to look at a string, each with a network of its own, and what trains them."""

from __future__ import annotations

from enum import Enum

from ocrdigits.records import LineImage
from ocrdigits.vision.plain_line import FoundLine


class Look(Enum):
    """What a string network is shown."""

    INK = "ink"
    """The line alone, scaled by its digits: `normalize_line`."""
    PLAIN = "plain"
    """Its place in the crop as it stands: `plain_line`."""

    def image_of(self, found: FoundLine) -> LineImage:
        """A found line, looked at this way."""
        return found.line.image if self is Look.INK else found.plain.image
