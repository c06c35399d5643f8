import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch
from known_digits import training_images

from ocrdigits.errors import InputError, UsageError
from ocrdigits.model.average import AverageJob, average_weights, render_average
from ocrdigits.model.card import DataSetUse, ModelDescription, read_card, write_card
from ocrdigits.model.export import load_network, save_weights
from ocrdigits.model.network import DigitNet, LeNet5
from ocrdigits.records import NOT_A_DIGIT

MNIST = DataSetUse("mnist train", 60000, "CC BY-SA 3.0", "00")


def saved(folder: Path, seed: int, *data: DataSetUse, kind: type = LeNet5) -> Path:
    torch.manual_seed(seed)
    name = "lenet5" if kind is LeNet5 else "digitnet"
    save_weights(
        kind(), ModelDescription(architecture=name, training={"seed": seed}, data=data), folder
    )
    return folder


@pytest.fixture
def trained(tmp_path) -> tuple[Path, Path]:
    mine = DataSetUse("mine", 7, "the user's own data", "11")
    return saved(tmp_path / "a", 1, MNIST), saved(tmp_path / "b", 2, MNIST, mine)


def state(folder: Path) -> dict[str, torch.Tensor]:
    return load_network(folder / "digits.safetensors").state_dict()


@pytest.mark.parametrize(("shares", "first"), [((), 0.5), ((3.0, 1.0), 0.75)])
def test_every_weight_of_a_mean_lies_between_those_of_its_parts(trained, tmp_path, shares, first):
    average_weights(AverageJob(trained, tmp_path / "mean", shares))
    mean, (a, b) = state(tmp_path / "mean"), map(state, trained)
    for name, tensor in mean.items():
        assert torch.allclose(tensor, first * a[name] + (1 - first) * b[name], atol=1e-7)


def test_the_card_tells_what_a_mean_is_of_and_every_set_that_went_into_it(trained, tmp_path):
    card = dataclasses.replace(read_card(trained[1] / "digits.json"), calibration={"kept": 1})
    write_card(card, trained[1] / "digits.json")
    (printed,) = average_weights(AverageJob(trained, tmp_path / "mean", (1.0, 3.0)))
    card = read_card(tmp_path / "mean" / "digits.json")
    assert card.training == {"seed": 1, "averaged": "0.25 of a, 0.75 of b"}
    assert [use.name for use in card.data] == ["mnist train", "mine"]
    assert (card.metrics, card.calibration) == ({}, {"kept": 1})
    assert render_average(printed) == "digits: lenet5, 0.25 of a, 0.75 of b"


def test_the_logit_of_not_a_digit_moves_alone(trained, tmp_path):
    for name, shift in (("plain", 0.0), ("moved", -2.5)):
        average_weights(AverageJob(trained, tmp_path / name, non_digit_logit=shift))
    cells = torch.rand(4, 1, 28, 28)
    plain, moved = (
        load_network(tmp_path / name / "digits.safetensors")(cells) for name in ("plain", "moved")
    )
    change = moved - plain
    assert torch.allclose(change[:, NOT_A_DIGIT], torch.tensor(-2.5), atol=1e-5)
    assert torch.allclose(change[:, :NOT_A_DIGIT], torch.tensor(0.0), atol=1e-5)
    assert read_card(tmp_path / "moved" / "digits.json").training["non_digit_logit"] == -2.5


def test_a_mean_is_measured_on_the_test_sets_that_are_named(trained, tmp_path):
    images, labels = training_images(30)
    sets = tmp_path / "sets"
    sets.mkdir()
    np.savez(
        sets / "cvl.npz", x_train=images, y_train=labels, x_valid=images[:20], y_valid=labels[:20]
    )
    (card,) = average_weights(AverageJob(trained, tmp_path / "mean", data=(sets,)))
    assert card.metrics["cvl valid"]["count"] == 20
    assert "; cvl valid " in render_average(card)


def test_what_has_no_mean_is_refused_before_anything_is_written(trained, tmp_path):
    other = saved(tmp_path / "c", 3, kind=DigitNet)
    (tmp_path / "empty").mkdir()
    out = tmp_path / "mean"
    refused = [
        (AverageJob(trained[:1], out), "at least two"),
        (AverageJob(trained, out, (1.0,)), "1 times for 2 folders"),
        (AverageJob(trained, out, (1.0, 0.0)), "above 0"),
        (AverageJob((trained[0], tmp_path / "empty"), out), "no network in common"),
        (AverageJob((trained[0], other), out), "digitnet, lenet5"),
    ]
    for job, words in refused:
        with pytest.raises(UsageError, match=words):
            average_weights(job)
    with pytest.raises(InputError, match="nowhere"):
        average_weights(AverageJob(trained, out, data=(tmp_path / "nowhere",)))
    assert not out.exists()
