"""Where both the segments reader and a glance see digits is asked about once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ocrdigits.propose import find_strings
from ocrdigits.records import (
    NOT_A_DIGIT,
    Box,
    Cells,
    DigitScores,
    Field,
    Glimpse,
    Kind,
    Layout,
    Page,
    SegmentedPage,
)
from ocrdigits.settings import Settings
from ocrdigits.vision.segment import segment_field

WIDTH, HEIGHT = 220, 40
SETTINGS = replace(Settings(), layout=Layout.PAGE)


def field_of_two() -> Field:
    """A tall stroke on the left, and a block as broad as it is high far from it."""
    ink = np.zeros((HEIGHT, WIDTH), bool)
    ink[2:38, 10:18] = True
    ink[2:38, 150:186] = True
    return Field(Kind.LINE, Box(0, 0, WIDTH, HEIGHT), ink, ink.astype(np.float32), 1.0)


def sees_strokes_alone(cells: Cells) -> DigitScores:
    """Says 1 of what is narrow, and that all else is no digit."""
    scores = np.full((len(cells), NOT_A_DIGIT + 1), 1e-4, np.float32)
    is_narrow = (cells > 0.5).any(axis=1).sum(axis=1) < 10
    scores[np.arange(len(cells)), np.where(is_narrow, 1, NOT_A_DIGIT)] = 1
    return scores / scores.sum(axis=1, keepdims=True)


def places_of(*numbers: Box, is_word: bool = False) -> list[tuple[str, Box | None]]:
    field = field_of_two()
    page = Page(np.full((HEIGHT, WIDTH), 255, np.uint8), np.eye(3), 0)
    lattice = segment_field(field, SETTINGS.segment, is_on_page=True)
    glimpses = [Glimpse(is_word, numbers)]
    segmented = SegmentedPage(page, Layout.PAGE, (field,), (lattice,), glimpses)
    found = find_strings(segmented, SETTINGS, sees_strokes_alone)
    return [(place.paths[0].text if place.paths else "", place.box) for place in found]


def test_digits_seen_at_a_glance_alone_are_a_place_of_their_own():
    number = Box(140, 0, 60, HEIGHT)
    (text, _), *others = places_of(number)
    assert text == "1"
    assert others == [("", number)]


@pytest.mark.parametrize("width", [20, 30])
def test_digits_that_the_segments_reader_found_are_no_second_place(width: int):
    assert len(places_of(Box(0, 0, width, HEIGHT))) == len(places_of()) == 1


def test_a_word_at_first_glance_is_not_read():
    assert places_of(is_word=True) == [("", Box(0, 0, WIDTH, HEIGHT))]
