import dataclasses
import json
import pickle

import numpy as np
import pytest
import torch
from known_digits import classify
from labelled_strings import texts_of, write_crops, write_digits, write_labels, write_pages
from PIL import Image

from ocrdigits.errors import InputError, OutputError, UsageError
from ocrdigits.model.align import AlignSettings, is_held_out
from ocrdigits.model.card import UNKNOWN_LICENCE, read_card, sha256_of_file
from ocrdigits.model.export import load_network
from ocrdigits.model.string_training import (
    StringTrainingJob,
    load_strings,
    render_string_card,
    train_string_network,
)
from ocrdigits.model.strings import gather as gathering
from ocrdigits.model.strings import network as networks
from ocrdigits.model.strings import places, pool
from ocrdigits.model.strings.export import STRINGS
from ocrdigits.model.strings.folders import open_folders
from ocrdigits.model.strings.gather import LineDataSettings, gather_lines
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.network import StringNet
from ocrdigits.model.strings.places import Place, PlaceKind, find_places
from ocrdigits.model.strings.runtime import load_string_reader
from ocrdigits.model.strings.training import StringTrainSettings, score_lines

SETTINGS = StringTrainSettings(
    epochs=2, steps_per_epoch=2, batch_size=4, pool_batches=2, processes=0, seed=3, device="cpu"
)
WRITTEN = [
    *("checkpoint.pt", "curves.png", "mistakes.png", "places.json", "samples.png"),
    *("strings.json", "strings.onnx", "strings.safetensors"),
]
TEXTS = texts_of(24)
SHARE = AlignSettings().held_out_share


@pytest.fixture(autouse=True, scope="module")
def tiny():
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(networks.ARCHITECTURES, "stringnet", lambda: StringNet(width=0.3))
        patch.setattr(gathering, "_WATCHING_LINES", 8)
        yield


@pytest.fixture(scope="module")
def crops(tmp_path_factory):
    return write_crops(tmp_path_factory.mktemp("data") / "forms", TEXTS)


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    return write_digits(tmp_path_factory.mktemp("digits") / "nsysu.npz")


@pytest.fixture(scope="module")
def trained(crops, digits, tmp_path_factory):
    """One small job; its card and what it said."""
    job = StringTrainingJob(
        LineDataSettings((digits, crops), seed=3), tmp_path_factory.mktemp("job") / "out", SETTINGS
    )
    steps, lines = [], []
    card = train_string_network(job, steps.append, lines.append)
    return job, card, steps, lines


def held_out(folder):
    return [path for path in sorted(folder.glob("*.png")) if is_held_out(path, SHARE)]


def test_a_job_writes_weights_card_and_pictures_and_nothing_else(trained):
    out = trained[0].out
    assert sorted(path.name for path in out.iterdir()) == WRITTEN
    for name in ("curves.png", "mistakes.png", "samples.png"):
        with Image.open(out / name) as picture:
            assert picture.size[0] > 200 and picture.size[1] > 60
            assert len(picture.convert("L").getcolors(256)) > 5  # something is drawn on it


def test_the_card_names_sets_licences_and_checksums(trained, digits, crops):
    job, card, _, _ = trained
    uses = {use.name: use for use in card.data}
    assert list(uses) == ["nsysu", "forms", "drawn: lines by strokes and in print"]
    assert uses["nsysu"].count == 120 and uses["nsysu"].sha256 == sha256_of_file(digits)
    assert uses["nsysu"].licence.startswith("ODbL")
    assert uses["forms"].count == len(TEXTS) - len(held_out(crops))
    assert uses["forms"].licence == UNKNOWN_LICENCE
    for name in ("strings.onnx", "strings.safetensors"):
        assert card.sha256[name] == sha256_of_file(job.out / name)
    assert read_card(job.out / "strings.json").data == card.data


def test_the_card_measures_what_was_held_out_by_set(trained, crops):
    card = trained[1]
    (figures,) = card.metrics.values()
    assert list(card.metrics) == ["forms, held out"]
    assert figures["count"] == len(held_out(crops)) > 0
    assert {"digits", "text", "characters", "count"} == set(figures)
    assert "forms, held out: digits" in render_string_card(card)


def test_the_card_tells_how_it_was_made_and_holds_no_path_of_the_machine(trained):
    job, card, _, _ = trained
    text = (job.out / "strings.json").read_text(encoding="utf-8")
    assert str(job.out.parent) not in text and job.out.parent.name not in text
    entries = json.loads(text)
    assert entries["training"]["composed_share"] == 0.6
    assert (entries["training"]["seed"], entries["training"]["init"]) == (3, None)
    assert card.limits and card.must_not_be_used_for


def test_both_weights_files_read_lines_alike(trained):
    out = trained[0].out
    lines = [np.random.default_rng(0).random((32, width), dtype=np.float32) for width in (40, 64)]
    network = load_network(out / "strings.safetensors", kind=STRINGS)
    ours = score_lines(network, lines, torch.device("cpu"))
    for one, other in zip(ours, load_string_reader(out)(lines), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_the_job_says_what_it_found_and_reports_every_step(trained):
    _, _, steps, lines = trained
    assert [(step.epoch, step.step) for step in steps] == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert any("nsysu: 120 digits" in line for line in lines)
    assert any(line.startswith("forms: labelled strings") for line in lines)
    assert "60% composed" in lines[-1]


def test_a_finished_job_resumes_to_the_same_weights_without_seeking_again(trained, monkeypatch):
    def refuse(*_):
        raise AssertionError("sought again")

    monkeypatch.setattr(places, "place_label", refuse)
    job = trained[0]
    before = (job.out / "strings.safetensors").read_bytes()
    card = train_string_network(dataclasses.replace(job, resume=True))
    assert (job.out / "strings.safetensors").read_bytes() == before
    assert card.metrics == trained[1].metrics


def test_fine_tuning_on_labelled_strings_alone_adds_drawn_lines(trained, crops, tmp_path):
    init = trained[0].out
    settings = dataclasses.replace(SETTINGS, epochs=1, steps_per_epoch=1)
    data = LineDataSettings((crops,))
    job = StringTrainingJob(data, tmp_path / "out", settings, init=init, teacher=init)
    card = train_string_network(job)
    assert len(card.data) == 3
    assert card.training["composed_share"] == 0.3
    assert card.training["init"] == card.training["teacher"] == "out"
    assert any("no real digits" in limit for limit in card.limits)


def test_a_network_for_the_plain_look_trains_on_crops_as_they_are(trained, crops, tmp_path):
    init = trained[0].out  # of the other look
    settings = dataclasses.replace(SETTINGS, epochs=1, steps_per_epoch=1)
    data = LineDataSettings((crops,), 0.0, look=Look.PLAIN)
    card = train_string_network(StringTrainingJob(data, tmp_path / "out", settings, init=init))
    assert {"plain.json", "plain.onnx", "plain.safetensors"} == {
        path.name for path in (tmp_path / "out").iterdir() if path.stem in ("plain", "strings")
    }
    assert card.name == "plain" and load_strings(tmp_path / "out", "--init", Look.PLAIN)
    plain, ink = (
        gather_lines(dataclasses.replace(data, look=look), tmp_path / look.value).read_held_out()
        for look in (Look.PLAIN, Look.INK)
    )
    assert plain[0].files == ink[0].files
    assert all(
        a[0].shape != b[0].shape for a, b in zip(plain[0].samples, ink[0].samples, strict=True)
    )


def test_labelled_strings_may_train_alone(crops, tmp_path):
    data = gather_lines(LineDataSettings((crops,), 0.0), tmp_path)
    assert data.composed is None and not data.digits
    assert {data.mix().sample(index)[1] for index in range(10)} <= set(TEXTS)


def test_without_labelled_strings_composed_ones_watch(digits, tmp_path):
    data = gather_lines(LineDataSettings((digits,)), tmp_path)
    (watching,) = data.read_held_out()
    assert (data.composed_share, watching.name, len(watching.samples)) == (1.0, "composed lines", 8)
    line, text = data.mix().sample(0)
    assert line.dtype == np.float32 and isinstance(text, str)


def test_sources_travel_to_other_processes(digits, crops, tmp_path):
    source = gather_lines(LineDataSettings((digits, crops)), tmp_path).mix()
    again = pickle.loads(pickle.dumps(source))
    for index in range(4):
        assert again.sample(index)[1] == source.sample(index)[1]


def test_pictures_named_in_a_file_are_left_out_of_training_alone(crops, tmp_path):
    listed = tmp_path / "suspects.csv"
    trains = next(p for p in sorted(crops.glob("*.png")) if p not in held_out(crops))
    watches = held_out(crops)[0]
    names = (f"forms/{trains.name}", watches.name, "other/7.png")
    listed.write_text("file,label\n" + "".join(f"{name},1\n" for name in names))
    lines = []
    settings = LineDataSettings((crops,), 0.0, (listed,))
    (folder,) = gather_lines(settings, tmp_path, lines.append).folders
    assert folder.left_out == {trains}
    assert trains not in dict(folder.training) and watches in dict(folder.held_out)
    assert any("other/7.png" in line for line in lines)
    assert any("1 are left out as --left-out says" in line for line in lines)


def test_labels_are_sought_on_pages_and_what_was_found_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "load_digit_classifier", lambda *_: classify)
    texts = ["3806", "2735", "538", "9061"]
    folder = write_pages(tmp_path / "register", texts)
    labels = [(folder / f"p{n}.png", text) for n, text in enumerate(texts)]
    found = find_places(labels, tmp_path / "places.json")
    assert [found[path].kind for path, _ in labels] == [PlaceKind.FOUND] * 4
    assert all(80 < place.box.bottom < 140 for place in found.values())
    monkeypatch.setattr(places, "place_label", lambda *_: Place(PlaceKind.LOST))
    assert find_places(labels, tmp_path / "places.json") == found
    relabelled = [(path, f"{text}0") for path, text in labels[:1]] + labels[1:]
    assert find_places(relabelled, tmp_path / "places.json")[labels[0][0]].kind is PlaceKind.LOST


def test_processes_find_what_one_finds(crops, tmp_path, monkeypatch):
    labels = [(crops / f"{n}.png", text) for n, text in enumerate(TEXTS)]
    alone = places.find_places(labels, tmp_path / "alone.json")
    monkeypatch.setattr(pool, "_WORTH_PROCESSES", 4)
    assert places.find_places(labels, tmp_path / "shared.json", processes=2) == alone
    one, other = (json.loads((tmp_path / f"{n}.json").read_text()) for n in ("alone", "shared"))
    assert one == other and len(one["places"]) == len(TEXTS)


def test_pages_whose_label_is_not_found_are_left_out_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(pool, "load_digit_classifier", lambda *_: classify)
    folder = write_pages(tmp_path / "register", ["3806", "2735", "538", "9061"])
    rows = {f"p{n}.png": text for n, text in enumerate(["3806", "2735", "538", "000000000"])}
    write_labels(folder, {**rows, "gone.png": "12"})
    lines = []
    (opened,) = open_folders([folder], tmp_path / "places.json", say=lines.append)
    assert {path.name for path in opened.unused} == {"p3.png", "gone.png"}
    assert "1 are left out, the label was not found on the page" in lines[0]
    assert "1 are left out, they cannot be opened" in lines[0]
    watching = opened.read_lines(opened.training)
    assert all(40 < line.shape[1] < 130 for line, _ in watching.samples)


def test_a_folder_of_crops_needs_no_places_though_some_look_like_pages(crops, tmp_path):
    (folder,) = open_folders([crops], tmp_path / "places.json")
    assert not folder.boxes and not folder.unused
    assert len(folder.training) + len(folder.held_out) == len(TEXTS)


def test_two_folders_of_one_name_are_two_sets(crops, tmp_path):
    other = write_crops(tmp_path / "forms", TEXTS[:8])
    names = [folder.name for folder in open_folders([crops, other], tmp_path / "places.json")]
    assert names == ["forms", "forms (2)"]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        ({"data": ()}, UsageError, "--data"),
        ({"composed_share": 1.5}, UsageError, "--composed-share"),
    ],
)
def test_impossible_data_are_refused_at_once(change, kind, words, tmp_path):
    with pytest.raises(kind, match=words):
        LineDataSettings(**{"data": (tmp_path,), **change})


def test_data_that_cannot_be_used_are_an_error_of_one_line(crops, digits, tmp_path):
    empty, strange = tmp_path / "empty", tmp_path / "strange"
    empty.mkdir()
    strange.mkdir()
    write_labels(strange, {"a.png": "hello"})
    no_list = (tmp_path / "none.csv",)
    for settings, words in (
        (LineDataSettings((tmp_path / "none",)), "none: no such folder"),
        (LineDataSettings((empty,)), "empty"),
        (LineDataSettings((strange,)), "strange: no labelled string"),
        (LineDataSettings((digits,), 0.5), "--composed-share"),
        (LineDataSettings((crops,), 0.0, no_list), "--left-out"),
    ):
        with pytest.raises((InputError, UsageError), match=words) as refusal:
            gather_lines(settings, tmp_path)
        assert "\n" not in str(refusal.value)


def test_pictures_that_do_not_show_their_labels_are_an_input_error(tmp_path):
    folder = write_crops(tmp_path / "forms", ["1"] * 6, dict.fromkeys(range(6), "123456789012"))
    with pytest.raises(InputError, match="do not show what their labels say"):
        gather_lines(LineDataSettings((folder,), 0.0), tmp_path).mix()


def test_weights_that_do_not_fit_are_refused(trained, crops, tmp_path):
    data = LineDataSettings((crops,), 0.0)
    job = StringTrainingJob(data, tmp_path / "out", SETTINGS, init=tmp_path / "none")
    with pytest.raises(InputError, match="--init"):
        train_string_network(job)
    with pytest.raises(InputError, match="--teacher"):
        train_string_network(dataclasses.replace(job, init=None, teacher=tmp_path / "none"))
    large = dataclasses.replace(SETTINGS, architecture="stringnet-large")
    with pytest.raises(UsageError, match="--arch"):
        train_string_network(dataclasses.replace(job, settings=large, init=trained[0].out))


def test_a_folder_that_cannot_be_made_is_an_output_error(crops, tmp_path):
    (tmp_path / "taken").write_text("a file")
    job = StringTrainingJob(LineDataSettings((crops,)), tmp_path / "taken" / "out", SETTINGS)
    with pytest.raises(OutputError, match="--out"):
        train_string_network(job)
