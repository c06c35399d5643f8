import numpy as np
import pytest
from pages import INK, PAPER, written

from ocrdigits.vision.normalize import center_digit


def centre_of_mass(cell):
    rows, columns = np.mgrid[: cell.shape[0], : cell.shape[1]] + 0.5
    return float((cell * rows).sum() / cell.sum()), float((cell * columns).sum() / cell.sum())


def extent(cell, threshold: float = 0.1):
    rows, columns = (
        np.flatnonzero((cell > threshold).any(1)),
        np.flatnonzero((cell > threshold).any(0)),
    )
    return rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def digit(text: str, height_px: int = 60):
    gray = written(text, height_px, pen_px=max(2, height_px // 12))
    return ((PAPER - gray) / (PAPER - INK)).astype(np.float32)


def test_a_square_fills_the_body_and_sits_in_the_middle():
    cell = center_digit(np.ones((20, 20), np.float32))
    expected = np.zeros((28, 28), np.float32)
    expected[4:24, 4:24] = 1
    np.testing.assert_array_equal(cell, expected)


def test_empty_borders_do_not_matter():
    ink = digit("7")
    padded = np.pad(ink, ((90, 3), (10, 200)))
    np.testing.assert_array_equal(center_digit(ink), center_digit(padded))


def test_faint_ink_is_as_dark_as_dark_ink():
    ink = digit("3")
    np.testing.assert_allclose(center_digit(ink * np.float32(0.3)), center_digit(ink), atol=1e-5)


@pytest.mark.parametrize("text", list("0123456789"))
def test_every_digit_is_twenty_pixels_and_its_mass_is_in_the_middle(text):
    cell = center_digit(digit(text))
    assert cell.shape == (28, 28) and cell.dtype == np.float32
    assert cell.min() >= 0 and cell.max() == pytest.approx(1)
    assert abs(max(extent(cell)) - 20) <= 1
    assert centre_of_mass(cell) == pytest.approx((14, 14), abs=0.75)


@pytest.mark.parametrize("height_px", [24, 36, 200])
def test_the_cell_hardly_depends_on_the_size_of_the_writing(height_px):
    found, wanted = center_digit(digit("5", height_px)), center_digit(digit("5"))
    assert np.corrcoef(found.ravel(), wanted.ravel())[0, 1] > 0.85  # a pixel of rounding


def test_a_one_keeps_its_shape():
    cell = center_digit(np.ones((60, 6), np.float32))
    height, width = extent(cell)
    assert (height, width) == (20, 2)


@pytest.mark.parametrize("shape", [(1, 1), (1, 500), (500, 1)])
def test_ink_of_any_shape_stays_inside_the_cell(shape):
    cell = center_digit(np.ones(shape, np.float32))
    assert cell.shape == (28, 28) and cell.max() > 0


def test_lopsided_ink_is_not_pushed_out_of_the_cell():
    ink = np.zeros((40, 40), np.float32)
    ink[:, :4] = 1
    ink[38:] = 0.2
    cell = center_digit(ink)
    assert max(extent(cell)) >= 19


def test_an_empty_crop_is_a_programmers_mistake():
    with pytest.raises(ValueError, match="ink"):
        center_digit(np.zeros((5, 5), np.float32))


def test_other_cells_and_bodies_can_be_asked_for():
    cell = center_digit(np.ones((9, 9), np.float32), cell_px=40, body_px=30)
    assert cell.shape == (40, 40) and extent(cell) == (30, 30)
