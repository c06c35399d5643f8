from dataclasses import replace

import cv2
import numpy as np
import pytest
from pages import INK, PAPER, as_page, paper, put_text, written

from ocrdigits.records import LINE_PX, Box, Kind, Layout
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.fields import find_fields
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.line_crop import CROP_ENHANCE
from ocrdigits.vision.plain_line import find_comb_line, find_line


def crop_of(text: str, margin: int = 20):
    tight = written(text, 40, 3, pen_px=4)
    return cv2.copyMakeBorder(
        tight, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=PAPER
    )  # fmt: skip


def ink_columns(line):
    """First and last column with ink, in the frame that the line was cut from."""
    columns = np.flatnonzero((line.image > 0.5).any(axis=0))
    ends = np.array([[columns[0], 16.0], [columns[-1] + 1, 16.0]])
    return map_points(ends, line.crop_from_line)[:, 0]


@pytest.mark.parametrize("text", ["3950", "18", "40471"])
def test_both_looks_show_the_same_ink_at_the_same_place(text):
    found = find_line(crop_of(text))
    assert found.plain.image.shape[0] == LINE_PX and found.plain.image.shape[1] % 4 == 0
    assert found.plain.image.min() >= 0 and found.plain.image.max() <= 1
    assert ink_columns(found.plain) == pytest.approx(ink_columns(found.ink), abs=3)


def test_a_plain_look_keeps_what_was_taken_for_a_rule():
    gray = crop_of("50")
    gray[:, 4:7] = INK  # an upright 1 along the edge looks the same
    found = find_line(gray)
    assert ink_columns(found.plain)[0] < 8 < ink_columns(found.ink)[0]


def test_light_writing_on_dark_is_ink_too():
    dark = find_line(255 - crop_of("3950")).plain.image
    assert np.abs(dark - find_line(crop_of("3950")).plain.image).max() < 0.1


def test_both_looks_see_chalk_on_a_board_under_a_shadow():
    board = paper(125, 292, tone=100)
    put_text(board, "2482", (60, 95), 60, tone=150, pen_px=6)
    shadow = 0.4 / (1 + np.exp((np.arange(292) - 90) / 30))
    lit = (board * (1 - shadow)).astype(np.uint8)
    chalk, usual = find_line(lit), find_line(255 - board)
    assert ink_columns(chalk.ink) == pytest.approx(ink_columns(usual.ink), abs=4)
    columns = chalk.plain.image.mean(axis=0)
    assert columns[len(columns) // 2 :].mean() < 0.5  # the ground is no ink


def test_paper_in_a_shadow_is_as_light_as_beside_it():
    lit = crop_of("3950")
    shaded = lit.copy()
    shaded[:, : lit.shape[1] // 2] //= 2
    looks = [find_line(gray).plain.image for gray in (lit, shaded)]
    assert looks[0].shape == looks[1].shape
    assert np.abs(looks[0] - looks[1]).mean() < 0.03


def test_a_string_far_from_its_crop_s_border_is_shown_as_large_as_a_near_one():
    near, far = (find_line(crop_of("3950", margin)).plain for margin in (60, 400))
    scales = [1 / line.crop_from_line[1, 1] for line in (near, far)]
    assert scales[1] == pytest.approx(scales[0], rel=0.1)


def test_on_a_page_numbers_beside_it_are_hardly_seen():
    page = np.full((300, 700), PAPER, np.uint8)
    for x in (40, 300, 560):
        tight = written("31", 40, 3, pen_px=4)
        page[120 : 120 + tight.shape[0], x : x + tight.shape[1]] = tight
    width = written("31", 40, 3, pen_px=4).shape[1]
    left, right = ink_columns(find_line(page, Box(300, 120, width, 40)).plain)
    assert 295 < left < right < 305 + width


def test_places_come_out_in_the_frame_that_the_picture_was_cut_from():
    found = find_line(crop_of("3950"))
    shift = np.array([[1.0, 0, 70], [0, 1, 30], [0, 0, 1]])
    moved = type(found)(found.gray, found.line, found.is_alone, shift)
    assert ink_columns(moved.plain) == pytest.approx(ink_columns(found.plain) + 70)
    assert ink_columns(moved.ink) == pytest.approx(ink_columns(found.ink) + 70)


def test_paper_alone_stays_blank():
    found = find_line(paper(60, 200))
    assert found.line.is_blank and found.plain.is_blank


def test_a_comb_s_line_shows_its_digits_close_together_where_they_stand():
    gray = paper(120, 700)
    for k, digit in enumerate("3950"):
        put_text(gray, digit, (60 + 150 * k, 90), 50)
    (field,) = (it for it in find_fields(as_page(gray < 130), Layout.LINE, FieldSettings()))
    comb = replace(field, kind=Kind.COMB)
    assert find_comb_line(replace(comb, has_cells=True), CROP_ENHANCE).is_alone
    found = find_comb_line(comb, CROP_ENHANCE)
    assert not found.is_alone
    assert found.ink.image.shape[1] < 150  # 690 at its own pitch
    left, right = ink_columns(found.ink)
    assert left == pytest.approx(field.box.x, abs=8)
    assert right == pytest.approx(field.box.right, abs=8)
