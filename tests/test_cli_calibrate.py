"""`calibrate`, and the options of other commands that use what it wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evidence import draw_samples
from pictures import encoded, number_image
from readings import field_reading
from typer.testing import CliRunner

from ocrdigits import api, cli
from ocrdigits.calibration import Calibration, accept_from, load_calibration
from ocrdigits.errors import WeightsError
from ocrdigits.model.calibrate import fit_calibration
from ocrdigits.model.calibrate_folder import write_calibration
from ocrdigits.model.card import ModelCard, write_card
from ocrdigits.model.card_calibration import store_calibration
from ocrdigits.records import PhotoReading, ReaderChoice
from ocrdigits.settings import Settings

runner = CliRunner()
SAMPLES = draw_samples(120, 5, too_sure=2.0, hard=0.3)


def run(*arguments: object):
    return runner.invoke(cli.app, [str(argument) for argument in arguments])


def assert_one_line_error(result, exit_code: int, *words: str):
    assert (result.exit_code, result.stdout) == (exit_code, "")
    assert result.stderr.startswith("ocrdigits: error: ") and result.stderr.count("\n") == 1
    for word in words:
        assert word in result.stderr


class FakeReader:
    """Stands in for `api.Reader`: reads `7.png` as the seventh sample says."""

    made: list[FakeReader]

    def __init__(self, weights, settings: Settings, *, calibration=None, **_):
        if weights is not None and not weights.is_dir():
            raise WeightsError(f"{weights}: no weights there")
        self.settings, self.calibration = settings, calibration or Calibration()
        self.made.append(self)

    def read(self, path: Path) -> PhotoReading:
        evidence, right = SAMPLES[int(path.stem)]
        confidence = self.calibration.confidence(evidence)
        least = accept_from(self.settings.decode, self.calibration, evidence.agreement)
        text = f"{int(path.stem):04}" if right else "77777"
        reading = field_reading(
            text, confidence=confidence, accepted=confidence >= least, evidence=evidence
        )
        return PhotoReading(str(path), strings=(reading,))

    def read_pages(self, path, *, name=None, watch=None):
        yield self.read(Path(path))

    def wait(self) -> None:
        pass


@pytest.fixture
def made(monkeypatch, tmp_path) -> list[FakeReader]:
    """The readers that commands make, in an empty folder to be in."""
    monkeypatch.setattr(FakeReader, "made", [], raising=False)
    monkeypatch.setattr(api, "Reader", FakeReader)
    monkeypatch.chdir(tmp_path)
    return FakeReader.made


@pytest.fixture
def weights(tmp_path) -> Path:
    folder = tmp_path / "weights"
    folder.mkdir()
    card = ModelCard(
        name="strings",
        architecture="stringnet",
        class_count=15,
        parameter_count=100,
        created="2026-01-01T00:00:00+00:00",
        git_commit=None,
        sha256={},
    )
    write_card(card, folder / "strings.json")
    return folder


@pytest.fixture
def forms(tmp_path) -> Path:
    folder = tmp_path / "forms"
    folder.mkdir()
    for number in range(len(SAMPLES)):
        (folder / f"{number}.png").write_bytes(encoded(number_image("1", 40), "PNG"))
    rows = "".join(f"{number}.png,{number:04}\n" for number in range(len(SAMPLES)))
    (folder / "labels.csv").write_text(f"file,text\n{rows}", encoding="utf-8")
    return folder


def shipped() -> Calibration:
    return fit_calibration({"shipped": draw_samples(1500, 1)})


def test_calibrate_compares_before_and_after_and_writes_the_file(made, forms, weights):
    store_calibration(shipped(), weights / "strings.json")
    result = run("calibrate", forms, "--weights", weights, "-o", "mine.json", "--layout", "line")
    assert result.exit_code == 0
    assert "before" in result.stdout and "accepted at ≤ 1 % error" in result.stdout
    assert "--calibration mine.json" in result.stderr
    fitted = load_calibration(Path("mine.json"))
    assert fitted.fitted_on == (("shipped", 1500), ("forms", 120))
    assert made[0].calibration == shipped()
    assert made[0].settings.layout.value == "line"


def test_calibrate_writes_here_unless_told_otherwise(made, forms, weights):
    result = run("calibrate", forms, "--weights", weights, "-q")
    assert (result.exit_code, result.stderr) == (0, "")
    assert load_calibration(Path("calibration.json")).fitted_on == (("forms", 120),)


def test_calibrate_asks_the_readers_that_were_chosen(made, forms, weights):
    options = ("--reader", "strings", "--max-error", "0.05", "--weights", weights)
    assert "≤ 5 % error" in run("calibrate", forms, *options).stdout
    assert made[0].settings.reader is ReaderChoice.STRINGS


def test_calibrate_refuses_in_one_line(made, forms, weights, tmp_path):
    used = ("--weights", weights)
    assert_one_line_error(run("calibrate", tmp_path / "none", *used), 2, "none")
    assert_one_line_error(run("calibrate", forms, "--weights", tmp_path / "none"), 6, "none")
    written = run("calibrate", forms, *used, "-o", tmp_path / "none" / "mine.json")
    assert_one_line_error(written, 5, "mine.json")
    (forms / "labels.csv").write_text("file,text\n1.png,0001\n")
    assert_one_line_error(run("calibrate", forms, *used), 4, "label more images")
    (forms / "labels.csv").unlink()
    assert_one_line_error(run("calibrate", forms, *used), 4, "labels.csv")
    assert not Path("calibration.json").exists()


def test_calibrate_refuses_a_damaged_calibration_on_the_card(made, forms, weights):
    card = weights / "strings.json"
    card.write_text(json.dumps(json.loads(card.read_text()) | {"calibration": {}}))
    result = run("calibrate", forms, "--weights", weights)
    assert_one_line_error(result, 6, "strings.json", "calibration is damaged")


@pytest.mark.parametrize("command", ["read", "evaluate"])
def test_a_calibration_and_an_error_reach_the_reader(made, forms, command):
    write_calibration(shipped(), Path("mine.json"))
    source = forms / "1.png" if command == "read" else forms
    run(command, source)
    run(command, source, "--calibration", "mine.json", "--max-error", "0.002")
    assert made[0].calibration == Calibration() and made[1].calibration == shipped()
    assert [it.settings.decode.max_error for it in made] == [0.01, 0.002]


@pytest.mark.parametrize("command", ["read", "evaluate"])
def test_an_error_and_a_confidence_exclude_each_other(made, forms, command):
    result = run(command, forms, "--accept", "0.9", "--max-error", "0.01")
    assert_one_line_error(result, 2, "--accept", "--max-error")
    assert made == []


def test_an_error_on_the_command_line_goes_before_a_confidence_in_the_file(made, forms):
    Path("s.toml").write_text("[decode]\naccept_confidence = 0.3\nmax_error = 0.2\n")
    for options in ([], ["--max-error", "0.05"], ["--accept", "0.7"]):
        run("read", forms / "1.png", "--settings", "s.toml", *options)
    found = [(it.settings.decode.accept_confidence, it.settings.decode.max_error) for it in made]
    assert found == [(0.3, 0.2), (None, 0.05), (0.7, 0.2)]


@pytest.mark.parametrize("rate", ["0", "1", "-0.1", "1.5", "nan", "small"])
def test_an_impossible_error_is_refused(made, forms, rate):
    result = run("read", forms / "1.png", "--max-error", rate)
    assert result.exit_code == 2 and result.stdout == ""
    assert "max-error" in result.stderr or "max_error" in result.stderr


@pytest.mark.parametrize("command", ["read", "evaluate"])
def test_a_file_that_is_no_calibration_is_refused_before_anything_is_read(made, forms, command):
    Path("mine.json").write_text("{}")
    result = run(command, forms, "--calibration", "mine.json")
    assert_one_line_error(result, 4, "mine.json", "ocrdigits calibrate FOLDER")
    missing = run(command, forms, "--calibration", "none.json")
    assert_one_line_error(missing, 4, "none.json", "cannot be read")
    assert made == []


def test_evaluate_says_what_was_accepted_and_for_which_error(made, forms):
    write_calibration(shipped(), Path("mine.json"))
    used = ("--calibration", "mine.json", "--layout", "line", "-q")
    figures = json.loads(run("evaluate", forms, *used, "--format", "json").stdout)
    assert figures["accepted"]["max_error"] == 0.01
    assert figures["calibration_chance"] < figures["calibration_error"]
    assert "accepted for ≤ 1 % error" in run("evaluate", forms, *used).stdout
    assert "accepted for" not in run("evaluate", forms, "--accept", "0.9", "-q").stdout
    assert {"reliability.png", "risk_coverage.png"} <= {
        path.name for path in Path("runs/evaluate/forms").iterdir()
    }


def test_evaluate_with_a_calibration_of_ones_own_is_nearer_the_truth(made, forms, weights):
    store_calibration(shipped(), weights / "strings.json")
    run("calibrate", forms, "--weights", weights, "-q")
    write_calibration(shipped(), Path("shipped.json"))
    errors = [
        json.loads(run("evaluate", forms, "--calibration", file, "-q", "--format", "json").stdout)[
            "calibration_error"
        ]
        for file in ("shipped.json", "calibration.json")
    ]
    assert errors[1] < errors[0]
