"""Letters of a word stand close, and a page of words has few numbers: both make less sure."""

from __future__ import annotations

from ocrdigits.calibration import GroupMap
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.records import FREE_ROOM, Agreement, Evidence
from ocrdigits.surroundings import survey_page

NUMBER = Fusion((FusedText("42", 0.99),), 0.99, Agreement.AGREED)
NONE = Fusion((FusedText("", 0.99), FusedText("1", 0.01)), 0.99, Agreement.AGREED)
DISPUTED = Fusion((FusedText("42", 0.99),), 0.99, Agreement.DISPUTED)


def company(*others: Fusion) -> float:
    return survey_page((10, 10), [], [NUMBER, *others]).company_of(NUMBER)


def test_numbers_are_good_company_and_words_are_not():
    assert company(NUMBER, NUMBER) > company(NUMBER) > company(NONE) > company(NONE, NONE)
    assert company(DISPUTED) == company(NONE)


def test_nobody_is_company_to_oneself():
    assert company() == survey_page((10, 10), [], [DISPUTED]).company_of(DISPUTED)


def test_a_word_at_first_glance_counts_like_a_place_without_a_number():
    asked = survey_page((10, 10), [], [DISPUTED, NONE])
    glanced = survey_page((10, 10), [], [DISPUTED], words=1)
    assert glanced.company_of(DISPUTED) == asked.company_of(DISPUTED)


def test_a_map_weighs_room_and_company():
    free = Evidence(0.9, Agreement.AGREED, 2, 0.9)
    crowded = Evidence(0.9, Agreement.AGREED, 2, 0.9, room=FREE_ROOM - 2)
    among_words = Evidence(0.9, Agreement.AGREED, 2, 0.9, company=-2.0)
    plain, weighs = GroupMap(), GroupMap(room=0.7, company=0.5)
    assert plain.confidence(crowded) == plain.confidence(free) == weighs.confidence(free)
    assert weighs.confidence(crowded) < weighs.confidence(free)
    assert weighs.confidence(among_words) < weighs.confidence(free)
