import numpy as np
import pytest

from ocrdigits.model.drawn import DIGITS, NON_DIGITS, draw_sets
from ocrdigits.records import NOT_A_DIGIT

COUNT = 60


@pytest.fixture(scope="module")
def drawn():
    return draw_sets(COUNT, seed=3)


def test_digits_and_signs_come_in_their_shares(drawn):
    printed, signs = drawn
    assert len(printed.labels) == COUNT
    assert len(signs.labels) == COUNT // 2 + COUNT // 4
    assert set(printed.labels.tolist()) <= set(range(10)) and len(set(printed.labels)) >= 8
    assert (signs.labels == NOT_A_DIGIT).all()


def test_drawn_characters_are_centred_cells(drawn):
    for part in drawn:
        assert part.cells.shape[1:] == (28, 28) and part.cells.dtype == np.float32
        assert part.cells.min() >= 0 and part.cells.max() == pytest.approx(1)
        rows = np.flatnonzero((part.cells > 0.2).any(axis=(0, 2)))
        assert rows[0] >= 0 and rows[-1] <= 27
        mass = (part.cells * np.arange(28)).sum((1, 2)) / part.cells.sum((1, 2))
        assert np.abs(mass - 13.5).max() < 3.5


def test_the_names_say_that_they_are_drawn(drawn):
    assert all(part.name.startswith("drawn") for part in drawn)


def test_the_same_seed_draws_the_same_cells(drawn):
    again, other = draw_sets(COUNT, seed=3), draw_sets(COUNT, seed=4)
    for part, same, different in zip(drawn, again, other, strict=True):
        np.testing.assert_array_equal(part.cells, same.cells)
        np.testing.assert_array_equal(part.labels, same.labels)
        assert not np.array_equal(part.cells, different.cells)


def test_no_sign_is_a_digit_and_none_looks_like_one():
    assert len(set(NON_DIGITS)) == len(NON_DIGITS)
    assert not set(NON_DIGITS) & set(DIGITS + "OoQUIlSsZzBbgqi|!&")
