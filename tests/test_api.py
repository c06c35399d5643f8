from __future__ import annotations

from pathlib import Path

import pytest
from pictures import encoded, number_image

from ocrdigits import Reader, api
from ocrdigits.errors import InputError, WeightsError
from ocrdigits.records import Layout, PhotoReading
from ocrdigits.settings import DecodeSettings, Settings


@pytest.fixture
def calls(monkeypatch):
    """Stands for the network and the pipeline; keeps what the pipeline was asked."""
    asked = []

    def read_photo(photo, settings, readers, trace):
        asked.append((photo, settings, readers, trace))
        return PhotoReading(photo.name, photo.page, photo.width, photo.height)

    monkeypatch.setattr(api, "load_readers", lambda weights, *_, **__: f"networks of {weights}")
    monkeypatch.setattr(api, "read_photo", read_photo)
    return asked


def test_a_path_as_text_or_path_gives_a_reading(calls, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(number_image(), "PNG"))
    for source in (str(path), path):
        reading = Reader().read(source)
        assert (reading.file, reading.width, reading.height) == (str(path), 400, 120)


def test_bytes_give_a_reading_of_a_file_called_dash(calls):
    assert Reader().read(encoded(number_image(), "PNG")).file == "-"


def test_settings_weights_and_trace_reach_the_pipeline(calls):
    settings = Settings(decode=DecodeSettings(accept_confidence=0.5))
    trace = object()
    Reader(Path("w"), settings).read(encoded(number_image(), "PNG"), trace)
    assert calls[0][1:] == (settings, "networks of w", trace)


def test_read_gives_the_first_page_and_read_pages_all(calls):
    pages = [number_image("1"), number_image("2")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert Reader().read(data).page == 1
    assert [reading.page for reading in Reader().read_pages(data)] == [1, 2]


def test_errors_are_raised(calls):
    with pytest.raises(InputError, match="no such file"):
        Reader().read("none.jpg")


def test_seconds_count_from_bytes_to_strings(calls, monkeypatch):
    clock = iter([10.0, 10.5, 20.0, 20.25])
    monkeypatch.setattr(api, "perf_counter", lambda: next(clock))
    assert Reader().read(encoded(number_image(), "PNG")).seconds == 0.5


def test_a_reader_that_does_not_wait_says_at_the_first_photo_what_is_wrong(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(number_image(), "PNG"))
    with pytest.raises(WeightsError):
        Reader(tmp_path / "none")
    reader = Reader(tmp_path / "none", wait=False)
    with pytest.raises(WeightsError, match="none"):
        reader.read(path)
    with pytest.raises(WeightsError, match="none"):
        reader.wait()


def test_fields_divided_ahead_are_read_alike():
    photo = Path(__file__).parent.parent / "samples" / "form_04.jpg"
    settings = Settings(layout=Layout.PAGE)
    alone, ahead = (Reader(settings=settings, threads=n).read(photo) for n in (1, 2))
    assert alone.strings == ahead.strings and len(alone.strings) > 3
