"""Sure numbers say that a page lies the right way up; doubtful ones speak against it."""

from __future__ import annotations

from readings import field_reading

from ocrdigits.records import Agreement, Evidence
from ocrdigits.upright import (
    CLEARLY_UPRIGHT,
    are_vouched_for,
    is_clearly_better,
    weigh_strings,
)


def weight(*texts: str, confidence: float = 0.98) -> float:
    return weigh_strings([field_reading(it, confidence=confidence) for it in texts])


def test_a_page_of_sure_numbers_is_clearly_upright():
    assert weight("24/100", "976.24") > CLEARLY_UPRIGHT


def test_what_reads_the_same_upside_down_and_single_digits_say_nothing():
    assert weight("8010", "4", "7") == 0


def test_doubtful_numbers_speak_against_it():
    both = [field_reading("247", confidence=0.98), field_reading("41", confidence=0.4)]
    assert weigh_strings(both) < weight("247")
    assert weight("14", "72", confidence=0.5) < 0


def test_letters_that_both_readers_take_for_a_number_say_nothing():
    evidence = Evidence(0.98, Agreement.DISPUTED, 2, 0.6, number_chance=0.4)
    assert weigh_strings([field_reading("47", confidence=0.97, evidence=evidence)]) == 0


def test_another_turn_has_to_be_much_better():
    assert is_clearly_better(2.5, 0.0) and is_clearly_better(2.5, -4.0)
    assert not is_clearly_better(1.9, -4.0) and not is_clearly_better(5.0, 2.5)


def test_a_page_is_turned_only_for_a_number_that_leaves_hardly_a_doubt():
    def are(*strings: tuple[str, float]) -> bool:
        return are_vouched_for([field_reading(t, confidence=c) for t, c in strings])

    assert are(("247", 0.99), ("41", 0.4))
    assert not are(("7047", 0.96), ("70477047", 0.89))
    assert not are(("808", 0.99)) and not are(("7", 0.99)) and not are()
