"""A glance at the fields of a page tells words from numbers."""

import numpy as np
import pytest

from ocrdigits.glance import glance_at
from ocrdigits.records import Box, Field, Kind
from ocrdigits.settings import GlanceSettings

SETTINGS = GlanceSettings(least_chance=0.2, least_lone_chance=0.05)


def field_of(width: int, kind: Kind = Kind.LINE) -> Field:
    ink = np.zeros((40, width), bool)
    ink[2:38, 4:-4] = True
    return Field(kind, Box(0, 0, width, 40), ink, ink.astype(np.float32), 1.0)


class Answers:
    """A network that says one thing of every column, and keeps what it was shown."""

    def __init__(self, chance: float) -> None:
        self.chance, self.shown = chance, []

    def __call__(self, strips):
        self.shown += strips
        return [np.full(strip.shape[1] // 4, self.chance, np.float32) for strip in strips]


def words_of(fields: list[Field], glance) -> list[bool]:
    return [glimpse.is_word for glimpse in glance_at(fields, glance, SETTINGS)]


def test_where_no_column_may_be_a_digit_is_a_word():
    fields = [field_of(160), field_of(80)]
    assert words_of(fields, Answers(0.1)) == [True, True]
    assert words_of(fields, Answers(0.3)) == [False, False]


def test_one_likely_digit_anywhere_keeps_its_field_alone():
    def glance(strips):
        answers = Answers(0.01)(strips)
        answers[1][-1] = 0.9
        return answers

    fields = [field_of(160), field_of(160), field_of(160)]
    assert words_of(fields, glance) == [True, False, True]


def test_a_character_alone_is_a_word_only_where_hardly_any_chance_is_left():
    fields = [field_of(50), field_of(160)]
    assert words_of(fields, Answers(0.1)) == [False, True]
    assert words_of(fields, Answers(0.04)) == [True, True]


def test_combs_are_never_words_nor_looked_at():
    answers = Answers(0.0)
    fields = [field_of(160, Kind.COMB), field_of(160)]
    assert words_of(fields, answers) == [False, True]
    assert len(answers.shown) == 1


def test_a_page_without_fields_has_no_words():
    assert glance_at([], Answers(0.9), SETTINGS) == []


def test_columns_that_show_digits_are_numbers_as_high_as_their_field():
    def glance(strips):
        (answers,) = Answers(0.01)(strips)
        answers[[5, 6, 8, 9]] = 0.9  # one number, with a gap narrower than it is high
        answers[20] = 0.9  # too narrow for a digit
        return [answers]

    (glimpse,) = glance_at([field_of(160)], glance, SETTINGS)
    (number,) = glimpse.numbers
    column_px = 160 / 24
    assert number.y == 0 and number.height == 40
    assert number.x == pytest.approx((5 - 2) * column_px, abs=1)
    assert number.right == pytest.approx((10 + 2) * column_px, abs=1)


def test_words_and_combs_show_no_numbers():
    fields = [field_of(160), field_of(160, Kind.COMB)]
    assert [glimpse.numbers for glimpse in glance_at(fields, Answers(0.1), SETTINGS)] == [(), ()]
