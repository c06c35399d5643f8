"""Tinted boxes become paper; what is written in them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pages import PAPER, page_of_lines, paper, put_text

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
    flat = flatten_tints(tinted_page(tint=tint))
    inside = np.s_[205:285, 155:211]
    assert np.median(flat[inside]) > PAPER - 12
    assert (flat[inside] < PAPER - 70).sum() > 100  # the digit


def test_what_is_beside_them_stays_as_it_is():
    gray = tinted_page()
    assert np.array_equal(flatten_tints(gray)[400:], gray[400:])


@pytest.mark.parametrize("count", [1, 2])
def test_a_patch_or_two_stay(count):
    gray = tinted_page(count)
    assert flatten_tints(gray) is gray


def test_a_page_without_tints_is_handed_back():
    gray = page_of_lines()
    assert flatten_tints(gray) is gray


def test_boxes_between_which_the_paper_looks_darker_are_found():
    gray = tinted_page(tint=140)
    for k in range(4):
        left = 150 + 80 * k + 67
        gray[200:291, left : left + 13] = 218  # 0.93 of the paper
    flat = flatten_tints(gray)
    assert np.median(flat[205:285, 155:211]) > PAPER - 12


@pytest.mark.parametrize("grey", [110, 165])
def test_a_patch_that_runs_into_something_dark_belongs_to_its_row(grey):
    gray = tinted_page(4)
    cv2.rectangle(gray, (440, 270), (600, 330), grey, cv2.FILLED)
    flat = flatten_tints(gray)
    assert np.median(flat[205:265, 395:435]) > PAPER - 12
    assert np.array_equal(flat[:, 500:], gray[:, 500:])


def test_of_two_shades_the_one_that_shows_the_longer_row_counts():
    gray = tinted_page(4)
    cv2.rectangle(gray, (395, 110), (450, 205), 218, cv2.FILLED)  # pale, and joined to the last
    flat = flatten_tints(gray)
    assert np.median(flat[210:285, 395:450]) > PAPER - 12
