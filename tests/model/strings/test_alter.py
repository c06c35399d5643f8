"""Lines that are altered a little."""

from __future__ import annotations

import numpy as np

from ocrdigits.model.strings.alter import alter_line
from ocrdigits.records import LINE_PX


def stroke(width: int = 80):
    line = np.zeros((LINE_PX, width), np.float32)
    line[5:27, 38:42] = 1.0
    return line


def test_an_altered_line_is_a_line_of_about_the_same_width():
    rng = np.random.default_rng(3)
    widths = set()
    for _ in range(50):
        altered = alter_line(rng, stroke())
        height, width = altered.shape
        assert altered.dtype == np.float32 and height == LINE_PX and width % 4 == 0
        assert 56 <= width <= 104 and 0 <= altered.min() <= altered.max() <= 1
        widths.add(width)
    assert len(widths) > 3


def test_the_ink_stays_in_the_middle_and_keeps_its_height():
    rng = np.random.default_rng(4)
    for _ in range(50):
        altered = alter_line(rng, stroke())
        columns = altered.sum(axis=0)
        middle = (columns * np.arange(len(columns))).sum() / columns.sum()
        assert abs(middle - (len(columns) - 1) / 2) < 3
        rows = np.flatnonzero(altered.max(axis=1) > 0.5)
        assert 17 <= rows[-1] - rows[0] + 1 <= 27


def test_a_line_that_is_altered_stays_as_it_was():
    line = stroke()
    alter_line(np.random.default_rng(5), line)
    np.testing.assert_array_equal(line, stroke())
