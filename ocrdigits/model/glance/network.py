"""The network that glances at a field: `GlanceNet`.

(N, 1, 24, W) float32 strips, paper 0 and ink up to 1, W any multiple of 4 → (N, W / 4) logits:
whether a digit of a number stands in each four columns.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn


class _ConvBlock(nn.Sequential):
    """Convolution, batch normalisation, ReLU."""

    def __init__(  # noqa: PLR0913 - as of a convolution
        self,
        in_channels: int,
        out_channels: int,
        kernel: tuple[int, int] = (3, 3),
        *,
        stride: int = 1,
        padding: tuple[int, int] = (1, 1),
        dilation: int = 1,
    ) -> None:
        super().__init__(
            nn.Conv2d(
                in_channels, out_channels, kernel, stride, padding, (1, dilation), bias=False
            ),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(inplace=True),
        )


class GlanceNet(nn.Module):
    """A small plain fully convolutional network, 95 thousand parameters.

    8 million multiply–adds for a strip of 24 × 160: half of what `DigitNet` needs for one glyph. An
    answer sees 85 columns, two to three letters on either side.
    """

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            _ConvBlock(1, 16, (5, 5), stride=2, padding=(2, 2)),  # (N, 16, 12, W / 2)
            _ConvBlock(16, 32, stride=2),  # (N, 32, 6, W / 4)
            _ConvBlock(32, 32),
            nn.MaxPool2d((2, 1)),  # (N, 32, 3, W / 4)
            _ConvBlock(32, 48),
            _ConvBlock(48, 64, (3, 5), padding=(0, 2)),  # (N, 64, 1, W / 4)
            _ConvBlock(64, 64, (1, 5), padding=(0, 4), dilation=2),
        )
        self.head = nn.Conv2d(64, 1, (1, 3), padding=(0, 1))

    def forward(self, strips: Tensor) -> Tensor:
        """(N, 1, 24, W) → (N, W / 4) logits."""
        logits: Tensor = self.head(self.features(strips))
        return logits.flatten(1)


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {"glancenet": GlanceNet}
