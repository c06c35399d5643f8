"""A line that leans keeps its ink."""

from __future__ import annotations

import numpy as np
import pytest

from ocrdigits.records import LINE_PX
from ocrdigits.vision.line_crop import MIDDLE_PX
from ocrdigits.vision.line_lean import lean_line

STROKE = slice(20, 24)


@pytest.fixture
def upright():
    image = np.zeros((LINE_PX, 40), np.float32)
    image[4:27, STROKE] = 1.0
    return image


def centers(image):
    """Where the ink of each row that has some lies."""
    rows = np.flatnonzero(image.sum(axis=1) > 1)
    columns = np.arange(image.shape[1])
    return rows, (image[rows] * columns).sum(axis=1) / image[rows].sum(axis=1)


@pytest.mark.parametrize("lean", [-0.3, 0.18])
def test_each_row_moves_by_its_height_above_the_middle(upright, lean):
    leaning = lean_line(upright, lean)
    beside = (leaning.shape[1] - upright.shape[1]) / 2
    rows, moved = centers(leaning)
    expected = 21.5 + beside + lean * (MIDDLE_PX - rows)
    assert moved == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("lean", [-0.3, 0.18])
def test_no_ink_is_lost_at_the_edges(lean):
    image = np.ones((LINE_PX, 8), np.float32)
    leaning = lean_line(image, lean)
    assert leaning.sum() == pytest.approx(image.sum(), rel=0.02)
    assert leaning.shape[1] % 4 == 0
