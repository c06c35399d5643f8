"""A string's row in, pictures of it out: cut from the photo as it was read, or why that cannot be.

Only content that has been read before is decoded again: reading isolates each photo, and what was
read without harm is known by its checksum.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import OrderedDict
from collections.abc import Mapping
from itertools import islice
from pathlib import Path, PurePath
from threading import Lock
from typing import Any

from ocrdigits.batch.crops import cut_string
from ocrdigits.errors import InputError
from ocrdigits.names import printable_name
from ocrdigits.records import Photo
from ocrdigits.settings import LoadSettings
from ocrdigits.vision.load import load_photos, read_file
from ocrdigits.web.pictures import encode_picture

CROP_MARGIN_FRAC = 0.9
"""What a person sees around a string, of its height: its neighbours tell what it can be."""
_CROP_HEIGHT_PX = 240
_LABELLED_MARGIN_FRAC = 0.2
"""What networks see around a label: less, or a neighbour's digits would be in the picture."""


class PhotoShelf:
    """The photos of a job, the last ones decoded at hand."""

    def __init__(self, folder: Path, settings: LoadSettings, places: int = 3) -> None:
        """Find photos in `folder`; keep `places` of them decoded."""
        self._folder = folder
        self._settings = settings
        self._places = places
        self._pages: OrderedDict[tuple[bytes, int], Photo] = OrderedDict()
        self._lock = Lock()

    def page(self, row: Mapping[str, Any]) -> Photo:
        """The page that a string is on.

        Args:
            row: `path`, `sha256` and `page`.

        Raises:
            InputError: If the photo is gone, or no longer what was read.
        """
        key = (row["sha256"], row["page"])
        with self._lock:
            if key not in self._pages:
                self._pages[key] = self._load(os.fsdecode(row["path"]), *key)
                if len(self._pages) > self._places:
                    self._pages.popitem(last=False)
            self._pages.move_to_end(key)
            return self._pages[key]

    def _load(self, path: str, sha256: bytes, page: int) -> Photo:
        shown = printable_name(path)
        if PurePath(path).is_absolute() or ".." in PurePath(path).parts:
            raise InputError(f"{shown}: not in the folder of the photos; the store is damaged")
        content = read_file(self._folder / path, path)
        if hashlib.sha256(content).digest() != sha256:
            raise InputError(f"{shown}: no longer the photo that was read; run the batch again")
        try:
            return next(islice(load_photos(content, path, self._settings), page - 1, None))
        except StopIteration:
            raise InputError(f"{shown}: has no page {page}; run the batch again") from None


def draw_crop(photo: Photo, row: Mapping[str, Any]) -> bytes:
    """A string with what surrounds it, large, as JPEG."""
    polygon = json.loads(row["polygon"])
    return encode_picture(cut_string(photo, polygon, CROP_MARGIN_FRAC, _CROP_HEIGHT_PX), ".jpg")


def draw_label(photo: Photo, row: Mapping[str, Any]) -> bytes:
    """A string alone, as PNG, for networks to learn from."""
    return encode_picture(
        cut_string(photo, json.loads(row["polygon"]), _LABELLED_MARGIN_FRAC), ".png"
    )
