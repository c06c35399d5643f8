"""A folder of labelled crops in, Markdown tables out: time a crop on one core, and what is right.

    python -m venv PEERS && PEERS/bin/pip install rapidocr onnxruntime
    python benchmarks/reading_time.py DIR --peer-python PEERS/bin/python

Crops are decoded before the clock starts and read as `--layout line`. "Alone" is one photo after
the other; "in batches" is stage by stage for all crops together, each network asked once. Every
round times each reader and the peer once, in turn; figures are medians over the rounds, and ratios
medians of the ratios within a round, so that a busy machine disturbs little. Run it on an idle one
all the same.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
for variable in ONE_THREAD:  # read when the libraries are loaded, so before that
    os.environ[variable] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from markdown import as_percent, as_table  # noqa: E402

from ocrdigits.asking import (  # noqa: E402
    Readers,
    clarity_of,
    fuse_place,
    fuse_sure_looks,
    lean_doubtful,
    show_lines,
    weigh_segments,
)
from ocrdigits.assemble import (  # noqa: E402
    ScoredLine,
    StringPlace,
    assemble_reading,
    whole_field,
)
from ocrdigits.crop_views import in_paper, skew_of, turn_dark, without_rim  # noqa: E402
from ocrdigits.decode import decode_lattice  # noqa: E402
from ocrdigits.errors import InputError, OcrDigitsError, UsageError  # noqa: E402
from ocrdigits.fusion import Fusion  # noqa: E402
from ocrdigits.model.compare import compare_photo  # noqa: E402
from ocrdigits.model.evaluate import LabelledPhoto, read_labelled_photos  # noqa: E402
from ocrdigits.model.figures import Figures, PhotoResult, measure  # noqa: E402
from ocrdigits.model.readers import load_readers  # noqa: E402
from ocrdigits.pipeline import read_photo  # noqa: E402
from ocrdigits.records import (  # noqa: E402
    Box,
    DigitScores,
    FieldReading,
    GrayImage,
    Kind,
    Layout,
    Page,
    Photo,
    PhotoReading,
    ReaderChoice,
    SegmentedPage,
)
from ocrdigits.segmenting import OpenedPhoto, open_photo, segment_opened  # noqa: E402
from ocrdigits.settings import LoadSettings, Settings  # noqa: E402
from ocrdigits.trace import NoTrace  # noqa: E402
from ocrdigits.vision.load import load_photos  # noqa: E402
from ocrdigits.vision.plain_line import find_line  # noqa: E402
from ocrdigits.vision.rectify import level_crop  # noqa: E402

CHOICES = (ReaderChoice.SEGMENTS, ReaderChoice.STRINGS, ReaderChoice.BOTH)
STAGES = (
    "rectifying",
    "line normalisation",
    "StringNet, two looks",
    "segmentation",
    "DigitNet",
    "StringNet, leaning",
    "decoding and fusion",
)
"""Segmentation begins with the photo: scale, ink, field, glyph hypotheses."""

_PEER_SCRIPT = Path(__file__).with_name("rapidocr_peer.py")


@dataclass(slots=True)
class Stopwatch:
    """Seconds by stage, summed up."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Add what happens inside to a stage."""
        start = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - start


@dataclass(frozen=True, slots=True)
class Crops:
    """A labelled folder, decoded."""

    labelled: tuple[LabelledPhoto, ...]
    photos: tuple[Photo, ...]


@dataclass(slots=True)
class Timing:
    """Seconds for all crops, one entry a round.

    Attributes:
        batches: All crops together.
        alone: One after the other.
        figures: What was right, by what the last round read alone.
    """

    batches: list[float] = field(default_factory=list)
    alone: list[float] = field(default_factory=list)
    figures: Figures | None = None


@dataclass(slots=True)
class Timings:
    """Everything measured.

    Attributes:
        readers: Name → timing, ours first; the peer last if it is there.
        stages: Stage → timing, of both readers together.
        differing: Crops whose text differs between batches and the pipeline; should be 0.
    """

    readers: dict[str, Timing] = field(default_factory=dict)
    stages: dict[str, Timing] = field(default_factory=lambda: {s: Timing() for s in STAGES})
    differing: int = 0


class Peer:
    """RapidOCR in a process of its own, asked for one round at a time."""

    def __init__(self, python: str, paths: Sequence[Path]) -> None:
        """Start it, and have it load pictures.

        Raises:
            UsageError: If it does not start.
        """
        self._python = python
        try:
            self._process = subprocess.Popen(
                [python, str(_PEER_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        except OSError as error:
            raise UsageError(f"{python}: cannot be started ({error.strerror})") from error
        self.name = str(self._ask([str(path) for path in paths])["name"])

    def read(self, way: str) -> tuple[float, list[Any]]:
        """Seconds and texts of a round: `alone`, in `batches`, or whole `pages`."""
        answer = self._ask(way)
        return float(answer["seconds"]), list(answer["texts"])

    def close(self) -> None:
        """Let it end."""
        self._process.communicate()

    def _ask(self, question: object) -> Any:  # noqa: ANN401
        assert self._process.stdin and self._process.stdout
        try:
            print(json.dumps(question), file=self._process.stdin, flush=True)
            return json.loads(self._process.stdout.readline())
        except (BrokenPipeError, ValueError) as error:
            raise UsageError(f"{self._python}: the peer gave up, see above") from error


def find_peer_python(named: str | None) -> str | None:
    """The Python that has RapidOCR: the one named, or this one; else None."""
    return named or (sys.executable if find_spec("rapidocr") else None)


def load_crops(folder: Path, first: int | None = None) -> Crops:
    """Decode the first page of every labelled picture, or of the first few."""
    labelled = read_labelled_photos(folder)[:first]
    paths = [crop.path for crop in labelled]
    photos = [next(load_photos(path, str(path), LoadSettings())) for path in paths]
    if any(len(crop.strings) != 1 for crop in labelled):
        raise InputError(f"{folder}: every crop must hold one string; `|` separates several")
    return Crops(labelled, tuple(photos))


def read_in_stages(
    photos: Sequence[Photo], settings: Settings, readers: Readers, watch: Stopwatch
) -> list[str]:
    """Take all crops together from stage to stage, as `read_photo` takes each of them.

    Args:
        photos: Crops of one string each.
        settings: With the readers to ask.
        readers: Both readers.
        watch: Times the stages.

    Returns:
        What each says; "" where nothing was found.
    """
    if readers.looks_twice(settings.reader):
        with watch.time("rectifying"):
            photos = [turn_dark(without_rim(it)[0], settings.enhance_crop) for it in photos]
    as_cut = _look_at(photos, settings, readers, watch)
    strings = [crop.sure for crop in as_cut]
    asked = _unread(strings)
    if not readers.looks_twice(settings.reader):
        _read_into(strings, {place: as_cut[place] for place in asked}, settings, readers, watch)
        return _texts_of(strings)
    looking = settings, readers, watch
    ways = {place: [as_cut[place]] for place in asked}
    with watch.time("rectifying"):
        roomy = {place: in_paper(photos[place])[0] for place in asked}
    _look_into(strings, ways, roomy, looking)
    with watch.time("rectifying"):
        skews = {
            place: skew_of(photos[place], max(ways[place], key=_clarity_of).line)
            for place in _unread(strings)
        }
        level = {place: level_crop(photos[place], deg)[0] for place, deg in skews.items() if deg}
    _look_into(strings, ways, level, looking)
    left = {place: sorted(ways[place], key=_clarity_of) for place in _unread(strings)}
    while left:
        clearest = {place: crops.pop() for place, crops in left.items()}
        _read_into(strings, clearest, settings, readers, watch)
        least = settings.fusion.clear_enough
        left = {
            p: crops for p, crops in left.items() if crops and _confidence_of(strings[p]) < least
        }
    return _texts_of(strings)


def _look_into(
    strings: list[FieldReading | None],
    ways: Mapping[int, list[SeenCrop]],
    photos: Mapping[int, Photo],
    looking: tuple[Settings, Readers, Stopwatch],
) -> None:
    """Show crops in one more way, by their place; what is sure is read."""
    seen = _look_at(list(photos.values()), *looking)
    for place, crop in zip(photos, seen, strict=True):
        ways[place].append(crop)
        strings[place] = crop.sure


def _read_into(
    strings: list[FieldReading | None],
    crops: Mapping[int, SeenCrop],
    settings: Settings,
    readers: Readers,
    watch: Stopwatch,
) -> None:
    """Read crops by their place; the surer reading of a place stays."""
    read = _read_seen(list(crops.values()), settings, readers, watch)
    for place, string in zip(crops, read, strict=True):
        strings[place] = max(strings[place], string, key=_confidence_of)


def _texts_of(strings: Sequence[FieldReading | None]) -> list[str]:
    return ["" if string is None else string.text for string in strings]


@dataclass(frozen=True, slots=True)
class SeenCrop:
    """A crop, its line, and its string where both looks are sure."""

    opened: OpenedPhoto
    line: ScoredLine | None
    sure: FieldReading | None


def _unread(strings: Sequence[FieldReading | None]) -> list[int]:
    return [place for place, string in enumerate(strings) if string is None]


def _clarity_of(crop: SeenCrop) -> float:
    return clarity_of(crop.line)


def _confidence_of(string: FieldReading | None) -> float:
    return 0.0 if string is None else string.confidence


def _look_at(
    photos: Sequence[Photo], settings: Settings, readers: Readers, watch: Stopwatch
) -> list[SeenCrop]:
    """Show crops to the string reader."""
    with watch.time("rectifying"):
        opened = [open_photo(photo, settings, NoTrace()) for photo in photos]
    lines: list[ScoredLine | None] = [None] * len(opened)
    if readers.asks_strings(settings.reader):
        with watch.time("line normalisation"):
            found = [find_line(_gray_of(it.page), None, settings.enhance_crop) for it in opened]
        with watch.time("StringNet, two looks"):
            lines = show_lines(found, readers)
    with watch.time("decoding and fusion"):
        return [
            SeenCrop(*part, _decode_sure(*part, settings, readers))
            for part in zip(opened, lines, strict=True)
        ]


def _read_seen(
    crops: Sequence[SeenCrop], settings: Settings, readers: Readers, watch: Stopwatch
) -> list[FieldReading | None]:
    """Read crops that leave a doubt, one string each; None where nothing was found."""
    with watch.time("segmentation"):
        pages = [segment_opened(crop.opened, settings, NoTrace()) for crop in crops]
    answers: list[DigitScores | None] = [None] * len(pages)
    if settings.reader is not ReaderChoice.STRINGS:
        with watch.time("DigitNet"):
            answers = _classify_all(pages, readers)
    lines = [crop.line for crop in crops]
    with watch.time("decoding and fusion"):
        places = [_decode(*part, settings) for part in zip(pages, answers, strict=True)]
        parts = zip(pages, places, lines, strict=True)
        fusions = [_fuse(*part, settings, readers) for part in parts]
    with watch.time("StringNet, leaning"):
        leaning = lean_doubtful(lines, fusions, settings.fusion, readers)
    with watch.time("decoding and fusion"):
        for index, line in leaning.items():
            lines[index] = line
            fusions[index] = _fuse(pages[index], places[index], line, settings, readers)
        return [
            _assemble(page.page, *part, settings=settings, readers=readers)
            for page, *part in zip(pages, places, fusions, lines, strict=True)
        ]


def _gray_of(page: Page) -> GrayImage:
    """The photo's own grey, as the pipeline takes it for a crop."""
    return page.gray if page.photo_gray is None else page.photo_gray


def _decode_sure(
    opened: OpenedPhoto, line: ScoredLine | None, settings: Settings, readers: Readers
) -> FieldReading | None:
    """The string of a crop of which both looks are sure."""
    if line is None or not readers.looks_twice(settings.reader):
        return None
    calibration = readers.calibration
    sure = fuse_sure_looks(line, settings.fusion, None, temperature=calibration.temperature)
    if sure is None:
        return None
    place = StringPlace(whole_field(opened.page), ())
    return _assemble(opened.page, place, sure, line, settings=settings, readers=readers)


def _classify_all(pages: Sequence[SegmentedPage], readers: Readers) -> list[DigitScores | None]:
    """Ask about the glyphs of all pages at once; None for a page without a field."""
    cells = [[glyph.cell for lattice in p.lattices for glyph in lattice.glyphs] for p in pages]
    together = [cell for page in cells for cell in page]
    if not together:
        return [None] * len(pages)
    scores = readers.classify(np.stack(together))
    parts = np.split(scores, np.cumsum([len(page) for page in cells])[:-1])
    return [part if p.lattices else None for part, p in zip(parts, pages, strict=True)]


def _decode(page: SegmentedPage, answers: DigitScores | None, settings: Settings) -> StringPlace:
    """A crop's one string, as the segments reader reads it."""
    if not page.fields:
        return StringPlace(whole_field(page.page), ())
    paths = [] if answers is None else decode_lattice(page.lattices[0], answers, settings.decode)
    return StringPlace(page.fields[0], tuple(paths))


def _fuse(
    page: SegmentedPage,
    place: StringPlace,
    line: ScoredLine | None,
    settings: Settings,
    readers: Readers,
) -> Fusion:
    """What both readers make of a crop; nothing where no ink was found."""
    fusing, spread = weigh_segments(settings.fusion, line, _gray_of(page.page).shape[0])
    return fuse_place(
        place,
        line if page.fields else None,
        settings.reader,
        fusing,
        None,
        temperature=spread * readers.calibration.temperature,
        empty_share=settings.fusion.crop_empty_share,
    )


def _assemble(  # noqa: PLR0913 - all that is known of a crop
    page: Page,
    place: StringPlace,
    fusion: Fusion,
    line: ScoredLine | None,
    *,
    settings: Settings,
    readers: Readers,
) -> FieldReading | None:
    """The string of a crop; None where there is no digit."""
    if not fusion.texts or not fusion.texts[0].digits:
        return None
    calibration = readers.calibration
    return assemble_reading(place, fusion, line, page, settings=settings, calibration=calibration)


def time_readers(crops: Crops, readers: Readers, peer: Peer | None, rounds: int) -> Timings:
    """Time every reader and the peer once a round; a first round only sets memory up.

    Args:
        crops: What is read.
        readers: Both readers.
        peer: Or None.
        rounds: That count.

    Returns:
        Seconds for all crops together.
    """
    _time_round(crops, readers, peer, Timings())
    timings = Timings()
    for _ in range(rounds):
        _time_round(crops, readers, peer, timings)
    return timings


def _time_round(crops: Crops, readers: Readers, peer: Peer | None, timings: Timings) -> None:
    for choice in CHOICES:
        settings = Settings(layout=Layout.LINE, reader=choice)
        timing = timings.readers.setdefault(f"`{choice.value}`", Timing())
        together = Stopwatch()
        texts = read_in_stages(crops.photos, settings, readers, together)
        timing.batches.append(sum(together.seconds.values()))
        start = time.perf_counter()
        readings = [read_photo(photo, settings, readers) for photo in crops.photos]
        timing.alone.append(time.perf_counter() - start)
        timing.figures = measure_readings(crops, readings)
        timings.differing = max(timings.differing, _count_differing(texts, readings))
    one_by_one = Stopwatch()  # the last choice is both
    for photo in crops.photos:
        read_in_stages([photo], settings, readers, one_by_one)
    for stage, timing in timings.stages.items():
        timing.batches.append(together.seconds[stage])
        timing.alone.append(one_by_one.seconds[stage])
    if peer is not None:
        _time_peer(crops, peer, timings.readers.setdefault(peer.name, Timing()))


def _time_peer(crops: Crops, peer: Peer, timing: Timing) -> None:
    seconds, _ = peer.read("batches")
    timing.batches.append(seconds)
    seconds, texts = peer.read("alone")
    timing.alone.append(seconds)
    readings = [as_reading(photo, text) for photo, text in zip(crops.photos, texts, strict=True)]
    timing.figures = measure_readings(crops, readings)


def as_reading(photo: Photo, text: str) -> PhotoReading:
    """A reading of what another program says of a crop; none where it sees no digit."""
    box = Box(0, 0, photo.width, photo.height)
    corners = ((0, 0), (box.right, 0), (box.right, box.bottom), (0, box.bottom))
    string = FieldReading(text, 0.0, False, Kind.LINE, box, corners)
    return PhotoReading(photo.name, strings=(string,) if string.digits else ())


def measure_readings(crops: Crops, readings: Sequence[PhotoReading]) -> Figures:
    """Compare readings with labels."""
    pairs = zip(crops.labelled, readings, strict=True)
    return measure([PhotoResult(c.file, r, compare_photo(c.strings, r)) for c, r in pairs])


def _count_differing(texts: Sequence[str], readings: Sequence[PhotoReading]) -> int:
    alone = ["".join(string.text for string in reading.strings) for reading in readings]
    return sum(text != other for text, other in zip(texts, alone, strict=True))


def render_readers(readers: Mapping[str, Timing], peer_name: str | None, crop_count: int) -> str:
    """Time and what is right, a line a reader, as a Markdown table."""
    peer = readers.get(peer_name or "")
    head = ["reader", "alone, ms", "peer ÷ it", "in batches, ms", "peer ÷ it"]
    head += ["digits exactly right", "whole text exactly right"]
    lines = [head, ["---", *["--:"] * 6]]
    for name, timing in readers.items():
        alone = _milliseconds(timing.alone, crop_count)
        batches = _milliseconds(timing.batches, crop_count)
        alone_ratio = _ratio(peer.alone if peer else [], timing.alone)
        batches_ratio = _ratio(peer.batches if peer else [], timing.batches)
        assert timing.figures is not None
        digits = as_percent(timing.figures.exact_match_digits)
        text = as_percent(timing.figures.exact_match_text)
        lines.append([name, alone, alone_ratio, batches, batches_ratio, digits, text])
    return as_table(lines)


def render_stages(stages: Mapping[str, Timing], crop_count: int) -> str:
    """Time of each stage where both readers are asked, as a Markdown table."""
    lines = [["stage of `both`", "alone, ms", "in batches, ms"], ["---", "--:", "--:"]]
    for name, timing in stages.items():
        times = (timing.alone, timing.batches)
        lines.append([name, *(_milliseconds(seconds, crop_count) for seconds in times)])
    return as_table(lines)


def _milliseconds(seconds: Sequence[float], crop_count: int) -> str:
    return f"{1000 * statistics.median(seconds) / crop_count:.2f}"


def _ratio(peer: Sequence[float], own: Sequence[float]) -> str:
    """Median over the rounds of how many times longer the peer took."""
    ratios = [theirs / ours for theirs, ours in zip(peer, own, strict=bool(peer))]
    return f"{statistics.median(ratios):.2f}" if ratios else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="crops and labels.csv")
    parser.add_argument("--weights", type=Path, help="folder; the package's own without it")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--peer-python", help="a Python that has rapidocr and onnxruntime")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    python, peer = find_peer_python(options.peer_python), None
    try:
        if options.rounds < 1:
            raise UsageError(f"--rounds {options.rounds}: must be at least 1")
        readers, crops = load_readers(options.weights), load_crops(options.folder)
        peer = Peer(python, [crop.path for crop in crops.labelled]) if python else None
        timings = time_readers(crops, readers, peer, options.rounds)
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    finally:
        if peer is not None:
            peer.close()
    count = len(crops.photos)
    print(render_readers(timings.readers, peer.name if peer else None, count))
    print(f"\n{render_stages(timings.stages, count)}")
    print(f"\n{count:,} crops, one thread, rounds: {options.rounds}.")
    if peer is None:
        print("RapidOCR was not measured: it is not installed; see --peer-python.")
    if timings.differing:
        print(f"{timings.differing} texts differ between batches and the pipeline.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
