"""Real single digits: training sets in, digits of one invented writer's manner out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.errors import InputError
from ocrdigits.model.compose.hand.imprint import Imprint, make_imprint
from ocrdigits.model.data import DigitSet, load_training_sets
from ocrdigits.records import CELL_PX, NOT_A_DIGIT

_CHUNK = 4096
_BODY_PX = 20.0  # the longer side of a digit in its cell
_UP = 4  # cells are enlarged this much before their edge is traced
_LOOKED_AT = 300  # digits of a class among which those of one manner are sought
_FORMS = 4  # digits of each class that one writer has


@dataclass(frozen=True, slots=True)
class DigitStock:
    """Many real digits, by class and source.

    Attributes:
        cells: (N, 28, 28) uint8, white ink on black.
        labels: (N,) 0 to 9.
        sources: (N,) number of the set that each comes from.
        looks: (N, 49) uint8, the cells at 7×7.
    """

    cells: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    sources: NDArray[np.uint8]
    looks: NDArray[np.uint8]

    def __post_init__(self) -> None:
        if self.cells.shape[1:] != (CELL_PX, CELL_PX) or self.cells.dtype != np.uint8:
            raise ValueError(f"cells must be uint8 (N, 28, 28), not {self.cells.shape}")


@dataclass(frozen=True, slots=True)
class DigitManner:
    """One writer's digits.

    Attributes:
        forms: Digit, a few imprints of it that look alike, upright.
        stroke_frac: Width of their strokes, in heights of a digit.
    """

    forms: Mapping[str, tuple[Imprint, ...]]
    stroke_frac: float

    def pick(self, rng: np.random.Generator, digit: str) -> Imprint:
        """One of a digit's imprints."""
        forms = self.forms[digit]
        return forms[int(rng.integers(len(forms)))]


def load_stock(folder: Path) -> DigitStock:
    """Load the training parts of all sets in a folder.

    Args:
        folder: As for `load_training_sets`.

    Returns:
        The stock; "not a digit" is left out.

    Raises:
        InputError: If the folder holds no digits, or a class is missing.
    """
    return stock_digits(load_training_sets(folder), str(folder))


def stock_digits(sets: list[DigitSet], name: str = "digits") -> DigitStock:
    """Make a stock of sets that are already loaded; `name` is for messages.

    Raises:
        InputError: If a class is missing.
    """
    kept = [np.flatnonzero(digits.labels < NOT_A_DIGIT) for digits in sets]
    labels = np.concatenate([s.labels[keep] for s, keep in zip(sets, kept, strict=True)])
    missing = sorted(set(range(10)) - set(labels.tolist()))
    if missing:
        raise InputError(f"{name}: no digit {missing[0]} among the cells; each class is needed")
    cells = np.empty((len(labels), CELL_PX, CELL_PX), np.uint8)
    looks = np.empty((len(labels), 49), np.uint8)
    done = 0
    for digits, keep in zip(sets, kept, strict=True):
        for part in np.array_split(keep, len(keep) // _CHUNK + 1):
            whole = digits.cells[part] * np.float32(255)
            coarse = whole.reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4))
            cells[done : done + len(part)] = whole
            looks[done : done + len(part)] = coarse.reshape(-1, 49)
            done += len(part)
    sources = np.repeat(np.arange(len(sets)), [len(keep) for keep in kept])
    return DigitStock(cells, labels.astype(np.uint8), sources.astype(np.uint8), looks)


def sample_manner(rng: np.random.Generator, stock: DigitStock) -> DigitManner:
    """Invent a writer out of real digits: for each class one digit and its likes, from one set.

    Args:
        rng: Source of chance.
        stock: The digits.

    Returns:
        The writer's digits.
    """
    source = int(stock.sources[int(rng.integers(len(stock.sources)))])
    heavy = float(rng.uniform(0.25, 0.75))  # everything by a pen of about the same width
    forms = {str(digit): _sample_forms(rng, stock, digit, (source, heavy)) for digit in range(10)}
    strokes = [imprint.stroke_frac for imprints in forms.values() for imprint in imprints]
    return DigitManner(forms, float(np.median(strokes)))


def _sample_forms(
    rng: np.random.Generator, stock: DigitStock, digit: int, manner: tuple[int, float]
) -> tuple[Imprint, ...]:
    source, heavy = manner
    of_class = stock.labels == digit
    members = np.flatnonzero(of_class & (stock.sources == source))
    if len(members) < _FORMS:  # the set lacks the class
        members = np.flatnonzero(of_class)
    seen = rng.choice(members, min(_LOOKED_AT, len(members)), replace=False)
    looks = stock.looks[seen].astype(np.float32)
    ink = looks.sum(axis=1)
    middle = np.argsort(np.abs(ink - np.quantile(ink, heavy)))[: max(1, len(seen) // 10)]
    chosen = int(middle[int(rng.integers(len(middle)))])
    likes = np.argsort(np.square(looks - looks[chosen]).sum(axis=1))[:_FORMS]
    imprints = (trace_cell(stock.cells[k]) for k in seen[likes].tolist())
    return tuple(imprint for imprint in imprints if imprint is not None)


def trace_cell(cell: NDArray[np.uint8]) -> Imprint | None:
    """Take a digit out of its cell: upright, on the baseline, its edge traced.

    Args:
        cell: (28, 28) uint8, white ink on black.

    Returns:
        Its imprint; None for an empty cell.
    """
    moments = cv2.moments(cell)
    if moments["m00"] == 0:
        return None
    slant = float(np.clip(moments["mu11"] / max(moments["mu02"], 1e-6), -0.9, 0.9))
    middle = moments["m01"] / moments["m00"]
    side = CELL_PX * _UP
    # (x, y) of the large picture looks up (x / _UP + slant · (y / _UP - middle), y / _UP).
    back = np.array([[1 / _UP, slant / _UP, -slant * middle], [0, 1 / _UP, 0]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    large = cv2.warpAffine(cell.astype(np.float32), back, (side, side), flags=flags)
    # Half the usual darkness is the edge: thin strokes are nowhere as dark as the darkest spot.
    usual = float(np.median(cell[cell > 0.25 * cell.max()]))
    shape = cv2.GaussianBlur(large, (0, 0), 0.3 * _UP) / np.float32(usual)
    rows, columns = (np.flatnonzero((shape > 0.5).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    body = shape[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return make_imprint(body, _BODY_PX * _UP, 0, -len(rows))
