from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocrdigits.errors import OutputError
from ocrdigits.model.compare import compare_photo
from ocrdigits.model.figures import DIGIT_NAMES, PhotoResult
from ocrdigits.model.report import (
    plot_confusion,
    plot_evaluation,
    plot_mistakes,
    plot_string_mistakes,
    plot_training_curves,
)
from ocrdigits.records import Box, FieldReading, Kind, PhotoReading

WHITE = 255


def drawn(path: Path) -> np.ndarray:
    """The picture, grey; fails if nothing is drawn on it."""
    with Image.open(path) as image:
        gray = np.asarray(image.convert("L"))
    assert gray.min() < WHITE
    return gray


def photo(folder: Path, file: str, label: str, text: str | None, sure: float = 0.9) -> PhotoResult:
    Image.fromarray(np.full((40, 120), 90, np.uint8)).save(folder / file)
    box = Box(20, 10, 60, 20)
    strings = () if text is None else (FieldReading(text, sure, True, Kind.LINE, box, ()),)
    reading = PhotoReading(file, strings=strings)
    return PhotoResult(file, reading, compare_photo([label], reading))


def test_training_curves_show_every_accuracy_of_the_history(tmp_path: Path):
    history = [
        {"epoch": epoch, "loss": 1 / epoch, "train_accuracy": 0.9, "accuracies": {"usps test": 0.8}}
        for epoch in (1, 2, 3)
    ]
    plot_training_curves(history, tmp_path / "curves.png")
    drawn(tmp_path / "curves.png")


@pytest.mark.parametrize("epochs", [0, 1])
def test_a_short_history_is_drawn_too(tmp_path: Path, epochs: int):
    history = [{"epoch": 1, "loss": 0.5, "train_accuracy": 1.0}][:epochs]
    plot_training_curves(history, tmp_path / "new folder" / "curves.png")
    drawn(tmp_path / "new folder" / "curves.png")


def test_an_accuracy_that_starts_late_is_drawn_from_there(tmp_path: Path):
    history = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.4, "train_accuracy": 0.9}]
    plot_training_curves(history, tmp_path / "curves.png")


def test_a_confusion_matrix_of_any_size_is_drawn(tmp_path: Path):
    for size, names in ((2, "ab"), (11, DIGIT_NAMES)):
        plot_confusion(np.eye(size, dtype=int) + 1, names, tmp_path / f"{size}.png")
        drawn(tmp_path / f"{size}.png")
    plot_confusion(np.zeros((11, 11), int), DIGIT_NAMES, tmp_path / "none.png")


def test_the_sheet_of_digits_shows_the_wrong_ones_alone(tmp_path: Path):
    cells = np.zeros((30, 28, 28), np.float32)
    cells[:, 8:20, 13:15] = 1
    true = np.ones(30, np.int64)
    one_wrong, many_wrong = true.copy(), np.full(30, 7)
    one_wrong[3] = 10
    plot_mistakes(cells, true, one_wrong, np.full(30, 0.9), tmp_path / "one.png")
    plot_mistakes(cells, true, many_wrong, np.linspace(0, 1, 30), tmp_path / "many.png")
    assert drawn(tmp_path / "many.png").shape[0] > 3 * drawn(tmp_path / "one.png").shape[0] / 2


def test_the_sheet_of_strings_shows_pictures_of_the_wrong_ones(tmp_path: Path):
    photos = [photo(tmp_path, "a.png", "12", "12"), photo(tmp_path, "b.png", "58", "53")]
    sheet = plot_string_mistakes(photos, tmp_path, tmp_path / "sheet.png")
    assert sheet is not None
    assert (drawn(sheet) == 90).sum() > 1000


def test_without_mistakes_there_is_no_sheet(tmp_path: Path):
    photos = [photo(tmp_path, "a.png", "12", "12")]
    assert plot_string_mistakes(photos, tmp_path, tmp_path / "sheet.png") is None
    assert not (tmp_path / "sheet.png").exists()


def test_missed_strings_and_pictures_that_cannot_be_shown_have_a_tile_too(tmp_path: Path):
    photos = [photo(tmp_path, "a.png", "12", None), photo(tmp_path, "b.png", "$5$", "6")]
    (tmp_path / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n broken")
    sheet = plot_string_mistakes(photos, tmp_path, tmp_path / "sheet.png")
    assert sheet is not None
    drawn(sheet)


def test_the_same_results_draw_the_same_pictures(tmp_path: Path):
    photos = [photo(tmp_path, "a.png", "12", "17", 0.4), photo(tmp_path, "b.png", "58", "58")]
    for name in ("one", "two"):
        plot_evaluation(photos, tmp_path, tmp_path / name)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert names == ["confusion.png", "mistakes.png", "reliability.png", "risk_coverage.png"]
    for name in names:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_a_picture_that_cannot_be_written_is_an_output_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        plot_confusion(np.eye(2, dtype=int), "ab", tmp_path / "file" / "a.png")
