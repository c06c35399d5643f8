"""The networks that read one digit: `DigitNet` (ours) and `LeNet5` (the field's reference).

Both take (N, 1, 28, 28) float32 cells in [0, 1] and give (N, 11) logits: digits 0 to 9, then
"not a digit".
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor, nn

CLASS_COUNT = 11


class _ConvBlock(nn.Sequential):
    """3×3 convolution, batch normalisation, ReLU."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, out_channels, 3, padding=1, bias=False),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class DigitNet(nn.Module):
    """A small plain CNN: 0.39 million parameters, 14 million multiply–adds a cell.

    The first convolution halves nothing (strokes are two to three pixels wide), the pooled
    maps keep their position (a flat linear layer, not global pooling: where a stroke lies
    tells 4 from 9 and half a 0 from a 1).

    Args:
        width: W, the maps of the first convolution. Twice as wide it is a teacher: 1.5 million
            parameters, never shipped.
    """

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        middle, deep = 2 * width, 4 * width
        self.features = nn.Sequential(
            _ConvBlock(1, width),  # (N, W, 28, 28)
            nn.MaxPool2d(2),  # (N, W, 14, 14)
            _ConvBlock(width, middle),
            _ConvBlock(middle, middle),
            nn.MaxPool2d(2),  # (N, 2W, 7, 7)
            _ConvBlock(middle, deep),
            _ConvBlock(deep, deep),
            nn.MaxPool2d(2, ceil_mode=True),  # (N, 4W, 4, 4)
            _ConvBlock(deep, deep),
            nn.Dropout2d(0.1),
        )
        self.head = nn.Sequential(
            nn.Flatten(),  # (N, 64W)
            nn.Linear(deep * 4 * 4, deep, bias=False),
            nn.BatchNorm1d(deep),
            nn.ReLU(inplace=True),
            nn.Dropout(0.2),
            nn.Linear(deep, CLASS_COUNT),
        )

    def forward(self, cells: Tensor) -> Tensor:
        """(N, 1, 28, 28) in [0, 1] → (N, 11) logits."""
        logits: Tensor = self.head(self.features(cells - 0.13))
        return logits


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
        logits: Tensor = self.head(self.features(cells - 0.13))
        return logits


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "digitnet": DigitNet,
    "digitnet-large": partial(DigitNet, width=48),
    "lenet5": LeNet5,
}


def count_parameters(network: nn.Module) -> int:
    """Number of trainable parameters."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
