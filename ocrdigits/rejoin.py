"""Places and what was read there in, places of numbers that were torn apart out.

A dash or comma with some paper beside it tears a number into parts. The string reader sees a
little beyond each part: where it reads a separator at the torn end, the number goes on there, and
it is asked once more about the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ocrdigits.assemble import StringPlace
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.fusion import Fusion
from ocrdigits.records import SEPARATORS, Box, Field

_WIDEST = 1.3  # heights between two parts: room for a dash
_DEEPEST = 0.3  # heights that their boxes may overlap
_LEVEL = 0.5  # of the lower part's height, beside the other
_MARKS = frozenset(SEPARATORS)


def rejoin_torn(
    places: Sequence[StringPlace], fusions: Sequence[Fusion]
) -> list[tuple[int, StringPlace]]:
    """Find runs of neighbours that are parts of one number.

    Args:
        places: Anywhere on the page.
        fusions: What was read at each.

    Returns:
        One place for each run, from its first part to its last, and the index of the first.
    """
    follower = dict(_torn_pairs(places, fusions))
    runs = []
    for first in follower.keys() - set(follower.values()):
        run = [first]
        while run[-1] in follower:
            run.append(follower[run[-1]])
        runs.append(run)
    return [(run[0], _unite([places[index] for index in run])) for run in sorted(runs)]


def _torn_pairs(
    places: Sequence[StringPlace], fusions: Sequence[Fusion]
) -> Iterator[tuple[int, int]]:
    """Index of a part and of the one that follows it; each part has one neighbour a side."""
    texts = [fusion.texts[0].text if fusion.texts else "" for fusion in fusions]
    read = [index for index, text in enumerate(texts) if text and places[index].paths]
    taken: set[int] = set()
    for left in read:
        goes_on = texts[left][-1] in _MARKS
        after = [
            right
            for right in read
            if right not in taken
            and (goes_on or texts[right][0] in _MARKS)
            and _are_neighbours(places[left], places[right])
        ]
        if after:
            right = min(after, key=lambda index: _box_of(places[index]).x)
            taken.add(right)
            yield left, right


def _are_neighbours(left: StringPlace, right: StringPlace) -> bool:
    """Whether one follows the other in a row, with no rule between them."""
    a, b = _box_of(left), _box_of(right)
    height = max(a.height, b.height)
    if b.x <= a.x or not -_DEEPEST * height <= b.x - a.right <= _WIDEST * height:
        return False
    shared = min(a.bottom, b.bottom) - max(a.y, b.y)
    if shared < _LEVEL * min(a.height, b.height):
        return False
    return left.field.room is None or left.field.room[1] > b.x


def _box_of(place: StringPlace) -> Box:
    return place.field.box if place.box is None else place.box


def _unite(parts: Sequence[StringPlace]) -> StringPlace:
    """The parts as one, read by the segments reader as they follow each other."""
    field, box = parts[0].field, _box_of(parts[0])
    characters: list[DecodedCharacter] = []
    for part in parts:
        box = box.union(_box_of(part))
        characters += [_move(it, part.field, field) for it in part.paths[0].characters]
    text = "".join(character.text for character in characters)
    score = sum(part.paths[0].score for part in parts)
    return StringPlace(field, (Hypothesis(text, score, tuple(characters)),), box)


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
