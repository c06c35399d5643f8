import numpy as np
import pytest

from ocrdigits.model.compose.fonts import bundled_typeface
from ocrdigits.model.compose.glyphs import draw_printed_cells, draw_stroke_cells
from ocrdigits.model.compose.machine import MACHINE_STYLES, render_machine_digit
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.vision.normalize import center_digit

DRAWERS = [draw_printed_cells, draw_stroke_cells]


@pytest.mark.parametrize("draw", DRAWERS)
def test_crops_are_coverage_with_a_label_each(draw):
    crops, labels = draw(np.random.default_rng(0), 120, "0123456789")
    assert len(crops) == len(labels) == 120
    assert set(labels) == set("0123456789")
    for crop in crops:
        assert crop.dtype == np.float32
        assert crop.min() >= 0
        assert 0.5 < crop.max() <= 1
        assert 8 <= crop.shape[0] <= 90


@pytest.mark.parametrize("draw", DRAWERS)
def test_crops_are_tight_around_the_ink(draw):
    crops, _ = draw(np.random.default_rng(1), 60, "2358")
    for crop in crops:
        rows, columns = np.nonzero(crop > 0.15)
        assert rows.min() <= 2
        assert columns.min() <= 2
        assert crop.shape[0] - rows.max() <= 3
        assert crop.shape[1] - columns.max() <= 3


@pytest.mark.parametrize("draw", DRAWERS)
def test_the_same_seed_draws_the_same_crops(draw):
    first, second = (draw(np.random.default_rng(7), 20, "0123456789")[0] for _ in range(2))
    assert all(np.array_equal(one, two) for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize("draw", DRAWERS)
def test_letters_and_signs_can_be_drawn_too(draw):
    _, labels = draw(np.random.default_rng(0), 200, "ABXabx#%&€£()")
    assert set(labels) == set("ABXabx#%&€£()")


def test_characters_outside_the_alphabet_are_passed_over():
    _, labels = draw_stroke_cells(np.random.default_rng(0), 30, "7あ")
    assert set(labels) == {"7"}
    with pytest.raises(ValueError, match="あ"):
        draw_stroke_cells(np.random.default_rng(0), 1, "あ")


def test_more_typefaces_can_be_given_as_files_or_folders():
    face = bundled_typeface("DejaVuSans")
    for paths in ([face], [face.parent]):
        crops, _ = draw_printed_cells(np.random.default_rng(0), 5, "0123456789", paths)
        assert len(crops) == 5


@pytest.mark.parametrize("style", MACHINE_STYLES)
def test_machine_digits_are_distinct(style):
    digits = [render_machine_digit(style, digit, 40) for digit in "0123456789"]
    assert all(digit.shape[0] == 40 for digit in digits)
    assert all(
        one.shape != two.shape or np.abs(one - two).mean() > 0.02
        for k, one in enumerate(digits)
        for two in digits[:k]
    )


def test_drawn_digits_are_read_right_by_the_shipped_reader():
    classify = load_digit_classifier()
    crops, labels = draw_stroke_cells(np.random.default_rng(5), 400, "0123456789")
    scores = classify(np.stack([center_digit(crop) for crop in crops]))
    read = scores.argmax(axis=1) == np.array([int(label) for label in labels])
    assert read.mean() >= 0.9
