import numpy as np
import pytest

from ocrdigits.vision.squared import are_squares

SHAPE = (800, 600)


def rules(row_px: int, column_px: int, pieces: int = 1):
    """Level and upright rules over the whole page, each in some pieces."""
    height, width = SHAPE
    level = [
        (k * width // pieces, y, width // pieces - 4, 2)
        for y in range(20, height, row_px)
        for k in range(pieces)
    ]
    upright = [(x, 0, 2, height) for x in range(15, width, column_px)]
    return np.array(level, np.int32), np.array(upright, np.int32)


@pytest.mark.parametrize("pieces", [1, 5])
def test_rules_at_one_distance_both_ways_are_squares(pieces):
    assert are_squares(*rules(55, 57, pieces), SHAPE)


def test_a_margin_line_between_them_changes_nothing():
    level, upright = rules(55, 55)
    assert are_squares(level, np.vstack([upright, [140, 0, 2, 800]]), SHAPE)


def test_the_rows_and_columns_of_a_table_are_none():
    assert not are_squares(*rules(40, 110), SHAPE)


def test_level_rules_alone_are_none():
    level, upright = rules(55, 55)
    assert not are_squares(level, upright[:2], SHAPE)
    assert not are_squares(level, upright[:0], SHAPE)


def test_columns_at_many_distances_are_none():
    level, _ = rules(55, 55)
    upright = np.array([(x, 0, 2, 800) for x in (10, 60, 150, 180, 300, 420, 520)], np.int32)
    assert not are_squares(level, upright, SHAPE)
