"""A small picture was cut out for what stands on it: what comes closest to a number stays."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import cv2
import pytest
from pictures import encoded, number_image
from readings import overlap

from ocrdigits import Reader
from ocrdigits.records import Box, Layout
from ocrdigits.settings import NumberSettings, Settings

SAMPLES = Path(__file__).parent.parent / "samples"
with (SAMPLES / "labels.csv").open(encoding="utf-8") as lines:
    LABELS = {row["file"]: row["text"] for row in csv.DictReader(lines)}

STRICT = replace(Settings(), layout=Layout.PAGE, number=NumberSettings(bias=-99.0))
"""No reading of a page stands like a number."""


@pytest.fixture(scope="module")
def reader():
    return Reader()


def read(reader, settings, width: int, height: int) -> list[str]:
    photo = encoded(number_image("80", width, height), "PNG")
    return [string.text for string in reader.with_settings(settings).read(photo).strings]


def test_of_a_small_picture_something_is_handed_back_and_of_a_page_nothing(reader):
    assert read(reader, STRICT, 240, 160) == ["80"]
    assert read(reader, STRICT, 900, 700) == []


def test_but_not_what_is_hardly_one(reader):
    doubtful = replace(STRICT, fusion=replace(STRICT.fusion, lone_confidence=1.1))
    assert read(reader, doubtful, 240, 160) == []


@pytest.mark.parametrize("times", [2, 5])
def test_a_number_that_fills_a_larger_picture_is_read_as_one_line(reader, times):
    crop = cv2.imread(str(SAMPLES / "crop_11.jpg"))
    crop[:, -30:-27] = 40  # the edge of its cell: to the ink alone, a page with a rule
    large = cv2.resize(crop, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    height, width = large.shape[:2]
    photo = cv2.imencode(".png", large)[1].tobytes()
    (string,) = reader.read(photo).strings
    (line,) = reader.with_settings(replace(Settings(), layout=Layout.LINE)).read(photo).strings
    assert string.text == line.text == LABELS["crop_11.jpg"]
    assert overlap(string.box, line.box) > 0.8
    assert 0 <= string.box.x < string.box.right <= width and string.box.bottom <= height


def test_a_page_is_no_cutout_however_few_pixels_it_has(reader):
    page = cv2.imread(str(SAMPLES / "form_04.jpg"))
    small = cv2.resize(page, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    photo = cv2.imencode(".png", small)[1].tobytes()
    page = reader.with_settings(replace(Settings(), layout=Layout.PAGE)).read(photo)
    assert reader.read(photo).strings == page.strings and len(page.strings) > 1


def cut_out(photo, box, least_px: int = 0) -> bytes:
    """A piece of a photo, enlarged if need be: a string with half of its height around it."""
    rim = box.height // 2
    rows = slice(max(0, box.y - rim), box.bottom + rim)
    piece = photo[rows, max(0, box.x - rim) : box.right + rim]
    times = max(1.0, least_px / min(piece.shape[:2]))
    piece = cv2.resize(piece, None, fx=times, fy=times, interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(".png", piece)[1].tobytes()


@pytest.mark.parametrize("least_px", [0, 500])
@pytest.mark.parametrize("name", ["cheque_01.jpg", "envelope_07.jpg"])
def test_a_number_cut_out_is_read_also_where_somebody_calls_it_a_page(reader, name, least_px):
    as_page = reader.with_settings(replace(Settings(), layout=Layout.PAGE))
    photo = cv2.imread(str(SAMPLES / name))
    sure = [it for it in as_page.read(SAMPLES / name).strings if it.confidence > 0.99]
    pieces = [cut_out(photo, string.box, least_px) for string in sure]
    read = [[string.text for string in as_page.read(piece).strings] for piece in pieces]
    assert read == [[string.text] for string in sure] and len(sure) >= 3


@pytest.mark.parametrize(
    "box", [Box(640, 440, 270, 65), Box(645, 695, 220, 55), Box(95, 960, 180, 65)]
)
def test_a_word_cut_out_gives_nothing_to_rely_on(reader, box):
    as_page = reader.with_settings(replace(Settings(), layout=Layout.PAGE))
    photo = cv2.imread(str(SAMPLES / "letters_12.jpg"))
    strings = as_page.read(cut_out(photo, box)).strings
    assert not any(string.accepted or string.confidence > 0.7 for string in strings)


@pytest.mark.parametrize(
    "box", [Box(796, 1149, 225, 94), Box(691, 1179, 284, 94), Box(782, 896, 373, 69)]
)
def test_nor_does_a_piece_of_a_text_that_somebody_calls_a_line(reader, box):
    as_line = reader.with_settings(replace(Settings(), layout=Layout.LINE))
    photo = cv2.imread(str(SAMPLES / "letters_12.jpg"))
    piece = photo[box.y : box.bottom, box.x : box.right]
    strings = as_line.read(cv2.imencode(".png", piece)[1].tobytes()).strings
    assert not any(string.accepted or string.confidence > 0.7 for string in strings)
