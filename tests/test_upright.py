"""Sure numbers say that a page lies the right way up; doubtful ones speak against it."""

from __future__ import annotations

from readings import field_reading

from ocrdigits.records import Agreement, Evidence, Standing
from ocrdigits.settings import NumberSettings
from ocrdigits.upright import (
    CLEARLY_UPRIGHT,
    are_vouched_for,
    is_clearly_better,
    weigh_strings,
)

SETTINGS = NumberSettings()


def weight(*texts: str, confidence: float = 0.98) -> float:
    return weigh_strings([field_reading(it, confidence=confidence) for it in texts], SETTINGS)


def test_a_page_of_sure_numbers_is_clearly_upright():
    assert weight("24/100", "976.24") > CLEARLY_UPRIGHT


def test_what_reads_the_same_upside_down_and_single_digits_say_nothing():
    assert weight("8010", "4", "7") == 0


def test_doubtful_numbers_speak_against_it():
    both = [field_reading("247", confidence=0.98), field_reading("41", confidence=0.4)]
    assert weigh_strings(both, SETTINGS) < weight("247")
    assert weight("14", "72", confidence=0.5) < 0


def test_letters_that_both_readers_take_for_a_number_say_nothing():
    text = Standing(letters_beside=0.9, letters_elsewhere=3.0, height=0.0, share=0.2)
    evidence = Evidence(0.98, Agreement.DISPUTED, 2, 0.6, standing=text)
    assert weigh_strings([field_reading("47", confidence=0.97, evidence=evidence)], SETTINGS) == 0


def test_another_turn_has_to_be_much_better():
    assert is_clearly_better(2.5, 0.0) and is_clearly_better(2.5, -4.0)
    assert not is_clearly_better(1.9, -4.0) and not is_clearly_better(5.0, 2.5)


def test_a_page_is_turned_only_for_a_number_that_leaves_hardly_a_doubt():
    alone = Standing(letters_beside=0.0, letters_elsewhere=0.0, height=0.0, share=1.0)

    def are(*strings: tuple[str, float]) -> bool:
        evidence = Evidence(0.999, Agreement.AGREED, 4, 0.999, standing=alone)
        read = [field_reading(t, confidence=c, evidence=evidence) for t, c in strings]
        return are_vouched_for(read, SETTINGS)

    assert are(("247", 0.99), ("41", 0.4))
    assert not are(("7047", 0.96), ("70477047", 0.89))
    assert not are(("808", 0.99)) and not are(("7", 0.99)) and not are()
