"""The same string, framed and scaled as people happen to cut it, reads the same."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrdigits.model.readers import load_readers
from ocrdigits.model.strings.compose import paste
from ocrdigits.model.strings.handwriting import InkLine, write_strokes
from ocrdigits.pipeline import read_photo
from ocrdigits.records import Layout, Photo
from ocrdigits.settings import Settings
from ocrdigits.trace import FolderTrace

TEXTS = (
    "7", "31", "90", "482", "1057", "63920", "7.5", "12.40", "365", "28", "146", "5093", "871",
    "20.6", "4417", "59", "1832", "604", "77", "239",
)  # fmt: skip
PAPER, INK, HEIGHT_PX = 212, 60, 34.0


@pytest.fixture(scope="module")
def readers():
    return load_readers()


@pytest.fixture(scope="module")
def lines(readers):
    """Strings of the stroke model that are read right with a usual margin."""
    written = [
        (text, write_strokes(np.random.default_rng(seed), text, HEIGHT_PX))
        for seed, text in enumerate(TEXTS)
    ]
    right = [(text, line) for text, line in written if read(usual(line), readers) == text]
    assert len(right) >= 0.9 * len(TEXTS)
    return right


def strings_of(gray, readers, trace=None):
    photo = Photo("crop.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))
    return read_photo(photo, Settings(layout=Layout.LINE), readers, trace).strings


def read(gray, readers) -> str:
    return "|".join(string.text for string in strings_of(gray, readers))


def drawn(line: InkLine, margins: tuple[float, float, float, float], frame=None):
    """The line on paper; margins left, top, right, bottom in heights of a digit."""
    left, top, right, bottom = line.bounds
    space = [round(margin * HEIGHT_PX) for margin in margins]
    width = round(right - left) + space[0] + space[2]
    height = round(bottom - top) + space[1] + space[3]
    ink = np.zeros((height, width), np.float32)
    for patch in line.patches:
        x, y = patch.x + space[0] - round(left), patch.y + space[1] - round(top)
        paste(ink, patch.coverage, x, y)
    gray = cv2.GaussianBlur(PAPER - (PAPER - INK) * ink, (0, 0), 0.7)
    if frame is not None:
        frame(gray)
    gray += np.random.default_rng(0).normal(0, 2, gray.shape).astype(np.float32)
    return np.clip(gray, 0, 255).astype(np.uint8)


def usual(line):
    return drawn(line, (0.4, 0.4, 0.4, 0.4))


def tight(line):
    return drawn(line, (0.03, 0.03, 0.03, 0.03))


def loose(line):
    return drawn(line, (2.0, 1.5, 2.0, 1.5))


def off_centre(line):
    return drawn(line, (2.5, 0.1, 0.2, 1.6))


def on_a_page_edge(line):
    def darken(gray):
        gray[:, : round(0.4 * HEIGHT_PX)] = 25

    return drawn(line, (1.0, 0.5, 0.5, 0.5), darken)


def in_a_frame(line):
    def box(gray):
        height, width = gray.shape
        cv2.rectangle(gray, (6, 6), (width - 7, height - 7), 90, 2)

    return drawn(line, (0.8, 0.7, 0.8, 0.7), box)


def enlarged(factor: float):
    def resize(line):
        gray = usual(line)
        return cv2.resize(gray, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)

    resize.__name__ = f"{factor:g}x"
    return resize


def in_a_frame_turned(degrees: float):
    def turn(line):
        gray = in_a_frame(line)
        height, width = gray.shape
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        return cv2.warpAffine(gray, matrix, (width, height), borderValue=PAPER)

    turn.__name__ = f"in_a_frame_turned by {degrees:g}"
    return turn


def padded(line):
    return cv2.copyMakeBorder(usual(line), 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=0)


def half_in_shadow(line):
    def darken(gray):
        columns = np.arange(gray.shape[1])
        edge = 1 / (1 + np.exp((columns - 0.45 * len(columns)) / (0.03 * len(columns))))
        gray *= (1 - 0.55 * edge).astype(np.float32)

    return drawn(line, (0.4, 0.4, 0.4, 0.4), darken)


def light_on_dark(line):
    return 255 - usual(line)


def light_and_tight(line):
    return 255 - tight(line)


FRAMES = (
    tight, loose, off_centre, on_a_page_edge, in_a_frame, enlarged(2), enlarged(5),
    in_a_frame_turned(10), in_a_frame_turned(-10), padded, half_in_shadow,
    light_on_dark, light_and_tight,
)  # fmt: skip


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: frame.__name__)
def test_framing_and_size_do_not_change_what_is_read(lines, readers, frame):
    read_texts = {text: read(frame(line), readers) for text, line in lines}
    changed = {text: seen for text, seen in read_texts.items() if seen != text}
    assert len(changed) <= 0.06 * len(lines), changed


def test_a_negative_is_read_as_its_picture_is(lines, readers):
    for _, line in lines[:5]:
        assert strings_of(light_on_dark(line), readers) == strings_of(usual(line), readers)


@pytest.mark.parametrize("degrees", [-10, 10])
def test_what_is_steep_is_nearly_as_sure_as_what_is_level(lines, readers, degrees):
    def count_accepted(frame) -> int:
        readings = [strings_of(frame(line), readers) for _, line in lines]
        return sum(string.accepted for strings in readings for string in strings)

    assert count_accepted(in_a_frame_turned(degrees)) >= 0.8 * count_accepted(in_a_frame)


def test_boxes_of_a_steep_string_lie_where_it_stands(readers):
    text = "63920"
    line = write_strokes(np.random.default_rng(TEXTS.index(text)), text, HEIGHT_PX)
    gray = in_a_frame_turned(10)(line)
    (string,) = strings_of(gray, readers)
    assert string.text == text
    middles = [(it.box.x + it.box.right) / 2 for it in string.characters]
    heights = [(it.box.y + it.box.bottom) / 2 for it in string.characters]
    climb = np.polyfit(middles, heights, 1)[0]
    assert climb == pytest.approx(-np.tan(np.radians(10)), abs=0.06)


def test_debug_pictures_show_how_a_doubtful_crop_was_seen_again(lines, readers, tmp_path):
    for number, (_, line) in enumerate(lines):
        strings_of(in_a_frame_turned(10)(line), readers, FolderTrace(tmp_path / str(number)))
    stages = {path.stem.partition("-")[2] for path in tmp_path.glob("*/*.png")}
    assert stages >= {"paper", "level"}
