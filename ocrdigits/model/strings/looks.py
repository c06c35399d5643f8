"""A found line in, one of the two ways that reading looks at it out, so that both train."""

from __future__ import annotations

import numpy as np

from ocrdigits.model.compose.chance import toss
from ocrdigits.records import LineImage
from ocrdigits.vision.plain_line import FoundLine


def pick_look(rng: np.random.Generator, found: FoundLine) -> LineImage:
    """The line without its surroundings, or its place as it stands, by chance."""
    return found.plain.image if toss(rng) else found.line.image
