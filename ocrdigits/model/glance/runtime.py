"""Weights on disk → what glances at strips, on ONNX Runtime; nothing here needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrdigits.glance import Glance
from ocrdigits.model.runtime import find_weights, open_network
from ocrdigits.vision.strip import STEP_PX, STRIP_PX, Strip, stack_strips

GLANCE_NAME = "glance"
"""Stem of the network's files."""

CHUNK_PX = 8192
"""Columns per run: the maps of so many take 6 MB."""

_WIDTH_STEP_PX = 32  # strips of like width are shown together


class OnnxGlance:
    """A `Glance`; safe to call from several threads."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  (onnxruntime has no types)
        self._session = session

    def __call__(self, strips: Sequence[Strip]) -> list[NDArray[np.float32]]:
        """Look at strips; each answer depends on its own strip alone.

        Args:
            strips: (24, W) each, paper 0 and ink up to 1, W a multiple of 4; there may be none.

        Returns:
            (W / 4,) for each strip: the chance that a digit of a number stands in four columns.
        """
        by_width: dict[int, list[int]] = {}
        for place, strip in enumerate(strips):
            width_px = -(-strip.shape[1] // _WIDTH_STEP_PX) * _WIDTH_STEP_PX
            by_width.setdefault(width_px, []).append(place)
        chances: dict[int, NDArray[np.float32]] = {}
        for width_px, places in by_width.items():
            chunk = max(1, CHUNK_PX // width_px)
            for start in range(0, len(places), chunk):
                part = places[start : start + chunk]
                stacked = stack_strips([strips[place] for place in part], width_px)
                logits = self._session.run(["logits"], {"strips": stacked})[0]
                for place, row in zip(part, 1 / (1 + np.exp(-logits)), strict=True):
                    chances[place] = row[: strips[place].shape[1] // STEP_PX]
        return [chances[place] for place in range(len(strips))]


def load_glance(weights_dir: Path | None = None, *, threads: int = 1) -> Glance:
    """Load the glance network, checked against its card.

    Args:
        weights_dir: Folder with `glance.onnx` and `glance.json`; None for the package's own.
        threads: Threads of one run.

    Returns:
        Strips → chances; safe to call from several threads.

    Raises:
        WeightsError: If the weights are missing, damaged or do not fit this program.
    """
    session = open_network(
        find_weights(weights_dir, GLANCE_NAME) / f"{GLANCE_NAME}.onnx",
        takes=("strips", [1, STRIP_PX, None]),
        gives=("logits", [None]),
        threads=threads,
    )
    return OnnxGlance(session)
