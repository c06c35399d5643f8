"""What lines and a page say of a small picture."""

from __future__ import annotations

import numpy as np
import pytest
from pages import paper
from readings import field_reading

from ocrdigits.cutouts import choose_reading
from ocrdigits.page_reading import PageReading
from ocrdigits.records import Layout, Page
from ocrdigits.settings import CutoutSettings

SETTINGS = CutoutSettings()
SHEET = Page(paper(60, 90), np.eye(3), 0)


def read(*confidences: float, layout: Layout = Layout.LINE) -> PageReading:
    strings = tuple(field_reading(confidence=confidence) for confidence in confidences)
    return PageReading(SHEET, layout, strings)


@pytest.mark.parametrize(
    ("as_cut", "in_paper", "page", "chosen"),
    [
        ((0.9,), (0.4,), (0.5,), "as_cut"),
        ((0.4,), (0.9,), (0.5,), "in_paper"),
        ((0.4,), (0.5,), (0.3, 0.6), "page"),
        ((0.6,), (), (0.6,), "as_cut"),  # as sure: the picture was cut out for its number
        ((0.2,), (0.1,), (), "as_cut"),
    ],
)
def test_the_surest_way_of_reading_counts(as_cut, in_paper, page, chosen):
    readings = {
        "as_cut": read(*as_cut),
        "in_paper": read(*in_paper),
        "page": read(*page, layout=Layout.PAGE),
    }
    lines = [readings["as_cut"], readings["in_paper"]]
    assert choose_reading(lines, readings["page"], 0.9, SETTINGS) is readings[chosen]


def test_a_line_that_is_no_number_leaves_the_page():
    page = read(0.4, 0.8, layout=Layout.PAGE)
    assert choose_reading([], page, 0.3, SETTINGS) == page


def test_a_word_leaves_only_what_is_likely():
    page = read(0.4, 0.8, layout=Layout.PAGE)
    assert choose_reading([], page, 0.01, SETTINGS).strings == page.strings[1:]
