"""A flattened table in, its rules out: each the darkest smooth way from one side to the other.

The table is divided into upright strips. In every strip each row has a response: how dark it is
beside the rows around it. A rule is a way through all strips along high responses that bends
little, so that curled paper, breaks and crossing ink do no harm; writing is dark in few strips.

Reference:
    The search is a dynamic programme as in Avidan & Shamir 2007, "Seam Carving for Content-Aware
    Image Resizing".
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.enhance import Contrast

_BEND_COST = 0.06  # of a response, for the square root of the rows by which a rule climbs

_FULL = 0.28  # beside thick rules thin ones are as light as that
_GAP_PX = 5  # breaks in a rule
_RUN_PX = 13  # without a break; the strokes of a line of writing are shorter

Responses = NDArray[np.float32]
"""(S, H) float32 from 0 to 1: how much of a rule each row of each strip looks like."""


@dataclass(frozen=True, slots=True)
class RulePath:
    """One rule.

    Attributes:
        strength: How much of a rule it is, 0 to 1.
        rows: (S,) where it passes through the middle of each strip.
        responses: (S,) its response in each strip.
    """

    strength: float
    rows: NDArray[np.float64]
    responses: Responses


@dataclass(frozen=True, slots=True)
class TracedRules:
    """The rules of one direction of a flattened table, as if they were level.

    Attributes:
        rules: From top to bottom.
        responses: In which they were traced.
        middles: (S,) x of the middle of each strip.
    """

    rules: list[RulePath]
    responses: Responses
    middles: NDArray[np.float64]


def respond_to_rules(contrast: Contrast, strips: NDArray[np.int64], noise: float) -> Responses:
    """Measure how much of a level rule each row of each strip looks like.

    Args:
        contrast: (H, W) of the flattened table.
        strips: (S + 1,) columns between which the strips lie.
        noise: Standard deviation of the paper.

    Returns:
        The responses: 1 where a row is a good part as dark as the darkest rules are.
    """
    thick = max(3, round(contrast.shape[0] / 150)) | 1
    grown = cv2.dilate(contrast, np.ones((3, 1), np.uint8))  # rules lean within a strip
    bridged = cv2.morphologyEx(grown, cv2.MORPH_CLOSE, np.ones((1, _GAP_PX), np.uint8))
    runs = cv2.morphologyEx(bridged, cv2.MORPH_OPEN, np.ones((1, _RUN_PX), np.uint8))
    usual = float(np.percentile(contrast, 97))
    dark: Contrast = np.asarray(np.clip(runs, 0, usual), np.float32)
    means = _lighter_half(dark, np.asarray(strips, np.int64))
    around = cv2.blur(means, (1, 8 * thick + 1))
    ridges = np.clip(means - np.minimum(around, means), 0, None)
    darkest = np.percentile(ridges, 98, axis=0)  # a shadow weakens the strips it falls on
    darkest = np.maximum(darkest, 0.3 * float(np.median(darkest)))
    full = np.maximum(_FULL * darkest, 3 * noise)
    crests = cv2.dilate(ridges, np.ones((2 * thick + 1, 1), np.uint8)) + np.float32(1e-3)
    # The middle of a thick rule is worth more than its flanks, and those are no rules beside it.
    shares = ridges / crests
    likeness = np.clip(ridges / full, 0, 1) * (0.9 + 0.1 * shares) * (shares >= 0.7)
    return np.ascontiguousarray(likeness.T.astype(np.float32))


def _lighter_half(contrast: NDArray[np.float32], strips: NDArray[np.int64]) -> Contrast:
    """(H, S) mean of the lighter two quarters of each strip: writing has gaps there, rules none."""
    fine = np.interp(np.arange(4 * len(strips) - 3) / 4, np.arange(len(strips)), strips)
    bounds = fine.round().astype(np.int64)
    sums = np.add.reduceat(contrast[:, : bounds[-1]], bounds[:-1], axis=1)
    quarters = (sums / np.diff(bounds)).reshape(len(contrast), -1, 4)
    return np.asarray(np.sort(quarters, axis=2)[:, :, :2].mean(axis=2), np.float32)


def make_rule(rows: NDArray[np.float64], responses: Responses) -> RulePath:
    """Judge a way: rules respond evenly, a line of writing here and there.

    Args:
        rows: (S,) where it passes through the strips.
        responses: (S,) its response in each.

    Returns:
        The rule.
    """
    strength = (float(responses.mean()) + float(np.percentile(responses, 30))) / 2
    return RulePath(strength, rows, responses)


def trace_rules(
    responses: Responses, *, max_step: int, least: float, apart: int, count: int
) -> list[RulePath]:
    """Find the rules one after the other, strongest first.

    Args:
        responses: From `respond_to_rules`.
        max_step: Rows by which a rule may climb or fall from strip to strip.
        least: Least strength.
        apart: Rules are at least this many rows apart.
        count: Most rules.

    Returns:
        The rules from top to bottom.
    """
    left = responses.copy()
    rules: list[RulePath] = []
    reach = np.arange(-apart, apart + 1)
    strips = np.arange(len(left))
    while len(rules) < count:
        ways = _disjoint_ways(left, max_step, least, apart)
        for rows in ways:
            along = left[strips, rows]
            rules.append(make_rule(rows.astype(np.float64), along))
        if not ways:
            break
        for rows in ways:
            near = np.clip(rows[:, None] + reach, 0, left.shape[1] - 1)
            left[strips[:, None], near] = 0
    return sorted(rules[:count], key=lambda rule: float(rule.rows.mean()))


def _disjoint_ways(
    responses: Responses, max_step: int, least: float, apart: int
) -> list[NDArray[np.int64]]:
    """(S,) rows each, of the ways with the highest sums that do not meet; bends cost a little."""
    steps = np.arange(-max_step, max_step + 1)
    count, height = responses.shape
    back = np.zeros((count, height), np.int64)
    best = responses[0]
    for strip in range(1, count):
        padded = np.pad(best, max_step, constant_values=-1e6)
        top, via = np.full(height, -1e6, np.float32), np.zeros(height, np.int64)
        for step in steps:
            way = padded[max_step + step : max_step + step + height]
            way = way - np.float32(_BEND_COST * abs(step) ** 0.5)
            via = np.where(way > top, step, via)
            top = np.maximum(way, top)
        back[strip] = via
        best = top + responses[strip]
    peaks = best >= cv2.dilate(best[None], np.ones((1, 2 * apart + 1), np.uint8))[0]
    ends = np.flatnonzero(peaks & (best >= least * count))
    ways = np.empty((len(ends), count), np.int64)
    ways[:, -1] = ends[np.argsort(-best[ends], kind="stable")]
    for strip in range(count - 1, 0, -1):
        ways[:, strip - 1] = ways[:, strip] + back[strip, ways[:, strip]]
    kept: list[NDArray[np.int64]] = []
    for rows in ways:
        if all((np.abs(rows - other) > apart).all() for other in kept):
            kept.append(rows)
    return kept
