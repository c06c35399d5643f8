"""Traced rules in, those that are no line of writing out.

In a table with something in every cell, seen without focus, characters one above the other look
like a weak rule half-way between two others. But they are dark in the middle of each cell, and not
beside the rules that they would have to cross.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.enhance import Contrast
from ocrdigits.vision.rule_paths import RulePath, TracedRules

_CERTAIN = 0.9  # of the usual strength: such a rule is no writing
_PARTNER = 0.7  # … and such a rule tells where cells end
_LEAST_PARTNERS = 3
_HOLLOW = 0.75  # lines of blurred digits have 0.9 to 1, rules −1 to 0.55
_BESIDE, _BETWEEN = (0.1, 0.9), (0.45, 0.55)  # of the way from one crossed rule to the next


def without_writing(flat: Contrast, traced: TracedRules, others: TracedRules) -> list[RulePath]:
    """Leave out what is dark only between the rules that it would cross.

    Args:
        flat: (H, W) contrast of the flattened table.
        traced: Its rules in one direction, level in `flat` …
        others: … and in the other.

    Returns:
        The rules that stay.
    """
    usual = float(np.median([rule.strength for rule in traced.rules]))
    partners = [rule for rule in others.rules if rule.strength >= _PARTNER * usual]
    if len(partners) < _LEAST_PARTNERS:
        return traced.rules
    places = [float(rule.rows.mean()) for rule in traced.rules]
    aside = 0.3 * float(np.diff(places).min())
    kept = []
    for rule, place in zip(traced.rules, places, strict=True):
        crossed = np.array([np.interp(place, others.middles, it.rows) for it in partners])
        spans = _Spans(crossed, np.interp(crossed, traced.middles, rule.rows))
        is_certain = rule.strength >= _CERTAIN * usual
        if is_certain or _hollowness(flat, spans, aside) < _HOLLOW:
            kept.append(rule)
    return kept


@dataclass(frozen=True, slots=True)
class _Spans:
    """A rule between those that it crosses: (N,) x of the crossings, and y of the rule there."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]

    def at(self, share: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Points at a share of each span."""
        return self.x[:-1] + share * np.diff(self.x), self.y[:-1] + share * np.diff(self.y)


def _hollowness(flat: Contrast, spans: _Spans, aside: float) -> float:
    """By which share a rule is lighter beside those that it crosses than between them."""
    beside, between = (
        float(np.median([_darkness(flat, spans.at(share), aside) for share in shares]))
        for shares in (_BESIDE, _BETWEEN)
    )
    return 1 - beside / max(between, 1e-3)


def _darkness(
    flat: Contrast, points: tuple[NDArray[np.float64], NDArray[np.float64]], aside: float
) -> NDArray[np.float32]:
    """How much darker a rule is at some points than the lighter paper above or below."""
    x, y = points
    on = np.max([_look_up(flat, x, y + shift) for shift in (-3, -1, 1, 3)], axis=0)
    off = np.minimum(_look_up(flat, x, y - aside), _look_up(flat, x, y + aside))
    return np.asarray(on - off, np.float32)


def _look_up(flat: Contrast, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float32]:
    """Contrast at the nearest pixels."""
    rows = np.clip(np.rint(y).astype(np.int64), 0, flat.shape[0] - 1)
    return flat[rows, np.clip(np.rint(x).astype(np.int64), 0, flat.shape[1] - 1)]
