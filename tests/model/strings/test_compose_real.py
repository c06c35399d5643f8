import csv

import cv2
import numpy as np
import pytest
from known_digits import classify
from pages import paper, put_text, written

from ocrdigits.errors import InputError
from ocrdigits.model.align import AlignSettings, is_held_out
from ocrdigits.model.strings.places import PlaceKind, place_label
from ocrdigits.model.strings.real import MixedSource, RealSource, fits_text, read_gray
from ocrdigits.records import LINE_PX
from ocrdigits.vision.line_crop import normalize_line

TEXTS = ["12", "7,5", "380", "96", "4471", "0", "58", "6.25", "17", "902"] * 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("strings")
    rows = []
    for number, text in enumerate([*TEXTS, "see p. 4"]):
        name = f"{number}.png"
        cv2.imwrite(str(place / name), written(text.replace("see p. ", ""), 30, 15))
        rows.append((name, text))
    with (place / "labels.csv").open("w", newline="") as lines:
        csv.writer(lines).writerows([("file", "text"), *rows])
    return place


def test_held_out_pictures_and_other_texts_train_nothing(folder):
    source = RealSource(1, [folder])
    share = AlignSettings().held_out_share
    assert 0 < len(source.labels) < len(TEXTS)
    assert not any(is_held_out(path, share) for path, _ in source.labels)
    assert all("see" not in text for _, text in source.labels)


def test_pictures_with_wrong_labels_can_be_left_out(folder):
    pictures = {path for path, _ in RealSource(1, [folder]).labels}
    left_out = sorted(pictures)[:3]
    source = RealSource(1, [folder], left_out=left_out)
    assert {path for path, _ in source.labels} == pictures - set(left_out)


def test_the_same_number_gives_the_same_line(folder):
    first, second = RealSource(1, [folder]), RealSource(1, [folder])
    second.sample(99)  # what was asked before makes no difference
    for index in (0, 5, 9):
        (line, text), (again, same) = first.sample(index), second.sample(index)
        assert text == same
        np.testing.assert_array_equal(line, again)


def test_every_line_is_what_the_network_takes(folder):
    source = RealSource(1, [folder])
    for index in range(40):
        line, text = source.sample(index)
        assert text in TEXTS
        assert line.dtype == np.float32
        assert line.shape[0] == LINE_PX
        assert line.shape[1] % 4 == 0
        assert line.max() > 0.5


def test_a_folder_without_usable_labels_is_an_input_error(tmp_path):
    (tmp_path / "labels.csv").write_text("file,text\na.png,hello\n")
    with pytest.raises(InputError, match="no labelled string"):
        RealSource(1, [tmp_path])


def test_a_line_of_another_width_is_not_the_text():
    line = normalize_line(written("12", 30, 15))
    assert fits_text(line, "12")
    assert not fits_text(line, "123456789012")


def test_the_place_of_a_label_on_a_page_is_found_and_used(tmp_path):
    gray = paper(420, 500)
    boxes = put_text(gray, "3806", (60, 120), 40, pen_px=4)
    put_text(gray, "91572", (200, 300), 40, pen_px=4)
    path = tmp_path / "page.png"
    cv2.imwrite(str(path), gray)
    found = place_label(path, "3806", classify)
    place = found.box
    assert found.kind is PlaceKind.FOUND
    assert abs(place.x - boxes[0].x) < 8
    assert abs(place.right - boxes[-1].right) < 8
    assert abs(place.y - boxes[0].y) < 8
    (tmp_path / "labels.csv").write_text("file,text\npage.png,3806\n")
    line, text = RealSource(1, [tmp_path], places={path: place}).sample(0)
    assert text == "3806"
    assert 50 < line.shape[1] < 110


class _Constant:
    def __init__(self, text):
        self.text = text

    def sample(self, index):
        return np.zeros((LINE_PX, 8), np.float32), self.text


def test_sources_are_mixed_by_their_shares():
    mixed = MixedSource(3, _Constant("1"), [_Constant("2"), _Constant("3")], (0.5, 0.5, 0.0))
    texts = [mixed.sample(index)[1] for index in range(400)]
    assert texts == [mixed.sample(index)[1] for index in range(400)]
    assert 150 < texts.count("1") < 250
    assert "3" not in texts


def test_every_source_needs_a_share():
    with pytest.raises(ValueError, match="2 sources"):
        MixedSource(3, _Constant("1"), [_Constant("2")], (1.0,))


def test_a_picture_that_cannot_be_opened_is_none(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert read_gray(tmp_path / "a.png") is None
    assert read_gray(tmp_path / "none.png") is None
