"""Pictures with captions in, one PNG sheet of tiles out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from ocrdigits.errors import OutputError

INK = "#1f2933"
"""Colour of all text."""
_COLUMNS = 8  # tiles a row


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a sheet.

    Attributes:
        picture: (H, W) or (H, W, 3) uint8.
        caption: Line below it.
        note: Smaller line below that.
    """

    picture: NDArray[np.uint8]
    caption: str
    note: str


def save_sheet(tiles: Sequence[Tile], title: str, tile_px: tuple[int, int], path: Path) -> None:
    """Draw pictures in rows, each scaled to fit its tile.

    Args:
        tiles: The pictures, row by row.
        title: Line above them.
        tile_px: Width and height a picture may take.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    width, height = tile_px[0] + 16, tile_px[1] + 44  # room between, two lines of caption
    rows = max(1, math.ceil(len(tiles) / _COLUMNS))
    canvas = np.full((rows * height, _COLUMNS * width, 3), 255, dtype=np.uint8)
    figure = Figure(figsize=(_COLUMNS * width / 100, (rows * height + 40) / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, rows * height / (rows * height + 40)))
    axes.axis("off")
    for index, tile in enumerate(tiles):
        top, left = index // _COLUMNS * height, index % _COLUMNS * width + 8
        picture = _fit(tile.picture, tile_px)
        y, x = top + tile_px[1] - len(picture), left + (tile_px[0] - picture.shape[1]) // 2
        canvas[y : y + len(picture), x : x + picture.shape[1]] = picture
        middle = left + tile_px[0] / 2
        _caption(axes, (middle, top + tile_px[1] + 13), tile.caption, size=9)
        _caption(axes, (middle, top + tile_px[1] + 28), tile.note, size=6.5)
    axes.imshow(canvas, interpolation="nearest", aspect="auto")
    figure.suptitle(title, x=0.5, y=1 - 12 / (rows * height + 40), fontsize=11, color=INK)
    save_figure(figure, path)


def _caption(axes: Any, at: tuple[float, float], text: str, *, size: float) -> None:  # noqa: ANN401
    shown = text if len(text) <= 34 else f"{text[:33]}…"
    axes.text(*at, shown, ha="center", va="center", fontsize=size, color=INK, parse_math=False)


def _fit(picture: NDArray[np.uint8], size_px: tuple[int, int]) -> NDArray[np.uint8]:
    image = Image.fromarray(picture).convert("RGB")
    scale = min(size_px[0] / image.width, size_px[1] / image.height)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return np.asarray(image.resize(size, Image.Resampling.BICUBIC), dtype=np.uint8)


def save_figure(figure: Figure, path: Path) -> None:
    """Write a figure as PNG.

    Args:
        figure: The figure.
        path: The file; its folder is made if need be.

    Raises:
        OutputError: If it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with matplotlib.rc_context({"font.family": "DejaVu Sans"}):
            figure.savefig(path, dpi=100, metadata={"Software": None})
    except OSError as error:
        raise OutputError(
            f"{path}: cannot be written ({error.strerror}); give another folder or make room"
        ) from error
