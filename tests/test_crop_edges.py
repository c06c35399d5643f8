"""What stands beside a reading, as high as a digit, is not overlooked in silence."""

from __future__ import annotations

import numpy as np
import pytest

from ocrdigits.asking import fuse_place, fuse_sure_looks
from ocrdigits.assemble import ScoredLine, StringPlace
from ocrdigits.crop_edges import is_cut_tightly, leaves_digit
from ocrdigits.ctc import CLASS_COUNT
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.records import LINE_PX, Agreement, Box, Field, Kind, ReaderChoice
from ocrdigits.settings import FusionSettings
from ocrdigits.vision.line_crop import LineCrop

WIDTH_PX = 200
READ = slice(96, 112)
"""Columns of the one character that was read."""


def look_at(crop_from_line, image) -> ScoredLine:
    scores = np.full((WIDTH_PX // 2, CLASS_COUNT), -9.0, np.float32)
    scores[:, 0] = 0.0
    scores[READ.start // 2 : READ.stop // 2, 0] = -9.0
    scores[READ.start // 2 : READ.stop // 2, 5] = 0.0
    return ScoredLine(LineCrop(image, crop_from_line), scores)


def scored_with(*strokes: tuple[slice, slice]) -> ScoredLine:
    """A crop 32 pixels high whose digit is 22 pixels high, with strokes (rows, columns)."""
    image = np.zeros((LINE_PX, WIDTH_PX), np.float32)
    image[5:27, READ] = 1.0
    for rows, columns in strokes:
        image[rows, columns] = 1.0
    plain = look_at(np.eye(3), image)
    line = look_at(np.eye(3), np.zeros((LINE_PX, WIDTH_PX), np.float32))
    return ScoredLine(line.line, line.scores, plain)


DIGIT = slice(5, 27)


@pytest.mark.parametrize("columns", [slice(70, 74), slice(130, 136)])
def test_a_stroke_as_high_as_the_digits_may_be_one(columns):
    assert leaves_digit(scored_with((DIGIT, columns)))


@pytest.mark.parametrize(
    ("rows", "columns"),
    [
        (slice(0, 32), slice(70, 74)),  # a rule from edge to edge
        (slice(12, 18), slice(70, 74)),  # a dot or a dash
        (slice(0, 12), slice(130, 136)),  # a part of the line above
        (DIGIT, slice(10, 14)),  # far away
        (DIGIT, slice(114, 118)),  # a part of the digit itself
    ],
)
def test_rules_dots_other_lines_and_what_is_far_away_are_none(rows, columns):
    assert not leaves_digit(scored_with((rows, columns)))


def test_where_nothing_is_read_or_seen_twice_nothing_is_left_out():
    both = scored_with((DIGIT, slice(70, 74)))
    assert not leaves_digit(ScoredLine(both.line, both.scores))
    blank = np.zeros_like(both.scores)
    blank[:, 1:] = -9.0
    assert not leaves_digit(ScoredLine(both.line, both.scores, ScoredLine(both.plain.line, blank)))


def test_a_crop_is_cut_tightly_if_its_digits_fill_it():
    assert is_cut_tightly(scored_with(), 30)
    assert not is_cut_tightly(scored_with(), 60)


def test_looks_that_leave_out_a_digit_are_not_sure():
    settings = FusionSettings()

    def sure(scored):
        return fuse_sure_looks(scored, settings, None, temperature=1.0)

    free = sure(scored_with())
    assert free is not None and free.agreement is Agreement.LOOKS and free.texts[0].text == "4"
    assert sure(scored_with((DIGIT, slice(70, 74)))) is None


def test_nor_do_readers_agree_on_what_leaves_out_a_digit():
    box = Box(96, 5, 16, 22)
    path = Hypothesis("4", 5.0, (DecodedCharacter("4", 0.99, box),))
    nothing = np.zeros((LINE_PX, WIDTH_PX))
    field = Field(Kind.LINE, box, nothing > 0, nothing.astype(np.float32), 1.0)
    place = StringPlace(field, (path,))
    said = [
        fuse_place(
            place, scored, ReaderChoice.BOTH, FusionSettings(), None,
            temperature=1.0, empty_share=0.0,
        )
        for scored in (scored_with(), scored_with((DIGIT, slice(70, 74))))
    ]  # fmt: skip
    assert [it.texts[0].digits for it in said] == ["4", "4"]
    assert [it.agreement for it in said] == [Agreement.AGREED, Agreement.DISPUTED]
