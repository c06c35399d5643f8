"""Evidence of strings that are known to be right or wrong in, a calibration out.

Logistic regression with few parameters, each held near what is known already: the maps of the
ways to agree near each other, those of crops apart from those of pages, and those for a user's
hundred images near the ones that came with the weights. Tables of risk and coverage come from
strings that had no part in their own map.

Reference:
    Platt 1999, "Probabilistic Outputs for Support Vector Machines"; Geifman and El-Yaniv 2017,
    "Selective Classification for Deep Neural Networks" (thresholds by a bound of the risk).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrdigits.calibration import (
    UNCALIBRATED,
    Calibration,
    GroupMap,
    RiskRow,
    features_of,
    readers_asked,
)
from ocrdigits.model.logistic import Floats, NormalPrior, fit_logistic, sigmoid
from ocrdigits.model.reliability import wilson_interval
from ocrdigits.records import Agreement, Evidence

Sample = tuple[Evidence, bool]
"""What was known of a string, and whether it was right."""
Maps = Floats
"""(2, 5, 7): for crops and for pages the weights of each `Agreement`, in `GroupMap`'s order."""

_GROUPS = tuple(Agreement)
_ASKED = np.asarray([readers_asked(group) for group in _GROUPS])
# More evidence never makes less sure.
_FLOOR = np.asarray([-np.inf, 0.0, 0.0, -np.inf, 0.0, 0.0, 0.0])
_FEATURES = len(_FLOOR)
_FOLDS = 10
_ROWS = 50  # of a table: steps of two per cent coverage
_BOUND_Z = 1.64  # one source: 95 of 100 bounds hold
_UNSEEN_ERROR = (
    0.5  # several: each is judged by a fit that never saw it, and half an error is added
)
_BORROWED = 300  # strings that a calibration to start from counts for in a table …
_FEWEST = 30  # … where at least so many of the user's own are above the threshold
_SET_WEIGHT = 100  # strings of the average set that are added to each set's own
_SET_TOLERANCE = 2.5  # the worst set may have this many times the error asked for


@dataclass(frozen=True, slots=True)
class _Spread:
    """How far the weights of a map may stray, in the order of its fields: standard deviations."""

    together: tuple[float, ...]
    alone: tuple[float, ...]


_FREE = _Spread(
    together=(3.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0), alone=(2.0, 0.5, 0.5, 0.5, 0.3, 0.3, 0.3)
)
# Of five spreads tried on six simulated sources, with 50 to 500 strings each: wider ones gave
# larger calibration errors, and one half as wide no smaller ones.
_NEAR_START = _Spread(
    together=(1.0, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1), alone=(0.3, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05)
)


@dataclass(frozen=True, slots=True)
class _Data:
    """Samples as arrays: (N, 7) features, (N,) group, page or not, set, and whether right."""

    features: Floats
    group: NDArray[np.int64]
    on_page: NDArray[np.int64]
    source: NDArray[np.int64]
    right: NDArray[np.bool_]

    def part(self, mask: NDArray[np.bool_]) -> _Data:
        return _Data(
            self.features[mask],
            self.group[mask],
            self.on_page[mask],
            self.source[mask],
            self.right[mask],
        )


def fit_calibration(
    sets: Mapping[str, Sequence[Sample]],
    prior: Calibration = UNCALIBRATED,
) -> Calibration:
    """Fit confidences, and tables of what each of them promises, to labelled strings.

    Args:
        sets: Samples by the name of their source; none of them may have trained a network. With
            several sources each is judged by a fit to the others, as an unseen one will be.
        prior: Calibration that the evidence was gathered with: its temperature is kept, and a
            hundred samples move its maps as far as so few can tell.

    Returns:
        The calibration.

    Raises:
        ValueError: If there is no sample at all.
    """
    data = _gather(sets)
    if not len(data.right):
        raise ValueError("no samples")
    if prior.is_fitted:
        data = _leave_out_rare(data)
    confidences = _cross_fit(data, prior)
    asked = _ASKED[data.group]
    tables = dict(prior.risk_coverage)
    for readers in sorted(set(asked.tolist())):
        mine = asked == readers
        borrowed = _BORROWED if readers in prior.risk_coverage else 0
        tables[readers] = _risk_table(data.part(mine), confidences[mine], borrowed)
    of_crops, of_pages = _fit_maps(data, prior)
    return Calibration(
        groups=_as_groups(of_crops),
        page_groups=_as_groups(of_pages),
        risk_coverage=tables,
        fitted_on=(*prior.fitted_on, *((name, len(samples)) for name, samples in sets.items())),
        temperature=prior.temperature,
    )


def _gather(sets: Mapping[str, Sequence[Sample]]) -> _Data:
    rows = [
        (
            features_of(evidence),
            _GROUPS.index(evidence.agreement),
            evidence.standing is not None,
            index,
            right,
        )
        for index, samples in enumerate(sets.values())
        for evidence, right in samples
    ]
    return _Data(
        np.asarray([row[0] for row in rows], np.float64).reshape(-1, _FEATURES),
        np.asarray([row[1] for row in rows], np.int64),
        np.asarray([row[2] for row in rows], np.int64),
        np.asarray([row[3] for row in rows], np.int64),
        np.asarray([row[4] for row in rows], np.bool_),
    )


def _leave_out_rare(data: _Data) -> _Data:
    """Without the readers that were asked too seldom for a table: theirs stays, and its maps."""
    asked = _ASKED[data.group]
    often = [readers for readers in set(asked) if (asked == readers).sum() >= _FEWEST]
    return data.part(np.isin(asked, often))


def folds_of(source: NDArray[np.int64]) -> Iterator[NDArray[np.bool_]]:
    """Divide samples so that each part can be judged by the others.

    Args:
        source: (N,) index of each sample's set.

    Yields:
        (N,) masks: whole sets where there are several, else ten runs of neighbours, which often
        share a writer.
    """
    names = np.unique(source)
    fold = source
    if len(names) == 1:
        fold = np.arange(len(source)) * _FOLDS // max(len(source), 1)
    for index in np.unique(fold):
        yield fold == index


def _cross_fit(data: _Data, start: Calibration) -> Floats:
    """(N,) confidence of each sample by maps that it had no part in."""
    confidences = np.zeros(len(data.right))
    for left_out in folds_of(data.source):
        maps = _fit_maps(data.part(~left_out), start)
        confidences[left_out] = _confidences(data.part(left_out), maps)
    return confidences


def _confidences(data: _Data, maps: Maps) -> Floats:
    return sigmoid(np.einsum("nk,nk->n", data.features, maps[data.on_page, data.group]))


def _fit_maps(data: _Data, start: Calibration) -> Maps:
    """Of crops and of pages; what nothing is known of takes the maps of the other."""
    known = (start.groups, start.page_groups)
    maps = [_fit_groups(data.part(data.on_page == index), it) for index, it in enumerate(known)]
    for index in range(2):
        if not start.is_fitted and not (data.on_page == index).any():
            maps[index] = maps[1 - index]
    return np.asarray(maps, np.float64)


def _fit_groups(data: _Data, known: Mapping[Agreement, GroupMap]) -> Floats:
    """(5, 7): first what all groups have in common, then what each has of its own."""
    spread = _NEAR_START if known else _FREE
    base = np.asarray([known.get(group, GroupMap()).weights for group in _GROUPS])
    seen = np.unique(data.group)
    if not len(seen):
        return base
    offsets = np.einsum("nk,nk->n", data.features, base[data.group])
    common = NormalPrior(
        np.zeros(_FEATURES), np.asarray(spread.together), -base[seen].min(axis=0) + _FLOOR
    )
    maps = base + fit_logistic(data.features, data.right, common, offsets)
    maps = np.maximum(maps, _FLOOR)
    if known:  # readers that say nothing here keep the maps that their table is for
        silent = ~np.isin(_ASKED, _ASKED[seen])
        maps[silent] = base[silent]
    for group in seen:
        mine = data.part(data.group == group)
        own = NormalPrior(maps[group], np.asarray(spread.alone), _FLOOR)
        maps[group] = fit_logistic(mine.features, mine.right, own)
    return np.asarray(maps, np.float64)


def _as_groups(maps: Floats) -> dict[Agreement, GroupMap]:
    return {group: GroupMap(*map(float, row)) for group, row in zip(_GROUPS, maps, strict=True)}


def _risk_table(data: _Data, confidences: Floats, borrowed: int) -> tuple[RiskRow, ...]:
    """Risk and coverage at steps of equally many strings, strictest first."""
    order = np.argsort(-confidences, kind="stable")
    steps = np.unique(np.ceil(np.linspace(0, len(order), _ROWS + 1)[1:]).astype(int)) - 1
    rows = []
    for threshold in np.unique(confidences[order[steps]])[::-1]:
        taken = confidences >= threshold
        count, wrong = int(taken.sum()), int((~data.right[taken]).sum())
        foretold = float((1 - confidences[taken]).mean())
        expected, weight = wrong + borrowed * foretold, count + borrowed
        bound = (expected + _UNSEEN_ERROR) / (weight + 1)
        if len(np.unique(data.source)) == 1:
            _, bound = wilson_interval(expected, weight, _BOUND_Z)
        bound = max(bound, _worst_set(data.part(taken)) / _SET_TOLERANCE)
        bound = bound if count >= _FEWEST else 1.0
        rows.append(RiskRow(float(threshold), count / len(order), wrong / count, float(bound)))
    return tuple(rows)


def _worst_set(taken: _Data) -> float:
    """Highest error of one set, each drawn towards the average as far as it is small."""
    average = float((~taken.right).mean())
    errors = [
        (float((~taken.right[mine]).sum()) + _SET_WEIGHT * average) / (mine.sum() + _SET_WEIGHT)
        for mine in (taken.source == index for index in np.unique(taken.source))
    ]
    return max(errors) if len(errors) > 1 else 0.0
