from pathlib import Path

import pytest
import torch

from ocrdigits.model.card import ModelDescription
from ocrdigits.model.export import save_weights
from ocrdigits.model.strings.export import STRINGS
from ocrdigits.model.strings.network import StringNet


@pytest.fixture(scope="session")
def untrained_strings() -> StringNet:
    torch.manual_seed(3)
    network = StringNet(width=0.3).train()
    for _ in range(3):  # moves the averages of the batch norms
        network(torch.rand(8, 1, 32, 64))
    return network.eval()


@pytest.fixture(scope="session")
def string_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("strings")
    save_weights(StringNet(), ModelDescription(architecture="stringnet"), folder, kind=STRINGS)
    return folder
