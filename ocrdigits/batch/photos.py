"""A folder in, the photos in it out: in a fixed order, each with the size and times it has now."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.errors import InputError
from ocrdigits.inputs import walk_images
from ocrdigits.names import printable_name


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells at a glance that a file has changed.

    Attributes:
        size: Bytes; -1 if the file cannot be looked at.
        mtime_ns: When its content was last changed, by the file system's word.
        ctime_ns: When its content, name or rights were; no program can set it back.
    """

    size: int
    mtime_ns: int
    ctime_ns: int

    @property
    def numbers(self) -> tuple[int, int, int]:
        """All of it, in this order."""
        return self.size, self.mtime_ns, self.ctime_ns


@dataclass(frozen=True, slots=True)
class Found:
    """A photo in a folder, or a sub-folder that cannot be searched.

    Attributes:
        path: Relative to the folder.
        stamp: Size and times.
        error: Why the sub-folder cannot be searched, without its name; None for a photo.
    """

    path: str
    stamp: Stamp
    error: str | None = None


def stamp_file(path: Path) -> Stamp:
    """Look at a file, never into it."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return Stamp(-1, 0, 0)
    return Stamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def find_photos(folder: Path, apart: Iterable[Path] = ()) -> Iterator[Found]:
    """List a folder to the bottom.

    Args:
        folder: Where the photos are.
        apart: Folders in it that hold no photos but pictures that this program makes.

    Yields:
        Its photos in natural order (2 before 10), a folder's own before its sub-folders'.

    Raises:
        InputError: If the folder is missing, cannot be searched or holds no photo at all.
    """
    shown = printable_name(str(folder))
    if not folder.is_dir():
        fact = "not a folder" if folder.exists() else "no such folder"
        raise InputError(f"{shown}: {fact}; name the folder that holds the photos")
    seen = {(it.st_dev, it.st_ino) for it in (path.stat() for path in apart if path.is_dir())}
    empty = True
    for path, content in walk_images(folder, seen, recursive=True):
        if isinstance(content, InputError):
            if path == folder:
                raise content
            error = str(content).removeprefix(f"{printable_name(str(path))}: ")
            yield Found(str(path.relative_to(folder)), Stamp(-1, 0, 0), error)
        else:
            yield Found(str(path.relative_to(folder)), stamp_file(path))
        empty = False
    if empty:
        raise InputError(f"{shown}: no images in this folder or below; add some")


def stable_slug(path: str) -> str:
    """A safe file name for pictures made of a photo: the same whatever else is in the folder.

    Args:
        path: Of the photo, relative to the folder.

    Returns:
        Letters, digits and `-_.`, up to 71 characters; different for different paths.
    """
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "_", Path(path).stem).strip(".-_")[:60]
    mark = hashlib.sha256(path.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    return f"{stem or 'photo'}-{mark}"
