import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocrdigits.errors import OutputError, UsageError
from ocrdigits.model.compose.synth import (
    PageKind,
    SynthSettings,
    compose_photo,
    encode_jpeg,
    parse_kinds,
    write_photos,
)

SAMPLES = Path(__file__).parents[3] / "samples"
SAMPLE_KINDS = "cheque,cheque,form,form,envelope,envelope,list,crop"
SAMPLE_SEED = 34


def read_labels(folder):
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["text"].split("|") for row in csv.DictReader(file)}


def test_a_folder_of_photos_gets_labels_and_truth(tmp_path):
    settings = SynthSettings(2, (PageKind.CROP, PageKind.LIST), seed=3)
    report = write_photos(tmp_path / "new", settings)
    labels = read_labels(tmp_path / "new")
    truth = json.loads((tmp_path / "new" / "truth.json").read_text(encoding="utf-8"))
    assert [path.name for path in report.files] == ["crop_1.jpg", "list_2.jpg"] == list(labels)
    assert report.string_count == sum(len(texts) for texts in labels.values())
    for photo in truth:
        assert [string["text"] for string in photo["strings"]] == labels[photo["file"]]
        assert cv2.imread(str(tmp_path / "new" / photo["file"])) is not None


def test_the_same_seed_writes_the_same_bytes(tmp_path):
    settings = SynthSettings(1, (PageKind.CROP,), seed=5)
    for name in ("a", "b"):
        write_photos(tmp_path / name, settings)
    for file in ("crop_1.jpg", "labels.csv", "truth.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("kind", list(PageKind))
def test_every_kind_keeps_its_strings_inside_the_photo(kind):
    photo = compose_photo(kind, index=0, seed=1)
    height, width = photo.image.shape[:2]
    assert photo.strings
    for string in photo.strings:
        assert sum(c.isdecimal() for c in string.text) == len(string.digit_boxes)
        assert all(0 <= x <= width and 0 <= y <= height for x, y in string.polygon)


def test_digits_are_tall_enough_to_read():
    for kind in PageKind:
        photo = compose_photo(kind, index=0, seed=2)
        heights = [box.height for string in photo.strings for box in string.digit_boxes]
        assert min(heights) >= 22


def test_a_cheque_says_its_number_and_its_cents_twice():
    texts = [string.text for string in compose_photo(PageKind.CHEQUE, 0, 4).strings]
    assert texts[0] == texts[-1]
    amount = next(text for text in texts if "." in text)
    assert f"{amount[-2:]}/100" in texts


def test_big_files_are_compressed_harder():
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3), dtype=np.uint8)
    assert len(encode_jpeg(noise, max_bytes=90_000)) <= 90_000


def test_unknown_kinds_and_impossible_counts_are_usage_errors():
    assert parse_kinds("form, crop") == (PageKind.FORM, PageKind.CROP)
    with pytest.raises(UsageError, match="cheque, form"):
        parse_kinds("passport")
    with pytest.raises(UsageError):
        SynthSettings(count=0)


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="taken"):
        write_photos(tmp_path / "taken", SynthSettings(1, (PageKind.CROP,)))


def test_the_samples_are_what_their_command_composes():
    command = f"--count 8 --kinds {SAMPLE_KINDS} --seed {SAMPLE_SEED}"
    assert command in (SAMPLES / "README.md").read_text(encoding="utf-8")
    labels = read_labels(SAMPLES)
    for index, (kind, texts) in enumerate(
        zip(parse_kinds(SAMPLE_KINDS), labels.values(), strict=True)
    ):
        photo = compose_photo(kind, index, SAMPLE_SEED)
        assert [string.text for string in photo.strings] == texts


def test_every_sample_is_small_and_decodes():
    for name in read_labels(SAMPLES):
        assert (SAMPLES / name).stat().st_size <= 300_000
        assert cv2.imread(str(SAMPLES / name)) is not None
