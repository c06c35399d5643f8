"""Components of one line in, how it stands out: height of its digits, slope, ends, by vote."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import LINE_PX
from ocrdigits.vision.components import Components
from ocrdigits.vision.enhance import Contrast
from ocrdigits.vision.rank import rank_value

DIGIT_PX = 22.0
"""Height of a digit in a `LineImage`."""
_MAX_SLOPE = 0.35
_UNLIKE = 1.2  # times as high, or as low, as its line: such a number is measured alone


@dataclass(frozen=True, slots=True)
class Stand:
    """How a line stands in its crop, in pixels.

    Attributes:
        middle: Height of its middle at x = 0.
        slope: Pixels downwards per pixel to the right.
        height: Height of a digit.
        left: First column …
        right: … and the one after the last.
    """

    middle: float
    slope: float
    height: float
    left: float
    right: float


def measure_stand(
    components: Components,
    chosen: NDArray[np.bool_],
    sharp: Contrast,
    target: tuple[float, float, float, float] | None = None,
) -> Stand:
    """Measure a line by vote of its tall components.

    Args:
        components: Ink of the crop.
        chosen: (N,) which of them are the line's.
        sharp: (H, W) contrast with the paper.
        target: Left, top, right and bottom of the place that is meant; None for all. Where its
            components are of another height than the letters beside them, they alone vote.

    Returns:
        Its stand; where much sticks out above or below, the line is taken for somewhat higher.
    """
    boxes = components.boxes[chosen]
    ends = float(boxes[:, 0].min()), float((boxes[:, 0] + boxes[:, 2]).max())
    stand = _stand_of(components, chosen, sharp, ends)
    meant = _meant(components, chosen, target)
    if meant is None:
        return stand
    own = _stand_of(components, meant, sharp, ends)
    is_other = abs(math.log(own.height / stand.height)) > math.log(_UNLIKE)
    return own if is_other else stand


def _stand_of(
    components: Components,
    voters: NDArray[np.bool_],
    sharp: Contrast,
    ends: tuple[float, float],
) -> Stand:
    """How a line stands by the vote of some of its components."""
    votes = _cast_votes(components, voters, sharp)  # (V, 3) middle x, top, bottom
    heights = votes[:, 2] - votes[:, 1]
    votes = votes[heights >= 0.55 * rank_value(heights, 0.8)]
    slope = _fit_slope(votes)
    tops, bottoms = votes[:, 1] - slope * votes[:, 0], votes[:, 2] - slope * votes[:, 0]
    height = rank_value(bottoms - tops)
    usual = np.abs(np.log((bottoms - tops) / height)) < 0.35
    if not usual.any():  # two that differ much
        usual[:] = True
    top, bottom = rank_value(tops[usual]), rank_value(bottoms[usual])
    widths = components.boxes[voters, 2]
    height = max(height, 0.3 * float(widths.max()) if len(widths) == 1 else 0.0, 4.0)
    # What sticks out (tails, a climbing end) must stay in the picture: make room, within reason.
    high, low = float(tops.min()), float(bottoms.max())
    room = LINE_PX / DIGIT_PX * height - 2 * height / DIGIT_PX
    middle = (top + bottom) / 2
    middle = min(max(middle, low - room / 2), high + room / 2) if low - high < room else (
        middle + 0.5 * ((high + low) / 2 - middle)
    )  # fmt: skip
    height *= float(np.clip((low - high) / room, 1.0, 1.25))
    return Stand(middle, slope, height, *ends)


def _meant(
    components: Components,
    chosen: NDArray[np.bool_],
    target: tuple[float, float, float, float] | None,
) -> NDArray[np.bool_] | None:
    """Of the line's components those that lie in the target, by more than half of their width.

    None if that are all or none.
    """
    if target is None:
        return None
    x, _, w, _ = components.boxes.T
    common = np.minimum(x + w, target[2]) - np.maximum(x, target[0])
    meant = chosen & (common > 0.5 * w)
    return meant if meant.any() and (meant != chosen).any() else None


def _cast_votes(
    components: Components, chosen: NDArray[np.bool_], sharp: Contrast
) -> NDArray[np.float64]:
    """Middle x, top and bottom of each tall component; joined digits vote in slices."""
    numbers = np.flatnonzero(chosen)
    x, y, w, h = components.boxes[numbers].T
    most = float((h * np.minimum(1.0, 3.0 * w / h)).max())
    votes: list[tuple[float, float, float]] = []
    for number, left, top, wide, high in zip(numbers, x, y, w, h, strict=True):
        if high < 0.42 * most or wide > 6 * high:
            continue
        if wide <= 1.5 * high:
            above, below = _soft_edges(sharp[:, left : left + wide], int(top), int(top + high))
            votes.append((left + wide / 2, above, below))
            continue
        mask = components.labels[top : top + high, left : left + wide] == number + 1
        edges = np.linspace(0, wide, round(wide / (0.8 * high)) + 1).astype(int)
        for start, stop in pairwise(edges):
            rows = np.flatnonzero(mask[:, start:stop].any(axis=1))
            if len(rows):
                middle = left + (start + stop) / 2
                votes.append((middle, float(top + rows[0]), float(top + rows[-1] + 1)))
    if not votes:
        whole = float(x.min()), float(y.min()), float((x + w).max()), float((y + h).max())
        votes.append(((whole[0] + whole[2]) / 2, whole[1], whole[3]))
    return np.asarray(votes, np.float64)


def _soft_edges(sharp: Contrast, top: int, bottom: int) -> tuple[float, float]:
    """Top and bottom of a stroke to a part of a pixel: where it is half as dark as at its darkest.

    In small crops a whole pixel is a twentieth of a digit.
    """
    first = max(0, top - 1)
    profile = sharp[first : bottom + 1].max(axis=1)
    half = 0.5 * float(profile.max())
    inside = np.flatnonzero(profile >= half)
    low, high = int(inside[0]), int(inside[-1])
    above, below = float(first + low), float(first + high + 1)
    if low > 0:
        above += float((half - profile[low]) / (profile[low] - profile[low - 1])) + 0.5
    if high < len(profile) - 1:
        below -= float((half - profile[high]) / (profile[high] - profile[high + 1])) + 0.5
    return float(np.clip(above, top - 1, top + 1)), float(np.clip(below, bottom - 1, bottom + 1))


def _fit_slope(votes: NDArray[np.float64]) -> float:
    """Rise of the line on which both tops and bottoms agree (Theil–Sen), the gentler of the two."""
    if len(votes) < 2:
        return 0.0
    first, second = np.triu_indices(len(votes), 1)
    apart = votes[second, 0] - votes[first, 0]
    height = rank_value(votes[:, 2] - votes[:, 1])
    far = np.abs(apart) > 0.4 * height
    if not far.any():
        return 0.0
    rises = (votes[second, 1:] - votes[first, 1:])[far] / apart[far, None]
    top, bottom = rank_value(rises[:, 0]), rank_value(rises[:, 1])
    if top * bottom <= 0:
        return 0.0
    slope = math.copysign(min(abs(top), abs(bottom)), top)
    return float(np.clip(slope, -_MAX_SLOPE, _MAX_SLOPE))
