"""What a line and a page say of a small picture."""

from __future__ import annotations

import pytest
from readings import field_reading

from ocrdigits.cutouts import choose_strings
from ocrdigits.settings import CutoutSettings

SETTINGS = CutoutSettings()


def read(text: str, confidence: float):
    return field_reading(text, confidence=confidence)


@pytest.mark.parametrize(
    ("line", "page", "chosen"),
    [
        (0.9, (0.5,), "line"),
        (0.6, (0.5,), "page"),  # hardly surer: the ink says page
        (0.2, (), "line"),
        (0.9, (0.5, 0.9), "page"),
    ],
)
def test_a_line_counts_where_it_is_surer_than_anything_on_the_page(line, page, chosen):
    strings = {
        "line": (read("42", line),),
        "page": tuple(read("4", confidence) for confidence in page),
    }
    assert choose_strings(strings["line"], strings["page"], 0.9, SETTINGS) == strings[chosen]


def test_a_line_that_is_no_number_gives_none_however_sure():
    page = (read("4", 0.4), read("7", 0.8))
    assert choose_strings((read("42", 1.0),), page, 0.3, SETTINGS) == page


def test_a_word_leaves_only_what_is_likely():
    page = (read("4", 0.4), read("7", 0.8))
    assert choose_strings((), page, 0.01, SETTINGS) == page[1:]
