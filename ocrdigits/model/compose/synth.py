"""The command `synth`: kinds of pages and a seed go in, photos with labels come out."""

from __future__ import annotations

import csv
import dataclasses
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.errors import OutputError, UsageError
from ocrdigits.model.compose.cheque import draw_cheque
from ocrdigits.model.compose.envelope import draw_envelope
from ocrdigits.model.compose.forms import draw_form
from ocrdigits.model.compose.numbers import draw_number_crop, draw_number_list
from ocrdigits.model.compose.photograph import photograph, sample_shot
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import ComposedPhoto, StringTruth
from ocrdigits.records import ColorImage

_MAX_FILE_BYTES = 300_000
_QUALITIES = (88, 82, 76, 70, 64, 56, 48, 40)


class PageKind(Enum):
    """What a composed photo shows."""

    CHEQUE = "cheque"
    FORM = "form"
    ENVELOPE = "envelope"
    LIST = "list"
    CROP = "crop"


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How photos of one kind are made.

    Attributes:
        draw: Makes the sheet.
        long_side_px: Longer side of the photo.
        short_frac: Shorter side, as a share of the longer.
        margin_frac: Table around the sheet, share of the photo; negative crops the sheet.
    """

    draw: Callable[[np.random.Generator], Sheet]
    long_side_px: int
    short_frac: float
    margin_frac: float


PLANS: Mapping[PageKind, PagePlan] = {
    PageKind.CHEQUE: PagePlan(draw_cheque, 1600, 0.56, 0.035),
    PageKind.FORM: PagePlan(draw_form, 1440, 0.75, 0.03),
    PageKind.ENVELOPE: PagePlan(draw_envelope, 1600, 0.66, 0.04),
    PageKind.LIST: PagePlan(draw_number_list, 1400, 0.75, 0.03),
    PageKind.CROP: PagePlan(draw_number_crop, 1000, 0.42, -0.16),
}


@dataclass(frozen=True, slots=True)
class SynthSettings:
    """What to compose.

    Attributes:
        count: How many photos.
        kinds: Photo k is of the kind `kinds[k % len(kinds)]`.
        seed: The same seed gives the same photos with the same versions of the libraries.
    """

    count: int
    kinds: tuple[PageKind, ...] = tuple(PageKind)
    seed: int = 0

    def __post_init__(self) -> None:
        if self.count < 1 or self.seed < 0 or not self.kinds:
            raise UsageError("synth needs a count above 0, a seed of at least 0, and a kind")


@dataclass(frozen=True, slots=True)
class SynthReport:
    """What was written.

    Attributes:
        files: The photos.
        string_count: Digit strings in all of them.
    """

    files: tuple[Path, ...]
    string_count: int


def parse_kinds(text: str) -> tuple[PageKind, ...]:
    """Read `cheque,form` as kinds of pages; repeats are allowed.

    Raises:
        UsageError: If a kind is unknown.
    """
    try:
        return tuple(PageKind(word.strip()) for word in text.split(","))
    except ValueError as error:
        choices = ", ".join(kind.value for kind in PageKind)
        raise UsageError(f"--kinds: {error}; choose from {choices}") from None


def compose_photo(kind: PageKind, index: int, seed: int) -> ComposedPhoto:
    """Compose one photo; it depends on nothing but the arguments, so that many can be made at once.

    Args:
        kind: What it shows.
        index: Its number in its series.
        seed: The series.

    Returns:
        The photo and its truth.
    """
    rng = np.random.default_rng([seed, index])
    plan = PLANS[kind]
    sheet = plan.draw(rng)
    shot = sample_shot(rng, _frame_size(sheet, plan), plan.margin_frac)
    return photograph(rng, sheet, shot)


def _frame_size(sheet: Sheet, plan: PagePlan) -> tuple[int, int]:
    """The camera is held the way the sheet lies."""
    long, short = plan.long_side_px, round(plan.long_side_px * plan.short_frac)
    return (short, long) if sheet.width >= sheet.height else (long, short)


def compose_photos(settings: SynthSettings) -> Iterator[tuple[PageKind, ComposedPhoto]]:
    """Compose a series, one photo at a time."""
    for index in range(settings.count):
        kind = settings.kinds[index % len(settings.kinds)]
        yield kind, compose_photo(kind, index, settings.seed)


def write_photos(folder: Path, settings: SynthSettings) -> SynthReport:
    """Compose a series into a folder: JPEG files, `labels.csv`, `truth.json`.

    Args:
        folder: Made if it does not exist; files of the same names are replaced.
        settings: What to compose.

    Returns:
        What was written.

    Raises:
        OutputError: If the folder cannot be written.
        MissingExtraError: If the typefaces for print are not installed.
    """
    truths: dict[str, tuple[StringTruth, ...]] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for index, (kind, photo) in enumerate(compose_photos(settings), start=1):
            name = f"{kind.value}_{index:0{len(str(settings.count))}}.jpg"
            (folder / name).write_bytes(encode_jpeg(photo.image))
            truths[name] = photo.strings
        _write_labels(folder / "labels.csv", truths)
        _write_truth(folder / "truth.json", truths)
    except OSError as error:
        raise OutputError(f"{folder}: photos cannot be written ({error.strerror})") from error
    return SynthReport(
        tuple(folder / name for name in truths), sum(len(strings) for strings in truths.values())
    )


def encode_jpeg(image: ColorImage, max_bytes: int = _MAX_FILE_BYTES) -> bytes:
    """Compress as a phone does, harder where the file would grow past `max_bytes`."""
    data = b""
    for quality in _QUALITIES:
        data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
        if len(data) <= max_bytes:
            break
    return data


def _write_labels(path: Path, truths: Mapping[str, tuple[StringTruth, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["file", "text"])
        for name, strings in truths.items():
            writer.writerow([name, "|".join(string.text for string in strings)])


def _write_truth(path: Path, truths: Mapping[str, tuple[StringTruth, ...]]) -> None:
    photos = [
        {"file": name, "strings": [_as_json(string) for string in strings]}
        for name, strings in truths.items()
    ]
    lines = ",\n".join(json.dumps(photo) for photo in photos)  # one photo a line
    path.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


def _as_json(string: StringTruth) -> dict[str, object]:
    return {
        "text": string.text,
        "kind": string.kind.value,
        "is_handwritten": string.is_handwritten,
        "polygon": string.polygon,
        "digit_boxes": [dataclasses.astuple(box) for box in string.digit_boxes],
    }
