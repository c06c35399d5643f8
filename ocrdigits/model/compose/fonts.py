"""Typefaces: where they are found, and one character of one of them as ink coverage."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import ImageFont

from ocrdigits.errors import MissingExtraError
from ocrdigits.records import Coverage

_NO_LETTERS = ("Display", "Resort", "cmex", "cmsy", "NonUni", "STIXSiz")
_NOWHERE = "\U0010fffe"  # a code point without a character: shows how a typeface draws "missing"


def bundled_typefaces() -> list[Path]:
    """Free typefaces that come with matplotlib: DejaVu, STIX and Computer Modern.

    Returns:
        Their files in the order of their names.

    Raises:
        MissingExtraError: If matplotlib is not installed.
    """
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise MissingExtraError("drawing printed text", "train")
    folder = Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"
    return [path for path in sorted(folder.glob("*.ttf")) if not _is_symbol_face(path)]


def system_typefaces(folders: Iterable[Path] = (Path("/usr/share/fonts"),)) -> list[Path]:
    """Typefaces under some folders, by default those of a Linux system."""
    found = (path for folder in folders for path in sorted(folder.rglob("*.[to]tf")))
    return [path for path in found if not _is_symbol_face(path)]


def _is_symbol_face(path: Path) -> bool:
    return any(part in path.name for part in _NO_LETTERS)


def expand_typefaces(paths: Sequence[Path]) -> list[Path]:
    """Replace folders by the typefaces below them."""
    files: list[Path] = []
    for path in paths:
        files.extend(system_typefaces([path]) if path.is_dir() else [path])
    return files


def bundled_typeface(name: str) -> Path:
    """The file of one bundled typeface, e.g. `DejaVuSans-Bold`.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ValueError: If it holds no such typeface.
    """
    for path in bundled_typefaces():
        if path.stem == name:
            return path
    raise ValueError(f"matplotlib has no typeface {name}")


@lru_cache(maxsize=512)
def load_typeface(path: Path, size_px: int) -> ImageFont.FreeTypeFont:
    """A typeface at a size; kept, since opening one takes longer than drawing with it."""
    return ImageFont.truetype(str(path), size_px)


@lru_cache(maxsize=16384)
def render_character(path: Path, character: str, size_px: int) -> Coverage | None:
    """Draw one character.

    Args:
        path: The typeface.
        character: What to draw.
        size_px: Size of the typeface.

    Returns:
        (h, w) coverage, cropped to the ink; None if the typeface lacks the character.
    """
    face = load_typeface(path, size_px)
    mask, missing = face.getmask(character, mode="L"), face.getmask(_NOWHERE, mode="L")
    if mask.size[0] * mask.size[1] == 0 or bytes(mask) == bytes(missing):
        return None
    gray = np.frombuffer(bytes(mask), np.uint8).reshape(mask.size[1], mask.size[0])
    rows, columns = np.flatnonzero(gray.any(axis=1)), np.flatnonzero(gray.any(axis=0))
    if not len(rows):
        return None
    crop = gray[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    coverage: Coverage = crop.astype(np.float32) / np.float32(255)
    return coverage
