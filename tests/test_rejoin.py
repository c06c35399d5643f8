"""Parts of a number that was torn apart are found again; other neighbours are not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from readings import line_of

from ocrdigits.assemble import ReadPlace, StringPlace
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.records import Agreement, Box, Field, Kind, Room
from ocrdigits.rejoin import rejoin_torn

HEIGHT = 20


def part(
    x: int,
    digits: str,
    text: str,
    *,
    y: int = 100,
    room: Room | None = None,
    scale: float = 1.0,
    read_from: int | None = None,
) -> ReadPlace:
    """Digits of 14 × 20 page pixels from `x` on, in a field of their own, and what was read.

    If the string reader was asked, its line begins at `read_from`, each character 16 pixels from
    the next, the first one 9 behind it.
    """
    box = Box(x, y, 14 * len(digits), HEIGHT)
    shape = round(box.height * scale), round(box.width * scale)
    field = Field(
        Kind.LINE, box, np.zeros(shape, np.bool_), np.zeros(shape, np.float32), scale, room
    )
    characters = tuple(
        DecodedCharacter(
            digit, 0.9, Box(round(14 * k * scale), 0, round(12 * scale), round(20 * scale))
        )
        for k, digit in enumerate(digits)
    )
    place = StringPlace(field, (Hypothesis(digits, 5.0, characters),), box)
    line = None if read_from is None else line_of(text, left=read_from)
    return ReadPlace(place, line, Fusion((FusedText(text, 1.0),), 1.0, Agreement.AGREED))


def rejoined(*parts: ReadPlace) -> list[tuple[int, StringPlace]]:
    """The wholes of parts, each with the index of its first part."""
    return rejoin_torn(parts)


def test_a_separator_at_the_torn_end_joins():
    ((index, place),) = rejoined(part(50, "1", "1."), part(80, "99", "99"))
    assert index == 0
    assert place.box == Box(50, 100, 58, 20)
    assert place.paths[0].text == "199"


def test_parts_are_followed_to_the_end_and_other_lines_stay_apart():
    date = part(100, "3", "3-"), part(135, "3", "-3-"), part(170, "2007", "-2007")
    ((index, place),) = rejoined(part(100, "8", "8-", y=20), *date)
    assert index == 1
    assert place.paths[0].text == "332007"
    assert place.box == Box(100, 100, 126, 20)


def test_neighbours_without_a_separator_are_two_numbers():
    assert not rejoined(part(50, "12", "12"), part(90, "34", "34"))


def test_a_rule_or_much_paper_between_them_keeps_them_apart():
    assert not rejoined(part(50, "1", "1.", room=Room(40, 70, 1)), part(80, "99", "99"))
    assert not rejoined(part(50, "1", "1."), part(100, "99", "99"))


def test_characters_come_into_the_frame_of_the_first_part():
    ((_, place),) = rejoined(part(50, "1", "1,", scale=2.0), part(80, "5", "5", scale=1.0))
    first, second = (character.box for character in place.paths[0].characters)
    assert first == Box(0, 0, 24, 40)
    assert second == Box(60, 0, 24, 40)


def test_parts_in_which_the_same_character_was_read_are_one_number():
    left, right = part(50, "45", "458", read_from=50), part(95, "88", "588", read_from=66)
    ((index, place),) = rejoined(left, right)
    assert index == 0
    assert place.box == Box(50, 100, 73, 20)
    assert place.paths[0].text == "4588"


def test_parts_that_no_reader_reaches_across_stay_apart():
    assert not rejoined(part(50, "45", "45", read_from=50), part(95, "88", "88", read_from=86))


def test_what_is_far_higher_than_its_neighbour_is_no_part_of_it():
    high = part(95, "88", "588", read_from=66)
    high = replace(high, place=replace(high.place, box=Box(95, 85, 28, 50)))
    assert not rejoined(part(50, "45", "458", read_from=50), high)


def test_a_part_that_the_segments_reader_did_not_see_leaves_the_whole_to_the_string_reader():
    unseen = part(95, "88", "588", read_from=66)
    unseen = replace(unseen, place=replace(unseen.place, paths=()))
    ((_, place),) = rejoined(part(50, "45", "458", read_from=50), unseen)
    assert place.box == Box(50, 100, 73, 20)
    assert place.paths == ()
