import dataclasses
import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ocrdigits.errors import ExitCode, OutputError, WeightsError
from ocrdigits.model.card import (
    DataSetUse,
    ModelCard,
    licence_of,
    read_card,
    sha256_of_file,
    sha256_of_files,
    sha256_of_folder,
    write_card,
)

CARD = ModelCard(
    name="digits",
    architecture="lenet5",
    class_count=11,
    parameter_count=61_000,
    created="2026-01-01T00:00:00+00:00",
    git_commit=None,
    sha256={"digits.onnx": "ab"},
    training={"epochs": 3, "augment": {"turn_deg": 12.0}},
    data=(DataSetUse("mnist train", 60_000, licence_of("mnist"), "cd"),),
    metrics={"mnist test": {"accuracy": 0.99}},
    limits=("Faint ink is often missed.",),
    must_not_be_used_for=("Deciding about people without a check.",),
)


def test_a_card_comes_back_from_its_file_as_it_was(tmp_path: Path):
    write_card(CARD, tmp_path / "digits.json")
    assert read_card(tmp_path / "digits.json") == CARD


def test_a_card_is_plain_json_that_people_can_read(tmp_path: Path):
    write_card(CARD, tmp_path / "digits.json")
    entries = json.loads((tmp_path / "digits.json").read_text(encoding="utf-8"))
    assert entries["data"][0]["licence"] == "CC BY-SA 3.0"
    assert [path.name for path in tmp_path.iterdir()] == ["digits.json"]


def test_a_card_from_before_calibrations_is_read(tmp_path: Path):
    entries = dataclasses.asdict(CARD)
    del entries["calibration"]
    (tmp_path / "digits.json").write_text(json.dumps(entries), encoding="utf-8")
    assert read_card(tmp_path / "digits.json").calibration is None


def test_keys_of_a_newer_program_are_left_out(tmp_path: Path):
    entries = {**dataclasses.asdict(CARD), "colour": "blue"}
    (tmp_path / "digits.json").write_text(json.dumps(entries), encoding="utf-8")
    assert read_card(tmp_path / "digits.json") == CARD


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"\xff\xfe",
        b'{"name": "digits"}',
        json.dumps({**dataclasses.asdict(CARD), "sha256": "ab"}).encode(),
        json.dumps({**dataclasses.asdict(CARD), "data": [{"name": "mnist"}]}).encode(),
        json.dumps({**dataclasses.asdict(CARD), "calibration": "good"}).encode(),
    ],
)
def test_a_damaged_card_is_a_weights_error_in_one_line(tmp_path: Path, content: bytes):
    (tmp_path / "digits.json").write_bytes(content)
    with pytest.raises(WeightsError, match="not a model card") as caught:
        read_card(tmp_path / "digits.json")
    assert caught.value.exit_code == ExitCode.WEIGHTS
    assert "\n" not in str(caught.value)
    assert "digits.json" in str(caught.value)


def test_a_missing_card_is_a_weights_error_that_names_it(tmp_path: Path):
    with pytest.raises(WeightsError, match=r"digits\.json.*--weights"):
        read_card(tmp_path / "digits.json")


def test_a_card_that_cannot_be_written_is_an_output_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_card(CARD, tmp_path / "file" / "digits.json")


def test_the_sum_of_a_file_is_that_of_its_bytes(tmp_path: Path):
    (tmp_path / "a").write_bytes(b"12")
    assert sha256_of_file(tmp_path / "a") == hashlib.sha256(b"12").hexdigest()
    assert sha256_of_files([tmp_path / "a"]) == sha256_of_file(tmp_path / "a")


def test_the_sum_of_a_folder_follows_names_and_content_and_not_place(tmp_path: Path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("b", "a"):
            (tmp_path / folder / name).write_text(name)
    assert sha256_of_folder(tmp_path / "one") == sha256_of_folder(tmp_path / "two")
    (tmp_path / "two" / "a").write_text("c")
    assert sha256_of_folder(tmp_path / "one") != sha256_of_folder(tmp_path / "two")


def test_licences_are_found_by_the_set_whatever_its_part():
    assert licence_of("MNIST test") == licence_of("mnist/train") == "CC BY-SA 3.0"
    assert licence_of("my forms") == "the user's own data"


def test_a_written_card_says_when_the_weights_were_made(weights: Path):
    created = datetime.fromisoformat(read_card(weights / "digits.json").created)
    assert created.utcoffset() == timedelta(0)
