"""Rules of a page in, whether they are the squares of graph paper out.

People write across those: they part no columns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_LONG = 0.3  # of the page's side: so much is seen of a rule
_SAME = 0.012  # of the page's longer side: pieces so near are one rule, which leans
_LEAST_GAPS = 4
_OFF = 0.15  # a gap from the pitch
_REGULAR = 0.6  # share of the gaps; a margin's rule stands between
_SQUARE = 0.2  # one pitch from the other


def are_squares(
    level: NDArray[np.int32], upright: NDArray[np.int32], shape: tuple[int, ...]
) -> bool:
    """Tell graph paper from tables: many rules each way, at one distance.

    Args:
        level: (N, 4) x, y, width and height of level rules or pieces of them.
        upright: (M, 4) of upright ones.
        shape: (H, W) of the page.

    Returns:
        Whether both kinds stand at the same pitch.
    """
    height, width = shape
    same = _SAME * max(shape)
    rows = _pitch_of(level[:, 1], level[:, 2], _LONG * width, same)
    columns = _pitch_of(upright[:, 0], upright[:, 3], _LONG * height, same)
    if rows is None or columns is None:
        return False
    return abs(rows - columns) <= _SQUARE * max(rows, columns)


def _pitch_of(
    places: NDArray[np.int32], lengths: NDArray[np.int32], least_px: float, same_px: float
) -> float | None:
    """The distance of long rules that stand in one; None if they do not."""
    order = np.argsort(places)
    first = np.flatnonzero(np.diff(places[order], prepend=-np.inf) > same_px)
    is_long = np.add.reduceat(lengths[order], first) >= least_px if len(first) else first > 0
    gaps = np.diff(places[order][first[is_long]])
    if len(gaps) < _LEAST_GAPS:
        return None
    pitch = float(np.median(gaps))
    is_regular = (np.abs(gaps - pitch) <= _OFF * pitch).mean() >= _REGULAR
    return pitch if is_regular else None
