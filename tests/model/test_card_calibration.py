import json
from pathlib import Path

import pytest

from ocrdigits.calibration import UNCALIBRATED, Calibration, GroupMap
from ocrdigits.errors import OutputError, WeightsError
from ocrdigits.model.card import ModelCard, read_card, write_card
from ocrdigits.model.card_calibration import (
    read_card_calibration,
    read_weights_calibration,
    store_calibration,
)
from ocrdigits.records import Agreement

CALIBRATION = Calibration(groups={Agreement.AGREED: GroupMap(bias=0.1, slope=0.7)})
CARD = ModelCard(
    name="strings",
    architecture="stringnet",
    class_count=15,
    parameter_count=100,
    created="2026-01-01T00:00:00+00:00",
    git_commit=None,
    sha256={"strings.onnx": "ab"},
    limits=("Fäint ink is often missed.",),
)


@pytest.fixture
def card(tmp_path: Path) -> Path:
    write_card(CARD, tmp_path / "strings.json")
    return tmp_path / "strings.json"


def test_a_card_without_a_calibration_gives_none(card: Path):
    assert read_card_calibration(card) is UNCALIBRATED


def test_a_calibration_comes_back_from_the_card_as_it_was(card: Path):
    store_calibration(CALIBRATION, card)
    assert read_card_calibration(card) == CALIBRATION
    assert read_weights_calibration(card.parent) == CALIBRATION


def test_nothing_else_on_the_card_changes(card: Path):
    newer = json.loads(card.read_text(encoding="utf-8")) | {"colour": "blue"}
    card.write_text(json.dumps(newer), encoding="utf-8")
    for calibration in (UNCALIBRATED, CALIBRATION):
        store_calibration(calibration, card)
    after = json.loads(card.read_text(encoding="utf-8"))
    assert after == newer | {"calibration": CALIBRATION.to_json()}
    assert read_card(card).limits == CARD.limits
    assert [path.name for path in card.parent.iterdir()] == ["strings.json"]


def test_a_damaged_calibration_is_a_weights_error_in_one_line(card: Path):
    entries = json.loads(card.read_text(encoding="utf-8")) | {"calibration": {"format": "x"}}
    card.write_text(json.dumps(entries), encoding="utf-8")
    with pytest.raises(WeightsError, match=r"strings\.json: its calibration is damaged") as caught:
        read_card_calibration(card)
    assert "\n" not in str(caught.value)


def test_what_is_no_card_gets_no_calibration(card: Path):
    card.write_text("{}", encoding="utf-8")
    with pytest.raises(WeightsError, match="not a model card"):
        store_calibration(CALIBRATION, card)
    assert card.read_text(encoding="utf-8") == "{}"
    with pytest.raises(WeightsError, match="cannot be read"):
        store_calibration(CALIBRATION, card.with_name("none.json"))


def test_a_card_that_cannot_be_written_stays_as_it_was(card: Path, monkeypatch):
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    before = card.read_bytes()
    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(OutputError, match="No space left"):
        store_calibration(CALIBRATION, card)
    assert card.read_bytes() == before
