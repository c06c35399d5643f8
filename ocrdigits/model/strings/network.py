"""The network that reads a whole line: `StringNet`, and a wider one that teaches it.

(N, 1, 32, W) float32 lines, paper 0 and ink up to 1, W any multiple of 4 → (N, W / 2, 15)
log-probabilities: blank, then the characters of `ctc.ALPHABET`.
"""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from ocrdigits.ctc import CLASS_COUNT
from ocrdigits.model.strings.lines import FRAMES_PER_COLUMN

_BLOCK = 16  # ONNX Runtime computes on blocks of 16 channels where the processor has AVX-512


class _ConvBlock(nn.Module):
    """Convolution, batch normalisation, ReLU; a kernel 4 high takes height 4 to 1."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: tuple[int, int], dilation: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            in_channels,
            out_channels,
            kernel,
            padding=(1 if kernel[0] == 3 else 0, dilation),
            dilation=(1, dilation),
            bias=False,
        )
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) → (N, C', H or 1, W)."""
        return nn.functional.relu(self.norm(self.conv(maps)))


class _ResidualBlock(_ConvBlock):
    """The same with its input added before the ReLU, which ONNX Runtime does in one pass.

    Its gain starts at zero: a deep network then learns as fast as a shallow one (Goyal et al. 2017,
    "Accurate, Large Minibatch SGD").
    """

    def __init__(self, channels: int, kernel: tuple[int, int], dilation: int = 1) -> None:
        super().__init__(channels, channels, kernel, dilation)
        nn.init.zeros_(self.norm.weight)

    def forward(self, maps: Tensor) -> Tensor:
        """(N, C, H, W) → the same shape."""
        return nn.functional.relu(maps + self.norm(self.conv(maps)))


class StringNet(nn.Module):
    """A plain fully convolutional network, 1.11 million parameters.

    87 million multiply–adds for a line of 32 × 128. Maps go down to 4 px a column, for speed; each
    column then answers for two frames of 2 px: with frames of 4 px, `1111` written 6 px apart has
    fewer than the seven it needs. A frame sees 146 px, seven digits.

    Args:
        width: Factor on the channels of every layer.
        dropout: Share of the channels, and of the last layer's inputs, left out in training.
    """

    def __init__(self, width: float = 1.0, dropout: float = 0.05) -> None:
        super().__init__()
        c16, c48, c64, c96, c192 = (_scaled(count, width) for count in (16, 48, 64, 96, 192))
        self.features = nn.Sequential(
            _ConvBlock(1, c16, (3, 3)),  # (N, 16, 32, W)
            nn.MaxPool2d(2),  # (N, 16, 16, W / 2)
            _ConvBlock(c16, c48, (3, 3)),
            nn.MaxPool2d(2),  # (N, 48, 8, W / 4)
            _ConvBlock(c48, c64, (3, 3)),
            _ResidualBlock(c64, (3, 3)),
            _ResidualBlock(c64, (3, 3)),
            nn.MaxPool2d((2, 1)),  # (N, 64, 4, W / 4)
            _ConvBlock(c64, c96, (3, 3)),
            _ResidualBlock(c96, (3, 3)),
            _ResidualBlock(c96, (3, 3)),
            nn.Dropout2d(dropout),
            _ConvBlock(c96, c192, (4, 3)),  # (N, 192, 1, W / 4)
            _ResidualBlock(c192, (1, 3)),
            _ResidualBlock(c192, (1, 3), dilation=2),
            nn.Dropout2d(dropout),
            _ResidualBlock(c192, (1, 3), dilation=4),
            _ResidualBlock(c192, (1, 3)),
            _ResidualBlock(c192, (1, 3), dilation=2),
            nn.Dropout(2 * dropout),
        )
        self.head = nn.Conv2d(c192, FRAMES_PER_COLUMN * CLASS_COUNT, 1)

    def forward(self, lines: Tensor) -> Tensor:
        """(N, 1, 32, W) in [0, 1] → (N, W / 2, 15) log-probabilities."""
        logits = self.head(self.features(lines - 0.1)).squeeze(2)  # (N, 30, W / 4)
        frames = logits.transpose(1, 2).unflatten(2, (FRAMES_PER_COLUMN, CLASS_COUNT))
        log_probabilities: Tensor = frames.flatten(1, 2).float().log_softmax(dim=2)
        return log_probabilities


class StringNetLarge(StringNet):
    """Twice as wide, four times the work: a teacher, too slow to ship."""

    def __init__(self) -> None:
        super().__init__(width=2.0, dropout=0.15)


def _scaled(channels: int, width: float) -> int:
    return max(_BLOCK, round(channels * width / _BLOCK) * _BLOCK)


ARCHITECTURES: dict[str, Callable[[], nn.Module]] = {
    "stringnet": StringNet,
    "stringnet-large": StringNetLarge,
}
