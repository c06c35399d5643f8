"""Lines of pages whose strings are known: numbers, and other ink."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from known_digits import classify
from pages import paper, put_text

from ocrdigits.errors import InputError
from ocrdigits.model.compose.photo.shot import ShotSettings
from ocrdigits.model.compose.photo_folder import write_photos
from ocrdigits.model.compose.synth import PageKind, SynthSettings
from ocrdigits.model.strings.page_lines import (
    PageLine,
    PageSource,
    harvest_page_lines,
    load_page_lines,
)
from ocrdigits.records import LINE_PX, Box, Layout, Photo
from ocrdigits.settings import Settings


@pytest.fixture
def page():
    """A page of two numbers, of which only the first is known; and the box of the first."""
    gray = paper(600, 800)
    first, *others = put_text(gray, "3806", (100, 120), 50, pen_px=5)
    put_text(gray, "91572", (300, 400), 50, pen_px=5)
    for box in others:
        first = first.union(box)
    return Photo("page.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)), first


def test_a_known_string_is_a_number_and_what_else_is_proposed_is_none(page):
    photo, box = page
    lines = list(harvest_page_lines(photo, [("3806", box)], classify, Settings(layout=Layout.PAGE)))
    assert {line.text for line in lines} == {"3806", ""}
    for line in lines:
        height, width = line.gray.shape
        near = line.near
        assert near.x >= 0 and near.y >= 0 and near.right <= width and near.bottom <= height
        ink = line.gray[near.y : near.bottom, near.x : near.right]
        assert ink.min() < 150  # the place holds its writing


def test_a_source_gives_lines_of_both_sorts_and_the_same_ones_again(page):
    photo, box = page
    lines = list(harvest_page_lines(photo, [("3806", box)], classify, Settings(layout=Layout.PAGE)))
    source = PageSource(7, lines)
    samples = [source.sample(index) for index in range(40)]
    texts = [text for _, text in samples]
    assert 8 < texts.count("3806") < 32 and set(texts) == {"3806", ""}
    assert all(line.shape[0] == LINE_PX and line.shape[1] % 4 == 0 for line, _ in samples)
    again, _ = PageSource(7, lines).sample(3)
    np.testing.assert_array_equal(again, samples[3][0])


def test_pages_without_a_number_are_an_input_error():
    with pytest.raises(InputError, match="no number"):
        PageSource(1, [PageLine(paper(40, 60), Box(10, 10, 20, 20), "")])


def test_lines_of_drawn_pages_show_their_strings(tmp_path):
    shots = ShotSettings(care=1.0, megapixels=(1.0, 1.5), scan_share=0, screen_share=0)
    report = write_photos(tmp_path, SynthSettings(1, (PageKind.ENVELOPE,), seed=5, shots=shots))
    lines = load_page_lines(tmp_path)
    assert report.string_count > 0
    assert sum(bool(line.text) for line in lines) >= report.string_count - 2
