"""The pipeline, with a stand-in for the network."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from known_digits import DIGITS, classify
from pages import paper, put_text, written
from readings import field_reading, overlap

from ocrdigits.asking import Readers
from ocrdigits.calibration import Calibration, GroupMap
from ocrdigits.ctc import CLASS_COUNT, encode_text
from ocrdigits.page_reading import without_doubles
from ocrdigits.pipeline import read_photo
from ocrdigits.records import (
    Agreement,
    Box,
    Kind,
    Layout,
    Photo,
    ReaderChoice,
)
from ocrdigits.settings import DecodeSettings, Settings

STAGES = ["load", "rectify", "enhance", "fields", "segment", "lines", "decode"]


class Recorder:
    def __init__(self):
        self.stages: list[str] = []
        self.pictures = []

    def add(self, stage, picture, note=""):
        self.stages.append(stage)
        self.pictures.append(picture() if callable(picture) else picture)


def read(gray, layout: Layout = Layout.AUTO, trace=None, settings: Settings | None = None):
    photo = Photo("a.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    settings = settings or Settings(layout=layout)
    return read_photo(photo, settings, Readers(classify), trace)


def number_page(height: int = 800, width: int = 1000):
    """A page of three numbers, and their boxes."""
    gray = paper(height, width)
    places = {"2735": (120, 200), "5527": (560, 330), "3253": (200, 640)}
    boxes = {}
    for text, at in places.items():
        found = put_text(gray, text, at, 60, pen_px=5)
        boxes[text] = (found[0], *found[1:])
    return gray, boxes


def around(boxes) -> Box:
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return whole


def texts(reading):
    return [string.text for string in reading.strings]


def turned_box(box: Box, turn_deg: int, height: int, width: int) -> Box:
    """Where a box of the upright page lies in a photo turned anticlockwise."""
    mask = np.zeros((height, width), np.uint8)
    mask[box.y : box.bottom, box.x : box.right] = 1
    rows, columns = np.nonzero(np.rot90(mask, turn_deg // 90))
    x, y = int(columns.min()), int(rows.min())
    return Box(x, y, int(columns.max()) + 1 - x, int(rows.max()) + 1 - y)


@pytest.mark.parametrize("text", ["3", "20", "5527", "90318", "6233"])
def test_a_line_is_read(text):
    reading = read(written(text, 70, 30, 6), Layout.LINE)
    assert texts(reading) == [text]
    (string,) = reading.strings
    assert string.kind is Kind.LINE and string.digits == text and string.value == float(text)
    assert "".join(character.text for character in string.characters) == text


@pytest.mark.parametrize("digit", DIGITS)
def test_a_digit_is_read(digit):
    reading = read(written(digit, 70, 30, 6), Layout.DIGIT)
    assert texts(reading) == [digit]
    assert reading.strings[0].kind is Kind.DIGIT


def test_auto_reads_a_crop_as_a_line_and_a_page_as_a_page():
    assert texts(read(written("25537", 70, 20, 6))) == ["25537"]
    assert texts(read(number_page()[0])) == ["2735", "5527", "3253"]


def test_a_page_gives_its_numbers_in_reading_order_with_their_boxes():
    gray, boxes = number_page()
    reading = read(gray, Layout.PAGE)
    assert texts(reading) == list(boxes)
    for string in reading.strings:
        assert overlap(string.box, around(boxes[string.text])) > 0.8
        for character, box in zip(string.characters, boxes[string.text], strict=True):
            assert overlap(character.box, box) > 0.6


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_the_content_decides_which_way_is_up(turn_deg):
    gray, boxes = number_page()
    height, width = gray.shape
    photo = np.ascontiguousarray(np.rot90(gray, turn_deg // 90))
    reading = read(photo, Layout.PAGE)
    assert reading.turn_deg == turn_deg
    assert (reading.height, reading.width) == photo.shape
    assert texts(reading) == list(boxes)
    for string in reading.strings:
        wanted = turned_box(around(boxes[string.text]), turn_deg, height, width)
        assert overlap(string.box, wanted) > 0.8


def test_an_upright_page_is_not_turned():
    assert read(number_page()[0], Layout.PAGE).turn_deg == 0


def test_the_polygon_of_a_turned_string_starts_at_its_own_top_left():
    gray, boxes = number_page()
    height, width = gray.shape
    photo = np.ascontiguousarray(gray[::-1, ::-1])
    for string in read(photo, Layout.PAGE).strings:
        whole = around(boxes[string.text])
        wanted = (width - whole.x, height - whole.y)
        assert np.abs(np.subtract(string.polygon[0], wanted)).max() <= 8
        assert string.polygon[0][0] > string.polygon[1][0]


def on_a_table(sheet):
    """A photo of a sheet that lies upside down and askew on a dark table; the map from sheet."""
    height, width = sheet.shape
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    corners = np.array([[1020, 830], [140, 800], [190, 110], [990, 90]], np.float32)
    photo_from_sheet = cv2.getPerspectiveTransform(flat, corners)
    photo = np.full((920, 1160), 60, np.uint8)
    size = photo.shape[::-1]
    cv2.warpPerspective(sheet, photo_from_sheet, size, dst=photo, borderMode=cv2.BORDER_TRANSPARENT)
    return photo, photo_from_sheet


def test_boxes_lie_on_the_ink_of_a_sheet_seen_at_an_angle_and_upside_down():
    gray, boxes = number_page()
    photo, photo_from_sheet = on_a_table(gray)
    reading = read(photo, Layout.PAGE)
    assert reading.turn_deg == 180
    assert sorted(texts(reading)) == sorted(boxes)
    for string in reading.strings:
        whole = around(boxes[string.text])
        outline = np.array(
            [[whole.x, whole.y], [whole.right, whole.y], [whole.right, whole.bottom],
             [whole.x, whole.bottom]], np.float32,
        )  # fmt: skip
        there = cv2.perspectiveTransform(outline[None], photo_from_sheet)[0]
        assert np.abs(np.array(string.polygon) - there).max() <= 0.01 * 1160
        x, y, w, h = cv2.boundingRect(np.rint(there).astype(np.int32))
        assert overlap(string.box, Box(x, y, w, h)) > 0.75


def test_the_table_that_shows_at_the_rim_of_a_sheet_is_no_string():
    reading = read(on_a_table(paper(800, 1000))[0], Layout.PAGE)
    assert reading.strings == ()


def test_a_skewed_page_is_read():
    gray, boxes = number_page()
    turn = cv2.getRotationMatrix2D((500, 400), 4, 1.0)
    photo = cv2.warpAffine(gray, turn, gray.shape[::-1], borderValue=235)
    reading = read(photo, Layout.PAGE)
    assert sorted(texts(reading)) == sorted(boxes)
    for string in reading.strings:
        whole = around(boxes[string.text])
        middle = turn @ (whole.x + whole.width / 2, whole.y + whole.height / 2, 1)
        box = string.box
        found = (box.x + box.width / 2, box.y + box.height / 2)
        assert np.abs(np.subtract(found, middle)).max() <= 6


def test_letters_on_a_page_are_left_out():
    gray, boxes = number_page()
    put_text(gray, "FORM", (120, 90), 50, pen_px=5)
    assert texts(read(gray, Layout.PAGE)) == list(boxes)


@pytest.mark.parametrize("layout", list(Layout), ids=lambda layout: layout.value)
@pytest.mark.parametrize("shape", [(600, 800), (80, 300), (1, 1), (1, 10_000)])
def test_a_blank_photo_is_an_empty_reading(layout, shape):
    def refuse(cells):
        raise AssertionError("there is nothing to classify")

    photo = Photo("a.png", 3, cv2.cvtColor(paper(*shape), cv2.COLOR_GRAY2BGR))
    reading = read_photo(photo, Settings(layout=layout), Readers(refuse))
    assert reading.strings == () and reading.error is None
    assert (reading.file, reading.page, reading.turn_deg) == ("a.png", 3, 0)
    assert (reading.height, reading.width) == shape


def test_the_trace_gets_every_stage_in_its_order():
    for gray in (written("5527", 70, 20, 6), paper(200, 300)):
        trace = Recorder()
        read(gray, trace=trace)
        assert trace.stages == STAGES
        assert all(picture.size and picture.ndim in (2, 3) for picture in trace.pictures)


def test_the_trace_of_a_turned_page_ends_with_the_reading_that_counts():
    trace = Recorder()
    reading = read(np.ascontiguousarray(number_page()[0][::-1, ::-1]), Layout.PAGE, trace)
    assert reading.turn_deg == 180
    assert trace.stages == [*STAGES, "turn"]


def test_the_network_is_asked_once_for_all_cells_of_a_page():
    calls = []

    def count(cells):
        calls.append(len(cells))
        return classify(cells)

    photo = Photo("a.png", 1, cv2.cvtColor(number_page()[0], cv2.COLOR_GRAY2BGR))
    read_photo(photo, Settings(layout=Layout.PAGE), Readers(count))
    assert len(calls) == 1 and calls[0] >= 12


def test_of_words_at_first_glance_no_reader_is_asked():
    calls = []

    def count(cells):
        calls.append(len(cells))
        return classify(cells)

    def see_no_digits(strips):
        return [np.zeros(strip.shape[1] // 4, np.float32) for strip in strips]

    photo = Photo("a.png", 1, cv2.cvtColor(number_page()[0], cv2.COLOR_GRAY2BGR))
    reading = read_photo(photo, Settings(layout=Layout.PAGE), Readers(count, glance=see_no_digits))
    assert not reading.strings and not sum(calls)


def test_a_reading_is_accepted_from_the_confidence_that_was_asked_for():
    gray = written("2357", 70, 30, 6)
    string = read(gray, Layout.LINE).strings[0]
    assert 0 < string.confidence < 1
    for least, wanted in ((0.0, True), (string.confidence, True), (1.0, False)):
        decode = DecodeSettings(accept_confidence=least)
        again = read(gray, settings=Settings(layout=Layout.LINE, decode=decode))
        assert again.strings[0].accepted is wanted


def test_alternatives_are_other_texts_and_less_probable():
    (string,) = read(written("3857", 70, 30, 6), Layout.LINE).strings
    others = [alternative.text for alternative in string.alternatives]
    assert string.text not in others and len(set(others)) == len(others)
    assert all(0 <= it.confidence <= string.confidence for it in string.alternatives)


def test_no_alternative_is_likelier_than_what_is_read():
    photo = Photo("a.png", 1, cv2.cvtColor(written("3857", 70, 30, 6), cv2.COLOR_GRAY2BGR))
    doubtful = Calibration(dict.fromkeys(Agreement, GroupMap(bias=-3.0, slope=0.0)))
    readers = Readers(classify, calibration=doubtful)
    (string,) = read_photo(photo, Settings(layout=Layout.LINE), readers).strings
    assert string.alternatives and string.confidence < 0.05
    assert max(it.confidence for it in string.alternatives) <= string.confidence


def test_separators_are_part_of_the_text_and_decide_the_value():
    (string,) = read(written("23,57", 70, 30, 6), Layout.LINE).strings
    assert string.text == "23,57" and string.digits == "2357"


def test_the_photo_is_not_changed_and_the_answer_is_the_same_twice():
    gray, _ = number_page()
    photo = Photo("a.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    before = photo.image.copy()
    first, second = (read_photo(photo, Settings(), Readers(classify)).strings for _ in range(2))
    assert first == second
    np.testing.assert_array_equal(photo.image, before)


def test_of_readings_of_the_same_ink_the_longest_stays():
    number = field_reading("3806", box=Box(100, 100, 120, 40))
    digit = field_reading("8", box=Box(130, 100, 25, 40))
    other = field_reading("7", box=Box(300, 100, 25, 40))
    assert without_doubles([digit, number, other]) == [number, other]


def test_of_the_same_number_read_twice_the_surer_reading_stays():
    sure = field_reading("261", box=Box(332, 194, 50, 38), confidence=0.9)
    wider = field_reading("261", box=Box(320, 169, 81, 63), confidence=0.4)
    beside = field_reading("261", box=Box(420, 194, 50, 38), confidence=0.4)
    assert without_doubles([wider, sure, beside]) == [sure, beside]


def test_string_reader_and_constraint_decide_what_a_line_says():
    """Frames that waver between 4 and 9; the pattern wants the less probable text."""

    def read_lines(lines):
        return [np.log(_wavering(line.shape[1] // 2)).astype(np.float32) for line in lines]

    gray = written("4", 70, 30, 6)
    photo = Photo("a.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    settings = Settings(layout=Layout.LINE, reader=ReaderChoice.STRINGS)
    readers = Readers(classify, read_lines)
    (plain,) = read_photo(photo, settings, readers).strings
    assert plain.text == "9" and plain.evidence.agreement is Agreement.STRINGS
    (steered,) = read_photo(photo, replace(settings, pattern="[0-4]"), readers).strings
    assert steered.text == "4"
    (both,) = read_photo(photo, replace(settings, reader=ReaderChoice.BOTH), readers).strings
    assert both.text == "4" and both.evidence.agreement is Agreement.DISPUTED
    box = both.characters[0].box
    assert overlap(box, plain.characters[0].box) > 0.6


def _wavering(frames: int):
    table = np.full((frames, CLASS_COUNT), 1e-6)
    table[:, 0] = 1
    middle = frames // 2
    table[middle] = 1e-6
    table[middle, [encode_text("4")[0], encode_text("9")[0]]] = 0.4, 0.6
    return table


def test_of_a_small_picture_a_number_is_handed_back_that_the_string_reader_denies():
    """It sees blanks, and hardly a 5; the other reader sees one clearly."""

    def deny(lines):
        tables = [np.full((line.shape[1] // 2, CLASS_COUNT), 1e-9) for line in lines]
        for table in tables:
            table[:, 0] = 1
            table[len(table) // 2, [0, encode_text("5")[0]]] = 0.99, 0.01
        return [np.log(table).astype(np.float32) for table in tables]

    readers = Readers(classify, deny)
    found = []
    for height, width in ((220, 160), (900, 700)):
        gray = paper(height, width)
        put_text(gray, "5", (60, 120), 30, pen_px=4)
        photo = Photo("a.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
        found.append(read_photo(photo, Settings(layout=Layout.PAGE), readers).strings)
    (small,), large = found
    assert small.text == "5"
    assert small.confidence <= 0.5 and not small.accepted
    assert large == ()


def sure_of(character: str, asked: list[str]):
    """A string reader that sees this character in the middle of every line."""

    def read_lines(lines):
        table = [np.full((line.shape[1] // 2, CLASS_COUNT), 1e-9) for line in lines]
        for scores in table:
            scores[:, 0] = 1
            scores[len(scores) // 2, [0, encode_text(character)[0]]] = 1e-9, 1
            asked.append(character)
        return [np.log(scores).astype(np.float32) for scores in table]

    return read_lines


def telling(asked: list[str]):
    """A digit reader that says when it was asked."""

    def classify_and_tell(cells):
        asked.append("glyphs")
        return classify(cells)

    return classify_and_tell


def see_nothing(lines):
    """A string reader to which no line holds a character."""
    silent = np.full(CLASS_COUNT, 1e-6)
    silent[0] = 1
    return [np.log(np.tile(silent, (line.shape[1] // 2, 1))).astype(np.float32) for line in lines]


def test_a_crop_of_which_both_looks_are_sure_is_not_cut_into_glyphs():
    asked: list[str] = []

    photo = Photo("a.png", 1, cv2.cvtColor(written("4", 70, 30, 6), cv2.COLOR_GRAY2BGR))
    settings = Settings(layout=Layout.LINE)
    agreed = Readers(telling(asked), sure_of("4", asked), sure_of("4", asked))
    (string,) = read_photo(photo, settings, agreed).strings
    assert string.text == "4" and string.evidence.agreement is Agreement.LOOKS
    assert asked == ["4", "4"]
    assert overlap(string.box, read_photo(photo, replace(settings, reader=ReaderChoice.SEGMENTS),
                                          agreed).strings[0].box) > 0.6  # fmt: skip
    asked.clear()
    never = replace(settings, fusion=replace(settings.fusion, sure_looks=2.0))
    (string,) = read_photo(photo, never, agreed).strings
    assert string.evidence.agreement is Agreement.AGREED
    assert asked == ["4", "4"] * 2 + ["glyphs"]  # seen as cut, and with paper; one was clear enough
    asked.clear()
    unclear = replace(never, fusion=replace(never.fusion, clear_enough=1.1))
    (string,) = read_photo(photo, unclear, agreed).strings
    assert asked == ["4", "4"] * 2 + ["glyphs"] * 2  # both were read
    asked.clear()
    contrary = replace(agreed, read_plain=sure_of("9", asked))
    (string,) = read_photo(photo, settings, contrary).strings
    assert string.evidence.agreement is not Agreement.LOOKS
    assert asked[:4] == ["4", "9"] * 2
    assert asked[4:] == ["glyphs", "4", "4", "9", "9"]  # in doubt: leaning to either side


def test_a_sure_crop_that_breaks_its_pattern_is_looked_at_by_both_readers():
    asked: list[str] = []
    photo = Photo("a.png", 1, cv2.cvtColor(written("4", 70, 30, 6), cv2.COLOR_GRAY2BGR))
    readers = Readers(classify, sure_of("4", asked), sure_of("4", asked))
    (string,) = read_photo(photo, Settings(layout=Layout.LINE, pattern="[5-9]"), readers).strings
    assert string.evidence.agreement is not Agreement.LOOKS and not string.accepted


def test_a_crop_is_looked_at_twice_and_the_places_of_a_page_once():
    asked: list[str] = []
    gray = written("4", 70, 30, 6)
    photo = Photo("a.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    settings = Settings(layout=Layout.LINE, reader=ReaderChoice.STRINGS)
    readers = Readers(classify, sure_of("4", asked), sure_of("9", asked))
    (string,) = read_photo(photo, settings, readers).strings
    assert asked[:2] == ["4", "9"] and string.text == "9"  # the plain look counts for more
    asked.clear()
    agreed = replace(readers, read_plain=sure_of("4", asked))
    (sure,) = read_photo(photo, settings, agreed).strings
    assert asked == ["4", "4"]  # sure: nobody looks again
    assert sure.text == "4" and sure.evidence.posterior > string.evidence.posterior
    asked.clear()
    page = Photo("a.png", 1, cv2.cvtColor(number_page()[0], cv2.COLOR_GRAY2BGR))
    read_photo(page, Settings(layout=Layout.PAGE), readers)
    assert asked and "9" not in asked


def test_boxes_of_a_crop_that_was_read_with_paper_around_it_lie_in_the_crop():
    def sure_with_paper(lines):  # as it is cut, the crop is narrower
        wide = [line.shape[1] > 40 for line in lines]
        both = sure_of("4", [])(lines), sure_of("9", [])(lines)
        return [four if is_wide else nine for is_wide, four, nine in zip(wide, *both, strict=True)]

    gray = written("4", 70, 30, 6)
    rows, columns = np.nonzero(gray < 128)
    tight = gray[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    photo = Photo("a.png", 1, cv2.cvtColor(tight, cv2.COLOR_GRAY2BGR))
    readers = Readers(classify, sure_of("4", []), sure_with_paper)
    (string,) = read_photo(photo, Settings(layout=Layout.LINE), readers).strings
    assert string.text == "4" and string.evidence.agreement is Agreement.LOOKS
    box = string.box
    assert box.x >= -2 and box.y >= -2
    assert box.right <= tight.shape[1] + 2 and box.bottom <= tight.shape[0] + 2
    assert overlap(box, Box(0, 0, tight.shape[1], tight.shape[0])) > 0.6


def test_of_the_crop_and_the_crop_with_paper_the_clearer_one_is_read():
    def see_clearly(is_wide):
        def read_lines(lines):
            clear, dim = sure_of("4", [])(lines), sure_of("9", [])(lines)
            dim = [np.log(0.7 * np.exp(scores) + 0.3 / CLASS_COUNT) for scores in dim]
            return [
                one if (line.shape[1] > 40) is is_wide else other
                for line, one, other in zip(lines, clear, dim, strict=True)
            ]

        return read_lines

    gray = written("4", 70, 30, 6)
    rows, columns = np.nonzero(gray < 128)
    tight = gray[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    photo = Photo("a.png", 1, cv2.cvtColor(tight, cv2.COLOR_GRAY2BGR))
    fusion = replace(Settings().fusion, sure_looks=2.0, clear_enough=0.0)
    settings = Settings(layout=Layout.LINE, fusion=fusion)
    for is_wide in (True, False):
        readers = Readers(classify, sure_of("4", []), see_clearly(is_wide))
        (string,) = read_photo(photo, settings, readers).strings
        assert string.text == "4", is_wide


def test_a_small_picture_of_anything_is_read_as_a_line_if_that_is_sure():
    asked: list[str] = []

    photo = Photo("a.png", 1, cv2.cvtColor(written("4", 70, 30, 6), cv2.COLOR_GRAY2BGR))
    sure = Readers(telling(asked), sure_of("4", asked), sure_of("4", asked))
    (string,) = read_photo(photo, Settings(layout=Layout.AUTO), sure).strings
    assert string.text == "4" and string.evidence.agreement is Agreement.LOOKS
    assert asked == ["4", "4"]


def test_a_small_picture_without_a_number_to_the_string_reader_is_read_as_a_page():
    photo = Photo("a.png", 1, cv2.cvtColor(written("4", 70, 30, 6), cv2.COLOR_GRAY2BGR))
    readers = Readers(classify, see_nothing, see_nothing)
    trace = Recorder()
    strings = read_photo(photo, Settings(layout=Layout.AUTO), readers, trace).strings
    assert all(not string.accepted for string in strings)
    assert "fields" in trace.stages  # of the page


def test_on_a_page_the_string_reader_has_the_last_word():
    photo = Photo("a.png", 1, cv2.cvtColor(number_page()[0], cv2.COLOR_GRAY2BGR))
    readers = Readers(classify, see_nothing)
    assert read_photo(photo, Settings(layout=Layout.PAGE), readers).strings == ()
    alone = Settings(layout=Layout.PAGE, reader=ReaderChoice.SEGMENTS)
    assert len(read_photo(photo, alone, readers).strings) == 3
