"""Chance: a generator goes in, one of several things or a yes or no comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

_T = TypeVar("_T")


def pick(rng: np.random.Generator, choices: Sequence[_T]) -> _T:
    """One of several, each as likely as any other."""
    return choices[int(rng.integers(len(choices)))]


def toss(rng: np.random.Generator, share: float = 0.5) -> bool:
    """True in a share of all cases."""
    return bool(rng.random() < share)


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """A number from `low` to `high`."""
    return float(rng.uniform(low, high))
