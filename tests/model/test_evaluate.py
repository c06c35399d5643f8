import json
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrdigits.errors import InputError, OcrDigitsError, UsageError, WeightsError
from ocrdigits.model.evaluate import (
    default_report_folder,
    evaluate_folder,
    evaluation_as_json,
    read_labelled_photos,
    render_evaluation,
    write_report,
)
from ocrdigits.records import Box, FieldReading, Kind, PhotoReading

READINGS = {"a.png": ["1,200"], "b.png": ["34", "12", "999999"], "c.png": ["53"], "e.png": []}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "forms"
    (folder / "more").mkdir(parents=True)
    rows = 'a.png,"1,200"\nb.png,12|34\nc.png,58\nmore/d.png,7\ne.png,\n'
    (folder / "labels.csv").write_text(f"file,text\n{rows}", encoding="utf-8")
    for name in ("a.png", "b.png", "c.png", "more/d.png", "e.png"):
        Image.fromarray(np.full((20, 60), 200, np.uint8)).save(folder / name)
    return folder


def read(path: Path) -> PhotoReading:
    if path.name == "d.png":
        raise InputError(f"{path}: not a picture; give another")
    strings = tuple(
        FieldReading(text, 0.95, True, Kind.LINE, Box(5, 5, 40, 10), ())
        for text in READINGS[path.name]
    )
    return PhotoReading(str(path), strings=strings, seconds=0.02)


def test_a_folder_is_read_and_measured(folder: Path):
    evaluation = evaluate_folder(folder, read)
    figures = evaluation.figures
    assert (figures.photos, figures.strings, figures.digits_right, figures.extra) == (5, 5, 3, 1)
    assert [photo.file for photo in evaluation.photos][3] == "more/d.png"


def test_one_bad_photo_is_a_loss_and_does_not_stop_the_others(folder: Path):
    figures = evaluate_folder(folder, read).figures
    assert figures.losses["photo unreadable"] == 1
    assert "not a picture" in figures.photos_unreadable["more/d.png"]


def test_a_photo_without_strings_is_right_if_nothing_is_read(folder: Path):
    assert evaluate_folder(folder, read).photos[4].is_right


def test_several_jobs_give_the_same_results_in_the_same_order(folder: Path):
    threads = set()

    def read_and_note(path: Path) -> PhotoReading:
        threads.add(threading.get_ident())
        return read(path)

    assert evaluate_folder(folder, read_and_note, jobs=3) == evaluate_folder(folder, read)
    assert threading.get_ident() not in threads


def test_progress_is_told_once_a_photo(folder: Path):
    steps: list[int] = []
    evaluate_folder(folder, read, advance=lambda: steps.append(1))
    assert len(steps) == 5


@pytest.mark.parametrize("jobs", [1, 2])
def test_weights_that_fail_end_the_evaluation(folder: Path, jobs: int):
    def fail(_: Path) -> PhotoReading:
        raise WeightsError("weights: damaged")

    with pytest.raises(WeightsError):
        evaluate_folder(folder, fail, jobs=jobs)


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        ("name,text\na.png,1\n", "file,text"),
        ("file;text\na.png;1\n", "file,text"),
        ("file,text\n", "names no picture"),
        ("", "names no picture"),
        ("file,text\na.png,1\nlost.png,2\ngone.png,3\n", r"names lost\.png and 1 more, not there"),
        ("file,text\na.png,1\na.png,2\n", r"names a\.png twice"),
    ],
)
def test_wrong_labels_are_one_line_with_the_remedy(folder: Path, labels: str, says: str):
    (folder / "labels.csv").write_text(labels, encoding="utf-8")
    with pytest.raises(InputError, match=says) as caught:
        read_labelled_photos(folder)
    assert "labels.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_labels_that_are_no_text_are_an_input_error(folder: Path):
    (folder / "labels.csv").write_bytes(b"file,text\na.png,\xff\xfe\n")
    with pytest.raises(InputError, match="UTF-8"):
        read_labelled_photos(folder)


def test_a_folder_without_labels_and_no_folder_at_all_are_told_apart(folder: Path):
    (folder / "labels.csv").unlink()
    with pytest.raises(InputError, match=r"labels\.csv"):
        read_labelled_photos(folder)
    with pytest.raises(UsageError, match="no such folder"):
        read_labelled_photos(folder / "nowhere")
    assert issubclass(UsageError, OcrDigitsError)


def test_the_text_says_the_figures_and_the_causes(folder: Path):
    text = render_evaluation(evaluate_folder(folder, read))
    assert "digits exactly right         60.00 %  (3)" in text
    assert "read at ≤ 1 % error" in text
    assert "read at ≤ 0.1 % error" in text
    assert "misread, right length" in text
    assert "8→3 ×1" in text
    assert "not a picture" in text


def test_the_text_says_what_was_accepted_for_which_error(folder: Path):
    text = render_evaluation(evaluate_folder(folder, read, max_error=0.01))
    assert "accepted for ≤ 1 % error     80.00 %  (1 of 4 wrong, 25.00 %)" in text
    assert "by chance alone" in text
    assert "accepted                     80.00 %" in render_evaluation(
        evaluate_folder(folder, read)
    )


def test_the_json_is_one_object_with_every_figure(folder: Path):
    figures = json.loads(evaluation_as_json(evaluate_folder(folder, read)))
    assert figures["exact_match_digits"] == pytest.approx(0.6)
    assert figures["confusion"][8][3] == 1
    assert [rate["max_error"] for rate in figures["read_rates"]] == [0.01, 0.001]
    assert figures["losses"]["field missed"] == 0


def test_a_report_holds_figures_strings_and_pictures(folder: Path, tmp_path: Path):
    report = write_report(evaluate_folder(folder, read), tmp_path / "report")
    assert [path.name for path in report.files] == [
        "figures.json",
        "strings.csv",
        "report.html",
        "confusion.png",
        "reliability.png",
        "risk_coverage.png",
        "mistakes.png",
    ]
    assert sorted(report.files) == sorted((tmp_path / "report").iterdir())
    assert report.note is None
    lines = (tmp_path / "report" / "strings.csv").read_text(encoding="utf-8").splitlines()
    assert lines[1] == 'a.png,"1,200","1,200",digits right,0.95,True'
    assert "b.png,,999999,extra,0.95,True" in lines


def test_without_matplotlib_the_figures_are_written_and_one_line_says_why(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for name in [name for name in sys.modules if name.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    for name in ("ocrdigits.model.report", "ocrdigits.model.sheet"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    report = write_report(evaluate_folder(folder, read), tmp_path / "report")
    assert [path.name for path in report.files] == ["figures.json", "strings.csv", "report.html"]
    assert report.note is not None
    assert "matplotlib" in report.note


def test_a_report_goes_below_runs_by_default(folder: Path):
    assert default_report_folder(folder) == Path("runs/evaluate/forms")
