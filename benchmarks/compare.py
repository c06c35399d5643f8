"""Labelled photos in, a Markdown table out: ours, RapidOCR and Tesseract on the same files.

    python benchmarks/compare.py DIR --layout line --peer-python PEERS/bin/python
    python benchmarks/compare.py DIR --layout page --peer-python PEERS/bin/python --first 10

One thread each, one photo after the other, in turn within each round, so that a busy machine
disturbs the ratio little. Crops (`line`): ours from the file to the text, RapidOCR its recogniser
alone on decoded pictures, Tesseract a process a crop with `--psm 7` and a whitelist of digits and
separators. Whole photos (`page`): all three from the file to all strings. What is right is
counted for crops, where each holds one string. Programs that are not installed are left out.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from markdown import as_table

# Sets the libraries to one thread before it loads them.
from reading_time import (
    Crops,
    Peer,
    as_reading,
    find_peer_python,
    load_crops,
    measure_readings,
)

import ocrdigits
from ocrdigits.errors import OcrDigitsError
from ocrdigits.model.evaluate import read_labelled_photos
from ocrdigits.records import Layout
from ocrdigits.settings import Settings

OURS = "ocrdigits"
_WHITELIST = "tessedit_char_whitelist=0123456789.,-/"


@dataclass(slots=True)
class Reads:
    """One program's rounds.

    Attributes:
        read: Reads everything once; seconds and, of each photo, its texts joined by `|`.
        seconds: One entry a round.
        texts: Of the last round.
    """

    read: Callable[[], tuple[float, list[str]]]
    seconds: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def read_ours(paths: Sequence[Path], layout: Layout) -> Callable[[], tuple[float, list[str]]]:
    """Our reader, loaded once."""
    reader = ocrdigits.Reader(settings=Settings(layout=layout))

    def read() -> tuple[float, list[str]]:
        started = time.perf_counter()
        readings = [reader.read(path) for path in paths]
        seconds = time.perf_counter() - started
        return seconds, ["|".join(string.text for string in it.strings) for it in readings]

    return read


def read_peer(peer: Peer, layout: Layout) -> Callable[[], tuple[float, list[str]]]:
    """RapidOCR in a process of its own, loaded once."""

    def read() -> tuple[float, list[str]]:
        if layout is Layout.LINE:
            return peer.read("alone")
        seconds, pages = peer.read("pages")
        return seconds, ["|".join(page) for page in pages]

    return read


def read_tesseract(paths: Sequence[Path], layout: Layout) -> Callable[[], tuple[float, list[str]]]:
    """Tesseract, a process a photo."""
    mode = "7" if layout is Layout.LINE else "11"

    def read() -> tuple[float, list[str]]:
        started = time.perf_counter()
        texts = []
        for path in paths:
            command = ["tesseract", str(path), "-", "--psm", mode, "-c", _WHITELIST]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            texts.append("|".join(done.stdout.split()))
        return time.perf_counter() - started, texts

    return read


def time_rounds(programs: dict[str, Reads], rounds: int) -> None:
    """Let each read everything once a round; a first round only sets memory up."""
    for number in range(rounds + 1):
        for program in programs.values():
            seconds, program.texts = program.read()
            if number:
                program.seconds.append(seconds)


def render(programs: dict[str, Reads], crops: Crops | None, count: int) -> str:
    """The table."""
    head = ["program", "ms a photo", "times ours"]
    head += ["digits exactly right", "whole text exactly right"] if crops else ["strings a photo"]
    lines = [head, ["---", *["--:"] * (len(head) - 1)]]
    ours = programs[OURS].seconds
    for name, program in programs.items():
        ratio = statistics.median(its / own for its, own in zip(program.seconds, ours, strict=True))
        cost = f"{1000 * statistics.median(program.seconds) / count:.1f}"
        lines.append([name, cost, f"{ratio:.2f}", *_figures(program, crops, count)])
    return as_table(lines)


def _figures(program: Reads, crops: Crops | None, count: int) -> list[str]:
    if crops is None:
        found = sum(len(texts.split("|")) for texts in program.texts if texts)
        return [f"{found / count:.1f}"]
    pairs = zip(crops.photos, program.texts, strict=True)
    figures = measure_readings(crops, [as_reading(photo, text) for photo, text in pairs])
    shares = (figures.exact_match_digits, figures.exact_match_text)
    return ["–" if share is None else f"{100 * share:.1f} %" for share in shares]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="photos and labels.csv")
    parser.add_argument("--layout", choices=["line", "page"], default="line")
    parser.add_argument("--first", type=int, help="only so many photos")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer-python", help="a Python that has rapidocr and onnxruntime")
    options = parser.parse_args(arguments)
    layout, peer = Layout(options.layout), None
    try:
        labelled = read_labelled_photos(options.folder)[: options.first]
        paths = [photo.path for photo in labelled]
        crops = load_crops(options.folder, options.first) if layout is Layout.LINE else None
        programs = {OURS: Reads(read_ours(paths, layout))}
        python = find_peer_python(options.peer_python)
        if python is not None:
            peer = Peer(python, paths)
            programs[peer.name] = Reads(read_peer(peer, layout))
        if shutil.which("tesseract"):
            programs["Tesseract"] = Reads(read_tesseract(paths, layout))
        time_rounds(programs, options.rounds)
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    finally:
        if peer is not None:
            peer.close()
    print(render(programs, crops, len(paths)))
    print(f"\n{len(paths):,} photos, one thread, rounds: {options.rounds}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
