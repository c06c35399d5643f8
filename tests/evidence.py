"""Strings of invented sources, of which it is known how often they are right."""

from __future__ import annotations

import math

import numpy as np

from ocrdigits.records import Agreement, Evidence

Sample = tuple[Evidence, bool]


def draw_samples(
    count: int, seed: int, *, too_sure: float = 0.0, hard: float = 0.15, asked: str = "both"
) -> list[Sample]:
    """Strings of one source.

    Each has true log odds of being right; the readers see them with noise, 1.6 times too large,
    and agree the more often the larger they are.

    Args:
        count: How many.
        seed: Same seed, same strings.
        too_sure: Log odds that this source's readers add.
        hard: Share of strings that are hard to read.
        asked: The readers, as `readers_asked` names them.
    """
    chance = np.random.default_rng(seed)
    samples = []
    for _ in range(count):
        digits = int(chance.integers(1, 11))
        log_odds = chance.normal(1, 2) if chance.random() < hard else chance.normal(6, 2)
        right = bool(chance.random() < share(log_odds))
        posterior = share(1.6 * log_odds + chance.normal() + too_sure + 0.3 * math.log(digits))
        weakest = share(0.9 * log_odds + chance.normal() + too_sure / 2)
        agrees = chance.random() < (share(log_odds / 1.5 + 0.5) if right else 0.12)
        agreement = Agreement.AGREED if agrees else Agreement.DISPUTED
        if asked != "both":
            agreement = Agreement(asked)
        samples.append((Evidence(posterior, agreement, digits, weakest), right))
    return samples


def share(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-20.0, min(20.0, float(log_odds)))))
