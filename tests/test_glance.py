"""A glance at the fields of a page tells words from numbers."""

import numpy as np

from ocrdigits.glance import find_words
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


def test_where_no_column_may_be_a_digit_is_a_word():
    fields = [field_of(160), field_of(80)]
    assert find_words(fields, Answers(0.1), SETTINGS).tolist() == [True, True]
    assert find_words(fields, Answers(0.3), SETTINGS).tolist() == [False, False]


def test_one_likely_digit_anywhere_keeps_its_field_alone():
    def glance(strips):
        answers = Answers(0.01)(strips)
        answers[1][-1] = 0.9
        return answers

    fields = [field_of(160), field_of(160), field_of(160)]
    assert find_words(fields, glance, SETTINGS).tolist() == [True, False, True]


def test_a_character_alone_is_a_word_only_where_hardly_any_chance_is_left():
    fields = [field_of(50), field_of(160)]
    assert find_words(fields, Answers(0.1), SETTINGS).tolist() == [False, True]
    assert find_words(fields, Answers(0.04), SETTINGS).tolist() == [True, True]


def test_combs_are_never_words_nor_looked_at():
    answers = Answers(0.0)
    fields = [field_of(160, Kind.COMB), field_of(160)]
    assert find_words(fields, answers, SETTINGS).tolist() == [False, True]
    assert len(answers.shown) == 1


def test_a_page_without_fields_has_no_words():
    assert find_words([], Answers(0.9), SETTINGS).shape == (0,)
