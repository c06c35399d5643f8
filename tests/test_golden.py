"""What is read on the samples stays as it is until `make golden` says otherwise."""

import csv
import json
from pathlib import Path

import pytest

from ocrdigits import Reader

SAMPLES = Path(__file__).parents[1] / "samples"
GOLDEN = Path(__file__).parent / "golden" / "samples.json"


@pytest.fixture(scope="module")
def readings():
    """For each photo, what is read: text, kind, whether it is accepted."""
    reader = Reader()
    return {
        path.name: [
            [string.text, string.kind.value, string.accepted]
            for string in reader.read(path).strings
        ]
        for path in sorted(SAMPLES.glob("*.jpg"))
    }


def test_the_samples_are_read_as_before(readings, request):
    if request.config.getoption("--rewrite-golden"):
        lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(readings[name])}" for name in readings)
        GOLDEN.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert readings == golden


def test_golden_readings_and_labels_name_the_same_photos():
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    with (SAMPLES / "labels.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(golden) == sorted(row["file"] for row in csv.DictReader(file))
