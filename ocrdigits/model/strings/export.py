"""What the shared export needs to know of the string network, and the lines that prove it.

`save_weights(network, description, folder, kind=STRINGS)` writes `strings.{onnx,safetensors,json}`,
with `PLAIN` `plain.*`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import torch
from numpy.typing import NDArray

from ocrdigits.ctc import CLASS_COUNT
from ocrdigits.model.export import NetworkKind
from ocrdigits.model.strings.lines import COLUMN_PX
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.network import ARCHITECTURES
from ocrdigits.model.strings.runtime import PLAIN_NAME
from ocrdigits.records import LINE_PX, LineImage

_PROOF_WIDTHS_PX = (64, 4, 128, 36, 400)


def _proof_lines() -> list[NDArray[np.float32]]:
    """Lines on which both files must agree: of several widths, blank, noisy and written on."""
    draw = np.random.default_rng(20261120)
    return [
        np.stack([_proof_line(draw, place, width) for place in range(16)])[:, None]
        for width in _PROOF_WIDTHS_PX
    ]


def _proof_line(draw: np.random.Generator, place: int, width_px: int) -> LineImage:
    """Blank, full, noise, then strokes: discs of 3 px pushed along random walks."""
    if place < 3:
        noise = draw.random((LINE_PX, width_px))
        return np.asarray([0 * noise, 0 * noise + 1, noise][place], np.float32)
    rows, columns = np.mgrid[:LINE_PX, :width_px]
    ink = np.zeros((LINE_PX, width_px))
    y, x = LINE_PX / 2, 0.0
    while x < width_px:
        ink = np.maximum(ink, np.clip(2 - np.hypot(rows - y, columns - x), 0, 1))
        y = float(np.clip(y + draw.normal(0, 3), 5, LINE_PX - 5))
        x += draw.exponential(2)
    return ink.astype(np.float32)


_TYPICAL_LINES = 300


def _typical_lines(look: Look, seed: int) -> list[NDArray[np.float32]]:
    """Composed lines of drawn digits, one a batch: they differ in width."""
    from ocrdigits.model.compose.hand.digitstock import stock_digits
    from ocrdigits.model.drawn import draw_sets
    from ocrdigits.model.strings.compose import ComposedSource, ComposeSettings

    stock = stock_digits(draw_sets(500, seed)[:1], "drawn")  # parts of neighbours
    written = ComposeSettings(real_share=0.0, stroke_share=0.8, wordless_share=0.06)
    source = ComposedSource(seed, stock, written, look=look)
    return [source.sample(index)[0][None, None] for index in range(_TYPICAL_LINES)]


STRINGS = NetworkKind(
    name="strings",
    architectures=ARCHITECTURES,
    class_count=CLASS_COUNT,
    input_name="lines",
    output_name="log_probabilities",
    free_axes={0: torch.export.Dim("n"), 3: COLUMN_PX * torch.export.Dim("columns")},
    make_proof=_proof_lines,
    make_typical=partial(_typical_lines, Look.INK),
)
"""`StringNet`: (N, 1, 32, W) lines → (N, W / 2, 15) log-probabilities."""

PLAIN = replace(STRINGS, name=PLAIN_NAME, make_typical=partial(_typical_lines, Look.PLAIN))
"""The same network for the plain look at a crop."""

KIND_OF_LOOK = {Look.INK: STRINGS, Look.PLAIN: PLAIN}
