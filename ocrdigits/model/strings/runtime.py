"""Weights on disk → a reader of line images on ONNX Runtime; nothing here needs torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ocrdigits.ctc import CLASS_COUNT, FrameScores, StringReader
from ocrdigits.model.runtime import find_weights, open_network
from ocrdigits.model.strings.lines import group_by_width, stack_lines
from ocrdigits.records import LINE_PX, LineImage

PLAIN_NAME = "plain"
"""Stem of the files of the network for the plain look."""

CHUNK_PX = 2048
"""Columns per run: more are no faster, and the maps of so many take 10 MB."""


class OnnxStringReader:
    """A `StringReader`; safe to call from several threads."""

    def __init__(self, session: Any) -> None:  # noqa: ANN401  (onnxruntime has no types)
        self._session = session

    def __call__(self, lines: Sequence[LineImage]) -> list[FrameScores]:
        """Score the frames of lines; each answer depends on its own line alone.

        Args:
            lines: (32, W) each, paper 0 and ink up to 1, W a multiple of 4; there may be none.

        Returns:
            (W / 2, 15) log-probabilities for each line, in the order of the lines.

        Raises:
            ValueError: If a line has another shape or type.
        """
        scores: dict[int, FrameScores] = {}
        for width_px, places in group_by_width(lines).items():
            chunk = max(1, CHUNK_PX // width_px)
            for start in range(0, len(places), chunk):
                part = places[start : start + chunk]
                stacked = stack_lines([lines[place] for place in part], width_px)
                answers = self._session.run(["log_probabilities"], {"lines": stacked})[0]
                for place, answer in zip(part, answers, strict=True):
                    scores[place] = answer
        return [scores[place] for place in range(len(lines))]


def load_string_reader(
    weights_dir: Path | None = None, name: str = "strings", *, threads: int = 1
) -> StringReader:
    """Load a string network, checked against its card.

    Args:
        weights_dir: Folder with its ONNX file and card; None for the package's own.
        name: Stem of these files: `strings`, or `plain` for the plain look at crops.
        threads: Threads of one run. One is right where several photos are read at a time.

    Returns:
        Lines → log-probabilities of their frames; safe to call from several threads.

    Raises:
        WeightsError: If the weights are missing, damaged or do not fit this program.
    """
    session = open_network(
        find_weights(weights_dir, name) / f"{name}.onnx",
        takes=("lines", [1, LINE_PX, None]),
        gives=("log_probabilities", [None, CLASS_COUNT]),
        threads=threads,
    )
    return OnnxStringReader(session)
