"""Files that run code where a program unpickles them: none of ours does."""

from __future__ import annotations

import hashlib
import json
import pickle
import shutil
from pathlib import Path

import pytest
from pictures import encoded, number_image
from typer.testing import CliRunner

from ocrdigits.cli import app
from ocrdigits.errors import InputError, WeightsError
from ocrdigits.model.data import load_training_sets

WEIGHTS = Path(__file__).parent.parent / "weights"


class Evil:
    """Leaves a mark where it is unpickled."""

    def __reduce__(self):
        return Path.touch, (Path("run.mark"),)


EVIL = pickle.dumps(Evil())


@pytest.fixture(autouse=True)
def _at_home(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("a.jpg").write_bytes(encoded(number_image(), "JPEG"))
    shutil.copytree(WEIGHTS, "weights")
    pickle.loads(EVIL)  # the mark works
    Path("run.mark").unlink()


@pytest.mark.parametrize("name", ["digits.onnx", "digits.json", "strings.onnx"])
@pytest.mark.parametrize("is_vouched_for", [False, True])
def test_pickles_among_the_weights_are_refused(name, is_vouched_for):
    Path("weights", name).write_bytes(EVIL)
    if is_vouched_for and name.endswith(".onnx"):
        card = Path("weights", name).with_suffix(".json")
        facts = json.loads(card.read_text())
        facts["sha256"][name] = hashlib.sha256(EVIL).hexdigest()
        card.write_text(json.dumps(facts))
    result = CliRunner().invoke(app, ["read", "a.jpg", "--weights", "weights"])
    assert result.exit_code == 6 and not Path("run.mark").exists()


@pytest.mark.parametrize("name", ["digits.onnx", "strings.onnx", "plain.onnx", "glance.onnx"])
def test_a_single_flipped_bit_in_the_weights_is_refused(name):
    data = bytearray(Path("weights", name).read_bytes())
    data[len(data) // 2] ^= 1
    Path("weights", name).write_bytes(data)
    result = CliRunner().invoke(app, ["read", "a.jpg", "--weights", "weights"])
    assert result.exit_code == 6 and f"{name}: damaged" in result.stderr


def test_a_pickle_for_a_calibration_is_refused():
    Path("evil.json").write_bytes(EVIL)
    result = CliRunner().invoke(app, ["read", "a.jpg", "--calibration", "evil.json"])
    assert result.exit_code == 4 and not Path("run.mark").exists()


def test_a_pickle_among_training_data_is_refused():
    Path("evil.npz").write_bytes(EVIL)
    with pytest.raises(InputError, match="not a set of digits"):
        load_training_sets(Path("evil.npz"))
    assert not Path("run.mark").exists()


def test_pickles_to_go_on_from_are_refused_by_training():
    pytest.importorskip("torch")
    from ocrdigits.model.export import load_network
    from ocrdigits.model.loop import load_checkpoint

    for name in ("checkpoint.pt", "digits.safetensors"):
        Path(name).write_bytes(EVIL)
    with pytest.raises(InputError, match="does not fit or is damaged"):
        load_checkpoint(Path("checkpoint.pt"), {})
    with pytest.raises(WeightsError):
        load_network(Path("digits.safetensors"))
    assert not Path("run.mark").exists()
