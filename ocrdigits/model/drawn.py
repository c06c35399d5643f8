"""Drawn characters as training cells: printed digits, and letters and signs that are no digits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ocrdigits.model.compose.glyphs import draw_printed_cells, draw_stroke_cells
from ocrdigits.model.data import DigitSet
from ocrdigits.records import NOT_A_DIGIT, Coverage
from ocrdigits.vision.normalize import center_digit

DIGITS = "0123456789"
NON_DIGITS = "ACEFHJKMNRVWXacdefkmnrtvwx#$%*+=?@€£()[]:;<>~^"
"""Characters that nobody takes for a digit once they are centred.

O, I, S, Z, B, g, q, & and others that somebody does are left out: P and p are some writers' 9,
T a 5 whose bow is short, u, h, y and Y an open 4.
"""


def draw_sets(count: int, seed: int = 0, font_paths: Sequence[Path] = ()) -> list[DigitSet]:
    """Draw printed and handwritten characters.

    Args:
        count: Printed digits; half as many signs are printed, a quarter is handwritten.
        seed: The same seed gives the same cells.
        font_paths: Further typefaces, or folders of them.

    Returns:
        Printed digits, and non-digits.
    """
    rng = np.random.default_rng(seed)
    digits, texts = draw_printed_cells(rng, count, DIGITS, font_paths)
    printed = DigitSet(
        "drawn: printed digits", _center_all(digits), np.array([int(text) for text in texts])
    )
    signs = draw_printed_cells(rng, count // 2, NON_DIGITS, font_paths)[0]
    signs += draw_stroke_cells(rng, count // 4, NON_DIGITS)[0]
    labels = np.full(len(signs), NOT_A_DIGIT, np.int64)
    return [printed, DigitSet("drawn: letters and signs", _center_all(signs), labels)]


def _center_all(crops: Sequence[Coverage]) -> np.ndarray:
    return np.stack([center_digit(crop) for crop in crops])
