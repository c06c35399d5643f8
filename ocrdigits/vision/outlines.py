"""Components of ink in, those that go around other ink out: dials, postmarks, rings by hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.components import Components

_FILL = 0.25  # of its box, at most, an outline covers


def go_around(
    components: Components, least_inside: int, least_height: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Find components that cover little of their box, and what else stands in it.

    Args:
        components: N components.
        least_inside: How many others must have their centre in the box.
        least_height: (N,) how high they must be to count, pixels.

    Returns:
        (N,) which components are outlines.
    """
    x, y, w, h = components.boxes.T.astype(np.float64)
    center_x, center_y = x + w / 2, y + h / 2
    found = np.zeros(len(h), bool)
    for place in np.flatnonzero(is_sparse(components)):
        inside = np.abs(center_x - center_x[place]) < w[place] / 2
        inside &= np.abs(center_y - center_y[place]) < h[place] / 2
        inside &= h >= least_height[place]
        inside[place] = False
        found[place] = inside.sum() >= least_inside
    return found


def is_sparse(components: Components) -> NDArray[np.bool_]:
    """(N,) which components cover little of their boxes, as outlines do."""
    _, _, w, h = components.boxes.T
    return np.asarray(components.areas < _FILL * w * h)
