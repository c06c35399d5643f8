"""Candidate texts and which one was right in, the temperature that makes them most probable out.

Reference:
    Guo et al. 2017, "On Calibration of Modern Neural Networks".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrdigits.model.logistic import Floats


def fit_temperature(candidates: Sequence[tuple[Sequence[float], int]]) -> float:
    """Fit what log-probabilities are divided by before they become posteriors.

    Args:
        candidates: For each string the log-probabilities of its candidate texts and the index of
            the right one; strings whose right text is no candidate are left out by the caller.

    Returns:
        The temperature from 0.1 to 10 under which the right texts are most probable; above 1 if
        the reader is too sure of itself, 1 without candidates.
    """
    width = max((len(logs) for logs, _ in candidates), default=1)
    logs = np.full((len(candidates), width), -np.inf)
    for row, (some, _) in enumerate(candidates):
        logs[row, : len(some)] = some
    right = np.asarray([some[index] for some, index in candidates], np.float64)
    low, high = 0.1, 10.0  # of 1 / temperature, in which the loss is convex
    while high - low > 1e-6:
        third = (high - low) / 3
        if _text_loss(logs, right, low + third) < _text_loss(logs, right, high - third):
            high -= third
        else:
            low += third
    return 2 / (low + high)


def _text_loss(logs: Floats, right: Floats, coldness: float) -> float:
    """Negative log-likelihood; the small second part keeps a temperature that nothing tells at 1.

    Args:
        logs: (N, K) of the candidates, minus infinity where a string has fewer.
        right: (N,) of the right ones.
        coldness: 1 / temperature.
    """
    losses = np.logaddexp.reduce(coldness * logs, axis=1) - coldness * right
    return float(losses.sum()) + (coldness - 1) ** 2
