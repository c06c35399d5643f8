import numpy as np
import pytest

from ocrdigits.errors import InputError
from ocrdigits.model.compose.glyphs import draw_stroke_cells
from ocrdigits.model.compose.hand.digitstock import (
    load_stock,
    sample_manner,
    stock_digits,
    trace_cell,
)
from ocrdigits.model.compose.hand.supplies import load_supplies
from ocrdigits.model.data import DigitSet
from ocrdigits.vision.normalize import center_digit


def drawn_set(name="drawn", characters="0123456789", count=200):
    crops, labels = draw_stroke_cells(np.random.default_rng(0), count, characters)
    cells = np.stack([center_digit(crop) for crop in crops])
    return DigitSet(name, cells, np.array([int(label) for label in labels]))


def test_a_folder_of_cells_becomes_a_stock(tmp_path):
    digits = drawn_set()
    np.savez(tmp_path / "mine.npz", x=(digits.cells * 255).astype(np.uint8), y=digits.labels)
    stock = load_stock(tmp_path)
    assert stock.cells.dtype == np.uint8
    assert len(stock.cells) == len(stock.labels) == len(stock.sources) == 200
    assert load_supplies([], tmp_path).digits is not None


def test_what_is_not_a_digit_is_left_out():
    digits = drawn_set()
    labels = digits.labels.copy()
    labels[:20] = 10
    assert len(stock_digits([DigitSet("drawn", digits.cells, labels)]).cells) == 180


def test_every_class_is_needed():
    with pytest.raises(InputError, match="no digit 4"):
        stock_digits([drawn_set(characters="012356789")])


def test_a_manner_has_a_few_forms_of_each_digit_from_one_set():
    stock = stock_digits([drawn_set("one"), drawn_set("two")])
    manner = sample_manner(np.random.default_rng(0), stock)
    assert set(manner.forms) == set("0123456789")
    assert all(1 <= len(forms) <= 4 for forms in manner.forms.values())
    assert 0.02 < manner.stroke_frac < 0.3


def test_a_traced_digit_is_upright_and_one_high():
    cell = np.zeros((28, 28), np.uint8)
    for row in range(4, 24):
        column = 18 - (row - 4) // 4
        cell[row, column : column + 3] = 255
    imprint = trace_cell(cell)
    rows, columns = np.nonzero(imprint.depth > 0)
    assert np.ptp(rows) / imprint.scale == pytest.approx(1, abs=0.1)
    assert np.ptp(columns) / imprint.scale < 0.25
    assert imprint.stroke_frac == pytest.approx(0.15, abs=0.05)


def test_a_missing_typeface_is_named(tmp_path):
    with pytest.raises(InputError, match="no typeface there"):
        load_supplies([tmp_path / "none.ttf"])
    with pytest.raises(InputError, match="no typeface there"):
        load_supplies([tmp_path])
