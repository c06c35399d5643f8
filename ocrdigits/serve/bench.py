"""The worker's side: an uploaded file and options in, its reading out, with pictures if asked for.

Words in: {"name", "options", "with_pictures"}. Words out: {"status", "lines", "pictures", "error",
"refusal", "traceback"}; see `Refusal`.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from ocrdigits.api import NoWatch, Reader
from ocrdigits.batch.records import Status
from ocrdigits.batch.worker import Bench, status_of, traceback_of
from ocrdigits.calibration import Calibration
from ocrdigits.errors import FormatError, MissingExtraError, SizeError, UsageError
from ocrdigits.inputs import Source
from ocrdigits.jobs import read_source
from ocrdigits.output.json import format_json
from ocrdigits.overrides import override_settings
from ocrdigits.records import Layout, Photo, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.trace import Drawing, Trace, draw_stage
from ocrdigits.values import DecimalMark
from ocrdigits.web.pictures import draw_overview, encode_picture, shrink_to_page

_PAGES_SHOWN = 10


class Refusal(Enum):
    """Why an upload was not read."""

    USAGE = "usage"
    FORMAT = "format"
    SIZE = "size"
    CONTENT = "content"
    DEFECT = "defect"


@dataclass(frozen=True, slots=True)
class ServePlan:
    """What all workers of a server have in common.

    Attributes:
        settings: Of all stages, where a request says nothing else.
        weights: Folder the user named, or None.
        calibration: What the user named, or None.
        max_memory_mb: What a photo may take beside the reader itself.
    """

    settings: Settings
    weights: Path | None = None
    calibration: Calibration | None = None
    max_memory_mb: int = 4096

    def make_bench(self) -> Bench:
        """Load the networks."""
        reader = Reader(self.weights, self.settings, calibration=self.calibration)
        return _UploadBench(reader)


class _UploadBench:
    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def answer(self, words: dict[str, Any], file: BinaryIO | None) -> dict[str, Any]:
        """Read one upload."""
        assert file is not None
        try:
            settings = override_settings(self._reader.settings, **_options(words["options"]))
            file.seek(0)  # a worker before may have read it, and crashed
            source = Source(words["name"], file.read())
            watch = _PictureTaker() if words["with_pictures"] else NoWatch()
            reader = self._reader.with_settings(settings)
            outcomes = list(read_source(reader, source, lambda it: watch))
        except UsageError as error:
            return _refused(Status.REFUSED, Refusal.USAGE, str(error))
        first, last = outcomes[0], outcomes[-1]
        if first.failure is not None:
            refusal = _refusal_of(first.failure)
            refused = _refused(Status(status_of(first)), refusal, first.reading.error or "")
            return refused | {"traceback": traceback_of(first)}
        return {
            "status": status_of(last),
            "lines": [format_json(outcome.reading) for outcome in outcomes],
            "pictures": watch.pictures if isinstance(watch, _PictureTaker) else [],
            "error": None,
            "refusal": None,
            "traceback": traceback_of(last),
        }


def _options(said: Mapping[str, Any]) -> dict[str, Any]:
    kinds: dict[str, type[Enum]] = {"layout": Layout, "decimal": DecimalMark}
    return {name: kinds[name](it) if name in kinds else it for name, it in said.items()}


def _refused(status: Status, refusal: Refusal, error: str) -> dict[str, Any]:
    return {
        "status": status.value,
        "lines": [],
        "pictures": [],
        "error": error,
        "refusal": refusal.value,
        "traceback": [],
    }


def _refusal_of(failure: Exception) -> Refusal:
    if isinstance(failure, FormatError | MissingExtraError):
        return Refusal.FORMAT
    if isinstance(failure, SizeError):
        return Refusal.SIZE
    return Refusal.DEFECT if not hasattr(failure, "exit_code") else Refusal.CONTENT


class _PictureTaker:
    """Keeps each page's photo and the pictures of its stages, encoded for a browser."""

    def __init__(self) -> None:
        self.pictures: list[dict[str, Any]] = []

    def trace(self, photo: Photo) -> Trace:
        """Where the intermediate pictures of this page go."""
        stages: list[dict[str, str]] = []
        if len(self.pictures) < _PAGES_SHOWN:
            self.pictures.append({"photo": _as_text(draw_overview(photo)), "stages": stages})
        return _Stages(stages)

    def done(self, photo: Photo, reading: PhotoReading) -> None:
        """Nothing is left to do."""


class _Stages:
    """Takes the pictures of one page's stages."""

    def __init__(self, stages: list[dict[str, str]]) -> None:
        self._stages = stages

    def add(self, stage: str, picture: Drawing, note: str = "") -> None:
        """Keep one picture."""
        drawn = np.ascontiguousarray(shrink_to_page(draw_stage(picture)))
        data = _as_text(encode_picture(drawn, ".jpg"))
        self._stages.append({"stage": stage, "note": note, "picture": data})


def _as_text(data: bytes) -> str:
    return b64encode(data).decode("ascii")
