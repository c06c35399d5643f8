import numpy as np

from ocrdigits.model.compose.hand.pens import Pen
from ocrdigits.model.compose.hand.writer import plain_hand
from ocrdigits.model.compose.lettering import (
    Scribe,
    Spot,
    draw_comb,
    print_magnetic,
    write_comb,
    write_line,
)
from ocrdigits.model.compose.pages.typeset import Style, print_line
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box, Kind

SCRIBE = Scribe(plain_hand(), Pen(0.1, 1.0, 0.0, 0.0, (0.0, 0.0, 0.0)))


def blank_sheet():
    return Sheet(np.ones((120, 400, 3), np.float32))


def ink_box(sheet):
    rows, columns = np.nonzero(sheet.surface.min(axis=2) < 0.5)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


def test_ink_off_the_sheet_is_lost():
    sheet = blank_sheet()
    sheet.stain(np.ones((20, 20), np.float32), -10, 110, (0, 0, 0))
    sheet.stain(np.ones((20, 20), np.float32), 900, 900, (0, 0, 0))
    assert (sheet.surface.min(axis=2) == 0).sum() == 100


def test_the_paper_given_to_a_sheet_is_not_changed():
    paper = np.ones((20, 20, 3), np.float32)
    Sheet(paper).fill(Box(0, 0, 20, 20), (0, 0, 0))
    assert paper.min() == 1


def test_a_printed_line_gives_the_truth_of_its_numbers_only():
    sheet = blank_sheet()
    print_line(sheet, "No. 42 of 3-4, Elm 1,234.50.", Style("DejaVuSans", 15), 10, 60)
    assert [string.text for string in sheet.strings] == ["42", "3-4", "1,234.50"]
    assert [len(string.digit_boxes) for string in sheet.strings] == [2, 2, 6]
    assert not any(string.is_handwritten for string in sheet.strings)


def test_the_polygon_of_a_printed_number_bounds_its_ink():
    sheet = blank_sheet()
    print_line(sheet, "508", Style("DejaVuSans", 29), 30, 80)
    (x0, y0), _, (x1, y1), _ = sheet.strings[0].polygon
    assert np.abs(np.array(ink_box(sheet)) - (x0, y0, x1, y1)).max() <= 2


def test_the_polygon_of_a_written_number_bounds_its_ink():
    sheet = blank_sheet()
    write_line(np.random.default_rng(0), sheet, SCRIBE, "50,8", Spot(30, 90, 50))
    string = sheet.strings[0]
    (x0, y0), _, (x1, y1), _ = string.polygon
    assert string.text == "50,8"
    assert string.is_handwritten
    assert np.abs(np.array(ink_box(sheet)) - (x0, y0, x1, y1)).max() <= 3


def test_a_space_ends_a_number():
    sheet = blank_sheet()
    write_line(np.random.default_rng(0), sheet, SCRIBE, "12 34", Spot(20, 90, 40))
    assert [string.text for string in sheet.strings] == ["12", "34"]


def test_a_long_string_is_written_smaller_to_fit_its_room():
    sheet = blank_sheet()
    end = write_line(
        np.random.default_rng(0), sheet, SCRIBE, "123456789", Spot(10, 90, 60, room_px=150)
    )
    assert end <= 161
    assert ink_box(sheet)[2] <= 170


def test_comb_digits_stay_inside_their_boxes():
    sheet = blank_sheet()
    cells = draw_comb(sheet, Box(20, 20, 300, 70), 5, (0.9, 0.9, 0.9), gap_px=6)
    write_comb(np.random.default_rng(0), sheet, SCRIBE, "90210", cells)
    string = sheet.strings[0]
    assert string.kind is Kind.COMB
    for digit, cell in zip(string.digit_boxes, cells, strict=True):
        assert cell.x < digit.x < digit.right < cell.right
        assert cell.y < digit.y < digit.bottom < cell.bottom


def test_magnetic_marks_are_not_part_of_the_numbers():
    sheet = blank_sheet()
    print_magnetic(sheet, ":1234: 567", 10, 80, 24)
    assert [string.text for string in sheet.strings] == ["1234", "567"]
