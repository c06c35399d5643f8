"""Ink that a dark margin gave is cleared; writing on the sheet stays."""

from __future__ import annotations

import numpy as np
import pytest
from pages import paper, put_text

from ocrdigits.records import InkPage
from ocrdigits.vision.margins import leave_out_margins


def picture_with_margin(width_px: int = 50):
    """(200, 140) a sheet with a 7 on it, black with a ragged edge on the left."""
    gray = paper(200, 140)
    put_text(gray, "7", (90, 110), 40, pen_px=3)
    rng = np.random.default_rng(1)
    for row, extent in enumerate(width_px + rng.integers(-2, 4, 200)):
        gray[row, : max(0, extent)] = 12
    return gray


def ink_of(gray):
    ink = gray < 120
    return InkPage(ink, ink.astype(np.float32))


@pytest.mark.parametrize("turns", range(4))
def test_ragged_edges_of_margins_are_cleared(turns: int):
    gray = np.ascontiguousarray(np.rot90(picture_with_margin(), turns))
    cleared = leave_out_margins(ink_of(gray), gray)
    upright = np.rot90(cleared.ink, -turns)
    assert not upright[:, :56].any()
    assert np.array_equal(upright[:, 60:], picture_with_margin()[:, 60:] < 120)
    assert np.array_equal(cleared.coverage > 0, cleared.ink)


def test_a_picture_without_margins_keeps_its_ink():
    gray = picture_with_margin(width_px=-9)
    assert np.array_equal(leave_out_margins(ink_of(gray), gray).ink, gray < 120)


def test_what_is_mostly_dark_is_no_margin():
    gray = np.full((60, 120), 15, np.uint8)
    gray[20:40, 100:110] = 230
    assert np.array_equal(leave_out_margins(ink_of(gray), gray).ink, gray < 120)


def test_dark_on_both_sides_of_a_light_stroke_is_no_margin():
    gray = np.full((60, 60), 20, np.uint8)
    gray[:, 29:31] = 160  # lighter than a margin, and nowhere as clean as the paper
    gray[:10, 10:50] = 230
    assert np.array_equal(leave_out_margins(ink_of(gray), gray).ink, gray < 120)
