"""Places and what was read there in, places of numbers that were torn apart out.

A dash or comma with some paper beside it tears a number into parts. The string reader sees a
little beyond each part: where it reads a separator at the torn end, or the same character in both
parts, the number goes on there, and it is asked once more about the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import reduce

from ocrdigits.assemble import ReadPlace, StringPlace
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.overlooked import are_level, ends_of
from ocrdigits.records import SEPARATORS, Box, Field

_WIDEST = 1.3  # heights between two parts: room for a dash
_DEEPEST = 0.3  # heights that their boxes may overlap
_EVEN = 0.5  # of the height of the higher of two parts that have a character in common …
_SAME = 0.3  # … and heights between the two places where it was read
_MARKS = frozenset(SEPARATORS)


def rejoin_torn(reads: Sequence[ReadPlace]) -> list[tuple[int, StringPlace]]:
    """Find runs of neighbours that are parts of one number.

    Args:
        reads: Anywhere on the page.

    Returns:
        One place for each run, from its first part to its last, and the index of the first.
    """
    follower = dict(_torn_pairs(reads))
    runs = []
    for first in follower.keys() - set(follower.values()):
        run = [first]
        while run[-1] in follower:
            run.append(follower[run[-1]])
        runs.append(run)
    return [(run[0], _unite([reads[index].place for index in run])) for run in sorted(runs)]


def _torn_pairs(reads: Sequence[ReadPlace]) -> Iterator[tuple[int, int]]:
    """Index of a part and of the one that follows it; each part has one neighbour a side."""
    ends = {index: ends_of(read) for index, read in enumerate(reads) if read.text}
    taken: set[int] = set()

    def goes_on(left: int, right: int) -> bool:
        before, after = reads[left], reads[right]
        a, b = before.place.outline, after.place.outline
        if not _are_in_row(before.place, after.place):
            return False
        lower, higher = sorted((a.height, b.height))
        if lower >= _EVEN * higher and ends[left][1] > ends[right][0] - _SAME * higher:
            return True
        is_marked = before.text[-1] in _MARKS or after.text[0] in _MARKS
        return is_marked and -_DEEPEST * higher <= b.x - a.right <= _WIDEST * higher

    for left in ends:
        following = [right for right in ends if right not in taken and goes_on(left, right)]
        if following:
            right = min(following, key=lambda index: reads[index].place.outline.x)
            taken.add(right)
            yield left, right


def _are_in_row(left: StringPlace, right: StringPlace) -> bool:
    """Whether one follows the other in a row, with no rule between them."""
    a, b = left.outline, right.outline
    if b.x <= a.x or b.right <= a.right or not are_level(a, b):
        return False
    return left.field.room is None or left.field.room.stop > b.x


def _unite(parts: Sequence[StringPlace]) -> StringPlace:
    """The parts as one, read by the segments reader as they follow each other, if it read all."""
    field, box = parts[0].field, reduce(Box.union, [part.outline for part in parts])
    if not all(part.paths for part in parts):
        return StringPlace(field, (), box)
    characters = tuple(
        _move(it, part.field, field) for part in parts for it in part.paths[0].characters
    )
    text = "".join(character.text for character in characters)
    score = sum(part.paths[0].score for part in parts)
    return StringPlace(field, (Hypothesis(text, score, characters),), box)


def _move(character: DecodedCharacter, old: Field, new: Field) -> DecodedCharacter:
    """A character in the frame of another field."""
    grow = new.scale / old.scale
    box = character.box
    x = (old.box.x - new.box.x) * new.scale + box.x * grow
    y = (old.box.y - new.box.y) * new.scale + box.y * grow
    moved = Box(
        round(x), round(y), max(1, round(box.width * grow)), max(1, round(box.height * grow))
    )
    return replace(character, box=moved)
