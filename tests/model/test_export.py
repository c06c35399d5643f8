import shutil
import socket
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import save_file

from ocrdigits.errors import WeightsError
from ocrdigits.model import export
from ocrdigits.model.card import read_card, sha256_of_file
from ocrdigits.model.export import (
    LARGEST_DIFFERENCE,
    export_onnx,
    export_weights,
    load_network,
    render_export,
    save_weights,
)
from ocrdigits.model.network import DigitNet, LeNet5, count_parameters
from ocrdigits.model.runtime import load_digit_classifier


def test_saving_writes_three_files_and_a_card_that_knows_them(weights: Path, untrained: LeNet5):
    card = read_card(weights / "digits.json")
    assert sorted(path.name for path in weights.iterdir()) == [
        "digits.json",
        "digits.onnx",
        "digits.safetensors",
    ]
    assert card.sha256 == {
        name: sha256_of_file(weights / name) for name in ("digits.onnx", "digits.safetensors")
    }
    assert card.parameter_count == count_parameters(untrained)
    assert (card.name, card.class_count, card.architecture) == ("digits", 11, "lenet5")
    assert card.metrics == {"mnist test": {"accuracy": 0.1}}


def test_the_safetensors_give_the_same_network_back(weights: Path, untrained: LeNet5):
    network = load_network(weights / "digits.safetensors")
    assert not network.training
    for name, tensor in untrained.state_dict().items():
        assert torch.equal(tensor, network.state_dict()[name])
    with safe_open(weights / "digits.safetensors", "pt") as file:
        assert file.metadata() == {"architecture": "lenet5"}


def test_the_onnx_takes_any_number_of_cells_and_agrees_with_torch(weights: Path, untrained: LeNet5):
    session = onnxruntime.InferenceSession(weights / "digits.onnx")
    for count in (1, 2, 9):
        cells = np.random.default_rng(count).random((count, 1, 28, 28), dtype=np.float32)
        with torch.inference_mode():
            expected = untrained(torch.from_numpy(cells)).numpy()
        logits = session.run(["logits"], {"cells": cells})[0]
        np.testing.assert_allclose(logits, expected, atol=LARGEST_DIFFERENCE)


def test_the_onnx_holds_no_path_and_no_host_name_of_the_machine(weights: Path):
    content = (weights / "digits.onnx").read_bytes()
    for trace in (b".py", str(Path.home()).encode(), str(Path.cwd()).encode()):
        assert trace not in content
    host = socket.gethostname()
    assert len(host) < 6 or host.encode() not in content


def test_a_network_in_training_is_exported_as_it_evaluates_and_left_in_training(tmp_path: Path):
    torch.manual_seed(1)
    network = DigitNet().train()
    network(torch.rand(8, 1, 28, 28))  # moves the averages of the batch norms
    save_weights(network, export.ModelDescription(architecture="digitnet"), tmp_path)
    assert network.training
    cells = np.random.default_rng(0).random((5, 28, 28), dtype=np.float32)
    with torch.inference_mode():
        logits = network.eval()(torch.from_numpy(cells[:, None]))
    np.testing.assert_allclose(
        load_digit_classifier(tmp_path)(cells), torch.softmax(logits, 1).numpy(), atol=1e-5
    )


def test_weights_of_another_architecture_are_refused_before_anything_is_written(
    untrained: LeNet5, tmp_path: Path
):
    with pytest.raises(WeightsError, match="holds no network") as caught:
        save_weights(untrained, export.ModelDescription(architecture="digitnet"), tmp_path)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_files_that_disagree_are_refused(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    for difference in (2e-4, float("nan")):
        monkeypatch.setattr(export, "_largest_difference", lambda *_, d=difference: d)
        with pytest.raises(WeightsError, match="differ by"):
            export_onnx(weights / "digits.safetensors", tmp_path / "digits.onnx")
        assert not list(tmp_path.iterdir())


def test_export_writes_a_folder_that_loads_and_says_how_well_both_agree(
    weights: Path, tmp_path: Path
):
    done = export_weights(weights, tmp_path / "out")
    assert done.largest_difference <= LARGEST_DIFFERENCE
    assert done.sample_count > 100
    text = render_export(done)
    assert "largest difference" in text
    assert "lenet5" in text
    assert load_digit_classifier(tmp_path / "out")(np.zeros((1, 28, 28), np.float32)).shape == (
        1,
        11,
    )


def test_export_into_its_own_folder_mends_a_damaged_onnx(weights: Path, tmp_path: Path):
    folder = Path(shutil.copytree(weights, tmp_path / "weights"))
    (folder / "digits.onnx").write_bytes(b"damaged")
    export_weights(folder)
    load_digit_classifier(folder)


def test_strange_safetensors_are_a_weights_error_in_one_line(tmp_path: Path):
    nothing, garbage, unknown = (tmp_path / name for name in ("nothing", "garbage", "unknown"))
    garbage.write_bytes(b"\x10\x00\x00\x00\x00\x00\x00\x00 garbage garbage")
    save_file({"a": torch.zeros(1)}, unknown, {"architecture": "unheard-of"})
    for path in (nothing, garbage, unknown):
        with pytest.raises(WeightsError, match=path.name) as caught:
            load_network(path)
        assert "\n" not in str(caught.value)
