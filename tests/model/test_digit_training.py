import csv
import dataclasses
import json

import cv2
import numpy as np
import pytest
from known_digits import classify, training_images
from pages import written
from PIL import Image

from ocrdigits.errors import InputError, OutputError, UsageError, WeightsError
from ocrdigits.model import runtime
from ocrdigits.model.card import UNKNOWN_LICENCE, licence_of, read_card, sha256_of_file
from ocrdigits.model.digit_training import (
    DigitTrainingJob,
    gather_sets,
    render_card,
    train_digits,
)
from ocrdigits.model.export import load_network
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.model.train import TrainSettings

SETTINGS = TrainSettings(
    architecture="lenet5", epochs=2, batch_size=32, device="cpu", held_out_share=0.1, seed=3
)
WRITTEN = [
    "checkpoint.pt",
    "confusion.png",
    "curves.png",
    "digits.json",
    "digits.onnx",
    "digits.safetensors",
    "mistakes.png",
]


def write_sets(folder):
    """A public set's `.npz` with a valid part, and one of the user's own."""
    folder.mkdir(parents=True, exist_ok=True)
    images, labels = training_images(120)
    valid, valid_labels = training_images(30, 1)
    np.savez(
        folder / "nsysu.npz", x_train=images, y_train=labels, x_valid=valid, y_valid=valid_labels
    )
    images, labels = training_images(60, 2)
    np.savez(folder / "mine.npz", x=images, y=labels)
    return folder


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """One small job; its folder, card and what it said."""
    root = tmp_path_factory.mktemp("training")
    job = DigitTrainingJob((write_sets(root / "data"),), root / "out", SETTINGS, drawn=24)
    steps, lines = [], []
    card = train_digits(job, steps.append, lines.append)
    return job, card, steps, lines


def test_a_job_writes_weights_card_and_pictures_and_nothing_else(trained):
    out = trained[0].out
    assert sorted(path.name for path in out.iterdir()) == WRITTEN
    for name in ("curves.png", "confusion.png", "mistakes.png"):
        with Image.open(out / name) as picture:
            assert picture.size[0] > 200 and picture.size[1] > 100
            assert len(picture.convert("L").getcolors(256)) > 5  # something is drawn on it


def test_the_card_names_sets_licences_and_checksums(trained):
    job, card, _, _ = trained
    uses = {use.name: use for use in card.data}
    assert list(uses) == [
        *("mine", "nsysu train", "drawn: printed digits", "drawn: letters and signs")
    ]
    assert (uses["mine"].count, uses["nsysu train"].count) == (60, 120)
    assert uses["nsysu train"].licence == licence_of("nsysu") != UNKNOWN_LICENCE
    assert uses["mine"].licence == UNKNOWN_LICENCE
    assert uses["drawn: printed digits"].licence.startswith("drawn by ocrdigits")
    for name, file in (("mine", "mine.npz"), ("nsysu train", "nsysu.npz")):
        assert uses[name].sha256 == sha256_of_file(job.data[0] / file)
    assert card.sha256["digits.onnx"] == sha256_of_file(job.out / "digits.onnx")
    assert card.sha256["digits.safetensors"] == sha256_of_file(job.out / "digits.safetensors")


def test_the_card_on_disk_is_the_card_returned_and_tells_how_it_was_made(trained):
    job, card, _, _ = trained
    on_disk = read_card(job.out / "digits.json")
    assert (on_disk.data, on_disk.metrics, on_disk.sha256) == (card.data, card.metrics, card.sha256)
    entries = json.loads((job.out / "digits.json").read_text(encoding="utf-8"))
    assert entries["architecture"] == card.architecture == "lenet5"
    assert entries["training"]["seed"] == 3 and entries["training"]["epochs"] == 2
    assert entries["training"]["init"] is None
    assert entries["limits"] and entries["must_not_be_used_for"]


def test_the_card_has_a_figure_for_the_test_part_and_for_what_was_held_out(trained):
    card = trained[1]
    assert set(card.metrics) == {"nsysu valid", "held out"}
    for figures in card.metrics.values():
        assert 0 <= figures["accuracy"] <= 1 and figures["count"] > 0
    assert card.metrics["nsysu valid"]["count"] == 30


def test_the_card_holds_no_path_of_the_machine(trained):
    job = trained[0]
    text = (job.out / "digits.json").read_text(encoding="utf-8")
    assert str(job.out.parent) not in text and job.out.parent.name not in text


def test_both_weights_files_read_digits_alike(trained):
    job = trained[0]
    cells = np.random.default_rng(0).random((5, 28, 28), dtype=np.float32)
    scores = load_digit_classifier(job.out)(cells)
    assert scores.shape == (5, 11) and scores.dtype == np.float32
    np.testing.assert_allclose(scores.sum(1), 1, atol=1e-5)
    assert not load_network(job.out / "digits.safetensors").training


def test_the_job_says_what_it_found_and_reports_every_step(trained):
    _, card, steps, lines = trained
    assert any("mine" in line and "60" in line for line in lines)
    assert any("lenet5" in line for line in lines)
    assert {step.epoch for step in steps} == {1, 2}
    assert render_card(card).startswith("lenet5")
    assert "nsysu valid" in render_card(card)


def test_a_single_npz_and_fine_tuning_work(trained, tmp_path):
    job = trained[0]
    again = DigitTrainingJob(
        (job.data[0] / "mine.npz",),
        tmp_path / "tuned",
        TrainSettings(architecture="lenet5", epochs=1, batch_size=32, device="cpu"),
        init=job.out,
        drawn=0,
    )
    card = train_digits(again)
    assert [use.name for use in card.data] == ["mine"]
    assert card.training["init"] == "out"


@pytest.fixture
def labelled_strings(tmp_path):
    folder = tmp_path / "forms"
    folder.mkdir()
    rows = {f"{number}.png": text for number, text in enumerate(["2735", "538", "9061", "24"])}
    for name, text in rows.items():
        cv2.imwrite(str(folder / name), written(text, 70, 25, 4))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "text"), *rows.items()])
    return folder


def test_labelled_strings_are_cut_into_digits_by_weights_that_read(
    labelled_strings, tmp_path, monkeypatch
):
    monkeypatch.setattr(runtime, "load_digit_classifier", lambda *_, **__: classify)
    job = DigitTrainingJob((labelled_strings,), tmp_path / "out", SETTINGS, drawn=0)
    lines = []
    (harvest,) = gather_sets(job, lines.append)
    assert harvest.name.endswith("/forms")
    assert set(harvest.labels.tolist()) & {2, 3, 5, 7}
    assert "cutting the digits out" in lines[0]


def test_labelled_strings_need_weights_that_read(labelled_strings, tmp_path, monkeypatch):
    def refuse(*_, **__):
        raise WeightsError("weights: missing")

    monkeypatch.setattr(runtime, "load_digit_classifier", refuse)
    job = DigitTrainingJob((labelled_strings,), tmp_path / "out", SETTINGS, drawn=0)
    with pytest.raises(UsageError, match="--init") as refusal:
        train_digits(job)
    assert "\n" not in str(refusal.value)


def test_a_job_without_data_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="--data"):
        train_digits(DigitTrainingJob((), tmp_path / "out", SETTINGS))


def test_data_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(InputError, match="none"):
        train_digits(DigitTrainingJob((tmp_path / "none",), tmp_path / "out", SETTINGS))


def test_weights_that_are_not_there_are_an_input_error(tmp_path):
    job = DigitTrainingJob(
        (write_sets(tmp_path / "data"),), tmp_path / "out", SETTINGS, init=tmp_path / "none"
    )
    with pytest.raises(InputError, match="--init"):
        train_digits(job)


def test_weights_of_another_architecture_cannot_be_the_start(trained, tmp_path):
    settings = TrainSettings(architecture="digitnet", epochs=1, batch_size=32, device="cpu")
    job = DigitTrainingJob(
        trained[0].data, tmp_path / "out", settings, init=trained[0].out, drawn=0
    )
    with pytest.raises((UsageError, InputError)) as refusal:
        train_digits(job)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_cannot_be_made_is_an_output_error(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError, match="--out"):
        train_digits(DigitTrainingJob((tmp_path,), tmp_path / "taken" / "out", SETTINGS))


def test_a_job_learns_from_teachers_and_its_card_names_them(trained, tmp_path):
    teacher = trained[0].out
    job = DigitTrainingJob(
        (write_sets(tmp_path / "data"),), tmp_path / "pupil", SETTINGS, teachers=(teacher,), drawn=0
    )
    card = train_digits(job)
    assert card.training["teachers"] == [teacher.name]
    alone = train_digits(dataclasses.replace(job, teachers=(), out=tmp_path / "alone"))
    assert alone.training["teachers"] == []
    assert alone.sha256["digits.safetensors"] != card.sha256["digits.safetensors"]


def test_a_teacher_that_is_not_there_is_an_input_error(tmp_path):
    job = DigitTrainingJob((tmp_path,), tmp_path / "out", SETTINGS, teachers=(tmp_path / "none",))
    with pytest.raises(InputError, match="none: no such weights; --teacher takes"):
        train_digits(job)
