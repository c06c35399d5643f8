"""Letters of a word stand close, and a page of words has few numbers: both make less sure."""

from __future__ import annotations

import numpy as np
import pytest

from ocrdigits.calibration import GroupMap
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.records import FREE_ROOM, Agreement, Box, Evidence, Field, Kind, Room
from ocrdigits.surroundings import survey_page

NUMBER = Fusion((FusedText("42", 0.99),), 0.99, Agreement.AGREED)
NONE = Fusion((FusedText("", 0.99), FusedText("1", 0.01)), 0.99, Agreement.AGREED)
SOMEWHERE = Box(0, 0, 4, 6)
DISPUTED = Fusion((FusedText("42", 0.99),), 0.99, Agreement.DISPUTED)


def company(*others: Fusion) -> float:
    return survey_page((10, 10), [], [SOMEWHERE] * (1 + len(others)), [NUMBER, *others]).company_of(
        NUMBER
    )


def test_numbers_are_good_company_and_words_are_not():
    assert company(NUMBER, NUMBER) > company(NUMBER) > company(NONE) > company(NONE, NONE)
    assert company(DISPUTED) == company(NONE)


def test_nobody_is_company_to_oneself():
    assert company() == survey_page((10, 10), [], [SOMEWHERE], [DISPUTED]).company_of(DISPUTED)


def test_a_word_at_first_glance_counts_like_a_place_without_a_number():
    asked = survey_page((10, 10), [], [SOMEWHERE] * 2, [DISPUTED, NONE])
    glanced = survey_page((10, 10), [], [SOMEWHERE], [DISPUTED], words=1)
    assert glanced.company_of(DISPUTED) == asked.company_of(DISPUTED)


def test_a_map_weighs_room_and_company():
    free = Evidence(0.9, Agreement.AGREED, 2, 0.9)
    crowded = Evidence(0.9, Agreement.AGREED, 2, 0.9, room=FREE_ROOM - 2)
    among_words = Evidence(0.9, Agreement.AGREED, 2, 0.9, company=-2.0)
    plain, weighs = GroupMap(), GroupMap(room=0.7, company=0.5)
    assert plain.confidence(crowded) == plain.confidence(free) == weighs.confidence(free)
    assert weighs.confidence(crowded) < weighs.confidence(free)
    assert weighs.confidence(among_words) < weighs.confidence(free)


def field_at(place: Box, room: Room | None = None) -> Field:
    ink = np.ones((place.height, place.width))
    return Field(Kind.LINE, place, ink.astype(bool), ink.astype(np.float32), 1.0, room)


def standing(box: Box, *others: Box, numbers: tuple[Box, ...] = ()):
    """How a string in a field of its own stands among others, some of them sure numbers."""

    fields = [field_at(place) for place in (box, *others)]
    asked = (box, *numbers)
    fusions = [DISPUTED, *[NUMBER] * len(numbers)]
    return survey_page((300, 1000), fields, asked, fusions).standing_of(box, fields[0])


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
    around = survey_page((300, 1000), [], [], [])
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
    around, box = survey_page((300, 1000), [], [], []), Box(400, 100, 20, 20)
    assert around.standing_of(box, field_at(box)).walls == 0
    assert around.standing_of(box, field_at(box, Room(380, 440, 2))).walls == 2
