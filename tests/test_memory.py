import gc
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_the_program_looks_for_garbage_seldom_but_not_never():
    program = (
        "import atexit, gc, sys; from ocrdigits import cli; sys.argv = ['ocrdigits', '--version']; "
        "atexit.register(lambda: print(gc.isenabled(), *gc.get_threshold())); cli.main()"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    is_enabled, young, *_ = result.stdout.decode().splitlines()[-1].split()
    assert is_enabled == "True"
    assert int(young) >= 100_000


def test_only_young_objects_are_collected_less_often(usual_collection):
    older = gc.get_threshold()[1:]
    collect_seldom()
    assert gc.get_threshold()[1:] == older
