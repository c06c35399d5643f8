"""A place in, the photos there out, in the order of the local job."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ocrdigits.batch.cluster.place import Entry, Place
from ocrdigits.batch.photos import find_photos
from ocrdigits.errors import InputError
from ocrdigits.inputs import natural_key
from ocrdigits.names import printable_name
from ocrdigits.vision.load import IMAGE_SUFFIX, MAX_FILE_BYTES


@dataclass(frozen=True, slots=True)
class Listed:
    """A photo, or a sub-folder that cannot be searched.

    Attributes:
        path: Relative to the place.
        stamp: Changes when the photo does.
        error: Why it is not read, without its name; None for photos.
    """

    path: str
    stamp: str
    error: str | None = None


def list_photos(place: Place) -> list[Listed]:
    """List a place to the bottom.

    Args:
        place: Where the photos are.

    Returns:
        Its photos in natural order (2 before 10), a folder's own before its sub-folders'.

    Raises:
        InputError: If it holds no photo.
        OutputError: If it cannot be listed.
    """
    if place.local is not None:
        return [
            Listed(it.path, ",".join(map(str, it.stamp.numbers)), it.error)
            for it in find_photos(place.local)
        ]
    listed = list(_remote(place))
    if not listed:
        shown = printable_name(place.url)
        raise InputError(f"{shown}: no such folder, or no images in it or below; check the URL")
    return sorted(listed, key=lambda it: _order(it.path))


def _remote(place: Place) -> Iterator[Listed]:
    for entry in place.entries():
        path = PurePosixPath(entry.path)
        is_hidden = any(part.startswith(".") for part in path.parts)
        if not is_hidden and IMAGE_SUFFIX.fullmatch(path.suffix):
            yield Listed(entry.path, f"{entry.size},{entry.version}", _fault(entry))


def _fault(entry: Entry) -> str | None:
    is_large = entry.size > MAX_FILE_BYTES
    return "the file is larger than 1 GiB; split or shrink it" if is_large else None


def _order(path: str) -> list[tuple[int, tuple[list[tuple[int, int, str]], str]]]:
    """A folder's photos before its sub-folders."""
    *folders, name = PurePosixPath(path).parts
    return [*((1, natural_key(folder)) for folder in folders), (0, natural_key(name))]
