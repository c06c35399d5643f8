"""What the user named in, a list of sources in the same order out."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ocrdigits.errors import InputError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.vision.load import IMAGE_SUFFIX, MAX_FILE_BYTES

STDIN_NAME = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read, or the reason why there is none.

    Attributes:
        name: What the user called it; the `file` of the results.
        content: Where it is, its bytes if it came through standard input, or what is wrong.
        slug: Short name made of letters, digits and `-_.` that no other source has; names the
            pictures made of it.
    """

    name: str
    content: Path | bytes | InputError
    slug: str = "photo"


def expand_inputs(paths: Sequence[str], stdin: BinaryIO, *, recursive: bool) -> list[Source]:
    """List the sources that paths stand for.

    Args:
        paths: Files, folders, and `-` for one image on standard input.
        stdin: Standard input.
        recursive: Whether folders are searched to the bottom.

    Returns:
        Sources in the order of `paths`; a folder's own in natural order (2 before 10), its files
        before its sub-folders'. A missing file is a source too: reading it says so.

    Raises:
        UsageError: If `-` is named twice.
    """
    if list(paths).count(STDIN_NAME) > 1:
        raise UsageError("- (standard input) can be named only once")
    found: list[tuple[str, Path | bytes | InputError]] = []
    for path in paths:
        if path == STDIN_NAME:
            found.append((path, stdin.read(MAX_FILE_BYTES)))
        elif _is_folder(path):
            found.extend(_folder_sources(path, recursive=recursive))
        else:
            found.append((path, Path(path)))
    slugs = unique_slugs([name for name, _ in found])
    return [Source(name, content, slug) for (name, content), slug in zip(found, slugs, strict=True)]


def read_name_list(listing: str, stdin: BinaryIO) -> list[str]:
    """Read the names in a list of files.

    Args:
        listing: File with one name a line, or with NUL after each name as `find -print0` writes
            it; `-` for standard input.
        stdin: Standard input.

    Returns:
        The names, empty ones left out.

    Raises:
        UsageError: If the list cannot be read.
        InputError: If it names nothing.
    """
    try:
        content = stdin.read() if listing == STDIN_NAME else Path(listing).read_bytes()
    except (OSError, ValueError) as error:
        fact = getattr(error, "strerror", None) or str(error)
        message = f"{printable_name(listing)}: the list cannot be read ({fact}); check --files-from"
        raise UsageError(message) from error
    lines = (
        content.split(b"\0") if b"\0" in content else content.replace(b"\r\n", b"\n").split(b"\n")
    )
    names = [os.fsdecode(line) for line in lines if line]
    if not names:
        raise InputError(
            f"{printable_name(listing)}: the list names no files; put one on each line"
        )
    return names


def natural_key(name: str) -> tuple[list[tuple[int, int, str]], str]:
    """Sort key that puts `page2` before `page10`, whatever their case."""
    parts = re.findall(r"([0-9]+)|([^0-9]+)", name.casefold())
    return [(0, int(digits), "") if digits else (1, 0, other) for digits, other in parts], name


def unique_slugs(names: Sequence[str]) -> list[str]:
    """Derive a safe file name from each name, with a number where two would be the same.

    Args:
        names: Any names.

    Returns:
        One slug for each name, distinct even where upper and lower case are not told apart.
    """
    taken: set[str] = set()
    slugs = []
    for name in names:
        stem = "stdin" if name == STDIN_NAME else Path(name).stem
        base = re.sub(r"[^\w.-]+", "_", re.sub(r"[\ud800-\udfff]", "_", stem)).strip(".-_")[:60]
        slug, number = base or "photo", 1
        while slug.casefold() in taken:
            number += 1
            slug = f"{base or 'photo'}-{number}"
        taken.add(slug.casefold())
        slugs.append(slug)
    return slugs


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except (OSError, ValueError):
        return False


def _folder_sources(folder: str, *, recursive: bool) -> list[tuple[str, Path | InputError]]:
    files = list(walk_images(Path(folder), set(), recursive=recursive))
    if files:
        return [(str(path), content) for path, content in files]
    remedy = "add some" if recursive else "add some, or search its sub-folders with -r"
    fact = "no images in this folder"
    return [(folder, InputError(f"{printable_name(folder)}: {fact}; {remedy}"))]


def walk_images(
    folder: Path, seen: set[tuple[int, int]], *, recursive: bool
) -> Iterator[tuple[Path, Path | InputError]]:
    """Find the images of a folder.

    Args:
        folder: Where to look.
        seen: Device and inode of folders to pass by; grows by those visited, against link loops.
        recursive: Whether to search to the bottom.

    Yields:
        Each image twice, as its name and its place, or a folder that cannot be read and why; in
        natural order (2 before 10), a folder's files before its sub-folders.
    """
    try:
        status = folder.stat()
        if (status.st_dev, status.st_ino) in seen:
            return
        seen.add((status.st_dev, status.st_ino))
        with os.scandir(folder) as found:
            visible = [(it.name, _leads_to_folder(it)) for it in found if it.name[0] != "."]
    except OSError as error:
        fact = f"the folder cannot be read ({error.strerror})"
        yield folder, InputError(f"{printable_name(str(folder))}: {fact}; check its permissions")
        return
    visible.sort(key=lambda it: natural_key(it[0]))
    for name, is_folder in visible:  # paths are made one by one: there may be a million
        if not is_folder and IMAGE_SUFFIX.fullmatch(os.path.splitext(name)[1]):  # noqa: PTH122
            yield (path := folder / name), path
    for name, is_folder in visible if recursive else ():
        if is_folder:
            yield from walk_images(folder / name, seen, recursive=recursive)


def _leads_to_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a loop of links
        return False
