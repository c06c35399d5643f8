from dataclasses import replace

import numpy as np
import pytest

from ocrdigits.model.compose.glyphs import draw_stroke_cells
from ocrdigits.model.compose.hand.digitstock import sample_manner, stock_digits
from ocrdigits.model.compose.hand.handfaces import BUNDLED_HAND_FACES
from ocrdigits.model.compose.hand.pens import Pen
from ocrdigits.model.compose.hand.scribe import draft_text
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.hand.writer import plain_hand
from ocrdigits.model.compose.lettering import Scribe, Spot, sample_scribe, write_comb, write_line
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.model.data import DigitSet
from ocrdigits.records import Box
from ocrdigits.vision.normalize import center_digit

PEN = Pen(0.08, 1.0, 0.0, 0.0, (0.0, 0.0, 0.0))
HAND = replace(plain_hand(), slant_frac=0.1, gap_frac=0.25)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def stock():
    crops, labels = draw_stroke_cells(rng(), 300, "0123456789")
    cells = np.stack([center_digit(crop) for crop in crops])
    return stock_digits([DigitSet("drawn", cells, np.array([int(label) for label in labels]))])


@pytest.fixture(params=["strokes", "face", "digits"])
def scribe(request, stock):
    if request.param == "face":
        return Scribe(HAND, PEN, face=BUNDLED_HAND_FACES[0])
    if request.param == "digits":
        return Scribe(HAND, PEN, digits=sample_manner(rng(), stock))
    return Scribe(HAND, PEN)


def blank_sheet():
    return Sheet(np.ones((160, 700, 3), np.float32))


def test_each_digits_box_holds_its_ink(scribe):
    sheet = blank_sheet()
    write_line(rng(), sheet, scribe, "3071 8", Spot(30, 110, 60))
    boxes = [box for string in sheet.strings for box in string.digit_boxes]
    inked = sheet.surface.min(axis=2) < 0.6
    for box in boxes:
        assert inked[box.y : box.bottom, box.x : box.right].sum() > 60
        inked[box.y : box.bottom, box.x : box.right] = False
    assert not inked.any()


def test_digits_separators_and_letters_are_told_apart(scribe):
    sheet = blank_sheet()
    write_line(rng(), sheet, scribe, "no 1,5", Spot(30, 110, 60))
    string = sheet.strings[0]
    for box in string.digit_boxes:
        shown = sheet.ink[box.y : box.bottom, box.x : box.right]
        assert (shown == InkClass.DIGIT).sum() > 60
    first = string.digit_boxes[0].x
    assert (sheet.ink[:, : first - 4] == InkClass.OTHER).sum() > 60
    assert not (sheet.ink[:, : first - 4] == InkClass.DIGIT).any()
    assert (sheet.ink == InkClass.SEPARATOR).sum() > 5


def test_the_same_seed_writes_the_same_line(scribe):
    sheets = [blank_sheet() for _ in range(2)]
    for sheet in sheets:
        write_line(rng(4), sheet, scribe, "Elm 42.50", Spot(20, 110, 60))
    assert np.array_equal(sheets[0].surface, sheets[1].surface)


def test_repeated_characters_differ(scribe):
    sheet = blank_sheet()
    busy = replace(scribe, hand=replace(HAND, shape_spread=0.06, tremor_frac=0.01))
    write_line(rng(), sheet, busy, "3 3", Spot(30, 110, 60))
    first, second = (
        sheet.surface[box.y : box.y + 58, box.x : box.x + 28, 0]
        for string in sheet.strings
        for box in string.digit_boxes
    )
    assert np.abs(first - second).mean() > 0.02


def test_comb_digits_stay_inside_their_boxes(scribe):
    sheet = blank_sheet()
    cells = [Box(20 + 70 * k, 30, 60, 80) for k in range(5)]
    write_comb(rng(), sheet, scribe, "90217", cells)
    for digit, cell in zip(sheet.strings[0].digit_boxes, cells, strict=True):
        assert cell.x < digit.x < digit.right < cell.right
        assert cell.y < digit.y < digit.bottom < cell.bottom


def test_what_is_struck_out_is_no_truth():
    sheet = blank_sheet()
    scribe = Scribe(replace(HAND, slip_share=1.0), PEN)
    write_line(rng(), sheet, scribe, "58", Spot(30, 110, 50))
    assert [string.text for string in sheet.strings] == ["58"]
    left = sheet.strings[0].digit_boxes[0].x
    assert (sheet.ink[:, : left - 4] == InkClass.OTHER).sum() > 60
    assert not (sheet.ink[:, : left - 4] == InkClass.DIGIT).any()


def test_a_slip_needs_room():
    sheet = blank_sheet()
    scribe = Scribe(replace(HAND, slip_share=1.0), PEN)
    write_line(rng(), sheet, scribe, "58", Spot(30, 110, 50, room_px=80))
    assert not (sheet.ink == InkClass.OTHER).any()


def test_scribes_use_strokes_and_typefaces():
    source = rng()
    scribes = [sample_scribe(source, Supplies()) for _ in range(200)]
    in_faces = sum(scribe.face is not None for scribe in scribes)
    assert 55 <= in_faces <= 105
    assert {scribe.face for scribe in scribes} == {None, *BUNDLED_HAND_FACES}


def test_scribes_use_real_digits_where_there_are_any(stock):
    source = rng()
    scribes = [sample_scribe(source, Supplies(digits=stock)) for _ in range(60)]
    assert 24 <= sum(scribe.digits is not None for scribe in scribes) <= 48


def test_a_character_that_a_typeface_lacks_is_written_in_strokes():
    scribe = Scribe(HAND, PEN, face=BUNDLED_HAND_FACES[0])
    draft = draft_text(rng(), scribe, "a%")
    assert set(draft.imprints) == {0}
    assert set(draft.trace.owners.tolist()) == {1}
