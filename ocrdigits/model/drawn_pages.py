"""The folder that `synth` wrote in, its photos with their strings out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.errors import InputError
from ocrdigits.records import Box

TRUTH_FILE = "truth.json"


@dataclass(frozen=True, slots=True)
class DrawnString:
    """One string of a drawn page.

    Attributes:
        text: What it says.
        digit_boxes: One box a digit, photo frame.
    """

    text: str
    digit_boxes: tuple[Box, ...]

    @property
    def digits(self) -> str:
        """The digits of the text alone."""
        return "".join(character for character in self.text if character.isdecimal())

    def __post_init__(self) -> None:
        if len(self.digits) != len(self.digit_boxes):
            raise ValueError(f"{self.text!r} has not {len(self.digit_boxes)} digits")


def holds_drawn_pages(folder: Path) -> bool:
    """Whether `synth` wrote a folder."""
    return (folder / TRUTH_FILE).is_file()


def read_drawn_pages(folder: Path) -> dict[Path, tuple[DrawnString, ...]]:
    """Read the truth of a folder.

    Args:
        folder: Photos with `truth.json`.

    Returns:
        The strings of each photo.

    Raises:
        InputError: If the truth is missing or damaged.
    """
    path = folder / TRUTH_FILE
    try:
        photos = json.loads(path.read_text(encoding="utf-8"))
        return {folder / photo["file"]: _strings_of(photo["strings"]) for photo in photos}
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); `synth` writes it") from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path}: not the truth that `synth` writes; draw the pages again"
        ) from error


def _strings_of(entries: Iterable[dict[str, list[list[int]]]]) -> tuple[DrawnString, ...]:
    return tuple(
        DrawnString(str(entry["text"]), tuple(Box(*box) for box in entry["digit_boxes"]))
        for entry in entries
    )
