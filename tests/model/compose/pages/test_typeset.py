import numpy as np
import pytest

from ocrdigits.model.compose.pages.typeset import (
    BOLD_FACES,
    ITALIC_FACES,
    PLAIN_FACES,
    TYPED_FACES,
    Style,
    measure_print,
    print_line,
    sample_style,
)
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass


def blank_sheet():
    return Sheet(np.ones((120, 600, 3), np.float32))


@pytest.mark.parametrize("face", sorted({*PLAIN_FACES, *BOLD_FACES, *ITALIC_FACES, *TYPED_FACES}))
def test_a_digit_is_as_high_as_its_style_says(face):
    sheet = blank_sheet()
    print_line(sheet, "0", Style(face, 40), 20, 80)
    assert sheet.strings[0].digit_boxes[0].height == pytest.approx(40, abs=2)


def test_a_narrow_style_needs_less_room():
    wide, narrow = Style("DejaVuSans", 30), Style("DejaVuSans", 30, width_frac=0.7)
    assert measure_print("12345", narrow) == pytest.approx(0.7 * measure_print("12345", wide))


def test_a_line_ends_where_its_measure_says():
    style = Style("DejaVuSerif", 24, tracking_frac=0.1)
    end = print_line(blank_sheet(), "No. 42", style, 10, 60)
    assert end == pytest.approx(10 + measure_print("No. 42", style))


def test_letters_digits_and_separators_are_told_apart():
    sheet = blank_sheet()
    print_line(sheet, "No 1.5", Style("DejaVuSans", 40), 10, 80)
    assert [string.text for string in sheet.strings] == ["1.5"]
    (left, _), _, _, _ = sheet.strings[0].polygon
    assert set(np.unique(sheet.ink[:, :left])) == {InkClass.GROUND, InkClass.OTHER}
    assert {InkClass.DIGIT, InkClass.SEPARATOR} <= set(np.unique(sheet.ink[:, left:]))


def test_a_sampled_style_is_as_high_as_asked():
    assert sample_style(np.random.default_rng(0), 21).height_px == 21
