"""Rules of one direction in, the same made regular out: doubles joined, faint ones found by pitch.

Most tables have rows, and often columns, of one size. Where the rules that are seen for sure stand
at multiples of one pitch, the pitch says where to look for the faint ones.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.rule_paths import Responses, RulePath, make_rule

_DOUBLE = 0.3  # of the usual distance: nearer rules are one double or thick rule
_OFF = 0.14  # of the pitch: further from its multiple no rule is regular
_ASIDE = 0.22  # … and of its place between the first and the last, on curled paper
_OUTER = 0.35  # least strength of a rule beyond the sure ones
_WIDEST = 4  # pitches without a rule
_CHANCE = 0.4  # the strength that writing has by chance, where there is no rule
_SEEN = 0.25  # response from which a rule is seen in a strip
_NEARLY = 0.85  # a regular table may explain its rules by so much less than an irregular one


def without_doubles(rules: list[RulePath]) -> list[RulePath]:
    """Join rules that are much nearer to each other than the others are.

    Args:
        rules: From top to bottom.

    Returns:
        Of each double or thick rule the stronger line.
    """
    kept = list(rules)
    while len(kept) > 2:
        places = np.array([rule.rows.mean() for rule in kept])
        gaps = np.diff(places)
        usual = float(np.median(np.sort(gaps)[len(gaps) // 3 :]))
        nearest = int(gaps.argmin())
        if gaps[nearest] >= _DOUBLE * usual:
            return kept
        del kept[nearest + int(kept[nearest + 1].strength < kept[nearest].strength)]
    return kept


def mend_rules(rules: list[RulePath]) -> list[RulePath]:
    """Where a rule is not seen (it leaves the photo, or a shadow hides it), follow its neighbour.

    Args:
        rules: From top to bottom.

    Returns:
        The rules; where both see nothing, as they were.
    """
    return [
        _mend(rule, [rules[other] for other in (place - 1, place + 1) if 0 <= other < len(rules)])
        for place, rule in enumerate(rules)
    ]


def _mend(rule: RulePath, beside: list[RulePath]) -> RulePath:
    """One rule, along the neighbour that is seen where it is not."""
    seen = rule.responses >= _SEEN
    neighbour = max(
        beside, key=lambda it: float((it.responses[~seen] >= _SEEN).sum()), default=rule
    )
    both = seen & (neighbour.responses >= _SEEN)
    hidden = ~seen & (neighbour.responses >= _SEEN)
    if not hidden.any() or both.sum() < len(seen) // 3:
        return rule
    strips = np.arange(len(seen))
    apart = np.polynomial.Polynomial.fit(strips[both], (rule.rows - neighbour.rows)[both], 1)
    rows = np.where(hidden, neighbour.rows + apart(strips), rule.rows)
    trust = np.where(hidden, np.float32(_SEEN), rule.responses)
    return RulePath(rule.strength, rows, np.asarray(trust, np.float32))


def choose_rules(
    candidates: list[RulePath], responses: Responses, *, sure: float, weak: float
) -> list[RulePath]:
    """Choose the rules of a table among all that may be some.

    Args:
        candidates: From top to bottom.
        responses: (S, H) of the table.
        sure: Strength from which a rule needs nothing to speak for it.
        weak: Least strength of a rule that the pitch foretells.

    Returns:
        Where the sure ones have one pitch: the rules at its multiples. Else the sure ones.
    """
    sures = [rule for rule in candidates if rule.strength >= sure]
    if len(sures) < 3:
        return sures
    regular = _regular_rules(candidates, sures, weak)
    return add_missing(sures, responses, weak) if regular is None else regular


def _regular_rules(
    candidates: list[RulePath], sures: list[RulePath], weak: float
) -> list[RulePath] | None:
    """The candidates at the multiples of the pitch that explains most, if it explains enough."""
    places = np.array([rule.rows.mean() for rule in candidates])
    gains = np.array([rule.strength for rule in candidates]) - _CHANCE
    is_sure = np.array([any(rule is other for other in sures) for rule in candidates])
    alone = sum(rule.strength - _CHANCE for rule in without_doubles(sures))
    best, chosen = _NEARLY * alone, None
    numbers = np.flatnonzero(is_sure)
    for first in numbers[2::-1]:  # of a double border, or one with a line beside it, the inner
        for last in numbers[-3:]:
            for count in range(2, len(candidates)):
                found = _strongest_near(places, gains, (first, last), count)
                if found is None or (gains[found] < weak - _CHANCE).any():
                    continue
                off = is_sure & ~_is_near(places, places[found])
                gain = float(gains[found].sum() - gains[off].sum())
                if gain > best:
                    best, chosen = gain, found
    if chosen is None:
        return None
    return [candidates[index] for index in _with_outer(chosen, places, gains)]


def _with_outer(
    chosen: NDArray[np.int64], places: NDArray[np.float64], gains: NDArray[np.float64]
) -> list[int]:
    """The rules and those a pitch beyond them: the outermost may lie in a shadow."""
    pitch = float(np.diff(places[chosen]).mean())
    found = [int(index) for index in chosen]
    for end, step in ((0, -pitch), (-1, pitch)):
        near = np.abs(places - places[chosen[end]] - step) < _ASIDE * pitch
        near &= gains >= _OUTER - _CHANCE
        if near.any():
            found.append(int(np.where(near, gains, -np.inf).argmax()))
    return sorted(found)


def _is_near(places: NDArray[np.float64], rules: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Places that are part of a thick or double rule; around a table that may be a wide one."""
    pitch = float(np.diff(rules).mean())
    near = (np.abs(places - rules[:, None]) < _DOUBLE / 2 * pitch).any(axis=0)
    around = (places > rules[0] - _DOUBLE * pitch) & (places < rules[0])
    around |= (places < rules[-1] + _DOUBLE * pitch) & (places > rules[-1])
    return np.asarray(near | around)


def _strongest_near(
    places: NDArray[np.float64], gains: NDArray[np.float64], ends: tuple[int, int], count: int
) -> NDArray[np.int64] | None:
    """Which places lie at the ends and at the multiples of a pitch; None if one is empty."""
    first, last = places[list(ends)]
    wanted = np.linspace(first, last, count + 1)[1:-1, None]
    near = np.abs(places - wanted) < _ASIDE * (last - first) / count
    if last <= first or not near.any(axis=1).all():
        return None
    inner = np.where(near, gains, -np.inf).argmax(axis=1)
    return np.concatenate([[ends[0]], inner, [ends[1]]])


def add_missing(rules: list[RulePath], responses: Responses, least: float) -> list[RulePath]:
    """Add rules that the pitch of the others foretells and of which some ink is seen.

    Args:
        rules: From top to bottom.
        responses: (S, H) of the table.
        least: Least strength of what is added.

    Returns:
        The rules with those found; unchanged where they have no common pitch.
    """
    if len(rules) < 4:
        return rules
    places = np.array([rule.rows.mean() for rule in rules])
    multiples = _multiples(places)
    if multiples is None:
        return rules
    found = list(rules)
    for (above, first), (below, last) in pairwise(zip(rules, multiples, strict=True)):
        for number in range(first + 1, last):
            share = (number - first) / (last - first)
            rows = above.rows + share * (below.rows - above.rows)
            reach = max(2, round(0.08 * float(np.mean(below.rows - above.rows)) / (last - first)))
            rule = look_near(rows, responses, reach)
            if rule.strength >= least:
                found.append(rule)
    return sorted(found, key=lambda rule: float(rule.rows.mean()))


def _multiples(places: NDArray[np.float64]) -> list[int] | None:
    """How many pitches each place is from the first; None if there is no pitch."""
    gaps = np.diff(places)
    pitch = float(np.percentile(gaps, 25, method="lower"))
    near = gaps[np.abs(gaps / pitch - 1) < 0.25]
    pitch = float(near.mean())
    steps = np.rint(gaps / pitch).astype(int)
    # Steps, not distances from the first: errors of the pitch must not add up.
    regular = np.abs(gaps / np.maximum(steps, 1) / pitch - 1) < _OFF
    if not regular.all() or steps.min() < 1 or steps.max() > _WIDEST or steps.max() == 1:
        return None
    return [0, *np.cumsum(steps).tolist()] if (steps == 1).mean() >= 0.5 else None


def look_near(rows: NDArray[np.float64], responses: Responses, reach: int) -> RulePath:
    """The best straight shift of a foretold rule."""
    strips = np.arange(len(responses))
    found = []
    for shift in range(-reach, reach + 1):
        at = np.clip(np.rint(rows + shift).astype(np.int64), 0, responses.shape[1] - 1)
        found.append(make_rule(rows + shift, responses[strips, at]))
    return max(found, key=lambda rule: rule.strength)
