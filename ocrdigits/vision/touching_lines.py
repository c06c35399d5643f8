"""Components of a page in, the same out, but those that join two lines parted between them.

The tail of a g that runs into the 8 below makes one tall component of both, which belongs to
neither line; the number on the lower one would be torn.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.components import Components
from ocrdigits.vision.morphology import true_runs
from ocrdigits.vision.rank import rank_value

_LEAST_PX = 8  # lower components are marks
_TALL = 1.5  # of the height of its neighbours: a component that may join two lines …
_TALLEST = 3.5  # … and the tallest
_BESIDE = 0.9  # of a neighbour's height: as far from it, at most, as letters of one word
_ALIKE = 0.75  # of its height, or more: then it stands on a line of its own
_INTO = 0.15  # of the neighbours' height: so far a joint reaches into a line
_NARROW = 0.4  # of the neighbours' height: what is wider is no single stroke
_LEAST_PART = 0.5  # of the neighbours' height: what is left above and below


def part_touching_lines(components: Components) -> Components:
    """Part components that join two lines of writing; the stroke between the lines is taken out.

    Args:
        components: Of a page, without rules and frames.

    Returns:
        The components of what is left, in an order of their own if any was parted.
    """
    joints = np.zeros(components.labels.shape, np.bool_)
    heights = components.boxes[:, 3]
    written = heights >= _LEAST_PX
    if not written.any():
        return components
    usual = rank_value(heights[written].astype(np.float64))
    for index in np.flatnonzero(heights >= _TALL * usual):
        _mark_joint(joints, components, int(index), written)
    return components.less(joints)


def _mark_joint(
    joints: NDArray[np.bool_], components: Components, index: int, written: NDArray[np.bool_]
) -> None:
    """Mark the stroke by which a component joins the lines of its neighbours, if it does."""
    lines = _lines_beside(components.boxes, index, written)
    if lines is None:
        return
    baseline, topline, usual = lines
    left, top, wide, high = components.boxes[index].tolist()
    own = components.labels[top : top + high, left : left + wide] == index + 1
    spans = wide - own.argmax(axis=1) - own[:, ::-1].argmax(axis=1)  # from first to last column
    margin = _INTO * usual
    first = max(1, round(min(baseline, topline) - margin) - top)
    last = min(high - 1, round(max(baseline, topline) + margin) - top)
    runs = first + true_runs(spans[first:last] <= max(3.0, _NARROW * usual))
    if not len(runs):
        return
    start, stop = runs[(runs[:, 1] - runs[:, 0]).argmax()].tolist()
    if min(start, high - stop) < _LEAST_PART * usual:
        return
    joints[top + start : top + stop, left : left + wide] |= own[start:stop]


def _lines_beside(
    boxes: NDArray[np.int32], index: int, written: NDArray[np.bool_]
) -> tuple[float, float, float] | None:
    """Baseline of the line above, top of the line below, height of the neighbours; or None."""
    x, y, w, h = boxes.T.astype(np.float64)
    left, top, wide, high = x[index], y[index], w[index], h[index]
    gap = np.maximum(x, left) - np.minimum(x + w, left + wide)
    common = np.minimum(y + h, top + high) - np.maximum(y, top)
    near = written & (gap <= _BESIDE * h) & (common >= 0.6 * h)
    near[index] = False
    if (near & (h >= _ALIKE * high)).any():
        return None
    near &= (h <= high / _TALL) & (h >= high / _TALLEST)
    center = (y + h / 2 - top) / high
    above, below = near & (center < 0.45), near & (center > 0.55)
    if not above.any() or not below.any():
        return None
    return rank_value((y + h)[above]), rank_value(y[below]), rank_value(h[above | below])
