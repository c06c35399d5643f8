"""Features of samples and whether each is right in, weights of a logistic map out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_STEPS = 50
_STILL = 1e-7  # a smaller step is none


@dataclass(frozen=True, slots=True)
class NormalPrior:
    """What is known of K weights before any sample.

    Attributes:
        mean: (K,) where they are likely to be.
        spread: (K,) how far from there, standard deviations.
        least: (K,) what they must not fall below; minus infinity where they may.
    """

    mean: Floats
    spread: Floats
    least: Floats

    def loss(self, weights: Floats) -> float:
        """Negative logarithm of their probability, up to a constant."""
        return float((((weights - self.mean) / self.spread) ** 2).sum() / 2)


def sigmoid(log_odds: Floats) -> Floats:
    """Probabilities of log odds; those beyond 30 are taken for 30."""
    return np.asarray(1 / (1 + np.exp(-np.clip(log_odds, -30, 30))))


def fit_logistic(
    features: Floats, right: NDArray[np.bool_], prior: NormalPrior, offsets: Floats | None = None
) -> Floats:
    """Find the most probable weights of `sigmoid(offsets + features @ weights)`.

    Projected Newton: a weight at its least that wants to go below stays there.

    Args:
        features: (N, K); N may be 0.
        right: (N,) outcomes.
        prior: Of the weights.
        offsets: (N,) log odds to start from; None for 0.

    Returns:
        (K,) weights.

    Reference:
        Bertsekas 1982, "Projected Newton methods for optimization problems with simple
        constraints".
    """
    start = np.zeros(len(right)) if offsets is None else offsets
    signs = np.where(right, 1.0, -1.0)

    def loss(weights: Floats) -> float:
        margins = signs * (start + features @ weights)
        return float(np.logaddexp(0, -margins).sum()) + prior.loss(weights)

    here = np.maximum(prior.mean, prior.least)
    for _ in range(_STEPS):
        step = _newton_step(features, right, prior, start, here)
        size = 1.0
        while size > _STILL and loss(np.maximum(here - size * step, prior.least)) > loss(here):
            size /= 2
        moved = np.maximum(here - size * step, prior.least)
        if np.abs(moved - here).max() < _STILL:
            break
        here = moved
    return np.asarray(here)


def _newton_step(
    features: Floats, right: NDArray[np.bool_], prior: NormalPrior, start: Floats, here: Floats
) -> Floats:
    chance = sigmoid(start + features @ here)
    gradient = features.T @ (chance - right) + (here - prior.mean) / prior.spread**2
    free = ~((here <= prior.least) & (gradient > 0))
    curvature = (features * (chance * (1 - chance))[:, None]).T @ features
    curvature += np.diag(1 / prior.spread**2)
    step = np.zeros(len(here))
    step[free] = np.linalg.solve(curvature[np.ix_(free, free)], gradient[free])
    return step
