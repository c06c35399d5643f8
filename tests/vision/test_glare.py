"""A white spot as large as a digit may hide one; white paper hides none."""

from __future__ import annotations

import cv2
import pytest
from pages import paper, put_text

from ocrdigits import Reader
from ocrdigits.records import Layout
from ocrdigits.settings import Settings
from ocrdigits.vision.glare import hides_digit
from ocrdigits.vision.plain_line import find_line


def crop(tone: int = 170):
    gray = paper(80, 260, tone=tone)
    put_text(gray, "3806", (40, 60), 40, tone=60, pen_px=4)
    return gray


def glared(x: int, y: int = 40, radius: int = 22):
    gray = crop()
    cv2.circle(gray, (x, y), radius, 255, -1)
    return cv2.GaussianBlur(gray, (0, 0), 1.5)


@pytest.mark.parametrize(
    ("gray", "hides"),
    [
        (glared(100), True),  # on a digit
        (glared(190), True),  # beside the last one
        (glared(100, radius=7), False),  # no larger than a part of a digit
        (glared(100, y=0, radius=10), False),  # above the line
        (crop(), False),
        (crop(tone=255), False),
    ],
)
def test_a_white_spot_as_large_as_a_digit_may_hide_one(gray, hides):
    assert hides_digit(gray, find_line(gray).line) is hides


def test_what_glare_may_hide_a_part_of_is_not_accepted():
    reader = Reader(settings=Settings(layout=Layout.LINE))
    clear, doubtful = (
        reader.read(cv2.imencode(".png", gray)[1].tobytes()).strings
        for gray in (crop(), glared(100))
    )
    assert [(string.text, string.accepted) for string in clear] == [("3806", True)]
    assert not any(string.accepted or string.confidence > 0.7 for string in doubtful)


def test_white_paper_around_a_blurred_number_is_no_glare():
    gray = cv2.GaussianBlur(crop(tone=255), (0, 0), 3)
    assert not hides_digit(gray[15:65, 30:170], find_line(gray[15:65, 30:170]).line)


def test_glare_elsewhere_on_a_crop_is_no_matter():
    gray = crop()
    gray[:, -30:] = 255
    assert not hides_digit(gray, find_line(gray).line)
