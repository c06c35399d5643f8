from pathlib import Path

import numpy as np
import pytest
import torch

from ocrdigits.ctc import CLASS_COUNT
from ocrdigits.errors import WeightsError
from ocrdigits.model.card import read_card, sha256_of_file
from ocrdigits.model.export import LARGEST_DIFFERENCE, export_weights, load_network
from ocrdigits.model.network import count_parameters
from ocrdigits.model.strings.export import STRINGS
from ocrdigits.model.strings.network import StringNet
from ocrdigits.model.strings.runtime import load_string_reader


def test_saving_writes_three_files_and_a_card_that_knows_them(string_weights: Path):
    card = read_card(string_weights / "strings.json")
    names = ["strings.json", "strings.onnx", "strings.safetensors"]
    assert sorted(path.name for path in string_weights.iterdir()) == names
    assert card.sha256 == {name: sha256_of_file(string_weights / name) for name in names[1:]}
    assert (card.name, card.class_count, card.architecture) == ("strings", CLASS_COUNT, "stringnet")
    assert card.parameter_count == count_parameters(StringNet())


@pytest.mark.parametrize("width_px", [4, 36, 128, 700])
def test_onnx_and_safetensors_agree_on_any_width(string_weights: Path, width_px: int):
    network = load_network(string_weights / "strings.safetensors", kind=STRINGS)
    lines = np.random.default_rng(0).random((3, 32, width_px), dtype=np.float32)
    with torch.inference_mode():
        expected = network(torch.from_numpy(lines[:, None])).numpy()
    for mine, theirs in zip(load_string_reader(string_weights)(list(lines)), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=LARGEST_DIFFERENCE)


def test_export_writes_a_folder_that_loads_and_says_how_well_both_agree(
    string_weights: Path, tmp_path: Path
):
    done = export_weights(string_weights, tmp_path, kind=STRINGS)
    assert done.largest_difference <= LARGEST_DIFFERENCE
    assert done.sample_count >= 50
    assert load_string_reader(tmp_path)([]) == []


def test_weights_that_read_digits_are_no_string_weights(weights: Path):
    with pytest.raises(WeightsError, match="holds no network"):
        load_network(weights / "digits.safetensors", kind=STRINGS)
