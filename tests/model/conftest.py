from pathlib import Path

import pytest
import torch

from ocrdigits.model.card import DataSetUse, ModelDescription, licence_of
from ocrdigits.model.export import save_weights
from ocrdigits.model.network import LeNet5

DESCRIPTION = ModelDescription(
    architecture="lenet5",
    training={"epochs": 0, "seed": 7},
    data=(DataSetUse("mnist train", 60_000, licence_of("mnist train"), "0" * 64),),
    metrics={"mnist test": {"accuracy": 0.1}},
    limits=("It has learnt nothing.",),
    must_not_be_used_for=("Anything.",),
)


@pytest.fixture(scope="session")
def untrained() -> LeNet5:
    torch.manual_seed(7)
    return LeNet5().eval()


@pytest.fixture(scope="session")
def weights(untrained: LeNet5, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("weights")
    save_weights(untrained, DESCRIPTION, folder)
    return folder
