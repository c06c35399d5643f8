"""Readings for tests."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrdigits.assemble import ScoredLine
from ocrdigits.ctc import BLANK
from ocrdigits.records import (
    ALPHABET,
    Alternative,
    Box,
    CharacterReading,
    FieldReading,
    Kind,
    PhotoReading,
)
from ocrdigits.vision.line_crop import LineCrop


def field_reading(text: str = "0157", **changes) -> FieldReading:
    """A string at (10, 20), 30 × 40 pixels."""
    box = Box(10, 20, 30, 40)
    facts = {
        "text": text,
        "confidence": 0.987654,
        "accepted": True,
        "kind": Kind.LINE,
        "box": box,
        "polygon": ((10, 20), (40, 20), (40, 60), (10, 60)),
        "characters": (CharacterReading("0", 0.99999, Box(10, 20, 8, 40)),),
        "alternatives": (Alternative("0151", 0.012345),),
        "value": 157.0,
    }
    return FieldReading(**(facts | changes))


def photo_reading(*texts: str, file: str = "a.jpg", **changes) -> PhotoReading:
    """A 400 × 120 photo with these strings."""
    strings = tuple(field_reading(text) for text in texts)
    facts = {"file": file, "width": 400, "height": 120, "strings": strings, "seconds": 0.123456}
    return PhotoReading(**(facts | changes))


def overlap(a: Box, b: Box) -> float:
    """Intersection over union."""
    width = min(a.right, b.right) - max(a.x, b.x)
    height = min(a.bottom, b.bottom) - max(a.y, b.y)
    common = max(width, 0) * max(height, 0)
    return common / (a.width * a.height + b.width * b.height - common)


def line_of(text: str, apart: Sequence[int] | int = 8, *, left: int = 0) -> ScoredLine:
    """A line from `left` on in which a text is read, so many frames of two pixels apart."""
    steps = [apart] * (len(text) - 1) if isinstance(apart, int) else apart
    at = np.cumsum([4, *steps])
    scores = np.full((at[-1] + 4, len(ALPHABET) + 1), -20.0, np.float32)
    scores[:, BLANK] = -0.01
    for frame, character in zip(at, text, strict=True):
        scores[frame] = -20.0
        scores[frame, 1 + ALPHABET.index(character)] = -0.01
    place = np.array([[1.0, 0.0, left], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    image = np.zeros((32, 2 * len(scores)), np.float32)
    return ScoredLine(LineCrop(image, place), scores)
