"""Places of strings and what was read there in, the same with the ink beside them out.

To the segments reader an open 0, small print or two digits that touch may be no digit, and the
number ends before it. The string reader sees a little beyond each place: where it reads on there,
it is asked once more, as far as it has read; then about each number with what stands right beside
it. On 150 drawn cheques one number in twelve and on 50 drawn forms one in forty ended too early.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.assemble import ReadPlace, ScoredLine, StringPlace
from ocrdigits.ctc import align_text
from ocrdigits.records import LINE_PX, Box, Kind, digits_of
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.line_stand import DIGIT_PX
from ocrdigits.vision.morphology import true_runs

_GAP = 0.6  # heights of paper between two characters of one number, at most
_FURTHEST = 3.0  # heights on either side that are looked at
_LEAST_HEIGHT = 0.6  # heights: what is lower is no digit
_HIGHEST = 1.5  # heights: what is higher belongs to something else
_LEVEL = 0.5  # of the lower one's height, that neighbours on a line share
_FAR_PX = 1 << 30
_HALF = 0.4  # heights from the middle of a character to its side
_ABOVE = 0.4  # heights above and below in which ink stands beside the number
_SETTLED = 0.95  # A number this likely is not corrected …
_SURE = 0.97  # … nor by one that is less likely than this.
_LEAST_POSTERIOR = 0.9  # of the longer number …
_MOST_MORE = 2  # … which has so many times as many digits, at most …
_WIDEST_STEP = 1.7  # … no further from each other, middle to middle: `25 JUL 2026` is two numbers


def follow_beyond(read: ReadPlace, places: Sequence[StringPlace]) -> StringPlace | None:
    """Find how far a number was read beyond its place.

    Args:
        read: At a place of a page.
        places: All that were found there; it is not followed into others.

    Returns:
        Its place as far as it was read, not read by the segments reader; None where it was not
        read beyond it.
    """
    place = read.place
    if place.field.kind is not Kind.LINE or not digits_of(read.text):
        return None
    first, last = ends_of(read)
    own, half = place.outline, _HALF * place.outline.height
    left, right = _room_of(own, places)
    start = min(own.x, max(0, left, round(first - half))) if first < own.x else own.x
    stop = max(own.right, min(right, round(last + half))) if last > own.right else own.right
    if stop - start == own.width:
        return None
    return replace(place, paths=(), box=replace(own, x=start, width=stop - start))


def says_more(number: ReadPlace, longer: ReadPlace) -> bool:
    """Whether a number that was read beyond its place has more digits as far as it was read."""
    is_longer = len(digits_of(longer.text)) > len(digits_of(number.text))
    return is_longer and is_unbroken(longer)


def is_as_sure(number: ReadPlace, longer: ReadPlace) -> bool:
    """Whether a longer number is nearly as likely as a shorter one, or likely enough."""
    return longer.fusion.posterior >= min(number.fusion.posterior, _SETTLED)


def ends_of(read: ReadPlace) -> tuple[float, float]:
    """Find where the string reader sees the ends of a text.

    Args:
        read: A text, at least one character of it.

    Returns:
        Columns of the page in the middle of its first and of its last character; where nobody
        knows, they are nowhere near a neighbour's.
    """
    if read.line is None:
        return math.inf, -math.inf
    look = read.line.best_look(read.text)
    middles = _middles(read.text, look)
    points = np.array([[middle, LINE_PX / 2] for middle in (middles[0], middles[-1])])
    first, last = map_points(points, look.line.crop_from_line)[:, 0].tolist()
    return first, last


def reach_beside(reads: Sequence[ReadPlace]) -> list[tuple[int, StringPlace]]:
    """Find numbers that may go on in ink beside them.

    Args:
        reads: Of a page.

    Returns:
        The place of each such number with that ink, not read by the segments reader, and its
        index.
    """
    places = [read.place for read in reads]
    found = []
    for index, (read, place) in enumerate(zip(reads, places, strict=True)):
        if not place.paths or place.box is None or place.field.kind is not Kind.LINE:
            continue
        if not digits_of(read.text):
            continue
        box = _reach(place, place.box, _room_of(place.box, places))
        if box != place.box:
            found.append((index, replace(place, paths=(), box=box)))
    return found


def goes_on(number: ReadPlace, longer: ReadPlace) -> bool:
    """Whether the string reader is sure that a number goes on, and leaves out nothing in between.

    Args:
        number: As it was read first.
        longer: As it was read with the ink beside it.
    """
    digits, more = digits_of(number.text), digits_of(longer.text)
    is_sure = longer.fusion.posterior >= _LEAST_POSTERIOR
    return is_sure and len(digits) < len(more) and digits in more and _may_be_one(number, longer)


def shows_better(number: ReadPlace, longer: ReadPlace) -> bool:
    """Whether a number that was in doubt is another one, seen with the ink beside it.

    Half a neighbour at the edge of a place passes for a digit: of `69-773`, found up to the first
    7, `69-1` was read.

    Args:
        number: As it was read first.
        longer: As it was read with the ink beside it.
    """
    if number.fusion.posterior >= _SETTLED or longer.fusion.posterior < _SURE:
        return False
    return digits_of(longer.text) != digits_of(number.text) and _may_be_one(number, longer)


def is_unbroken(number: ReadPlace) -> bool:
    """Whether the characters of a number stand beside each other, without gaps.

    Returns:
        False also where nothing was read, or not by the string reader.
    """
    if number.line is None or not number.text:
        return False
    steps = pairwise(_middles(number.text, number.line))
    return all(after - before <= _WIDEST_STEP * DIGIT_PX for before, after in steps)


def _middles(text: str, look: ScoredLine) -> list[float]:
    """Columns of a line in the middle of each character of a text."""
    return [look.frame_px * (it.start + it.stop) / 2 for it in align_text(look.scores, text)]


def _may_be_one(number: ReadPlace, longer: ReadPlace) -> bool:
    """Whether a longer number is not too long, and leaves no gaps."""
    digits, more = digits_of(number.text), digits_of(longer.text)
    return 0 < len(more) <= _MOST_MORE * len(digits) and is_unbroken(longer)


def are_level(a: Box, b: Box) -> bool:
    """Whether two boxes stand on one line."""
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    return shared >= _LEVEL * min(a.height, b.height)


def _room_of(own: Box, places: Sequence[StringPlace]) -> tuple[int, int]:
    """Columns of the page, from the first to the one past the last, between its neighbours."""
    left, right = 0, _FAR_PX
    for place in places:
        box = place.outline
        if box.x >= own.x and box.right <= own.right:
            continue  # itself, or a part of it
        if not place.paths or not are_level(own, box):
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
