"""Tinted boxes become paper; what is written in them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pages import PAPER, page_of_lines, paper, put_text

from ocrdigits.records import Kind, Layout
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import find_fields
from ocrdigits.vision.tints import flatten_tints


def tinted_page(count: int = 5, tint: int = 170):
    gray = paper(600, 800)
    for k in range(count):
        left = 150 + 80 * k
        cv2.rectangle(gray, (left, 200), (left + 66, 290), tint, cv2.FILLED)
        put_text(gray, str(k + 3), (left + 18, 275), 52, pen_px=4)
    return gray


@pytest.mark.parametrize("tint", [120, 170, 205])
def test_boxes_in_a_row_become_as_light_as_the_paper(tint):
    flat, _ = flatten_tints(tinted_page(tint=tint))
    inside = np.s_[205:285, 155:211]
    assert np.median(flat[inside]) > PAPER - 12
    assert (flat[inside] < PAPER - 70).sum() > 100  # the digit


def test_what_is_beside_them_stays_as_it_is():
    gray = tinted_page()
    assert np.array_equal(flatten_tints(gray)[0][400:], gray[400:])


@pytest.mark.parametrize("count", [1, 2])
def test_a_patch_or_two_stay(count):
    gray = tinted_page(count)
    assert flatten_tints(gray)[0] is gray


def test_a_page_without_tints_is_handed_back():
    gray = page_of_lines()
    assert flatten_tints(gray)[0] is gray


def test_boxes_between_which_the_paper_looks_darker_are_found():
    gray = tinted_page(tint=140)
    for k in range(4):
        left = 150 + 80 * k + 67
        gray[200:291, left : left + 13] = 218  # 0.93 of the paper
    flat, _ = flatten_tints(gray)
    assert np.median(flat[205:285, 155:211]) > PAPER - 12


@pytest.mark.parametrize("grey", [110, 165])
def test_a_patch_that_runs_into_something_dark_belongs_to_its_row(grey):
    gray = tinted_page(4)
    cv2.rectangle(gray, (440, 270), (600, 330), grey, cv2.FILLED)
    flat, _ = flatten_tints(gray)
    assert np.median(flat[205:265, 395:435]) > PAPER - 12
    assert np.array_equal(flat[:, 500:], gray[:, 500:])


def test_of_two_shades_the_one_that_shows_the_longer_row_counts():
    gray = tinted_page(4)
    cv2.rectangle(gray, (395, 110), (450, 205), 218, cv2.FILLED)  # pale, and joined to the last
    flat, _ = flatten_tints(gray)
    assert np.median(flat[210:285, 395:450]) > PAPER - 12


def test_rows_are_told_box_by_box():
    _, (row,) = flatten_tints(tinted_page())
    assert [round(box.x, -1) for box in row] == [150, 230, 310, 390, 470]
    assert all(abs(box.y - 200) <= 2 and abs(box.bottom - 291) <= 2 for box in row)
    assert flatten_tints(page_of_lines())[1] == ()


def test_a_broad_stroke_stays_whole():
    gray = tinted_page()
    cv2.rectangle(gray, (165, 225), (178, 245), 60, cv2.FILLED)
    flat, (row,) = flatten_tints(gray)
    assert len(row) == 5
    assert (flat[228:242, 168:175] < 90).all()


def test_what_stands_in_a_row_is_one_comb():
    gray, tinted = flatten_tints(tinted_page())
    put_text(gray, "gy", (480, 190), 60, pen_px=4)  # its tails hang into the last box
    fields = find_fields(find_ink(gray), Layout.PAGE, FieldSettings(), tinted)
    (comb,) = (field for field in fields if field.kind is Kind.COMB)
    assert comb.box.x >= 150 and comb.box.right <= 540 and comb.box.width > 330
