"""Values in, percentiles of them out, faster than numpy finds them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray


def rank_value(values: NDArray[Any], share: float = 0.5) -> float:
    """Find a percentile.

    Args:
        values: At least one.
        share: 0 for the smallest, 1 for the largest.

    Returns:
        The value at that rank, or the mean of the two beside it.
    """
    flat = values.ravel()
    last = len(flat) - 1
    low, high = math.floor(share * last), math.ceil(share * last)
    parts = np.partition(flat, (low, high))
    return (float(parts[low]) + float(parts[high])) / 2


def percentiles(values: NDArray[Any], *percents: float) -> list[float]:
    """Find percentiles as `numpy.percentile` does: linear between the two values beside.

    Args:
        values: At least one, all finite.
        percents: 0 for the smallest, 100 for the largest.

    Returns:
        One value each.
    """
    flat = values.ravel()
    last = len(flat) - 1
    places = [percent / 100 * last for percent in percents]
    beside = [(math.floor(place), math.ceil(place)) for place in places]
    parts = np.partition(flat, sorted({rank for ranks in beside for rank in ranks}))
    return [
        float(parts[low]) + (place - low) * (float(parts[high]) - float(parts[low]))
        for place, (low, high) in zip(places, beside, strict=True)
    ]
