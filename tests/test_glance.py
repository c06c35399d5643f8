"""A glance at a field's pieces tells words from numbers."""

import numpy as np

from ocrdigits.glance import find_words
from ocrdigits.records import NOT_A_DIGIT, Box, Field, Kind
from ocrdigits.settings import GlanceSettings

SETTINGS = GlanceSettings()


def field_of(pieces: int, kind: Kind = Kind.LINE) -> Field:
    """A field of upright bars."""
    ink = np.zeros((40, 20 * pieces), bool)
    for piece in range(pieces):
        ink[2:38, 20 * piece + 4 : 20 * piece + 14] = True
    return Field(kind, Box(0, 0, ink.shape[1], 40), ink, ink.astype(np.float32), 1.0)


class Answers:
    """A digit reader that always says the same, and counts what it was shown."""

    def __init__(self, likeness: float) -> None:
        self.likeness, self.shown = likeness, 0

    def __call__(self, cells):
        self.shown += len(cells)
        scores = np.zeros((len(cells), NOT_A_DIGIT + 1), np.float32)
        scores[:, 3], scores[:, NOT_A_DIGIT] = self.likeness, 1 - self.likeness
        return scores


def test_what_looks_like_no_digits_is_a_word():
    assert find_words([field_of(8)], Answers(0.1), SETTINGS).tolist() == [True]


def test_what_looks_like_digits_may_be_a_number():
    assert find_words([field_of(8)], Answers(0.9), SETTINGS).tolist() == [False]


def test_few_pieces_and_combs_are_never_words_nor_looked_at():
    classify = Answers(0.0)
    fields = [field_of(SETTINGS.least_pieces - 1), field_of(8, Kind.COMB)]
    assert find_words(fields, classify, SETTINGS).tolist() == [False, False]
    assert classify.shown == 0


def test_of_a_long_field_a_few_pieces_are_enough():
    classify = Answers(0.5)
    find_words([field_of(30), field_of(5)], classify, SETTINGS)
    assert classify.shown == SETTINGS.pieces + 5


def test_each_field_is_judged_by_its_own_pieces():
    def classify(cells):
        scores = Answers(0.9)(cells)
        scores[-4:, 3] = 0.05
        return scores

    assert find_words([field_of(5), field_of(2), field_of(4)], classify, SETTINGS).tolist() == [
        False,
        False,
        True,
    ]


def test_a_number_at_either_end_of_a_line_keeps_it():
    def reads(*likely):
        def classify(cells):
            scores = Answers(0.02)(cells)
            scores[list(likely), 3] = 0.9
            return scores

        return find_words([field_of(20)], classify, SETTINGS).tolist() == [False]

    assert reads(0, 1) and reads(-2, -1)
    assert not reads(0) and not reads(2) and not reads(-1)


def test_a_page_without_fields_has_no_words():
    assert find_words([], Answers(0.9), SETTINGS).shape == (0,)
