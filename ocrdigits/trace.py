"""Intermediate pictures on request: each stage a numbered PNG and one index page."""

from __future__ import annotations

import html
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.errors import OutputError

Picture = NDArray[Any]
Drawing = Picture | Callable[[], Picture]
"""A picture, or what draws it where it is wanted."""


class Trace(Protocol):
    """Takes pictures of the stages; only `pipeline` calls it."""

    def add(self, stage: str, picture: Drawing, note: str = "") -> None:
        """Keep one picture.

        Args:
            stage: Name of the stage, e.g. `enhance`.
            picture: (H, W) bool or float in [0, 1] (ink shown black), or (H, W[, 3]) uint8 as is;
                or what draws such a picture.
            note: One line for the index page.
        """


class NoTrace:
    """Keeps nothing."""

    def add(self, stage: str, picture: Drawing, note: str = "") -> None:
        """Ignore the picture."""


class FolderTrace:
    """Writes pictures into a folder, with an `index.html` that shows them in order."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries: list[tuple[str, str, str]] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(
                f"{folder}: debug pictures cannot be written there ({error.strerror}); "
                "give another --debug-dir"
            ) from error

    def add(self, stage: str, picture: Drawing, note: str = "") -> None:
        """Write one numbered picture and bring the index up to date."""
        name = f"{len(self._entries) + 1:02d}-{stage}.png"
        done, png = cv2.imencode(".png", draw_stage(picture))
        if not done:
            raise ValueError(f"stage {stage!r} gave a picture that cannot be encoded")
        self._entries.append((name, stage, note))
        try:
            (self._folder / name).write_bytes(png.tobytes())
            (self._folder / "index.html").write_text(self._index(), encoding="utf-8")
        except OSError as error:
            raise OutputError(
                f"{self._folder / name}: cannot be written ({error.strerror}); "
                "give another --debug-dir"
            ) from error

    def _index(self) -> str:
        figures = "\n".join(
            f"<figure><figcaption><b>{html.escape(stage)}</b> {html.escape(note)}</figcaption>"
            f'<a href="{name}"><img src="{name}" alt="{html.escape(stage)}"></a></figure>'
            for name, stage, note in self._entries
        )
        return (
            '<!doctype html><html lang="en"><meta charset="utf-8"><title>ocrdigits stages</title>'
            "<style>body{font:15px system-ui;margin:2rem;background:#f6f6f4;color:#222}"
            "figure{margin:0 0 2rem}figcaption{margin-bottom:.4rem}"
            "img{max-width:100%;min-height:60px;border:1px solid #ccc;background:#fff;"
            "image-rendering:auto}</style>\n"
            f"<h1>From photo to strings</h1>\n{figures}\n</html>\n"
        )


def draw_stage(drawing: Drawing) -> Picture:
    """A stage's picture as (H, W[, 3]) uint8, grey or BGR."""
    picture = drawing() if callable(drawing) else drawing
    if picture.dtype == np.uint8:
        return picture
    return np.asarray(255 - 255 * np.clip(picture.astype(np.float32), 0, 1), dtype=np.uint8)
