"""A folder of composed photos: settings go in, JPEG files with labels, truth and masks come out.

What a photo shows depends on its number alone, so that worker processes can share the work.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import multiprocessing
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
from PIL import Image

from ocrdigits.errors import OcrDigitsError, OutputError
from ocrdigits.model.compose.synth import SynthSettings, compose_photo
from ocrdigits.model.compose.truth import InkClass, InkMap, StringTruth
from ocrdigits.output.atomic import write_whole
from ocrdigits.records import ColorImage

_WAITING_PER_PROCESS = 3
_PALETTE: Mapping[InkClass, tuple[int, int, int]] = {
    InkClass.GROUND: (255, 255, 255),
    InkClass.DIGIT: (200, 0, 0),
    InkClass.SEPARATOR: (255, 150, 0),
    InkClass.OTHER: (60, 90, 200),
    InkClass.RULE: (150, 150, 150),
}
"""Red, green, blue of each class in a viewer."""


@dataclass(frozen=True, slots=True)
class SynthReport:
    """What was written.

    Attributes:
        files: The photos.
        string_count: Digit strings in all of them.
    """

    files: tuple[Path, ...]
    string_count: int


@dataclass(frozen=True, slots=True)
class _PhotoFiles:
    """One photo as it will lie in the folder; `mask` is None where none is wanted."""

    name: str
    jpeg: bytes
    mask: bytes | None
    strings: tuple[StringTruth, ...]


def write_photos(
    folder: Path,
    settings: SynthSettings,
    *,
    jobs: int = 1,
    masks: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> SynthReport:
    """Compose a series into a folder: JPEG files, `labels.csv`, `truth.json`, perhaps `masks/`.

    Args:
        folder: Made if it does not exist; files of the same names are replaced.
        settings: What to compose.
        jobs: Number of processes; the files do not depend on it.
        masks: Also write a picture of the classes of ink for each photo.
        advance: Called after each photo.

    Returns:
        What was written.

    Raises:
        OutputError: If the folder cannot be written.
        MissingExtraError: If the typefaces for print are not installed.
    """
    truths: dict[str, tuple[StringTruth, ...]] = {}
    try:
        (folder / "masks" if masks else folder).mkdir(parents=True, exist_ok=True)
        for photo in _compose_files(settings, jobs, masks):
            write_whole(folder / f"{photo.name}.jpg", photo.jpeg)
            if photo.mask is not None:
                write_whole(folder / "masks" / f"{photo.name}.png", photo.mask)
            truths[f"{photo.name}.jpg"] = photo.strings
            advance()
        write_whole(folder / "labels.csv", _render_labels(truths).encode())
        write_whole(folder / "truth.json", _render_truth(truths).encode())
    except OSError as error:
        raise OutputError(f"{folder}: photos cannot be written ({error.strerror})") from error
    return SynthReport(
        tuple(folder / name for name in truths), sum(len(strings) for strings in truths.values())
    )


def encode_jpeg(image: ColorImage, quality: int) -> bytes:
    """Compress as a phone does."""
    encoded: bytes = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes()
    return encoded


def encode_mask(ink: InkMap) -> bytes:
    """The classes of ink as a PNG file whose palette shows them in a viewer."""
    picture = Image.fromarray(ink).convert("P")
    picture.putpalette([level for ink_class in InkClass for level in _PALETTE[ink_class]])
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=False, compress_level=6)
    return file.getvalue()


def _compose_files(settings: SynthSettings, jobs: int, masks: bool) -> Iterator[_PhotoFiles]:
    """All photos in order, side by side where there are several jobs."""
    if jobs == 1 or settings.count == 1:
        yield from (_compose_one(settings, index, masks) for index in range(settings.count))
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy OpenCV's locked threads
    pool = ProcessPoolExecutor(min(jobs, settings.count), context, _start_worker, (settings, masks))

    def submit(index: int) -> Future[_PhotoFiles]:
        return pool.submit(_compose_in_worker, index)

    indices = iter(range(settings.count))
    try:
        waiting = deque(submit(index) for index in islice(indices, jobs * _WAITING_PER_PROCESS))
        while waiting:
            yield waiting.popleft().result()
            waiting.extend(submit(index) for index in islice(indices, 1))
    except BrokenProcessPool as error:
        fact = "a process that draws photos was stopped, perhaps for lack of memory"
        raise OcrDigitsError(f"{fact}; use fewer --jobs") from error
    finally:  # also when the caller stops early: start nothing more
        pool.shutdown(wait=True, cancel_futures=True)


_orders: list[tuple[SynthSettings, bool]] = []
"""In a worker: what it composes. Told once, as supplies of real digits weigh tens of megabytes."""


def _start_worker(settings: SynthSettings, masks: bool) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it, and ends its workers
    cv2.setNumThreads(1)
    _orders.append((settings, masks))


def _compose_in_worker(index: int) -> _PhotoFiles:
    settings, masks = _orders[-1]
    return _compose_one(settings, index, masks)


def _compose_one(settings: SynthSettings, index: int, masks: bool) -> _PhotoFiles:
    kind = settings.kinds[index % len(settings.kinds)]
    photo = compose_photo(kind, index, settings.seed, settings.supplies, settings.shots)
    return _PhotoFiles(
        name=f"{kind.value}_{index + 1:0{len(str(settings.count))}}",
        jpeg=encode_jpeg(photo.image, photo.jpeg_quality),
        mask=encode_mask(photo.ink) if masks and photo.ink is not None else None,
        strings=photo.strings,
    )


def _render_labels(truths: Mapping[str, tuple[StringTruth, ...]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["file", "text"])
    for name, strings in truths.items():
        writer.writerow([name, "|".join(string.text for string in strings)])
    return file.getvalue()


def _render_truth(truths: Mapping[str, tuple[StringTruth, ...]]) -> str:
    photos = [
        {"file": name, "strings": [_as_json(string) for string in strings]}
        for name, strings in truths.items()
    ]
    lines = ",\n".join(json.dumps(photo) for photo in photos)  # one photo a line
    return f"[\n{lines}\n]\n"


def _as_json(string: StringTruth) -> dict[str, object]:
    return {
        "text": string.text,
        "kind": string.kind.value,
        "is_handwritten": string.is_handwritten,
        "polygon": string.polygon,
        "digit_boxes": [dataclasses.astuple(box) for box in string.digit_boxes],
    }
