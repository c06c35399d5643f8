"""Labelled grids of one-digit cells and readings in, what became of every cell and grid out.

In `labels.csv` `|` separates the rows of a grid, every character is a cell, and `0` is blank. Cells
are compared where they stand; of several tables the first, the largest, is the one that is meant.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compare import Comparison, Outcome, StringResult
from ocrdigits.records import FieldReading, PhotoReading

_BLANK = "0"
_ZERO = "digit 0"


class GridLoss(Enum):
    """Why a cell is wrong."""

    UNREADABLE = "photo unreadable"
    NOT_FOUND = "grid not found"
    SHAPE = "rows or columns miscounted"
    TURN = "wrong way up"
    INVENTED = "blank read as digit"
    MISSED = "digit read as blank"
    MISREAD = "misread"


@dataclass(frozen=True, slots=True)
class GridResult:
    """One labelled grid, compared.

    Attributes:
        label: Its rows.
        cells_right: Cells that say what the label does.
        losses: Cause → wrong cells.
        comparison: Its digits as labelled strings; digits read in blank cells are extra.
    """

    label: tuple[str, ...]
    cells_right: int
    losses: Mapping[GridLoss, int]
    comparison: Comparison

    @property
    def cells(self) -> int:
        """Number of cells."""
        return sum(len(row) for row in self.label)

    @property
    def is_right(self) -> bool:
        """Whether every cell is."""
        return self.cells_right == self.cells

    @property
    def is_found(self) -> bool:
        """Whether there is a table with the right number of rows and columns."""
        lost = (GridLoss.UNREADABLE, GridLoss.NOT_FOUND, GridLoss.SHAPE)
        return not any(cause in self.losses for cause in lost)


@dataclass(frozen=True, slots=True)
class GridFigures:
    """What a folder of labelled grids says about a reader.

    Attributes:
        grids: Labelled grids.
        grids_found: Those with the right number of rows and columns …
        grids_right: … and those with every cell right.
        cells: Labelled cells, blank ones included.
        cells_right: Those that are right.
        puzzles: Different labels: several photos may show one grid.
        puzzles_right: Share of each one's photos that are wholly right, summed over the puzzles.
        losses: Cause → wrong cells.
        grids_lost: Cause → grids with such cells.
    """

    grids: int
    grids_found: int
    grids_right: int
    cells: int
    cells_right: int
    puzzles: int
    puzzles_right: float
    losses: Mapping[str, int]
    grids_lost: Mapping[str, int]


def compare_grid(label: Sequence[str], reading: PhotoReading) -> GridResult:
    """Compare a grid cell by cell.

    Args:
        label: Its rows; one character a cell, `0` for a blank one.
        reading: What was read from the photo.

    Returns:
        What became of its cells.
    """
    wanted: _Texts = np.array([list(row) for row in label], dtype=object)
    places = list(product(range(wanted.shape[0]), range(wanted.shape[1])))
    digits = [place for place in places if wanted[place] != _BLANK]
    texts, cells = _first_table(reading)
    lost = _lost_altogether(wanted, texts, reading)
    if lost is not None:
        outcome = Outcome.UNREADABLE if lost is GridLoss.UNREADABLE else Outcome.MISSED
        strings = tuple(StringResult(str(wanted[place]), None, outcome) for place in digits)
        extra = tuple(string for string in reading.strings if string.digits)
        return GridResult(tuple(label), 0, {lost: int(wanted.size)}, Comparison(strings, extra))
    wrong = [place for place in places if wanted[place] != texts[place]]
    losses = Counter(_cause(str(wanted[place]), str(texts[place])) for place in wrong)
    strings = tuple(_compare_cell(str(wanted[place]), cells[place]) for place in digits)
    extra = tuple(cells[place] for place in places if cells[place].text and place not in digits)
    right = len(places) - len(wrong)
    return GridResult(tuple(label), right, losses, Comparison(strings, extra))


def measure_grids(results: Sequence[GridResult]) -> GridFigures:
    """Work out the figures of compared grids."""
    losses: Counter[str] = Counter()
    grids_lost: Counter[str] = Counter()
    by_label: dict[tuple[str, ...], list[bool]] = {}
    for result in results:
        losses.update({cause.value: count for cause, count in result.losses.items()})
        grids_lost.update(cause.value for cause in result.losses)
        by_label.setdefault(result.label, []).append(result.is_right)
    return GridFigures(
        grids=len(results),
        grids_found=sum(result.is_found for result in results),
        grids_right=sum(result.is_right for result in results),
        cells=sum(result.cells for result in results),
        cells_right=sum(result.cells_right for result in results),
        puzzles=len(by_label),
        puzzles_right=sum(sum(right) / len(right) for right in by_label.values()),
        losses={cause.value: losses[cause.value] for cause in GridLoss},
        grids_lost={cause.value: grids_lost[cause.value] for cause in GridLoss},
    )


_Texts = NDArray[np.object_]


def _first_table(
    reading: PhotoReading,
) -> tuple[_Texts, dict[tuple[int, int], FieldReading]]:
    """(rows, columns) texts of the first table, blank ones as the label writes them; its cells.

    A cell that was read as 0 is not blank.
    """
    cells = {
        (string.row, string.column): string
        for string in reading.strings
        if string.table == 0 and string.row is not None and string.column is not None
    }
    if not cells:
        return np.empty((0, 0), dtype=object), {}
    rows, columns = (1 + max(place[axis] for place in cells) for axis in (0, 1))
    texts = np.full((rows, columns), _BLANK, dtype=object)
    for place, cell in cells.items():
        texts[place] = _ZERO if cell.text == _BLANK else cell.text or _BLANK
    return texts, cells


def _lost_altogether(wanted: _Texts, texts: _Texts, reading: PhotoReading) -> GridLoss | None:
    if reading.error is not None:
        return GridLoss.UNREADABLE
    if not texts.size:
        return GridLoss.NOT_FOUND
    here = _agreement(wanted, texts)
    if here < 0.9 and any(_agreement(np.rot90(wanted, turn), texts) > 0.95 for turn in (1, 2, 3)):
        return GridLoss.TURN
    return None if texts.shape == wanted.shape else GridLoss.SHAPE


def _agreement(wanted: _Texts, texts: _Texts) -> float:
    """Share of the cells that are blank or written as wanted: that shows which way up it is."""
    if wanted.shape != texts.shape or not (wanted == _BLANK).any():
        return float(wanted.shape == texts.shape)
    return float(((wanted == _BLANK) == (texts == _BLANK)).mean())


def _cause(wanted: str, read: str) -> GridLoss:
    if wanted == _BLANK:
        return GridLoss.INVENTED
    return GridLoss.MISSED if read == _BLANK else GridLoss.MISREAD


def _compare_cell(wanted: str, cell: FieldReading) -> StringResult:
    if not cell.text:
        return StringResult(wanted, None, Outcome.MISSED)
    if cell.digits == wanted:
        return StringResult(wanted, cell, Outcome.RIGHT)
    same = len(cell.digits) == len(wanted)
    return StringResult(wanted, cell, Outcome.SUBSTITUTED if same else Outcome.RESIZED)
