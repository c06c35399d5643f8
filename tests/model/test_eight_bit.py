from pathlib import Path

import numpy as np
import pytest
from known_digits import training_cells

from ocrdigits.errors import WeightsError
from ocrdigits.model import export
from ocrdigits.model.card import read_card, sha256_of_file
from ocrdigits.model.export import LEAST_AGREEMENT, export_weights, render_export
from ocrdigits.model.glance.export import GLANCE
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.model.strings.export import STRINGS
from ocrdigits.model.strings.runtime import load_string_reader


@pytest.fixture(scope="module")
def eight_bit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("eight_bit")
    export_weights(None, folder, eight_bit=True)
    return folder


def test_the_copy_answers_as_the_network_does_and_takes_a_quarter_of_the_room(
    eight_bit: Path, tmp_path: Path
):
    export_weights(None, tmp_path)
    cells, _ = training_cells(300, 3)
    exact, copy = load_digit_classifier(tmp_path)(cells), load_digit_classifier(eight_bit)(cells)
    assert (exact.argmax(1) == copy.argmax(1)).mean() >= 0.99
    assert np.abs(exact - copy).mean() < 0.01
    sizes = [(folder / "digits.onnx").stat().st_size for folder in (eight_bit, tmp_path)]
    assert sizes[0] < 0.35 * sizes[1]


def test_the_card_says_how_well_both_agree(eight_bit: Path):
    card = read_card(eight_bit / "digits.json")
    assert card.eight_bit is not None and LEAST_AGREEMENT <= card.eight_bit <= 1
    assert card.sha256["digits.onnx"] == sha256_of_file(eight_bit / "digits.onnx")


def test_exported_without_eight_bits_the_card_forgets_them(eight_bit: Path, tmp_path: Path):
    done = export_weights(eight_bit, tmp_path)
    assert done.eight_bit is None and read_card(tmp_path / "digits.json").eight_bit is None
    assert "in eight bits" not in render_export(done)


def test_each_answer_depends_on_its_own_cell_alone(eight_bit: Path):
    classify = load_digit_classifier(eight_bit)
    cells, _ = training_cells(40, 4)
    alone = np.concatenate([classify(cells[place : place + 1]) for place in range(len(cells))])
    np.testing.assert_array_equal(classify(cells), alone)


def test_lines_in_eight_bits_are_read_alike_alone_and_in_batches(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("ocrdigits.model.strings.export._TYPICAL_LINES", 12)
    monkeypatch.setattr(export, "LEAST_AGREEMENT", 0.9)  # so few lines measure ranges roughly
    done = export_weights(None, tmp_path, kind=STRINGS, eight_bit=True)
    assert done.eight_bit is not None and "in eight bits" in render_export(done)
    read = load_string_reader(tmp_path)
    draw = np.random.default_rng(0)
    lines = [draw.random((32, 64), dtype=np.float32) for _ in range(5)]
    for together, line in zip(read(lines), lines, strict=True):
        np.testing.assert_array_equal(together, read([line])[0])


def test_a_kind_without_typical_samples_stays_as_it_is(tmp_path: Path):
    done = export_weights(None, tmp_path, kind=GLANCE, eight_bit=True)
    assert done.eight_bit is None and read_card(tmp_path / "glance.json").eight_bit is None


def test_a_copy_that_answers_otherwise_is_refused(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(export, "agreement", lambda *_: 0.5)
    with pytest.raises(WeightsError, match="--eight-bit") as refusal:
        export_weights(None, tmp_path, eight_bit=True)
    assert "\n" not in str(refusal.value) and not list(tmp_path.iterdir())
