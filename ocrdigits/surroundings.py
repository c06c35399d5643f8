"""All that was asked about a page in, what the rest of it says of one of its strings out.

A letter alone often looks like a digit. That it is one of a word shows beside it, and that the
page is one of words shows in how much else is written there. That a number was torn apart shows in
another one right beside it, that two were taken for one in a wide gap.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.fusion import Fusion
from ocrdigits.records import Agreement, Box, Field, Kind, Standing

_SURE = 0.98  # posterior of a place at which both readers agree that it is a number
_REACH = 6.0  # heights on either side of a string, where the rest of its line counts
_MOST_BESIDE = 8.0  # heights of letters there that say all there is to say
_MOST_ELSEWHERE = (
    3.0  # on a page of words there may yet be one number: 20 times as many say no more
)
_ONE_LINE = 0.5  # of the lower of two boxes: what they share if they stand on one line
_PART = 0.3  # of a box that lies in another, if the two are about the same ink
_IN_LINE = 0.5  # heights by which one edge, or the middle, of strings in a column may differ
_AS_HIGH = 1.7  # times as high or low, at most
_COLUMN_REACH = (0.5, 12.0)  # heights up or down, from the next line on
_MOST_IN_COLUMN = 6.0  # numbers there that say all there is to say
_LIKELY = 0.5  # posterior of a neighbour
_PARTED = 0.6  # heights from a neighbour that is no part of the same number
_LEAST_TO_COMPARE = 3  # digits: two have one gap, and nothing to tell whether it is wide
_UNEVEN = 0.15  # heights by which gaps differ in any number
_WIDEST = 1.35  # heights above that which say all there is to say

Boxes = NDArray[np.float64]
"""(N, 4): left, top, right, bottom, page frame."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the strings of a page.

    Attributes:
        fields: Where there is writing.
        numbers: Where the sure numbers are.
        places: Where all places that may be numbers are …
        chances: … and (N,) the posterior of each, 0 where no digit was read.
    """

    fields: Boxes
    numbers: Boxes
    places: Boxes
    chances: NDArray[np.float64]

    def standing_of(
        self, box: Box, field: Field, characters: Sequence[tuple[str, Box]] = ()
    ) -> Standing:
        """How a string stands among the writing of its page.

        Args:
            box: The string, page frame.
            field: The writing that it was found in.
            characters: Its characters, left to right, and where they stand, page frame.

        Returns:
            The standing.
        """
        return Standing(
            letters_beside=self._letters_beside(box),
            letters_elsewhere=self._letters_elsewhere(box),
            height=math.log(box.height / self._line_height(box)),
            share=min(1.0, box.width / field.box.width),
            column=self._column(box),
            walls=0 if field.room is None else field.room.walls,
            neighbour=self._neighbour(box),
            gap=0.0 if field.kind is Kind.COMB else _gap_in(characters),
        )

    def _neighbour(self, box: Box) -> float:
        left, top, right, bottom = self.places.T
        lower = np.minimum(bottom - top, box.height)
        is_near = np.minimum(bottom, box.bottom) - np.maximum(top, box.y) >= _ONE_LINE * lower
        is_near &= np.maximum(bottom - top, box.height) <= _AS_HIGH * lower
        is_near &= self.chances >= _LIKELY
        own = _corners([box])
        smaller = np.minimum(_area(self.places), _area(own))
        is_near &= _overlap(self.places, own) <= _PART * smaller
        away = np.maximum(np.maximum(left - box.right, box.x - right), 0) / lower
        nearest = float(away[is_near].min(initial=_PARTED))
        return 1 - nearest / _PARTED

    def _column(self, box: Box) -> float:
        left, top, right, bottom = self.places.T
        middle, height = (box.y + box.bottom) / 2, float(box.height)
        away = np.abs((top + bottom) / 2 - middle) / height
        scale = (bottom - top) / height
        sides = np.stack([left - box.x, right - box.right, (left + right - box.x - box.right) / 2])
        nearest, farthest = _COLUMN_REACH
        in_column = (away > nearest) & (away <= farthest)
        in_column &= (scale <= _AS_HIGH) & (scale >= 1 / _AS_HIGH)
        in_column &= np.abs(sides).min(axis=0) <= _IN_LINE * height
        return math.log1p(min(float(self.chances[in_column].sum()), _MOST_IN_COLUMN))

    def _letters_beside(self, box: Box) -> float:
        own = _corners([box])
        others = self.numbers[_overlap(self.numbers, own) < _PART * _area(own)]
        width = _width_beside(self.fields, box) - _width_beside(others, box)
        return min(max(width / box.height, 0.0), _MOST_BESIDE) / _MOST_BESIDE

    def _letters_elsewhere(self, box: Box) -> float:
        own = _corners([box])
        others = self.fields[_overlap(self.fields, own) <= _PART * _area(own)]
        if not len(others):
            return 0.0
        width, height = (others[:, 2:] - others[:, :2]).T
        inside = _overlap(others[:, None], self.numbers[None]) > _PART * _area(self.numbers)
        read = np.minimum((inside * (self.numbers[:, 2] - self.numbers[:, 0])).sum(axis=1), width)
        left = width - read
        left[(read > 0) & (left <= height)] = 0  # a sign beside a number is no word
        words, numbers = (left / height).sum(), (read / height).sum()
        return min(math.log((words + 1) / (numbers + 1)), _MOST_ELSEWHERE)

    def _line_height(self, box: Box) -> float:
        width, height = (self.fields[:, 2:] - self.fields[:, :2]).T
        lines = height[width > 1.5 * height]
        return float(np.median(lines)) if len(lines) else float(box.height)


def survey_page(
    fields: Sequence[Field], boxes: Sequence[Box], fusions: Sequence[Fusion]
) -> Surroundings:
    """Gather what stands around the strings of a page.

    Args:
        fields: All fields of the page.
        boxes: Places that were asked about, page frame …
        fusions: … and what was read at each.

    Returns:
        The surroundings.
    """
    sure = [box for box, fusion in zip(boxes, fusions, strict=True) if _is_sure(fusion)]
    return Surroundings(
        _corners([field.box for field in fields]),
        _corners(sure),
        _corners(boxes),
        np.array([fusion.posterior if fusion.has_digits else 0.0 for fusion in fusions]),
    )


def _gap_in(characters: Sequence[tuple[str, Box]]) -> float:
    """`Standing.gap` of a string with these characters."""
    heights = [box.height for text, box in characters if text.isdigit()]
    if len(heights) < _LEAST_TO_COMPARE:
        return 0.0
    steps = list(pairwise(characters))
    gaps = [after.x - before.right for (_, before), (_, after) in steps]
    between = [gap for gap, (a, b) in zip(gaps, steps, strict=True) if (a[0] + b[0]).isdigit()]
    if not between:
        return 0.0
    wider = (max(between) - float(np.median(gaps))) / float(np.median(heights))
    return min(max(wider - _UNEVEN, 0.0), _WIDEST)


def _is_sure(fusion: Fusion) -> bool:
    """Whether both readers agree on a number, with hardly a doubt."""
    is_agreed = fusion.agreement is Agreement.AGREED
    return is_agreed and fusion.posterior > _SURE and fusion.has_digits


def _corners(boxes: Sequence[Box]) -> Boxes:
    corners = [(box.x, box.y, box.right, box.bottom) for box in boxes]
    return np.asarray(corners, np.float64).reshape(-1, 4)


def _area(boxes: Boxes) -> NDArray[np.float64]:
    return np.asarray((boxes[..., 2] - boxes[..., 0]) * (boxes[..., 3] - boxes[..., 1]))


def _overlap(some: Boxes, others: Boxes) -> NDArray[np.float64]:
    """What boxes share, px²; `some` and `others` are broadcast."""
    first = np.maximum(some[..., :2], others[..., :2])
    last = np.minimum(some[..., 2:], others[..., 2:])
    return np.asarray(np.prod(np.maximum(last - first, 0), axis=-1))


def _width_beside(boxes: Boxes, box: Box) -> float:
    """Width of what boxes on the line of one cover near it, outside of it, px."""
    left, top, right, bottom = boxes.T
    shared = np.minimum(bottom, box.bottom) - np.maximum(top, box.y)
    on_line = shared >= _ONE_LINE * np.minimum(bottom - top, box.height)
    reach = _REACH * box.height
    spans = ((box.x - reach, box.x), (box.right, box.right + reach))
    return sum(
        float(np.maximum(np.minimum(right, b) - np.maximum(left, a), 0)[on_line].sum())
        for a, b in spans
    )
