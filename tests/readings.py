"""Readings for tests."""

from __future__ import annotations

from ocrdigits.records import (
    Alternative,
    Box,
    CharacterReading,
    FieldReading,
    Kind,
    PhotoReading,
)


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
