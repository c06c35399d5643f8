"""Places of strings and what was read there in, the same with the ink beside them out.

To the segments reader an open 0 or two digits that touch may be no digit, and the number ends
before it. The string reader is asked once more about the number with what stands right beside it:
on 50 drawn forms and 48 letters and cheques one number in forty ended too early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.assemble import ScoredLine, StringPlace
from ocrdigits.ctc import align_text
from ocrdigits.fusion import Fusion
from ocrdigits.records import Box, Kind
from ocrdigits.vision.line_stand import DIGIT_PX
from ocrdigits.vision.morphology import true_runs

_GAP = 0.6  # heights of paper between two characters of one number, at most
_FURTHEST = 3.0  # heights on either side that are looked at
_LEAST_HEIGHT = 0.6  # heights: what is lower is no digit
_HIGHEST = 1.5  # heights: what is higher belongs to something else
_LEVEL = 0.5  # of the lower one's height, that neighbours on a line share
_FAR_PX = 1 << 30
_ABOVE = 0.4  # heights above and below in which ink stands beside the number
_SETTLED = 0.95  # A number this likely is not corrected …
_SURE = 0.97  # … nor by one that is less likely than this.
_LEAST_POSTERIOR = 0.9  # of the longer number …
_MOST_MORE = 2  # … which has so many times as many digits, at most …
_WIDEST_STEP = 1.7  # … no further from each other, middle to middle: `25 JUL 2026` is two numbers


def reach_beside(
    places: Sequence[StringPlace], fusions: Sequence[Fusion]
) -> list[tuple[int, StringPlace]]:
    """Find numbers that may go on in ink beside them.

    Args:
        places: Of a page.
        fusions: What was read at each.

    Returns:
        The place of each such number with that ink, not read by the segments reader, and its
        index.
    """
    found = []
    for index, (place, fusion) in enumerate(zip(places, fusions, strict=True)):
        if not place.paths or place.box is None or place.field.kind is not Kind.LINE:
            continue
        if not fusion.texts or not fusion.texts[0].digits:
            continue
        box = _reach(place, place.box, _room_of(index, places))
        if box != place.box:
            found.append((index, replace(place, paths=(), box=box)))
    return found


def goes_on(number: Fusion, longer: Fusion, line: ScoredLine | None) -> bool:
    """Whether the string reader is sure that a number goes on, and leaves out nothing in between.

    Args:
        number: What was read of it first.
        longer: What was read of it with the ink beside it …
        line: … from this line.
    """
    if line is None or not longer.texts or longer.posterior < _LEAST_POSTERIOR:
        return False
    digits, more = number.texts[0].digits, longer.texts[0].digits
    return len(digits) < len(more) and digits in more and _may_be_one(number, longer, line)


def shows_better(number: Fusion, longer: Fusion, line: ScoredLine | None) -> bool:
    """Whether a number that was in doubt is another one, seen with the ink beside it.

    Half a neighbour at the edge of a place passes for a digit: of `69-773`, found up to the first
    7, `69-1` was read.

    Args:
        number: What was read of it first.
        longer: What was read of it with the ink beside it …
        line: … from this line.
    """
    if line is None or not longer.texts or number.posterior >= _SETTLED:
        return False
    is_other = longer.texts[0].digits != number.texts[0].digits
    return is_other and longer.posterior >= _SURE and _may_be_one(number, longer, line)


def _may_be_one(number: Fusion, longer: Fusion, line: ScoredLine) -> bool:
    """Whether a longer number is not too long, and leaves no gaps."""
    digits, more = number.texts[0].digits, longer.texts[0].digits
    if not 0 < len(more) <= _MOST_MORE * len(digits):
        return False
    frames = align_text(line.scores, longer.texts[0].text)
    middles = [line.frame_px * (it.start + it.stop) / 2 for it in frames]
    return all(after - before <= _WIDEST_STEP * DIGIT_PX for before, after in pairwise(middles))


def _room_of(index: int, places: Sequence[StringPlace]) -> tuple[int, int]:
    """Columns of the page, from the first to the one past the last, between its neighbours."""
    own = places[index].outline
    left, right = 0, _FAR_PX
    for number, place in enumerate(places):
        box = place.outline
        shared = min(own.bottom, box.bottom) - max(own.y, box.y)
        if number == index or not place.paths or shared < _LEVEL * min(own.height, box.height):
            continue
        if box.x > own.x:
            right = min(right, box.x)
        else:
            left = max(left, box.right)
    return left, right


def _reach(place: StringPlace, box: Box, room: tuple[int, int]) -> Box:
    """The box of a string, with the characters right beside it."""
    field = place.field
    scale = field.scale
    height = box.height * scale
    top = (box.y - field.box.y) * scale
    rows = slice(max(0, round(top - _ABOVE * height)), max(1, round(top + (1 + _ABOVE) * height)))
    ink = field.ink[rows]
    first = round((box.x - field.box.x) * scale)
    last = round((box.right - field.box.x) * scale)
    start, stop = (round((side - field.box.x) * scale) for side in room)
    before = _reach_px(ink[:, max(start, 0) : max(first, 0)][:, ::-1], height) / scale
    after = _reach_px(ink[:, max(last, 0) : max(stop, 0)], height) / scale
    left, right = max(0, round(box.x - before)), round(box.right + after)
    return replace(box, x=left, width=right - left)


def _reach_px(ink: NDArray[np.bool_], height: float) -> int:
    """How far characters go on in ink, from its first column."""
    ink = ink[:, : round(_FURTHEST * height)]
    reach = end = 0
    for start, stop in true_runs(np.asarray(ink.any(axis=0))).tolist():
        if start - end > _GAP * height:
            break
        rows = np.flatnonzero(ink[:, start:stop].any(axis=1))
        tall = int(rows[-1] - rows[0] + 1)
        if tall > _HIGHEST * height:
            break
        end = stop
        if tall >= _LEAST_HEIGHT * height:
            reach = stop
    return reach
