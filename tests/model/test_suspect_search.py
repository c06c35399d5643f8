import csv
import math

import cv2
import numpy as np
import pytest
from labelled_strings import texts_of, write_crops, write_digits
from pages import paper
from safetensors.torch import save_file

from ocrdigits.ctc import encode_text
from ocrdigits.errors import InputError, UsageError, WeightsError
from ocrdigits.model import suspect_search
from ocrdigits.model.strings import network as networks
from ocrdigits.model.strings.folders import open_folders
from ocrdigits.model.strings.gather import LineDataSettings
from ocrdigits.model.strings.network import StringNet
from ocrdigits.model.strings.suspects import (
    Suspect,
    SuspectKind,
    SuspectSettings,
    doubt_label,
    fold_of,
    pictures_named,
    read_left_out,
    short_name,
    write_suspects,
)
from ocrdigits.model.strings.training import StringTrainSettings, train_strings
from ocrdigits.model.suspect_search import SuspectJob, find_suspects, render_suspects

TEXTS = texts_of(20, seed=1)
WRONG = {3: "9" + TEXTS[3][1:], 11: TEXTS[11] + "4", 17: TEXTS[17][0] + "." + TEXTS[17][1:]}
TINY = StringTrainSettings(
    epochs=1,
    steps_per_epoch=2,
    batch_size=4,
    pool_batches=1,
    processes=0,
    learning_rate=1e-5,
    device="cpu",
)


def sure_of(text: str, doubts: dict[str, float] | None = None):
    """Scores of a network that is sure of a text, but for the odds of other last characters."""
    frames = np.full((2 * len(text) + 1, 15), 1e-6)
    frames[::2, 0] = 1
    for place, known in enumerate(encode_text(text)):
        frames[2 * place + 1, known] = 1
    for character, odds in (doubts or {}).items():
        frames[-2, encode_text(character)[0] if character else 0] = odds
    return np.log(frames / frames.sum(1, keepdims=True)).astype(np.float32)


def doubt(scores, label: str):
    return doubt_label(scores, "a.png", label, SuspectSettings())


def test_a_label_that_is_read_is_not_doubted():
    assert doubt(sure_of("157"), "157") is None


def test_wrong_digits_and_wrong_separators_are_told_apart():
    digits = doubt(sure_of("157"), "151")
    separator = doubt(sure_of("15.7"), "157")
    assert (digits.kind, digits.read, digits.label) == (SuspectKind.DIGITS, "157", "151")
    assert (separator.kind, separator.read) == (SuspectKind.SEPARATOR, "15.7")
    assert 4 < digits.log_odds < 99 and separator.log_odds > 3


def test_a_network_that_is_in_doubt_doubts_no_label():
    assert doubt(sure_of("157", {"1": 0.2}), "151") is None
    assert doubt(sure_of("157", {"1": 0.001}), "151").log_odds == pytest.approx(
        math.log(1000), abs=0.1
    )


def test_a_label_too_long_for_its_line_is_as_doubtful_as_can_be():
    found = doubt(sure_of("7"), "1234567")
    assert (found.kind, found.log_odds) == (SuspectKind.DIGITS, 99.0)


def test_a_line_without_a_text_contradicts_its_label():
    assert doubt(sure_of(""), "") is None
    assert doubt(sure_of("7", {"": 1e6}), "7").read == ""


def test_every_picture_has_one_fold_and_folds_are_alike(tmp_path):
    counts = np.bincount([fold_of(tmp_path / f"{n}.jpg", 5) for n in range(1000)])
    assert len(counts) == 5 and counts.min() > 150


def test_a_list_is_read_back_and_names_the_pictures_it_was_made_of(tmp_path):
    folder = write_crops(tmp_path / "forms", ["12", "34"])
    (opened,) = open_folders([folder], tmp_path / "places.json")
    paths = [path for path, _ in (*opened.training, *opened.held_out)]
    suspects = [Suspect(short_name(p), "1", "2", 5.0, SuspectKind.DIGITS) for p in paths]
    write_suspects(suspects, tmp_path / "suspects.csv")
    names = read_left_out([tmp_path / "suspects.csv"])
    assert [p for found in pictures_named(names, paths).values() for p in found] == paths
    assert (tmp_path / "suspects.csv").read_text().startswith("file,label,read,log_odds,kind\n")


def test_a_name_means_every_picture_whose_path_ends_with_it(tmp_path):
    pictures = [tmp_path / "a" / "1.png", tmp_path / "b" / "1.png", tmp_path / "b" / "11.png"]
    found = pictures_named(["1.png", "b/1.png", str(pictures[0]), "2.png", "/1.png"], pictures)
    assert list(found.values()) == [pictures[:2], pictures[1:2], pictures[:1], [], []]


def test_a_list_without_names_is_an_input_error(tmp_path):
    (tmp_path / "a.csv").write_text("picture\n1.png\n")
    with pytest.raises(InputError, match="column file"):
        read_left_out([tmp_path / "a.csv"])


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """A folder with three wrong labels, and weights that learnt its true texts."""
    root = tmp_path_factory.mktemp("suspects")
    folder = write_crops(root / "forms", TEXTS, WRONG)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(networks.ARCHITECTURES, "stringnet", lambda: StringNet(0.3, dropout=0.0))
        (opened,) = open_folders([folder], root / "places.json")
        lines = opened.read_lines([*opened.training, *opened.held_out])
        true = {f"{number}.png": text for number, text in enumerate(TEXTS)}
        samples = [
            (line, true[file.rpartition("/")[2]])
            for (line, _), file in zip(lines.samples, lines.files, strict=True)
        ]
        settings = StringTrainSettings(
            epochs=1,
            steps_per_epoch=400,
            batch_size=16,
            pool_batches=1,
            processes=0,
            learning_rate=2e-3,
            average_decay=0.8,
            device="cpu",
        )
        trained = train_strings(
            lambda k: samples[k % len(samples)], [], settings, out=root / "learning"
        )
        metadata = {"architecture": "stringnet"}
        save_file(trained.network.state_dict(), root / "init.safetensors", metadata)
        yield root


def test_labels_that_were_corrupted_on_purpose_are_found(forms, tmp_path):
    job = SuspectJob(
        LineDataSettings((forms / "forms",), 0.0),
        tmp_path / "out",
        forms / "init.safetensors",
        SuspectSettings(2, 3.0, 2.0),
        TINY,
    )
    steps, lines = [], []
    report = find_suspects(job, steps.append, lines.append)
    found = {suspect.file.rpartition("/")[2]: suspect for suspect in report.suspects}
    assert set(found) == {f"{number}.png" for number in WRONG}
    assert all(found[f"{n}.png"].read == TEXTS[n] for n in WRONG)
    kinds = [found[f"{n}.png"].kind for n in WRONG]
    assert kinds == [SuspectKind.DIGITS, SuspectKind.DIGITS, SuspectKind.SEPARATOR]
    assert report.count == len(TEXTS)
    assert "2 with suspect digits, 1 with suspect separators" in render_suspects(report)
    assert {(step.epoch, step.epochs) for step in steps} == {(1, 2), (2, 2)}
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == ["places.json", "suspects.csv", "suspects.png"]
    with report.file.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [suspect.file for suspect in report.suspects]


def test_no_network_trains_on_what_it_reads(forms, tmp_path, monkeypatch):
    trained_on = []

    def watch(source, *_, **options):
        trained_on.append({source(index)[1] for index in range(80)})
        return train_strings(source, [], TINY, out=options["out"], init=options["init"])

    monkeypatch.setattr(suspect_search, "train_strings", watch)
    data = LineDataSettings((forms / "forms",), 0.0)
    find_suspects(
        SuspectJob(
            data, tmp_path / "out", forms / "init.safetensors", SuspectSettings(2), training=TINY
        )
    )
    labels = {f"{n}.png": WRONG.get(n, text) for n, text in enumerate(TEXTS)}
    for fold, texts in enumerate(trained_on):
        read = {text for name, text in labels.items() if fold_of(tmp_path / name, 2) == fold}
        others = {text for name, text in labels.items() if fold_of(tmp_path / name, 2) != fold}
        assert texts <= others and not texts & (read - others)


def test_a_picture_without_a_line_is_listed_as_such(forms, tmp_path):
    folder = write_crops(tmp_path / "forms", TEXTS[:6])
    cv2.imwrite(str(folder / "2.png"), paper(58, 90))
    data = LineDataSettings((folder,), 0.0)
    job = SuspectJob(
        data, tmp_path / "out", forms / "init.safetensors", SuspectSettings(2), training=TINY
    )
    report = find_suspects(job)
    (blank,) = [suspect for suspect in report.suspects if suspect.kind is SuspectKind.LINE]
    assert (blank.file, blank.read) == (short_name(folder / "2.png"), "")
    assert "1 without a line" in render_suspects(report)


def test_without_weights_or_labels_nothing_is_doubted(forms, tmp_path, monkeypatch):
    digits = write_digits(tmp_path / "digits.npz", 40)
    job = SuspectJob(
        LineDataSettings((digits,)), tmp_path / "out", forms / "init.safetensors", training=TINY
    )
    with pytest.raises(UsageError, match=r"labels\.csv"):
        find_suspects(job)

    def refuse(*_):
        raise WeightsError("weights: missing")

    monkeypatch.setattr(suspect_search, "find_weights", refuse)
    with pytest.raises(UsageError, match="--init"):
        find_suspects(SuspectJob(LineDataSettings((forms / "forms",)), tmp_path / "out"))


@pytest.mark.parametrize("values", [(1,), (5, 0.0), (5, 4.0, -1.0)])
def test_impossible_settings_are_refused(values):
    with pytest.raises(UsageError):
        SuspectSettings(*values)
