"""Lines in, sheets for the eye out: what is trained on, what is misread, what is labelled wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ocrdigits.ctc import FrameScores, read_greedily, text_log_probability
from ocrdigits.model.sheet import Tile, save_sheet
from ocrdigits.model.strings.folders import LabelledLines
from ocrdigits.model.strings.lines import LineSample
from ocrdigits.model.strings.suspects import Suspect
from ocrdigits.records import LineImage

SHOWN = 200
_TILE_PX = (176, 40)
_NOTHING = "(none)"


def plot_samples(samples: Sequence[LineSample], path: Path) -> None:
    """Draw what a network trains on.

    Args:
        samples: Lines and texts.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    tiles = [_tile_of(line, text or _NOTHING, "") for line, text in samples]
    save_sheet(tiles, f"{len(tiles):,} of the lines trained on", _TILE_PX, path)


def plot_line_mistakes(
    parts: Sequence[LabelledLines], scores: Sequence[Sequence[FrameScores]], path: Path
) -> None:
    """Draw the lines that were misread, the surest first.

    Args:
        parts: Lines of several sets.
        scores: What a network makes of the lines of each.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    wrong: list[tuple[float, Tile]] = []
    for part, answers in zip(parts, scores, strict=True):
        for (line, text), file, answer in zip(part.samples, part.files, answers, strict=True):
            read = read_greedily(answer)
            if read != text:
                sureness = math.exp(text_log_probability(answer, read))
                caption = f"{text or _NOTHING} → {read or _NOTHING}"
                wrong.append((sureness, _tile_of(line, caption, f"{sureness:.3f} {_short(file)}")))
    wrong.sort(key=lambda entry: -entry[0])
    count = sum(len(part.samples) for part in parts)
    title = f"{len(wrong):,} of {count:,} lines not exactly right, the surest first"
    save_sheet([tile for _, tile in wrong[:SHOWN]], title, _TILE_PX, path)


def plot_suspects(
    suspects: Sequence[Suspect], lines: Sequence[LineImage], count: int, path: Path
) -> None:
    """Draw the lines whose labels are suspect.

    Args:
        suspects: The most suspect first.
        lines: The line of each.
        count: How many labels were looked at.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    tiles = [
        _tile_of(
            line,
            f"{suspect.label} → {suspect.read or _NOTHING}",
            f"{suspect.log_odds:.1f} {suspect.kind.value} {_short(suspect.file)}",
        )
        for suspect, line in zip(suspects[:SHOWN], lines, strict=False)
    ]
    title = (
        f"{len(suspects):,} of {count:,} labels suspect: label → reading, the most suspect first"
    )
    save_sheet(tiles, title, _TILE_PX, path)


def _tile_of(line: LineImage, caption: str, note: str) -> Tile:
    return Tile(np.asarray(255 - 255 * np.clip(line, 0, 1), np.uint8), caption, note)


def _short(file: str) -> str:
    """The end of a picture's name: that is where names differ."""
    name = file.rpartition("/")[2]
    return name if len(name) <= 22 else f"…{name[-21:]}"
