"""Handwriting typefaces: a file and a character in, the character's imprint out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import ImageFont

from ocrdigits.model.compose.fonts import load_typeface
from ocrdigits.model.compose.hand.imprint import Imprint, make_imprint
from ocrdigits.model.compose.sheet import as_coverage

_MASTER_PX = 180
_NOWHERE = "\U0010fffe"  # a code point without a character: shows how a typeface draws "missing"
_FOLDER = Path(__file__).parent / "faces"

BUNDLED_HAND_FACES: tuple[Path, ...] = tuple(sorted(_FOLDER.glob("*.ttf")))
"""Typefaces that come with the package; the licence of each lies beside it."""


@lru_cache(maxsize=128)
def unit_px(path: Path, *, of_digits: bool) -> float:
    """What counts as one high at the size at which imprints are made.

    Some typefaces have digits hardly higher than small letters; people do not write numbers on
    forms like that. Digits are always one high, letters are as large as leaves capitals sensible.
    """
    face = load_typeface(path, _MASTER_PX)

    def height(characters: str) -> float:
        boxes = [face.getbbox(character, anchor="ls") for character in characters]
        return float(np.mean([bottom - top for _, top, _, bottom in boxes]))

    digits = height("0123456789")
    return digits if of_digits else max(digits, 0.85 * height("ABDEHLMNRT"))


@lru_cache(maxsize=4096)
def glyph_imprint(path: Path, character: str) -> Imprint | None:
    """One character of a typeface.

    Args:
        path: The typeface.
        character: Which.

    Returns:
        Its imprint, or None if the typeface lacks it.
    """
    face = load_typeface(path, _MASTER_PX)
    if is_missing(face, character):
        return None
    mask, (left, top) = face.getmask2(character, mode="L", anchor="ls")
    columns, rows = mask.size
    if columns * rows == 0:
        return None
    shape = as_coverage(np.frombuffer(bytes(mask), np.uint8).reshape(rows, columns))
    scale = unit_px(path, of_digits=character.isdecimal())
    return make_imprint(shape, scale, left, top, face.getlength(character) / scale)


def is_missing(face: ImageFont.FreeTypeFont, character: str) -> bool:
    """Whether a typeface draws its sign for "missing" in place of a character."""
    mask, missing = face.getmask(character, mode="L"), face.getmask(_NOWHERE, mode="L")
    return mask.size == missing.size and bytes(mask) == bytes(missing)
