"""Two readers' words on one string, small enough to weigh by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from ocrdigits.constraint import make_constraint
from ocrdigits.ctc import BLANK, CLASS_COUNT, encode_text
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.fusion import fuse_texts
from ocrdigits.records import Agreement, Box
from ocrdigits.settings import FusionSettings

SETTINGS = FusionSettings()


def frames(*choices: dict[str, float]):
    """Scores of frames: one character and its rivals, with a sure blank after each."""
    rows = []
    for choice in choices:
        row = np.full(CLASS_COUNT, 1e-9)
        for character, probability in choice.items():
            row[encode_text(character)[0]] = probability
        row[BLANK] = max(1 - sum(choice.values()), 1e-9)
        gap = np.full(CLASS_COUNT, 1e-9)
        gap[BLANK] = 1
        rows += [row, gap]
    return np.log(np.array(rows)).astype(np.float32)


def path(text: str, score: float, confidence: float = 0.9) -> Hypothesis:
    characters = [
        DecodedCharacter(character, confidence, Box(10 * place, 0, 8, 20))
        for place, character in enumerate(text)
    ]
    return Hypothesis(text, score, tuple(characters))


def test_readers_that_agree_are_surer_than_either():
    scores = frames({"4": 0.8, "9": 0.2}, {"2": 1.0})
    paths = [path("42", 3.0), path("92", 0.0)]
    together = fuse_texts(paths, [(scores,)], SETTINGS)
    assert together.texts[0].text == "42" and together.agreement is Agreement.AGREED
    assert (
        together.posterior > fuse_texts([], [(scores,)], SETTINGS).posterior == pytest.approx(0.8)
    )
    assert together.texts[0].path is paths[0]


def test_the_segments_reader_decides_where_the_string_reader_wavers():
    scores = frames({"4": 0.45, "9": 0.55}, {"2": 1.0})
    fusion = fuse_texts([path("42", 6.0), path("92", 0.0)], [(scores,)], SETTINGS)
    assert fusion.texts[0].text == "42"
    assert fusion.agreement is Agreement.DISPUTED


def test_the_string_reader_decides_where_it_is_sure():
    scores = frames({"4": 1e-6, "9": 1 - 1e-6}, {"2": 1.0})
    fusion = fuse_texts([path("42", 3.0)], [(scores,)], SETTINGS)
    assert fusion.texts[0].text == "92" and fusion.texts[0].path is None
    assert fusion.agreement is Agreement.DISPUTED
    assert {text.text for text in fusion.texts} >= {"92", "42"}


def test_a_second_look_settles_what_the_first_left_open():
    first = frames({"4": 0.45, "9": 0.55}, {"2": 1.0})
    second = frames({"4": 0.95, "9": 0.05}, {"2": 1.0})
    fusion = fuse_texts([], [(first,), (second,)], SETTINGS)
    assert fuse_texts([], [(first,)], SETTINGS).texts[0].text == "92"
    assert fusion.texts[0].text == "42"
    share = SETTINGS.plain_share
    odds = (0.45 / 0.55) ** (1 - share) * (0.95 / 0.05) ** share
    assert fusion.posterior == pytest.approx(odds / (1 + odds), abs=1e-3)


def test_a_text_that_one_look_has_no_frames_for_may_still_win():
    short = frames({"4": 0.6, "9": 0.3})
    long = frames({"4": 1.0}, {"2": 1.0}, {"7": 1.0}, {"1": 1.0})
    fusion = fuse_texts([], [(short,), (long,)], SETTINGS)
    assert {text.text for text in fusion.texts} >= {"4", "4271"}
    assert all(0 <= text.probability <= 1 for text in fusion.texts)


def test_a_line_that_leans_counts_as_much_as_the_upright_one():
    upright = frames({"4": 0.45, "9": 0.55}, {"2": 1.0})
    leaning = frames({}, {"4": 0.95, "9": 0.05}, {"2": 1.0}, {})  # it has frames of its own
    fusion = fuse_texts([], [(upright, leaning)], SETTINGS)
    odds = ((0.45 / 0.55) * (0.95 / 0.05)) ** 0.5
    assert fusion.texts[0].text == "42"
    assert fusion.posterior == pytest.approx(odds / (1 + odds), abs=1e-3)


@pytest.mark.parametrize(("empty_share", "posterior"), [(0.0, 1.0), (0.1, 0.2 / 0.28), (1.0, 0.8)])
def test_where_there_must_be_a_number_none_only_leaves_a_doubt(empty_share, posterior):
    fusion = fuse_texts([], [(frames({"4": 0.2}),)], SETTINGS, empty_share=empty_share)
    assert fusion.texts[0].text == ("" if empty_share == 1 else "4")
    assert fusion.posterior == pytest.approx(posterior, abs=1e-4)


def test_separators_do_not_divide_the_probability_of_digits():
    scores = frames({"4": 1.0}, {".": 0.4, ",": 0.35}, {"2": 1.0})
    fusion = fuse_texts([], [(scores,)], SETTINGS)
    assert fusion.texts[0].text == "4.2"
    assert fusion.posterior == pytest.approx(1.0, abs=1e-4)
    assert fusion.texts[0].probability == pytest.approx(0.4, abs=1e-3)


def test_a_slash_that_the_segments_reader_takes_for_a_1_is_no_dispute():
    scores = frames({"4": 1.0}, {"/": 0.8, "1": 0.2}, {"2": 1.0})
    fusion = fuse_texts([path("412", 6.0)], [(scores,)], SETTINGS)
    assert fusion.texts[0].text == "4/2" and fusion.agreement is Agreement.AGREED


def test_without_scores_the_segments_reader_speaks_alone():
    fusion = fuse_texts([path("42", 3.0), path("92", 0.0)], (), SETTINGS)
    share = 1 / (1 + math.exp(-3.0))
    assert fusion.texts[0].text == "42" and fusion.agreement is Agreement.SEGMENTS
    assert fusion.posterior == pytest.approx(share * 0.9**2)


def test_no_ink_gives_no_digits():
    assert fuse_texts([], (), SETTINGS).texts == ()
    fusion = fuse_texts([], [(frames({}, {}),)], SETTINGS)
    assert [text.text for text in fusion.texts] == [""] and fusion.texts[0].digits == ""


def test_temperature_lowers_what_the_string_reader_is_sure_of():
    scores = frames({"4": 0.9, "9": 0.1})
    plain = fuse_texts([], [(scores,)], SETTINGS).posterior
    assert fuse_texts([], [(scores,)], SETTINGS, temperature=2.0).posterior < plain


def test_a_pattern_steers_the_search():
    scores = frames({"4": 0.6, "-": 0.4}, {"2": 1.0})
    fusion = fuse_texts([], [(scores,)], SETTINGS, make_constraint("-[0-9]", None))
    assert fusion.texts[0].text == "-2" and fusion.is_valid


def test_a_close_text_with_a_right_checksum_wins():
    # 4539578763621486 satisfies Luhn's formula; the likeliest text has its last digit wrong.
    digits = [{digit: 1.0} for digit in "453957876362148"]
    scores = frames(*digits, {"5": 0.6, "6": 0.4})
    fusion = fuse_texts([], [(scores,)], SETTINGS, make_constraint(None, "luhn"))
    assert fusion.texts[0].text == "4539578763621486" and fusion.is_valid


def test_a_wrong_checksum_without_a_close_alternative_is_not_valid():
    digits = [{digit: 1.0} for digit in "4539578763621485"]
    fusion = fuse_texts([], [(frames(*digits),)], SETTINGS, make_constraint(None, "luhn"))
    assert fusion.texts[0].text == "4539578763621485" and not fusion.is_valid
