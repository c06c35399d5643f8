"""Values in, a percentile of them out, faster than numpy finds it."""

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
