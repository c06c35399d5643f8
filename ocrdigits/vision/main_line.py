"""Components of a crop in, those of its one line out: tall ones in a chain, and their marks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.components import Components
from ocrdigits.vision.rank import rank_value

_MAX_GAP = 2.6  # widest gap inside a string, in heights of a digit


def choose_line(
    components: Components,
    shape: tuple[int, ...],
    target: tuple[float, float, float, float] | None,
) -> NDArray[np.bool_]:
    """Choose the main line: tall components that chain from the heaviest, and their marks.

    Args:
        components: Ink of the crop, without rules.
        shape: (H, W) of the crop.
        target: Left, top, right and bottom of the place that is meant; None for any.

    Returns:
        (N,) which of the components belong to it.
    """
    x, y, w, h = components.boxes.T.astype(np.float64)
    if not len(h):
        return np.zeros(0, np.bool_)
    weight = h * np.minimum(w, 2 * h) * _trust(components, shape)
    if target is not None:
        common = np.minimum(x + w, target[2]) - np.maximum(x, target[0])
        rows = np.minimum(y + h, target[3]) - np.maximum(y, target[1])
        aside = 0.7 * (target[3] - target[1])
        meant = (common > -aside) & (rows > 0.4 * h)
        weight *= (common > 0) & meant
    if not weight.any():
        return np.zeros(len(h), np.bool_)
    side = _at_side(components, shape)
    writing = ~side & (h >= 0.24 * shape[0])
    if (weight * writing).any():
        weight = weight * writing
    first = int(np.argmax(weight))
    top, tall_px = y[first], h[first]
    common = np.minimum(y + h, top + tall_px) - np.maximum(y, top)
    tall = (h >= 0.42 * tall_px) & (common >= 0.35 * np.minimum(h, tall_px))
    tall &= (w < 4 * h) | (h >= 0.7 * tall_px)
    if target is not None:
        tall &= meant
    tall = _without_borders(components, tall, first, shape)
    tall = _chain(x, x + w, tall, first, _MAX_GAP * rank_value(h[tall]))
    high = rank_value(h[tall])
    top, bottom = y[tall].min(), (y + h)[tall].max()
    center = y + h / 2
    marks = (center > top - 0.1 * high) & (center < bottom + 0.35 * high) & ~tall & (h < 1.3 * high)
    marks &= ~((w > 3 * h) & (w > high) & (center > bottom - 0.15 * high))  # an underline
    left, right = x[tall].min(), (x + w)[tall].max()
    marks &= (x < right + 1.2 * high) & (x + w > left - 1.2 * high)
    return np.asarray(tall | marks)


def _trust(components: Components, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Ink on the border is more likely a neighbour's; straight hairlines are rather rules."""
    x, y, w, h = components.boxes.T
    inside = (x > 1) & (y > 1) & (x + w < shape[1] - 1) & (y + h < shape[0] - 1)
    flat = (w > 3.2 * h) | (components.areas < 0.05 * w * h)
    return np.asarray(np.where(inside, 1.0, 0.5) * np.where(flat, 0.05, 1.0))


def _at_side(components: Components, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Strokes and corners along the left and right border, as frames leave them: thin or hollow."""
    x, y, w, h = components.boxes.T
    rim = max(2.0, 0.17 * shape[1])
    thin = (w < 0.3 * h) & (components.areas < 0.2 * h * h)
    corner = (components.areas < 0.35 * w * h) & (w < 0.35 * shape[1]) & (h > 0.7 * shape[0])
    cut = (y <= 1) | (y + h >= shape[0] - 1)  # an upright rule goes on beyond the crop
    near = (x + w <= rim) | (x >= shape[1] - rim)
    near |= cut & ((x + w <= 2 * rim) | (x >= shape[1] - 2 * rim))
    return np.asarray(near & (thin | corner))


def _without_borders(
    components: Components, tall: NDArray[np.bool_], first: int, shape: tuple[int, ...]
) -> NDArray[np.bool_]:
    """Drop strokes along the left and right border that out-top all the others."""
    _, y, _, h = components.boxes.T
    suspect = tall & _at_side(components, shape)
    others = tall & ~suspect
    if not others.any() or not suspect.any():
        return tall
    top, bottom = float(y[others].min()), float((y + h)[others].max())
    beyond = (y < top - 0.05 * h) & (y + h > bottom + 0.05 * h) & (h > 1.2 * (bottom - top))
    dropped = suspect & (beyond | (h > 1.6 * rank_value(h[others])))
    dropped[first] = False
    return np.asarray(tall & ~dropped)


def _chain(
    left: NDArray[np.float64],
    right: NDArray[np.float64],
    members: NDArray[np.bool_],
    first: int,
    gap: float,
) -> NDArray[np.bool_]:
    """Members that follow each other from the first one on without a wider gap."""
    order = np.flatnonzero(members)
    order = order[np.argsort(left[order])]
    reach = np.maximum.accumulate(right[order])
    breaks = np.cumsum(np.append(False, left[order[1:]] - reach[:-1] > gap))
    kept = np.zeros(len(members), np.bool_)
    kept[order[breaks == breaks[int(np.flatnonzero(order == first)[0])]]] = True
    return kept
