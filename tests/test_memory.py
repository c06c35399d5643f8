import gc
import sys
from pathlib import Path

import pytest

from ocrdigits import cli
from ocrdigits.api import Reader
from ocrdigits.memory import collect_seldom

SAMPLES = Path(__file__).parent.parent / "samples"


@pytest.fixture
def usual_collection():
    usual = gc.get_threshold()
    yield
    gc.set_threshold(*usual)
    gc.enable()


def test_photos_leave_next_to_no_cyclic_garbage(usual_collection):
    reader = Reader()
    reader.read(SAMPLES / "form_04.jpg")
    gc.collect()
    gc.disable()
    for _ in range(3):
        reader.read(SAMPLES / "form_04.jpg")
    assert gc.collect() < 300


def test_the_program_looks_for_garbage_seldom_but_not_never(usual_collection, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["ocrdigits", "--version"])
    with pytest.raises(SystemExit):
        cli.main()
    assert gc.isenabled()
    assert gc.get_threshold()[0] >= 100_000


def test_only_young_objects_are_collected_less_often(usual_collection):
    older = gc.get_threshold()[1:]
    collect_seldom()
    assert gc.get_threshold()[1:] == older
