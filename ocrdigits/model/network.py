"""The networks that read one digit: ours (`DigitPair` of two columns) and `LeNet5`, the reference.

All take (N, 1, 28, 28) float32 cells in [0, 1] and give (N, 11) logits: digits 0 to 9, then
"not a digit".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - the name everybody knows

from ocrdigits.records import NOT_A_DIGIT

CLASS_COUNT = NOT_A_DIGIT + 1

_PAPER = 0.13
"""Taken from every pixel: the mean of MNIST."""

_STEEP = 4.0
"""Of a gate: what is a tenth as likely as not to be of the source is read without it."""


class _ConvBlock(nn.Sequential):
    """3×3 convolution, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class DigitNet(nn.Module):
    """A small plain CNN: 0.31 million parameters, 14 million multiply–adds a cell.

    The first convolution halves nothing (strokes are two to three pixels wide), the pooled
    maps keep their position (a flat linear layer, not global pooling: where a stroke lies
    tells 4 from 9 and half a 0 from a 1).

    Args:
        maps: Of each convolution, (C1, … C6).
        hidden: Units between the last maps and the answer.
    """

    def __init__(
        self, maps: tuple[int, int, int, int, int, int] = (24, 48, 48, 96, 96, 96), hidden: int = 48
    ) -> None:
        super().__init__()
        c1, c2, c3, c4, c5, c6 = maps
        self.features = nn.Sequential(
            _ConvBlock(1, c1),  # (N, C1, 28, 28)
            nn.MaxPool2d(2),  # (N, C1, 14, 14)
            _ConvBlock(c1, c2),
            _ConvBlock(c2, c3),
            nn.MaxPool2d(2),  # (N, C3, 7, 7)
            _ConvBlock(c3, c4),
            _ConvBlock(c4, c5),
            nn.MaxPool2d(2, ceil_mode=True),  # (N, C5, 4, 4)
            _ConvBlock(c5, c6),
            nn.Dropout2d(0.1),
        )
        self.head = nn.Sequential(
            nn.Flatten(),  # (N, 16 C6)
            nn.Linear(c6 * 4 * 4, hidden, bias=False),
            nn.BatchNorm1d(hidden),
            nn.ReLU(inplace=True),
            nn.Dropout(0.2),
            nn.Linear(hidden, CLASS_COUNT),
        )

    def forward(self, cells: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [0, 1] → (N, 11) logits."""
        logits: Tensor = self.head(self.features(cells - _PAPER))
        return logits


_large = partial(DigitNet, maps=(48, 96, 96, 192, 192, 192), hidden=96)
"""A teacher: 1.25 million parameters, never shipped."""
_slim = partial(DigitNet, maps=(12, 24, 32, 36, 48, 48), hidden=36)
"""For the digits of one source: 85 thousand parameters."""


class DigitPair(nn.Module):
    """What is shipped: `DigitNet`, and beside it a column that knows one source by heart.

    Sources differ in how people write and in what counts as which digit. One network taught all
    of them makes a fifth more mistakes on MNIST than one taught MNIST alone, and so do several of
    its kind together. A gate sees from how strong the first maps of the main column are (what pen
    and scanner leave) how much a cell looks like the slim column's source; where that is likelier
    than not, its opinion of the ten digits counts. 0.4 million parameters.

    Reference:
        Jacobs et al. 1991, "Adaptive Mixtures of Local Experts" (gate); Cireşan et al. 2012,
        "Multi-column Deep Neural Networks for Image Classification" (columns).
    """

    def __init__(self) -> None:
        super().__init__()
        self.main = DigitNet()
        self.slim = _slim()
        self.gate = nn.Sequential(
            nn.BatchNorm1d(144, momentum=0.01, affine=False),
            nn.Linear(144, 7),
            nn.ReLU(inplace=True),
            nn.Linear(7, 1),
        )

    def forward(self, cells: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [0, 1] → (N, 11) logits."""
        return self.weigh(cells)[0]

    def weigh(self, cells: Tensor, steep: float = _STEEP) -> tuple[Tensor, Tensor]:
        """The logits, and what the gate says beside them.

        Args:
            cells: (N, 1, 28, 28) in [0, 1].
            steep: How fast the gate opens; 1 is by the probability itself.

        Returns:
            (N, 11) logits, and (N, 1) logits of a cell being of the slim column's source.
        """
        edges = self.main.features[:1](cells - _PAPER)  # (N, 24, 28, 28)
        strokes = self.main.features[1:4](edges)  # (N, 48, 14, 14)
        logits = self.main.head(self.main.features[4:](strokes))
        known = self.gate(torch.cat([_pool(edges), _pool(strokes)], 1))
        opinion = F.log_softmax(self.slim(cells)[:, :NOT_A_DIGIT], 1)
        return logits + F.pad(torch.sigmoid(steep * known) * opinion, (0, 1)), known


def _pool(maps: Tensor) -> Tensor:
    """(N, C, H, W) → (N, 2C): how strong each map is on the whole, and where it is strongest."""
    return torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)


class LeNet5(nn.Module):
    """LeNet-5 with ReLU and max pooling, 62 thousand parameters.

    Reference:
        LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", II-B.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 6, 5, padding=2),  # (N, 6, 28, 28)
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 16, 5),  # (N, 16, 10, 10)
            nn.ReLU(),
            nn.MaxPool2d(2),  # (N, 16, 5, 5)
        )
        self.head = nn.Sequential(
            nn.Flatten(),
            nn.Linear(400, 120),
            nn.ReLU(),
            nn.Linear(120, 84),
            nn.ReLU(),
            nn.Linear(84, CLASS_COUNT),
        )

    def forward(self, cells: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [0, 1] → (N, 11) logits."""
        logits: Tensor = self.head(self.features(cells - _PAPER))
        return logits


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "digitnet": DigitNet,
    "digitnet-large": _large,
    "digitnet-slim": _slim,
    "digitnet-pair": DigitPair,
    "lenet5": LeNet5,
}


def count_parameters(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
