"""Results of an evaluation in, the strings read wrong and their pictures out."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrdigits.errors import InputError, MissingExtraError
from ocrdigits.model.compare import StringResult
from ocrdigits.model.figures import PhotoResult
from ocrdigits.records import FieldReading
from ocrdigits.settings import LoadSettings
from ocrdigits.vision.load import load_photos


def list_mistakes(photos: Sequence[PhotoResult]) -> list[tuple[PhotoResult, StringResult]]:
    """The labelled strings whose digits were read wrong, the surest first, then the missed."""
    wrong = [(p, s) for p in photos for s in p.comparison.strings if not s.is_right]
    return sorted(wrong, key=lambda it: -(it[1].reading.confidence if it[1].reading else -1))


def open_photo(path: Path) -> Image.Image | None:
    """The photo as a viewer shows it, through the gate that reading has; None if that refuses."""
    with contextlib.suppress(InputError, MissingExtraError):
        photo = next(load_photos(path, path.name, LoadSettings()))
        return Image.fromarray(np.ascontiguousarray(photo.image[:, :, ::-1]))
    return None


def picture_of(photo: Image.Image | None, reading: FieldReading | None) -> NDArray[np.uint8]:
    """The string's place in its photo with as much around it as it is high; else the photo."""
    if photo is None:
        return np.full((20, 40), 235, dtype=np.uint8)
    if reading is None:
        return np.asarray(photo, dtype=np.uint8)
    box, margin = reading.box, max(reading.box.height, 8)
    corners = (
        max(box.x - margin, 0),
        max(box.y - margin, 0),
        min(box.right + margin, photo.width),
        min(box.bottom + margin, photo.height),
    )
    return np.asarray(photo.crop(corners), dtype=np.uint8)
