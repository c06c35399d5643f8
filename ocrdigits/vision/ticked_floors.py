"""One piece of ink in, the cells out that it draws as a floor with ticks: `|_|_|_|`.

Nothing but ticks may stand on the floor, or some of the digits may touch it too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, InkMask
from ocrdigits.vision.morphology import true_runs

_FLOOR_SHARE = 0.9
"""A floor is seen in this share of its columns."""

_LEAST_TICKS = 4
_LIKE_HEIGHT = 0.5  # of a tick, of the usual one
_THICKEST = 0.35  # of a floor, of the highest tick
_LEAST_OPEN = 0.1  # of a cell's columns, over which there is nothing
_MOST = 0.5  # of the cells are open
_MISSED = 0.25  # of the ticks may stand apart from the floor
_MOST_OTHERS = 0.5  # of the cells hold a digit that stands on the floor like a tick
# Of the pitch:
_WIDEST = 0.3  # a tick
_OFF = 0.2  # two neighbouring steps differ
_OFF_PLACE = 0.14  # a tick from its place among others
_AT_END = 0.3  # the outer ticks from the floor's ends


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of a comb that is open at the top.

    Attributes:
        edges: Where its cells begin, and the last one ends, x in the page.
        y: Its height in the middle …
        slope: … and how much lower it lies a pixel further right.
    """

    edges: tuple[float, ...]
    y: float
    slope: float = 0.0

    @property
    def pitch(self) -> float:
        """Width of a cell."""
        return (self.edges[-1] - self.edges[0]) / (len(self.edges) - 1)

    def moved(self, x: int, y: int) -> Floor:
        """The same floor, so many columns further right and rows further down."""
        return replace(self, edges=tuple(x + edge for edge in self.edges), y=self.y + y)

    def height_at(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Its height, y in the page, at some columns."""
        return self.y + self.slope * (x - (self.edges[0] + self.edges[-1]) / 2)


def floor_under(cells: Sequence[Box]) -> Floor:
    """The floor of cells that stand beside each other.

    Args:
        cells: From left to right, at least two.

    Returns:
        With their edges, in the middle between two cells.
    """
    between = [(one.right + other.x) / 2 for one, other in pairwise(cells)]
    edges = float(cells[0].x), *between, float(cells[-1].right)
    middles = [cell.x + cell.width / 2 for cell in cells]
    line = np.polynomial.Polynomial.fit(middles, [cell.bottom for cell in cells], 1)
    slope = float(line(1.0) - line(0.0))
    return Floor(edges, float(line((edges[0] + edges[-1]) / 2)), slope)


@dataclass(frozen=True, slots=True)
class TickedFloor:
    """A floor with ticks, and what of the piece of ink is print.

    Attributes:
        floor: In the columns and rows of the ink.
        print: (h, w) the ink of floor and ticks.
    """

    floor: Floor
    print: InkMask


def find_ticked_floor(component: InkMask) -> TickedFloor | None:
    """Tell a floor with ticks, all of one piece.

    Args:
        component: (h, w) its ink alone.

    Returns:
        The floor, with a cell between every two ticks; None if it is something else.
    """
    height, width = component.shape
    inked = component.any(axis=0)
    if width < 2 * height or not inked.mean() > _FLOOR_SHARE:
        return None
    columns = np.arange(width)
    bottoms = height - component[::-1].argmax(axis=0)  # the lower border where there is no ink
    line = np.polynomial.Polynomial.fit(columns, bottoms, 1)
    lowest = line(columns)
    rise = lowest - np.where(inked, component.argmax(axis=0), height)  # of all ink above the floor
    bare = _regular_ticks(rise)
    ticks = bare or _ticks_among_digits(_reach(component, bottoms))
    if ticks is None or not _is_flat(lowest - bottoms, ticks.thick):
        return None
    if bare is None and not _are_open(rise, ticks):
        return None
    edges, slope = ticks.edges, float(line(1.0) - line(0.0))
    floor = Floor(tuple(edges.tolist()), float(line((edges[0] + edges[-1]) / 2)), slope)
    return TickedFloor(floor, component if bare else _print_of(component, ticks, lowest))


@dataclass(frozen=True, slots=True)
class _Ticks:
    """(N, 2) columns of ticks, from and before which; their usual height, and the floor's.

    `edges` are their middles, and where one was not seen its place.
    """

    runs: NDArray[np.int64]
    edges: NDArray[np.float64]
    height: float
    thick: float


def _reach(component: InkMask, bottoms: NDArray[np.int64]) -> NDArray[np.int64]:
    """(w,) how far the ink goes up from the floor without a gap."""
    rows = np.arange(len(component))[:, None]
    gaps = ~component & (rows < bottoms)
    return np.asarray(bottoms - 1 - np.where(gaps, rows, -1).max(axis=0))


def _runs_above(rise: NDArray[np.float64] | NDArray[np.int64]) -> tuple[NDArray[np.int64], float]:
    """Runs of columns in which ink rises from the floor, and how thick that is."""
    thick = float(np.median(rise))
    return true_runs(np.asarray(rise > _least_rise(thick))), thick


def _least_rise(thick: float) -> float:
    """What rises no more than this is the floor."""
    return max(2 * thick, thick + 2)


def _regular_ticks(rise: NDArray[np.float64]) -> _Ticks | None:
    """The runs of ink above a floor, if all of them are ticks."""
    runs, thick = _runs_above(rise)
    if len(runs) < _LEAST_TICKS or thick > _THICKEST * rise.max():
        return None
    edges = runs.mean(axis=1)
    if not _are_walls(runs, edges, len(rise)):
        return None
    return _Ticks(runs, edges, float(np.median(_peaks(rise, runs))), thick)


def _ticks_among_digits(reach: NDArray[np.int64]) -> _Ticks | None:
    """Those runs of ink above a floor that are ticks: of one height, at one pitch, at its ends."""
    runs, thick = _runs_above(reach)
    if len(runs) < _LEAST_TICKS or thick > _THICKEST * reach.max():
        return None
    peaks = _peaks(reach, runs)
    usual = float(np.median(peaks))
    runs = runs[(peaks >= _LIKE_HEIGHT * usual) & (peaks <= usual / _LIKE_HEIGHT)]
    middles = runs.mean(axis=1)
    for count in range(round(len(runs) / (1 - _MISSED)), _LEAST_TICKS - 2, -1):
        pitch = (middles[-1] - middles[0]) / count
        off = np.abs(np.subtract.outer(middles[0] + pitch * np.arange(count + 1), middles))
        others = len(runs) - count - 1
        if others > _MOST_OTHERS * count:
            break
        is_seen = off.min(axis=1) <= _OFF_PLACE * pitch
        chosen = runs[off.argmin(axis=1)[is_seen]]
        if (~is_seen).sum() > _MISSED * (count + 1) or len(chosen) < _LEAST_TICKS:
            continue
        edges = middles[0] + pitch * np.arange(count + 1)
        edges[is_seen] = chosen.mean(axis=1)
        if _are_walls(chosen, edges, len(reach)):
            return _Ticks(chosen, edges, float(np.median(_peaks(reach, chosen))), thick)
    return None


def _are_walls(runs: NDArray[np.int64], edges: NDArray[np.float64], width: int) -> bool:
    """Whether runs of columns are narrow, at one pitch, the outer ones at the floor's ends."""
    pitches = np.diff(edges)
    pitch = float(np.median(pitches))
    is_regular = (np.abs(pitches - pitch) <= _OFF * pitch).all()
    is_narrow = (runs[:, 1] - runs[:, 0] <= _WIDEST * pitch).all()
    is_whole = edges[0] <= _AT_END * pitch and edges[-1] >= width - _AT_END * pitch
    return bool(is_regular and is_narrow and is_whole)


def _are_open(rise: NDArray[np.float64], ticks: _Ticks) -> bool:
    """Whether there is nothing over a part of most cells; those of a table have a rule there."""
    is_bare = rise <= _least_rise(ticks.thick)
    cells = zip(ticks.runs[:-1, 1], ticks.runs[1:, 0], strict=True)
    are_open = np.array([is_bare[start:stop].mean() >= _LEAST_OPEN for start, stop in cells])
    return bool(are_open.mean() >= _MOST)


def _peaks(
    rise: NDArray[np.float64] | NDArray[np.int64], runs: NDArray[np.int64]
) -> NDArray[np.float64]:
    return np.array([rise[start:stop].max() for start, stop in runs], np.float64)


def _is_flat(off: NDArray[np.float64], thick: float) -> bool:
    return bool((np.abs(off) <= max(2.0, thick)).mean() > _FLOOR_SHARE)


def _print_of(component: InkMask, ticks: _Ticks, floor: NDArray[np.float64]) -> InkMask:
    """Ink of the floor, and of the ticks as high as they usually are."""
    rows = np.arange(len(component))[:, None]
    highest = floor - ticks.thick - 1
    for start, stop in ticks.runs:
        place = np.s_[max(start - 1, 0) : stop + 1]
        highest[place] = floor[place] - ticks.height - 1
    return np.asarray(component & (rows >= highest))
