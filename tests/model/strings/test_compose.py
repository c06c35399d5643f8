import re
from itertools import pairwise

import cv2
import numpy as np
import pytest

from ocrdigits.model.compose.glyphs import draw_stroke_cells
from ocrdigits.model.compose.hand.digitstock import stock_digits
from ocrdigits.model.data import DigitSet
from ocrdigits.model.strings.compose import ComposedSource, ComposeSettings, paste
from ocrdigits.model.strings.digit_index import index_digits
from ocrdigits.model.strings.fillers import (
    add_enclosure,
    add_full_stop,
    add_signs,
    add_underline,
    draw_sign_bank,
)
from ocrdigits.model.strings.handwriting import InkLine, write_real, write_strokes
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.printing import print_text
from ocrdigits.model.strings.texts import sample_line_text
from ocrdigits.records import ALPHABET, LINE_PX
from ocrdigits.vision.normalize import center_digit
from ocrdigits.vision.plain_line import find_line

SAMPLES = 60


@pytest.fixture(scope="module")
def stock():
    crops, labels = draw_stroke_cells(np.random.default_rng(0), 300, "0123456789")
    cells = np.stack([center_digit(crop) for crop in crops])
    return stock_digits([DigitSet("drawn", cells, np.array([int(label) for label in labels]))])


@pytest.fixture(scope="module")
def source(stock):
    return ComposedSource(1, stock)


@pytest.fixture(scope="module")
def lines(source):
    return [source.sample(index) for index in range(SAMPLES)]


def test_the_same_number_gives_the_same_line(source, stock):
    other = ComposedSource(1, stock)
    for index in (0, 7, 23):
        (line, text), (again, same) = source.sample(index), other.sample(index)
        assert text == same
        np.testing.assert_array_equal(line, again)


def test_numbers_and_seeds_make_a_difference(source, stock):
    texts = [source.sample(index)[1] for index in range(30)]
    assert len(set(texts)) > 20
    other = ComposedSource(2, stock)
    assert [other.sample(index)[1] for index in range(30)] != texts


def test_every_line_is_what_the_network_takes(lines):
    for line, text in lines:
        assert text
        assert set(text) <= set(ALPHABET)
        assert line.dtype == np.float32
        assert line.shape[0] == LINE_PX
        assert line.shape[1] % 4 == 0
        assert line.min() >= 0
        assert 0.5 < line.max() <= 1
        assert line.shape[1] >= 4 * len(text)  # room for the answers of CTC


def test_nearly_every_crop_shows_its_line(source):
    crops = [source.compose_crop(index) for index in range(SAMPLES)]
    found = [Look.INK.shows(find_line(crop.gray), crop.spans) for crop in crops]
    assert np.mean(found) > 0.75


def test_crops_differ_in_size_and_framing(source):
    shapes = np.array([source.compose_crop(index).gray.shape for index in range(SAMPLES)])
    assert shapes[:, 0].min() < 30
    assert shapes[:, 0].max() > 80


def test_shares_decide_who_writes(stock):
    printed = ComposedSource(1, stock, ComposeSettings(real_share=0, stroke_share=0))
    written = ComposedSource(1, stock, ComposeSettings(real_share=1, stroke_share=0))
    first, other = printed.compose_crop(4), written.compose_crop(4)
    assert first.text == other.text
    assert first.gray.shape != other.gray.shape or not np.array_equal(first.gray, other.gray)


def test_texts_are_of_the_alphabet_and_mostly_short():
    rng = np.random.default_rng(0)
    texts = [sample_line_text(rng) for _ in range(20_000)]
    assert all(set(text) <= set(ALPHABET) for text in texts)
    lengths = np.array([len(text) for text in texts])
    assert 0.3 < np.mean(lengths <= 2) < 0.6
    assert lengths.max() >= 10
    assert all(any(mark in text for text in texts) for mark in ALPHABET)
    assert any(text.startswith("-") for text in texts)
    assert any(text.startswith("00") for text in texts)
    assert any(re.fullmatch(r"\d\d?[.,]\d\d[.,]\d{3}[.,]\d\d", text) for text in texts)  # lakhs
    assert any(re.fullmatch(r"\d\d?/(5|20|25|40|80)", text) for text in texts)  # marks


def ink_of(line: InkLine):
    left, top, right, bottom = (round(side) for side in line.bounds)
    canvas = np.zeros((bottom - top + 20, right - left + 20), np.float32)
    for patch in line.patches:
        paste(canvas, patch.coverage, patch.x - left + 10, patch.y - top + 10)
    return canvas


@pytest.mark.parametrize("text", ["7", "10", "0042", "3,50", "12/08/2024", "-157.3"])
def test_each_character_stands_right_of_the_one_before(stock, text):
    digits = index_digits(stock)
    for seed in range(10):
        rng = np.random.default_rng(seed)
        line = write_real(rng, digits, text, 36.0)
        middles = [(span[0] + span[2]) / 2 for span in line.spans]
        assert len(line.spans) == len(text)
        assert all(a < b for a, b in pairwise(middles))


def test_digits_of_a_line_are_about_as_high_as_asked(stock):
    digits, heights = index_digits(stock), []
    for seed in range(20):
        line = write_real(np.random.default_rng(seed), digits, "3859", 40.0)
        heights += [span[3] - span[1] for span in line.spans]
    assert 34 < np.median(heights) < 46


def test_some_writers_join_digits_and_others_do_not(stock):
    digits, pieces = index_digits(stock), []
    for seed in range(40):
        ink = ink_of(write_real(np.random.default_rng(seed), digits, "000", 36.0))
        _, _, boxes, _ = cv2.connectedComponentsWithStats((ink > 0.5).astype(np.uint8))
        pieces.append(int((boxes[1:, cv2.CC_STAT_HEIGHT] > 18).sum()))
    assert pieces.count(3) > 8
    assert sum(count < 3 for count in pieces) > 8


@pytest.mark.parametrize("write", [write_strokes, print_text])
def test_other_writers_write_everything(write):
    for text in ("0123456789", "1.234,50", "1/2-3"):
        line = write(np.random.default_rng(0), text, 36.0)
        assert len(line.spans) == len(text)
        assert ink_of(line).max() > 0.7


def test_what_stands_around_has_no_span():
    line = print_text(np.random.default_rng(0), "42", 36.0)
    before = list(line.spans)
    add_full_stop(np.random.default_rng(0), line)
    add_underline(np.random.default_rng(0), line)
    assert line.spans == before
    assert len(line.patches) >= 4


def surround(add, seed: int):
    """A number and what is added around it: the line, its left and right, inked columns of each."""
    line = print_text(np.random.default_rng(0), "42", 36.0)
    left, _, right, _ = line.bounds
    before, count = list(line.spans), len(line.patches)
    add(np.random.default_rng(seed), line, draw_sign_bank(), printed=False)
    assert line.spans == before
    added = line.patches[count:]
    columns = [np.flatnonzero((it.coverage > 0.5).any(axis=0)) + it.x for it in added]
    return line, (left, right), columns


@pytest.mark.parametrize("seed", range(12))
def test_brackets_and_rings_enclose_a_number_and_leave_its_ink_alone(seed):
    line, (left, right), added = surround(add_enclosure, seed)
    assert added
    for columns in added:
        is_ring = columns[0] < left and columns[-1] > right
        assert is_ring or columns[-1] < left or columns[0] > right
    assert max(part.x + part.coverage.shape[1] for part in line.patches) > right


@pytest.mark.parametrize("seed", range(20))
def test_signs_stand_beside_a_number_and_leave_its_ink_alone(seed):
    _, (left, right), added = surround(add_signs, seed)
    for columns in added:
        assert columns[-1] < left or columns[0] > right


def test_some_magnetic_numbers_stand_between_the_marks_of_a_bank():
    lines = [print_text(np.random.default_rng(seed), "102", 36.0) for seed in range(250)]
    marked = [line for line in lines if len(line.patches) == 5]
    assert 3 <= len(marked) <= 30
    for line in marked:
        first, last = line.patches[0], line.patches[-1]
        assert first.x + first.coverage.shape[1] - 3 < line.bounds[0]
        assert last.x + 3 > line.bounds[2]
        assert len(line.spans) == 3


def test_the_plain_look_trains_on_crops_whose_line_was_found_wrongly(stock):
    source = ComposedSource(1, stock, look=Look.PLAIN)
    crops = [source.compose_crop(index) for index in range(SAMPLES)]
    shown = [
        (Look.INK.shows(found, crop.spans), Look.PLAIN.shows(found, crop.spans))
        for crop in crops
        for found in [find_line(crop.gray)]
    ]
    by_ink, plain = np.mean(shown, axis=0)
    assert plain > by_ink
    assert all(is_plain for is_ink, is_plain in shown if is_ink)
