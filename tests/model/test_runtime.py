import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from ocrdigits.errors import ExitCode, WeightsError
from ocrdigits.model import runtime
from ocrdigits.model.card import read_card, sha256_of_file, write_card
from ocrdigits.model.network import LeNet5
from ocrdigits.model.runtime import find_weights, load_digit_classifier
from ocrdigits.records import Cells, DigitClassifier


@pytest.fixture
def classify(weights: Path) -> DigitClassifier:
    return load_digit_classifier(weights)


@pytest.fixture
def own_weights(weights: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(weights, tmp_path / "weights"))


def random_cells(count: int) -> Cells:
    return np.random.default_rng(count).random((count, 28, 28), dtype=np.float32)


def test_the_classifier_gives_the_networks_probabilities(
    classify: DigitClassifier, untrained: LeNet5
):
    cells = random_cells(20)
    with torch.inference_mode():
        expected = torch.softmax(untrained(torch.from_numpy(cells[:, None])), dim=1).numpy()
    scores = classify(cells)
    assert scores.dtype == np.float32
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    np.testing.assert_allclose(scores.sum(axis=1), 1, atol=1e-5)


def test_no_cells_give_no_scores(classify: DigitClassifier):
    assert classify(random_cells(0)).shape == (0, 11)


def test_an_answer_does_not_depend_on_the_cells_around_it(classify: DigitClassifier):
    cells = random_cells(2 * runtime.CHUNK_CELLS + 3)
    together = classify(cells)
    alone = np.concatenate([classify(cell[None]) for cell in cells])
    np.testing.assert_allclose(together, alone, atol=1e-6)
    np.testing.assert_array_equal(together.argmax(axis=1), alone.argmax(axis=1))


def test_the_classifier_may_be_shared_by_threads_and_leaves_its_input_alone(
    classify: DigitClassifier,
):
    cells = random_cells(40)
    before = cells.copy()
    expected = classify(cells)
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(classify, [cells] * 16):
            np.testing.assert_array_equal(scores, expected)
    np.testing.assert_array_equal(cells, before)


@pytest.mark.parametrize(
    "cells",
    [
        np.zeros((2, 28, 28)),
        np.zeros((2, 1, 28, 28), np.float32),
        np.zeros((28, 28), np.float32),
        np.zeros((2, 28, 27), np.float32),
    ],
)
def test_cells_of_another_shape_or_type_are_a_programmers_mistake(
    classify: DigitClassifier, cells: Cells
):
    with pytest.raises(ValueError, match="cells must be"):
        classify(cells)


def test_a_named_folder_without_weights_is_refused_with_the_remedy(tmp_path: Path):
    with pytest.raises(WeightsError, match="--weights") as caught:
        load_digit_classifier(tmp_path)
    assert caught.value.exit_code == ExitCode.WEIGHTS
    assert str(tmp_path) in str(caught.value)


def test_weights_are_looked_for_in_the_package_and_then_beside_it(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    package = tmp_path / "ocrdigits"
    monkeypatch.setattr(runtime, "_PACKAGE", package)
    with pytest.raises(WeightsError, match="weights are missing"):
        find_weights()
    shutil.copytree(weights, tmp_path / "weights")
    assert find_weights() == tmp_path / "weights"
    shutil.copytree(weights, package / "weights")
    assert find_weights() == package / "weights"
    assert find_weights(weights) == weights


def test_one_changed_byte_is_noticed(own_weights: Path):
    content = bytearray((own_weights / "digits.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (own_weights / "digits.onnx").write_bytes(content)
    with pytest.raises(WeightsError, match=r"digits\.onnx: damaged"):
        load_digit_classifier(own_weights)


def test_a_missing_network_is_a_weights_error(own_weights: Path):
    (own_weights / "digits.onnx").unlink()
    with pytest.raises(WeightsError, match=r"digits\.onnx: cannot be read"):
        load_digit_classifier(own_weights)


def replace_onnx(folder: Path, content: bytes) -> None:
    """Put another network in, with a card that vouches for it."""
    (folder / "digits.onnx").write_bytes(content)
    card = read_card(folder / "digits.json")
    card.sha256["digits.onnx"] = sha256_of_file(folder / "digits.onnx")  # type: ignore[index]
    write_card(card, folder / "digits.json")


def test_a_file_that_is_no_network_is_a_weights_error_in_one_line(
    own_weights: Path, capfd: pytest.CaptureFixture[str]
):
    replace_onnx(own_weights, b"not a network")
    with pytest.raises(WeightsError, match="cannot load it") as caught:
        load_digit_classifier(own_weights)
    assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")


def test_a_network_of_another_shape_does_not_fit(own_weights: Path):
    given = helper.make_tensor_value_info("cells", TensorProto.FLOAT, ["n", 1, 28, 28])
    taken = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["n", 1, 28, 28])
    graph = helper.make_graph(
        [helper.make_node("Relu", ["cells"], ["logits"])], "g", [given], [taken]
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    replace_onnx(own_weights, model.SerializeToString())
    with pytest.raises(WeightsError, match="does not fit"):
        load_digit_classifier(own_weights)


def test_reading_needs_neither_torch_nor_matplotlib(weights: Path):
    program = (
        "import sys, numpy; from pathlib import Path;"
        "from ocrdigits.model.runtime import load_digit_classifier;"
        "classify = load_digit_classifier(Path(sys.argv[1]));"
        "classify(numpy.zeros((1, 28, 28), numpy.float32));"
        "print([m for m in ('torch', 'matplotlib', 'onnx') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(weights)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
