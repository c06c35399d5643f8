"""The commands that train, measure, export and draw, on next to no data."""

from __future__ import annotations

import csv
import inspect
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from known_digits import training_images
from pages import written
from typer.testing import CliRunner

from ocrdigits import cli
from ocrdigits.model.compose.synth import PageKind
from ocrdigits.model.strings import gather
from ocrdigits.model.strings import network as networks
from ocrdigits.model.strings.network import StringNet

runner = CliRunner()
QUICK = ("--arch", "lenet5", "--epochs", "1", "--batch-size", "32", "--drawn", "0")
FEW_STEPS = ("--steps", "2", "--batch-size", "2", "--processes", "0", "--device", "cpu")


def run(*arguments: object):
    return runner.invoke(cli.app, [str(argument) for argument in arguments])


def assert_one_line_error(result, exit_code: int, *words: str):
    assert (result.exit_code, result.stdout) == (exit_code, "")
    lines = [line for line in result.stderr.splitlines() if line.startswith("ocrdigits: error: ")]
    assert len(lines) == 1 and "Traceback" not in result.stderr
    for word in words:
        assert word in lines[0]


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("data") / "mine.npz"
    images, labels = training_images(120)
    np.savez(path, x=images, y=labels)
    return path


@pytest.fixture(scope="module")
def training(data, tmp_path_factory):
    """The weights' folder, and how the command that wrote them ended."""
    out = tmp_path_factory.mktemp("weights") / "new"
    options = ("--device", "cpu", "--seed", "4")
    return out, run("train", "digits", "--data", data, "--out", out, *QUICK, *options)


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """An empty folder to be in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def photos(tmp_path) -> Path:
    folder = tmp_path / "forms"
    folder.mkdir()
    rows = {"a.png": "2735", "b.png": "90"}
    for name, text in rows.items():
        cv2.imwrite(str(folder / name), written(text, 60, 25, 4))
    with (folder / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "text"), *rows.items()])
    return folder


def test_train_digits_prints_the_figures_and_writes_the_weights(training):
    out, result = training
    assert result.exit_code == 0
    assert result.stdout.startswith("lenet5") and "held out" in result.stdout
    names = {path.name for path in out.iterdir()}
    assert {"digits.onnx", "digits.safetensors", "digits.json", "curves.png"} <= names


def test_train_digits_tells_its_progress_on_stderr_alone(training):
    _, result = training
    assert "epoch 1/1" in result.stderr and "mine" in result.stderr
    assert "epoch" not in result.stdout


def test_train_digits_is_quiet_if_asked(data, tmp_path):
    result = run("train", "digits", "--data", data, "--out", tmp_path / "out", *QUICK, "-q")
    assert result.exit_code == 0 and result.stderr == ""


def test_train_digits_resumes_from_its_own_folder(training, data, tmp_path):
    out = Path(shutil.copytree(training[0], tmp_path / "out"))
    options = ("--device", "cpu", "--seed", "4", "--resume")
    result = run("train", "digits", "--data", data, "--out", out, *QUICK, *options)
    assert result.exit_code == 0
    for name in ("digits.safetensors", "digits.onnx"):
        assert (out / name).read_bytes() == (training[0] / name).read_bytes()


def test_two_networks_for_digits_are_joined_by_a_gate(data, tmp_path):
    (tmp_path / "more").mkdir()
    images, labels = training_images(60, 3)
    soft = np.stack([cv2.GaussianBlur(image, (0, 0), 2) for image in images])
    np.savez(tmp_path / "more" / "theirs.npz", x=soft, y=labels)
    options = ("--epochs", "1", "--batch-size", "32", "--drawn", "0", "--device", "cpu", "-q")
    sources = ("--data", data, "--data", tmp_path / "more")
    main, slim = tmp_path / "main", tmp_path / "slim"
    assert run("train", "digits", *sources, "--out", main, *options).exit_code == 0
    few = ("--data", data, "--arch", "digitnet-slim", "--one-source")
    assert run("train", "digits", *few, "--out", slim, *options).exit_code == 0
    training = json.loads((slim / "digits.json").read_text())["training"]
    assert training["steady_rate"] and training["augment"]["photo_share"] == 0
    pair = tmp_path / "pair"
    ways = ("--steps", "5", "--drawn", "0", "--out", pair)
    result = run("train", "join", main, slim, *sources, *ways)
    assert result.exit_code == 0 and result.stdout.startswith("digitnet-pair, 399,")
    assert "tell mine from the others" in result.stderr
    assert run("info", "--weights", pair).exit_code == 0
    refused = run("train", "join", slim, main, *sources, *ways)
    assert_one_line_error(refused, 2, "digitnet-slim", "takes a digitnet")


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        (("--arch", "vgg"), 2, ["vgg", "digitnet"]),
        (("--optimizer", "lion"), 2, ["lion", "adamw"]),
        (("--device", "abacus"), 2, ["abacus", "--device cpu"]),
        (("--learning-rate", "-1"), 2, ["rate"]),
        (("--resume",), 4, ["checkpoint.pt", "--resume"]),
        (("--init", "none"), 4, ["none", "--init"]),
        (("--data", "none"), 4, ["none", "--data"]),
        (("--set", "fashion"), 4, ["fashion", "mnist"]),
        (("--fonts", "none.ttf", "--drawn", "5"), 4, ["none.ttf"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
def test_train_digits_refuses_in_one_line(data, here, options, exit_code, words):
    given = data.parent if "--set" in options else data
    result = run("train", "digits", "--data", given, "--out", "out", *QUICK, *options)
    assert_one_line_error(result, exit_code, *words)


@pytest.mark.parametrize(
    "options",
    [("--epochs", "0"), ("--batch-size", "1"), ("--seed", "-1"), ("--drawn", "-1"), ("--hurry",)],
    ids=" ".join,
)
def test_train_digits_refuses_options_out_of_range(data, tmp_path, options):
    result = run("train", "digits", "--data", data, "--out", tmp_path / "out", *options)
    assert result.exit_code == 2 and options[0] in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("given", [(), ("--data", "a"), ("--out", "b")], ids=" ".join)
def test_train_digits_needs_data_and_a_folder(given):
    result = run("train", "digits", *given)
    assert result.exit_code == 2
    assert "Missing option" in result.stderr


def test_train_digits_says_where_it_cannot_write(data, tmp_path):
    (tmp_path / "taken").touch()
    result = run("train", "digits", "--data", data, "--out", tmp_path / "taken" / "out", *QUICK)
    assert_one_line_error(result, 5, "taken", "--out")


@pytest.fixture(scope="module")
def small_strings():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(networks.ARCHITECTURES, "stringnet", lambda: StringNet(width=0.3))
        patch.setattr(gather, "_WATCHING_LINES", 8)
        yield


@pytest.fixture(scope="module")
def string_training(data, small_strings, tmp_path_factory):
    """The weights' folder, and how the command that wrote them ended."""
    out = tmp_path_factory.mktemp("strings") / "new"
    options = ("--epochs", "1", "--seed", "4")
    return out, run("train", "strings", "--data", data, "--out", out, *FEW_STEPS, *options)


def test_train_strings_prints_the_figures_and_writes_the_weights(string_training):
    out, result = string_training
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("stringnet") and "composed lines: digits" in result.stdout
    assert "epoch 1/1" in result.stderr and "epoch" not in result.stdout
    names = {path.name for path in out.iterdir()}
    assert {"strings.onnx", "strings.safetensors", "strings.json", "samples.png"} <= names


def test_export_and_info_know_weights_of_both_networks(training, string_training, tmp_path):
    both = Path(shutil.copytree(training[0], tmp_path / "both"))
    shutil.copytree(string_training[0], both, dirs_exist_ok=True)
    (both / "strings.onnx").write_bytes(b"damaged")
    damaged = run("info", "--weights", both)
    assert damaged.exit_code == 6 and "strings.onnx" in damaged.stderr
    result = run("export", "--weights", both)
    assert result.exit_code == 0
    assert [line.split()[1] for line in result.stdout.splitlines()] == ["lenet5,", "stringnet,"]
    facts = json.loads(run("info", "--weights", both, "--format", "json").stdout)
    assert facts["weights"]["architecture"] == "lenet5" and facts["error"] is None
    assert facts["strings"]["architecture"] == "stringnet"


def test_info_says_which_network_is_not_there(training, string_training):
    only_digits = run("info", "--weights", training[0])
    assert only_digits.exit_code == 0
    last = [line.split() for line in only_digits.stdout.splitlines()[-3:]]
    assert last == [["strings", "none"], ["plain", "none"], ["glance", "none"]]
    only_strings = run("info", "--weights", string_training[0])
    assert only_strings.exit_code == 0 and "stringnet" in only_strings.stdout
    assert ["digits", "none"] in [line.split() for line in only_strings.stdout.splitlines()]


@pytest.mark.parametrize(
    ("options", "exit_code", "words"),
    [
        (("--arch", "vgg"), 2, ["vgg", "stringnet"]),
        (("--device", "abacus"), 2, ["abacus", "--device cpu"]),
        (("--learning-rate", "-1"), 2, ["rate"]),
        (("--composed-share", "0.5"), 2, ["--composed-share", "labelled strings"]),
        (("--resume",), 4, ["checkpoint.pt", "--resume"]),
        (("--init", "none"), 4, ["none", "--init"]),
        (("--teacher", "none"), 4, ["none", "--teacher"]),
        (("--data", "none"), 4, ["none", "--data"]),
        (("--left-out", "none.csv"), 4, ["none.csv", "--left-out"]),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, tuple) else "",
)
@pytest.mark.usefixtures("small_strings", "here")
def test_train_strings_refuses_in_one_line(data, options, exit_code, words):
    result = run("train", "strings", "--data", data, "--out", "out", *FEW_STEPS, *options)
    assert_one_line_error(result, exit_code, *words)


def test_train_strings_refuses_options_out_of_range(data, tmp_path):
    for options in (("--epochs", "0"), ("--steps", "0"), ("--composed-share", "2"), ("--hurry",)):
        result = run("train", "strings", "--data", data, "--out", tmp_path / "out", *options)
        assert result.exit_code == 2 and options[0] in result.stderr
    assert not (tmp_path / "out").exists()


def test_train_suspects_lists_what_train_strings_can_leave_out(string_training, photos, tmp_path):
    for number in range(8):
        shutil.copy(photos / "a.png", photos / f"{number}.png")
    with (photos / "labels.csv").open("a", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows((f"{number}.png", "2735") for number in range(8))
    out = tmp_path / "out"
    options = ("--init", string_training[0], "--folds", "2", "--composed-share", "0")
    result = run("train", "suspects", "--data", photos, "--out", out, *FEW_STEPS, *options)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(f"{out / 'suspects.csv'}: of 10 labels ")
    assert "part 2 of 2" in result.stderr
    assert (out / "suspects.csv").read_text(encoding="utf-8").startswith("file,label,read")
    assert (out / "suspects.png").is_file()


def test_train_suspects_refuses_in_one_line(string_training, data, here):
    init = ("--init", string_training[0])
    for options, exit_code, words in (
        (("--data", data, *init), 2, ["labels.csv"]),
        (("--data", "none", *init), 4, ["none"]),
        (("--data", data, "--init", "none"), 4, ["none", "--init"]),
    ):
        result = run("train", "suspects", "--out", "out", *FEW_STEPS, *options)
        assert_one_line_error(result, exit_code, *words)


def test_evaluate_prints_figures_and_writes_a_report(training, photos, tmp_path):
    report = tmp_path / "report"
    result = run("evaluate", photos, "--weights", training[0], "--report", report, "-j", "1")
    assert result.exit_code == 0
    assert "digits exactly right" in result.stdout
    assert str(report) in result.stderr and str(report) not in result.stdout
    names = {path.name for path in report.iterdir()}
    assert {"figures.json", "strings.csv", "confusion.png"} <= names


def test_evaluate_answers_in_json(training, photos, tmp_path):
    options = ("--weights", training[0], "--report", tmp_path / "r", "--format", "json", "-q")
    result = run("evaluate", photos, *options)
    figures = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (0, "")
    assert (figures["photos"], figures["strings"]) == (2, 2)
    assert 0 <= figures["exact_match_digits"] <= 1


def test_evaluate_reports_below_runs_by_default(training, photos, here):
    assert run("evaluate", "forms", "--weights", training[0], "--layout", "line").exit_code == 0
    assert Path("runs/evaluate/forms/figures.json").is_file()


def test_evaluate_refuses_in_one_line(training, photos, tmp_path):
    weights = ("--weights", training[0])
    assert_one_line_error(run("evaluate", tmp_path / "none", *weights), 2, "none")
    assert_one_line_error(run("evaluate", photos, "--weights", tmp_path / "none"), 6, "none")
    (photos / "b.png").unlink()
    assert_one_line_error(run("evaluate", photos, *weights), 4, "b.png", "labels.csv")
    (photos / "labels.csv").unlink()
    assert_one_line_error(run("evaluate", photos, *weights), 4, "labels.csv")


def test_evaluate_says_where_its_report_cannot_be_written(training, photos, tmp_path):
    (tmp_path / "taken").touch()
    result = run(
        "evaluate", photos, "--weights", training[0], "--report", tmp_path / "taken" / "report"
    )
    assert result.exit_code == 5 and "taken" in result.stderr
    assert "Traceback" not in result.stderr


def test_export_writes_the_onnx_anew_and_says_how_well_both_agree(training, tmp_path):
    weights = Path(shutil.copytree(training[0], tmp_path / "weights"))
    (weights / "digits.onnx").write_bytes(b"damaged")
    result = run("export", "--weights", weights)
    assert result.exit_code == 0 and result.stdout.count("\n") == 1
    assert "lenet5" in result.stdout and "largest difference" in result.stdout
    shown = run("info", "--weights", weights, "--format", "json")
    assert shown.exit_code == 0 and json.loads(shown.stdout)["error"] is None


def test_export_refuses_in_one_line(training, tmp_path):
    weights = Path(shutil.copytree(training[0], tmp_path / "weights"))
    assert_one_line_error(run("export", "--weights", tmp_path / "none"), 6, "none")
    (tmp_path / "taken").touch()
    result = run("export", "--weights", weights, "--out", tmp_path / "taken" / "out")
    assert_one_line_error(result, 5, "taken")
    (weights / "digits.safetensors").write_bytes(b"damaged")
    assert_one_line_error(run("export", "--weights", weights), 6, "digits.safetensors")


@pytest.mark.parametrize("repeat", ["mnist", "=2", "mnist=often", "mnist=nan", "mnist=0"])
def test_a_repeat_that_is_none_is_refused_in_one_line(tmp_path, repeat):
    result = run("train", "digits", "--data", tmp_path, "--out", tmp_path, "--repeat", repeat)
    assert result.exit_code == 2 and result.stderr.count("\n") == 1
    assert result.stderr.startswith("ocrdigits: error: --repeat")


def test_train_glance_learns_from_drawn_pages(tmp_path):
    pages, out = tmp_path / "pages", tmp_path / "out"
    run("synth", pages, "--count", "2", "--kinds", "list,letters", "--megapixels", "0.5-0.6")
    few = ("--epochs", "1", "--steps", "2", "--batch-size", "4", "--device", "cpu")
    result = run("train", "glance", "--data", pages, "--out", out, *few)
    assert result.exit_code == 0, result.stderr
    assert "glancenet" in result.stdout and (out / "glance.onnx").is_file()
    facts = json.loads(run("info", "--weights", out, "--format", "json").stdout)
    assert facts["glance"]["architecture"] == "glancenet" and facts["weights"] is None
    nowhere = run("train", "glance", "--data", tmp_path / "none", "--out", out, *few)
    assert_one_line_error(nowhere, 4, "truth.json")


def test_synth_draws_labelled_photos(tmp_path):
    out = tmp_path / "drawn"
    result = run("synth", out, "--count", "2", "--kinds", "crop", "--seed", "5")
    assert result.exit_code == 0
    with (out / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    strings = sum(len(row["text"].split("|")) for row in rows)
    assert result.stdout == f"2 photos with {strings} strings in {out}\n"
    assert [cv2.imread(str(out / row["file"])) is not None for row in rows] == [True, True]


def test_synth_draws_the_same_photos_with_the_same_seed(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        run("synth", tmp_path / name, "--count", "1", "--kinds", "crop", "--seed", seed)
    contents = [(tmp_path / name / "crop_1.jpg").read_bytes() for name in "abc"]
    assert contents[0] == contents[1] != contents[2]


def test_synth_refuses_in_one_line(tmp_path):
    result = run("synth", tmp_path / "out", "--kinds", "crop,passport")
    assert_one_line_error(result, 2, "passport", "cheque, form")
    assert not (tmp_path / "out").exists()
    (tmp_path / "taken").touch()
    result = run("synth", tmp_path / "taken", "--kinds", "crop", "--count", "1")
    assert_one_line_error(result, 5, "taken")
    assert run("synth", tmp_path / "out", "--count", "0").exit_code == 2


def test_synth_draws_every_kind_by_default():
    (command,) = [c for c in cli.app.registered_commands if c.callback.__name__ == "synth"]
    default = inspect.signature(command.callback).parameters["kinds"].default
    assert default.split(",") == [kind.value for kind in PageKind]


def test_synth_writes_masks_and_the_same_photos_with_more_jobs(tmp_path):
    options = ("--count", "2", "--kinds", "crop", "--masks", "--megapixels", "0.5-1")
    for name, jobs in (("a", 1), ("b", 2)):
        assert run("synth", tmp_path / name, *options, "--jobs", jobs).exit_code == 0
    for file in ("crop_1.jpg", "masks/crop_2.png", "truth.json"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_synth_refuses_impossible_photos_and_supplies(tmp_path):
    for options in (
        ("--megapixels", "big"),
        ("--megapixels", "3-1"),
        ("--fonts", tmp_path / "none.ttf"),
        ("--digits", tmp_path / "none"),
    ):
        result = run("synth", tmp_path / "out", *options)
        assert result.exit_code in (2, 4) and result.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_what_was_drawn_can_be_measured(training, tmp_path):
    run("synth", tmp_path / "drawn", "--count", "1", "--kinds", "crop")
    options = ("--weights", training[0], "--report", tmp_path / "report")
    assert run("evaluate", tmp_path / "drawn", *options).exit_code == 0
