import csv
import re
from pathlib import Path

import cv2
import pytest

from ocrdigits.errors import UsageError
from ocrdigits.model.compose.photo.shot import ShotSettings, parse_megapixels
from ocrdigits.model.compose.synth import PageKind, SynthSettings, compose_photo, parse_kinds
from ocrdigits.model.compose.truth import InkClass

SAMPLES = Path(__file__).parents[3] / "samples"
CAREFUL = ShotSettings(care=1, megapixels=(1.2, 2))


def read_labels(folder):
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["file"]: row["text"].split("|") if row["text"] else [] for row in rows}


@pytest.mark.parametrize("kind", list(PageKind))
def test_every_kind_keeps_its_strings_inside_the_photo(kind):
    for index in range(2):
        photo = compose_photo(kind, index, seed=1, shots=ShotSettings(megapixels=(0.6, 1)))
        height, width = photo.image.shape[:2]
        assert photo.ink.shape == (height, width)
        assert bool(photo.strings) == (kind is not PageKind.LETTERS)
        for string in photo.strings:
            assert sum(c.isdecimal() for c in string.text) == len(string.digit_boxes)
            assert all(0 <= x <= width and 0 <= y <= height for x, y in string.polygon)


@pytest.mark.parametrize("kind", list(PageKind))
def test_handwritten_digits_of_careful_photos_are_tall_enough_to_read(kind):
    photo = compose_photo(kind, index=0, seed=2, shots=CAREFUL)
    written = (string for string in photo.strings if string.is_handwritten)
    assert all(box.height >= 12 for string in written for box in string.digit_boxes)


def test_the_moved_boxes_lie_on_the_moved_ink():
    photo = compose_photo(PageKind.FORM, index=0, seed=2, shots=CAREFUL)
    for string in photo.strings:
        for box in string.digit_boxes:
            inside = photo.ink[box.y : box.bottom, box.x : box.right]
            assert (inside == InkClass.DIGIT).mean() > 0.04


def test_unknown_kinds_and_impossible_counts_are_usage_errors():
    assert parse_kinds("form, crop") == (PageKind.FORM, PageKind.CROP)
    with pytest.raises(UsageError, match="cheque, form"):
        parse_kinds("passport")
    with pytest.raises(UsageError):
        SynthSettings(count=0)


def test_the_samples_are_what_their_command_composes():
    command = (SAMPLES / "README.md").read_text(encoding="utf-8")
    options = dict(re.findall(r"--(\w+) (\S+)", re.search("ocrdigits synth.*", command)[0]))
    shots = ShotSettings(float(options["care"]), parse_megapixels(options["megapixels"]))
    kinds, labels = parse_kinds(options["kinds"]), read_labels(SAMPLES)
    assert len(labels) == int(options["count"])
    for index, texts in enumerate(labels.values()):
        kind, seed = kinds[index % len(kinds)], int(options["seed"])
        photo = compose_photo(kind, index, seed, shots=shots)
        assert [string.text for string in photo.strings] == texts


def test_every_sample_is_small_and_decodes():
    for name in read_labels(SAMPLES):
        assert (SAMPLES / name).stat().st_size <= 600_000
        assert cv2.imread(str(SAMPLES / name)) is not None
