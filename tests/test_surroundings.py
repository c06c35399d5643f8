"""How a string stands: letters beside it, words elsewhere, its column, neighbours and gaps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.records import Agreement, Box, Field, Kind, Room
from ocrdigits.surroundings import survey_page

NUMBER = Fusion((FusedText("42", 0.99),), 0.99, Agreement.AGREED)
DISPUTED = Fusion((FusedText("42", 0.99),), 0.99, Agreement.DISPUTED)


def field_at(place: Box, room: Room | None = None) -> Field:
    ink = np.ones((place.height, place.width))
    return Field(Kind.LINE, place, ink.astype(bool), ink.astype(np.float32), 1.0, room)


def standing(box: Box, *others: Box, numbers: tuple[Box, ...] = ()):
    """How a string in a field of its own stands among others, some of them sure numbers."""

    fields = [field_at(place) for place in (box, *others)]
    asked = (box, *numbers)
    fusions = [DISPUTED, *[NUMBER] * len(numbers)]
    return survey_page(fields, asked, fusions).standing_of(box, fields[0])


def test_letters_on_the_line_of_a_string_are_measured_in_its_heights():
    alone = Box(400, 100, 30, 20)
    beside, above = Box(440, 100, 40, 20), Box(440, 40, 40, 20)
    assert standing(alone).letters_beside == 0
    assert standing(alone, above).letters_beside == 0
    assert standing(alone, beside).letters_beside == pytest.approx(40 / 20 / 8)
    assert standing(alone, beside, numbers=(beside,)).letters_beside == 0


def test_words_elsewhere_are_weighed_against_numbers_there():
    alone, word, number = Box(400, 100, 30, 20), Box(10, 10, 200, 20), Box(10, 200, 200, 20)
    assert standing(alone).letters_elsewhere == 0
    assert standing(alone, word).letters_elsewhere == pytest.approx(np.log(10 + 1))
    both = standing(alone, word, number, numbers=(number,))
    assert both.letters_elsewhere == pytest.approx(0)
    assert standing(alone, *[word] * 9).letters_elsewhere == 3


def test_a_sign_beside_a_number_is_no_word():
    alone, whole = Box(400, 100, 30, 20), Box(10, 200, 100, 20)
    number = Box(25, 200, 85, 20)
    assert standing(alone, whole, numbers=(number,)).letters_elsewhere < 0


def test_a_string_is_measured_by_the_lines_of_its_page():
    lines = [Box(10, 10, 200, 40), Box(10, 200, 200, 40), Box(500, 200, 10, 80)]
    assert standing(Box(400, 100, 10, 20), *lines).height == pytest.approx(np.log(0.5))
    assert standing(Box(400, 100, 10, 20)).height == 0


def test_a_part_of_a_word_is_a_small_share_of_it():
    around = survey_page([], [], [])
    word = field_at(Box(0, 0, 100, 20))
    assert around.standing_of(Box(0, 0, 10, 20), word).share == pytest.approx(0.1)
    assert around.standing_of(Box(0, 0, 110, 20), word).share == 1


def test_numbers_above_and_below_make_a_column():
    alone = Box(400, 100, 20, 20)
    column = [Box(400, y, 20, 20) for y in (60, 140, 180)]
    assert standing(alone).column == 0
    assert standing(alone, numbers=column).column == pytest.approx(np.log1p(3 * NUMBER.posterior))
    right_aligned = Box(360, 140, 60, 20)
    aside, low, far = Box(450, 140, 20, 20), Box(400, 140, 20, 5), Box(400, 400, 20, 20)
    assert standing(alone, numbers=(right_aligned,)).column > 0
    for other in (aside, low, far):
        assert standing(alone, numbers=(other,)).column == 0


def test_rules_beside_a_string_are_its_walls():
    around, box = survey_page([], [], []), Box(400, 100, 20, 20)
    assert around.standing_of(box, field_at(box)).walls == 0
    assert around.standing_of(box, field_at(box, Room(380, 440, 2))).walls == 2


def test_a_number_right_beside_a_string_may_be_its_other_part():
    part = Box(400, 100, 30, 20)
    touching, near, far = (Box(430 + gap, 102, 40, 18) for gap in (0, 6, 30))
    assert standing(part, numbers=(touching,)).neighbour == 1
    assert standing(part, numbers=(near,)).neighbour == pytest.approx(1 - 6 / 18 / 0.6)
    before = Box(360, 100, 40, 20)
    assert standing(part, numbers=(before,)).neighbour == 1
    for other in (far, Box(430, 130, 40, 20), Box(430, 100, 40, 60), Box(400, 100, 70, 20)):
        assert standing(part, numbers=(other,)).neighbour == 0


def gap_in(text: str, *lefts: int, kind: Kind = Kind.LINE) -> float:
    """Of characters 10 wide and 20 high."""
    characters = [(it, Box(left, 100, 10, 20)) for it, left in zip(text, lefts, strict=True)]
    around, field = survey_page([], [], []), field_at(Box(0, 100, 200, 20))
    return around.standing_of(field.box, replace(field, kind=kind), characters).gap


def test_a_gap_much_wider_than_the_others_may_part_two_numbers():
    assert gap_in("1234", 0, 12, 24, 36) == 0
    assert gap_in("1234", 0, 12, 24, 50) == pytest.approx((16 - 2) / 20 - 0.15)
    assert gap_in("1234", 0, 12, 24, 199) == pytest.approx(1.35)
    assert gap_in("12.4", 0, 12, 30, 48) == 0  # separators have room of their own
    assert gap_in("12", 0, 40) == 0
    assert gap_in("1234", 0, 12, 24, 50, kind=Kind.COMB) == 0
