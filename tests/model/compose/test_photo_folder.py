import csv
import json
import os

import cv2
import numpy as np
import pytest
from PIL import Image

from ocrdigits.errors import OutputError
from ocrdigits.model.compose.photo.shot import ShotSettings
from ocrdigits.model.compose.photo_folder import encode_jpeg, encode_mask, write_photos
from ocrdigits.model.compose.synth import PageKind, SynthSettings, compose_photo
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.output import atomic

SMALL = ShotSettings(megapixels=(0.3, 0.5))


def settings_of(count, *kinds, seed=3):
    return SynthSettings(count, kinds or (PageKind.CROP,), seed, shots=SMALL)


def read_labels(folder):
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["file"]: row["text"].split("|") for row in csv.DictReader(file)}


def read_all(folder):
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_folder_of_photos_gets_labels_and_truth(tmp_path):
    moves = []
    settings = settings_of(2, PageKind.CROP, PageKind.LIST)
    report = write_photos(tmp_path / "new", settings, advance=lambda: moves.append(1))
    labels = read_labels(tmp_path / "new")
    truth = json.loads((tmp_path / "new" / "truth.json").read_text(encoding="utf-8"))
    assert [path.name for path in report.files] == ["crop_1.jpg", "list_2.jpg"] == list(labels)
    assert report.string_count == sum(len(texts) for texts in labels.values())
    assert len(moves) == 2
    for photo in truth:
        assert [string["text"] for string in photo["strings"]] == labels[photo["file"]]
        assert cv2.imread(str(tmp_path / "new" / photo["file"])) is not None
    assert not list(tmp_path.rglob("masks"))


def test_jobs_and_time_change_no_byte(tmp_path):
    settings = settings_of(3, PageKind.CROP, PageKind.LIST)
    for name, jobs in (("a", 1), ("b", 1), ("c", 2)):
        write_photos(tmp_path / name, settings, jobs=jobs, masks=True)
    contents = [read_all(tmp_path / name) for name in "abc"]
    assert len(contents[0]) == 3 + 3 + 2
    assert contents[0] == contents[1] == contents[2]


def test_a_mask_holds_the_classes_that_the_photo_shows(tmp_path):
    write_photos(tmp_path, settings_of(1), masks=True)
    mask = Image.open(tmp_path / "masks" / "crop_1.png")
    photo = compose_photo(PageKind.CROP, 0, 3, shots=SMALL)
    assert mask.mode == "P"
    assert np.array_equal(np.array(mask), photo.ink)
    assert (photo.ink == InkClass.DIGIT).any()


def test_a_viewer_shows_the_classes_in_different_colours():
    ink = np.arange(len(InkClass), dtype=np.uint8)[None, :]
    colors = cv2.imdecode(np.frombuffer(encode_mask(ink), np.uint8), cv2.IMREAD_COLOR)[0]
    assert len(np.unique(colors, axis=0)) == len(InkClass)


def test_quality_makes_files_larger():
    noise = np.random.default_rng(0).integers(0, 256, (100, 100, 3), dtype=np.uint8)
    assert len(encode_jpeg(noise, 90)) > 1.5 * len(encode_jpeg(noise, 40))


def test_an_interrupted_run_leaves_whole_files_only(tmp_path, monkeypatch):
    def interrupt(descriptor, mode):
        os.close(descriptor)
        raise KeyboardInterrupt

    write_photos(tmp_path, settings_of(1))
    before = read_all(tmp_path)
    monkeypatch.setattr(atomic.os, "fdopen", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_photos(tmp_path, settings_of(2, seed=4))
    assert read_all(tmp_path) == before


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="taken"):
        write_photos(tmp_path / "taken", settings_of(1))
