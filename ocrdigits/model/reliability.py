"""Confidences and whether each was right in, reliability out: bins, their bands, one error."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BAND_Z = 1.96
"""Width of the bands in standard deviations: 95 % of them hold the truth."""

_BINS = 10
_LEAST_IN_BIN = 5

Confidences = Sequence[float] | NDArray[np.float64]
Rights = Sequence[bool] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Strings of about the same confidence.

    Attributes:
        count: How many.
        confidence: Mean.
        right: Share that is right.
        low: Where that share may truly lie (`wilson_interval`), …
        high: … from `low` to here.
        chance: Distance of `confidence` and `right` to be expected by chance alone.
    """

    count: int
    confidence: float
    right: float
    low: float
    high: float
    chance: float


def wilson_interval(hits: float, total: float, z: float = BAND_Z) -> tuple[float, float]:
    """Where a share may truly lie, of which a sample is known.

    Args:
        hits: Number in the sample that count.
        total: Number in the sample; with 0 the share may be anything.
        z: Width in standard deviations.

    Returns:
        Lowest and highest share.

    Reference:
        Wilson 1927, "Probable inference, the law of succession, and statistical inference".
    """
    if total <= 0:
        return 0.0, 1.0
    share, part = hits / total, z * z / total
    middle = (share + part / 2) / (1 + part)
    half = math.sqrt(part * share * (1 - share) + part * part / 4) / (1 + part)
    return max(0.0, middle - half), min(1.0, middle + half)


def equal_count_bins(
    confidences: Confidences, rights: Rights, bins: int = _BINS
) -> tuple[ReliabilityBin, ...]:
    """Compare confidence with the share that is right, over bins of equally many strings.

    Nearly all strings of a good reader are sure: bins of equal width would put them into one.

    Args:
        confidences: (N,) probabilities.
        rights: (N,) whether each string was.
        bins: How many; fewer where there are fewer than five strings for each.

    Returns:
        The bins, least sure first; none without strings.
    """
    order = np.argsort(np.asarray(confidences, np.float64), kind="stable")
    count = max(1, min(bins, len(order) // _LEAST_IN_BIN))
    return _bins_of(confidences, rights, np.array_split(order, count))


def equal_width_bins(
    confidences: Confidences, rights: Rights, bins: int = _BINS
) -> tuple[ReliabilityBin, ...]:
    """Compare confidence with the share that is right, over equal steps of confidence.

    Args:
        confidences: (N,) probabilities.
        rights: (N,) whether each string was.
        bins: How many steps.

    Returns:
        The bins that hold any string, least sure first.
    """
    steps = np.minimum((np.asarray(confidences, np.float64) * bins).astype(int), bins - 1)
    return _bins_of(confidences, rights, [np.flatnonzero(steps == step) for step in range(bins)])


def _bins_of(
    confidences: Confidences, rights: Rights, parts: Sequence[NDArray[np.intp]]
) -> tuple[ReliabilityBin, ...]:
    sureness, is_right = np.asarray(confidences, np.float64), np.asarray(rights, np.bool_)
    return tuple(_bin_of(sureness[part], is_right[part]) for part in parts if len(part))


def _bin_of(confidences: NDArray[np.float64], rights: NDArray[np.bool_]) -> ReliabilityBin:
    count = len(rights)
    low, high = wilson_interval(int(rights.sum()), count)
    variance = float((confidences * (1 - confidences)).sum())  # of the number that is right
    return ReliabilityBin(
        count=count,
        confidence=float(confidences.mean()),
        right=float(rights.mean()),
        low=low,
        high=high,
        chance=math.sqrt(2 / math.pi * variance) / count,  # mean of |normal|
    )


def expected_calibration_error(bins: Sequence[ReliabilityBin]) -> float | None:
    """Mean distance of confidence and share right (ECE); None without strings.

    Reference:
        Guo et al. 2017, "On Calibration of Modern Neural Networks".
    """
    return _mean([abs(it.confidence - it.right) for it in bins], bins)


def chance_calibration_error(bins: Sequence[ReliabilityBin]) -> float | None:
    """The ECE that confidences would show that are true to the letter; None without strings.

    So few strings a bin never have exactly the share right that is to be expected.
    """
    return _mean([it.chance for it in bins], bins)


def _mean(distances: Sequence[float], bins: Sequence[ReliabilityBin]) -> float | None:
    total = sum(it.count for it in bins)
    weighted = (it.count * distance for it, distance in zip(bins, distances, strict=True))
    return sum(weighted) / total if total else None
