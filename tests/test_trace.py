import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrdigits.errors import OutputError
from ocrdigits.trace import FolderTrace, NoTrace


def picture_at(path: Path):
    return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)


def test_pictures_are_numbered_in_their_order(tmp_path):
    trace = FolderTrace(tmp_path / "debug" / "a")
    for stage in ("load", "rectify", "load"):
        trace.add(stage, np.zeros((4, 5), np.uint8))
    assert sorted(path.name for path in (tmp_path / "debug" / "a").iterdir()) == [
        "01-load.png",
        "02-rectify.png",
        "03-load.png",
        "index.html",
    ]


def test_grey_and_coloured_pictures_are_written_as_they_are(tmp_path):
    trace = FolderTrace(tmp_path)
    gray = np.arange(20, dtype=np.uint8).reshape(4, 5)
    color = np.dstack([gray, gray + 50, gray + 100])
    trace.add("gray", gray)
    trace.add("color", color)
    np.testing.assert_array_equal(picture_at(tmp_path / "01-gray.png"), gray)
    np.testing.assert_array_equal(picture_at(tmp_path / "02-color.png"), color)


def test_ink_is_shown_black_on_white(tmp_path):
    trace = FolderTrace(tmp_path)
    trace.add("mask", np.array([[True, False]]))
    trace.add("coverage", np.array([[1.0, 0.5, 0.0, 7.0]], np.float32))
    assert picture_at(tmp_path / "01-mask.png").tolist() == [[0, 255]]
    black, middle, white, beyond = picture_at(tmp_path / "02-coverage.png")[0].tolist()
    assert (black, white, beyond) == (0, 255, 0)
    assert 126 <= middle <= 129


def test_the_index_shows_every_picture_with_its_note_in_order(tmp_path):
    trace = FolderTrace(tmp_path)
    trace.add("load", np.zeros((2, 2), np.uint8), "400 × 120 pixels")
    trace.add("fields", np.zeros((2, 2), np.uint8), "2 < 3 & more")
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert re.findall(r'<img src="([^"]+)"', index) == ["01-load.png", "02-fields.png"]
    assert "400 × 120 pixels" in index
    assert "2 &lt; 3 &amp; more" in index


def test_the_pictures_given_are_not_changed(tmp_path):
    picture = np.linspace(-1, 2, 12, dtype=np.float32).reshape(3, 4)
    before = picture.copy()
    FolderTrace(tmp_path).add("enhance", picture)
    np.testing.assert_array_equal(picture, before)


def test_no_trace_keeps_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    NoTrace().add("load", np.zeros((2, 2), np.uint8), "note")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_output_error_with_the_remedy(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="--debug-dir") as refusal:
        FolderTrace(tmp_path / "taken" / "debug")
    assert "taken" in str(refusal.value) and "\n" not in str(refusal.value)


def test_a_picture_that_cannot_be_written_is_an_output_error(tmp_path):
    trace = FolderTrace(tmp_path / "debug")
    (tmp_path / "debug" / "01-load.png").mkdir()
    with pytest.raises(OutputError, match=r"01-load\.png"):
        trace.add("load", np.zeros((2, 2), np.uint8))


def test_a_picture_without_pixels_is_a_programmers_mistake(tmp_path):
    with pytest.raises((ValueError, cv2.error)):
        FolderTrace(tmp_path).add("load", np.zeros((0, 0), np.uint8))
