"""A small picture was cut out for what stands on it: what comes closest to a number stays."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pictures import encoded, number_image

from ocrdigits import Reader
from ocrdigits.records import Layout
from ocrdigits.settings import NumberSettings, Settings

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
