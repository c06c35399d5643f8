"""Among words it takes more to be a number, and most of all for a lone 0 or 1."""

from __future__ import annotations

from dataclasses import replace

from readings import field_reading

from ocrdigits.number_chance import FEATURES, is_number, number_chance, traits_of
from ocrdigits.records import Agreement, Evidence, Kind, Standing
from ocrdigits.settings import NumberSettings, Settings

SETTINGS = NumberSettings()
FREE = Standing(letters_beside=0.0, letters_elsewhere=0.0, height=0.0, share=1.0)
IN_TEXT = Standing(letters_beside=0.8, letters_elsewhere=3.0, height=-0.1, share=0.3)


def chance(text: str, standing: Standing | None = FREE, **facts) -> float:
    known = {"posterior": 0.95, "agreement": Agreement.AGREED, "weakest": 0.8} | facts
    evidence = Evidence(digit_count=len(text), standing=standing, **known)
    return number_chance(evidence, text, SETTINGS)


def test_every_trait_has_its_weight():
    evidence = Evidence(0.9, Agreement.AGREED, 2, 0.9, standing=FREE)
    traits = traits_of(evidence, "42")
    assert traits is not None
    assert len(traits) == len(FEATURES)
    assert all(isinstance(getattr(SETTINGS, name), float) for name in FEATURES)


def test_a_number_away_from_words_stays():
    assert chance("1847") > 0.95
    assert chance("1") > SETTINGS.least_chance


def test_a_letter_of_a_text_is_no_number():
    for lone in ("0", "1"):
        assert chance(lone, IN_TEXT) < 0.05


def test_a_number_in_a_text_stays_where_both_readers_are_sure():
    for number in ("12", "157", "2026"):
        assert chance(number, IN_TEXT, posterior=0.9999, weakest=0.95) > SETTINGS.least_chance


def test_letters_beside_and_elsewhere_make_less_likely():
    for worse in (replace(FREE, letters_beside=0.5), replace(FREE, letters_elsewhere=2.0)):
        assert chance("42", worse) < chance("42")


def test_where_nothing_is_known_of_the_page_every_reading_stays():
    assert chance("0", None) == 1
    assert chance("0", IN_TEXT, agreement=Agreement.STRINGS) == 1
    assert is_number(field_reading("0"), 1.0, Settings())


def test_a_lone_digit_among_words_is_a_number_in_a_column_of_them_or_between_rules():
    among = replace(FREE, letters_elsewhere=2.2)
    assert chance("4", among) < SETTINGS.least_chance
    for better in (replace(among, column=1.8), replace(among, column=1.1, walls=2)):
        assert chance("4", better) > SETTINGS.least_chance


def test_what_surely_is_a_number_may_be_in_doubt():
    def stays(confidence: float, posterior: float = 0.8, chance: float = 0.95) -> bool:
        evidence = Evidence(posterior, Agreement.DISPUTED, 2, 0.9)
        string = field_reading("42", confidence=confidence, evidence=evidence)
        return is_number(string, chance, Settings())

    assert stays(0.9, chance=0.75)
    assert not stays(0.9, chance=0.5)
    assert stays(0.2)
    assert not stays(0.19)
    assert not stays(0.2, posterior=0.6)
    assert not stays(0.2, chance=0.75)
    assert not stays(0.9, posterior=0.45)


def test_in_a_comb_less_likely_readings_are_handed_back():
    for kind, stays in ((Kind.COMB, True), (Kind.LINE, False)):
        string = field_reading("42", confidence=0.45, kind=kind)
        assert is_number(string, 1.0, Settings()) is stays
        assert not is_number(replace(string, confidence=0.1), 1.0, Settings())
