from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ocrdigits.errors import InputError, MissingExtraError, OutputError
from ocrdigits.inputs import Source
from ocrdigits.jobs import read_sources
from ocrdigits.records import PhotoReading


class FakeReader:
    """Answers each file name as its script says: pages, or an exception to raise."""

    def __init__(self, **script):
        self.script = script
        self.started: list[str] = []

    def read_pages(self, source, *, name, watch):
        self.started.append(name)
        for page, step in enumerate(self.script.get(name, [0.0]), start=1):
            if isinstance(step, Exception):
                raise step
            time.sleep(step)
            yield PhotoReading(name, page)


def sources(*names: str):
    return [Source(name, Path(name)) for name in names]


def outcomes(reader, *names: str, jobs: int):
    return list(read_sources(reader, sources(*names), jobs))


@pytest.mark.parametrize("jobs", [1, 4])
def test_results_come_in_the_order_of_the_sources(jobs):
    names = [f"p{number}" for number in range(30)]
    slow_first = FakeReader(p0=[0.05], p1=[0.02], p7=[0.03])
    assert [it.reading.file for it in outcomes(slow_first, *names, jobs=jobs)] == names


@pytest.mark.parametrize("jobs", [1, 3])
def test_every_page_is_one_outcome_and_a_broken_one_has_its_row(jobs):
    reader = FakeReader(a=[0.0, 0.0, InputError("a: page 3 is damaged")])
    found = outcomes(reader, "a", "b", jobs=jobs)
    assert [(it.reading.file, it.reading.page) for it in found] == [
        *(("a", 1), ("a", 2), ("a", 3), ("b", 1))
    ]
    assert found[2].reading.error == "a: page 3 is damaged" and not found[2].is_defect


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_source_that_is_wrong_already_has_its_row(jobs):
    wrong = Source("x", InputError("x: no images in this folder"))
    found = list(read_sources(FakeReader(), [wrong, *sources("a")], jobs))
    assert [it.reading.error for it in found] == ["x: no images in this folder", None]


def test_a_missing_optional_part_stops_only_its_own_photo():
    reader = FakeReader(a=[MissingExtraError("a: reading HEIC", "heic")])
    found = outcomes(reader, "a", "b", jobs=1)
    assert "ocrdigits[heic]" in found[0].reading.error and found[1].failure is None


@pytest.mark.parametrize("jobs", [1, 3])
def test_a_defect_stops_only_its_own_photo_and_says_whose_it_is(jobs):
    reader = FakeReader(**{"a\n": [ZeroDivisionError("division\nby zero")]})
    found = outcomes(reader, "a\n", "b", jobs=jobs)
    assert found[0].is_defect and not found[1].is_defect
    assert found[0].reading.error.startswith(r"a\n: a defect in ocrdigits (ZeroDivisionError: ")
    assert "\n" not in found[0].reading.error


@pytest.mark.parametrize("jobs", [1, 3])
def test_pictures_that_cannot_be_written_stop_everything(jobs):
    with pytest.raises(OutputError):
        outcomes(FakeReader(a=[OutputError("disk full")]), "a", "b", jobs=jobs)


def test_a_caller_that_stops_early_starts_nothing_more():
    reader = FakeReader(p0=[0.0])
    results = read_sources(reader, sources(*(f"p{number}" for number in range(1000))), 2)
    next(results)
    results.close()
    assert len(reader.started) < 50


def test_results_do_not_wait_for_later_photos():
    release = threading.Event()

    class Waiting(FakeReader):
        def read_pages(self, source, *, name, watch):
            if name == "last":
                release.wait(10)
            yield PhotoReading(name)

    results = read_sources(Waiting(), sources("first", "last"), 2)
    assert next(results).reading.file == "first"
    release.set()
    assert next(results).reading.file == "last"
