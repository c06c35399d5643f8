import numpy as np
import pytest

from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import sample_scribe
from ocrdigits.model.compose.pages.desk import open_desk
from ocrdigits.model.compose.pages.doodles import draw_doodle
from ocrdigits.model.compose.pages.ornament import (
    Press,
    blank_plate,
    press_plate,
    print_barcode,
    print_logo,
    print_matrix_code,
    print_padlock,
    sign,
    stick_label,
    tick,
    wave,
)
from ocrdigits.model.compose.pages.typeset import Style, print_line
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box


def blank_desk(seed=0):
    rng = np.random.default_rng(seed)
    sheet = Sheet(np.ones((400, 500, 3), np.float32))
    return open_desk(rng, sheet, sample_scribe(rng, Supplies()))


def ornaments():
    return {
        "signature": lambda desk: sign(desk, 150, 200, 50),
        "wave": lambda desk: wave(desk, 50, 400, 200),
        "tick": lambda desk: tick(desk, Box(200, 200, 40, 40)),
        "doodle": lambda desk: draw_doodle(desk, 150, 150, 120),
        "bar code": lambda desk: print_barcode(desk.rng, desk.sheet, Box(50, 50, 300, 80)),
        "matrix code": lambda desk: print_matrix_code(desk.rng, desk.sheet, 50, 50, 100),
        "logo": lambda desk: print_logo(desk.rng, desk.sheet, Box(9, 9, 80, 80), (0.1, 0.1, 0.1)),
        "padlock": lambda desk: print_padlock(desk.rng, desk.sheet, Box(9, 9, 30, 40), (0.1,) * 3),
    }


@pytest.mark.parametrize("name", ornaments())
def test_ornaments_are_ink_but_never_digits(name):
    for seed in range(4):
        desk = blank_desk(seed)
        ornaments()[name](desk)
        assert not desk.sheet.strings
        assert set(np.unique(desk.sheet.ink)) == {InkClass.GROUND, InkClass.OTHER}


def test_a_padlock_has_paper_under_its_bow():
    for seed in range(8):
        desk = blank_desk(seed)
        print_padlock(desk.rng, desk.sheet, Box(9, 9, 60, 80), (0.1, 0.1, 0.1))
        middle = desk.sheet.ink[9:, 39]
        inked = np.flatnonzero(middle == InkClass.OTHER)
        assert (np.diff(inked) > 4).any(), "no gap between the bow and the body"


def test_a_turned_stamp_keeps_the_truth_of_its_date():
    sheet, plate = Sheet(np.ones((300, 400, 3), np.float32)), blank_plate(100, 290)
    print_line(plate, "12 MAR 2024", Style("DejaVuSans-Bold", 24, (0.0, 0.0, 0.0)), 20, 60)
    press = Press(200, 150, turn_deg=20, color=(0.2, 0.2, 0.7))
    press_plate(np.random.default_rng(0), sheet, plate, press)
    assert [string.text for string in sheet.strings] == ["12", "2024"]
    for string in sheet.strings:
        for box in string.digit_boxes:
            part = sheet.ink[box.y : box.bottom, box.x : box.right]
            assert (part == InkClass.DIGIT).mean() > 0.1
    first, last = (string.polygon[0] for string in sheet.strings)
    assert last[1] < first[1]  # turned counter-clockwise, the year stands higher


def test_a_label_hides_what_it_is_stuck_on():
    sheet, plate = Sheet(np.full((200, 300, 3), 0.5, np.float32)), blank_plate(80, 160)
    print_line(plate, "708", Style("DejaVuSans", 30), 20, 60)
    sheet.fill(Box(0, 0, 300, 200), (0.1, 0.1, 0.1))
    stick_label(sheet, plate, 50, 40)
    assert sheet.ink[41, 51] == InkClass.GROUND
    assert sheet.strings[0].polygon[0][0] >= 70
