"""What pages may be made with: the writers' typefaces and, if there are any, real digits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.errors import InputError
from ocrdigits.model.compose.fonts import expand_typefaces
from ocrdigits.model.compose.hand.digitstock import DigitStock, load_stock
from ocrdigits.model.compose.hand.handfaces import BUNDLED_HAND_FACES


@dataclass(frozen=True, slots=True)
class Supplies:
    """Sources of handwriting; strokes drawn by the project itself need none.

    Attributes:
        hand_faces: Handwriting typefaces.
        digits: Real digits.
        face_share: How many of the writers without real digits write in a typeface.
        digits_share: How many of the writers have real digits, where there are any.
    """

    hand_faces: tuple[Path, ...] = BUNDLED_HAND_FACES
    digits: DigitStock | None = None
    face_share: float = 0.4
    digits_share: float = 0.6


def load_supplies(fonts: Sequence[Path] = (), digits: Path | None = None) -> Supplies:
    """Gather what a user gives.

    Args:
        fonts: Handwriting typefaces, or folders of them, to use besides the bundled ones.
        digits: Folder of training digits, as `load_training_sets` takes it.

    Returns:
        The supplies.

    Raises:
        InputError: If there is no typeface or no digit where one is said to be.
    """
    faces = tuple(expand_typefaces(fonts))
    missing = next((path for path in (*fonts, *faces) if not path.exists()), None)
    if missing is not None or (fonts and not faces):
        raise InputError(f"{missing or fonts[0]}: no typeface there; give .ttf or .otf files")
    stock = None if digits is None else load_stock(digits)
    return Supplies(BUNDLED_HAND_FACES + faces, stock)
