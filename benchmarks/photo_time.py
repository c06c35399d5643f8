"""Whole photos in, a Markdown table out: time to read each beside decoding it with OpenCV.

    ocrdigits synth form12 --kinds form,cheque --count 2 --megapixels 12 --seed 9
    python benchmarks/photo_time.py form12/*.jpg --peer-python PEERS/bin/python

One thread. The unit is a full-size `cv2.imdecode` of the same JPEG, timed in turn with the
reading, from bytes to strings: both are the least processor time of several rounds, so that a busy
machine disturbs little and another one gives about the same ratios. `--stages` says where the time
goes, calls of a stage within another taken off.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):  # read when the libraries are loaded
    os.environ[variable] = "1"

import cv2  # noqa: E402
import numpy as np  # noqa: E402
from markdown import as_table  # noqa: E402
from reading_time import Peer, find_peer_python  # noqa: E402

import ocrdigits  # noqa: E402
from ocrdigits import page_reading, propose, segmenting  # noqa: E402
from ocrdigits.errors import OcrDigitsError  # noqa: E402
from ocrdigits.model.runtime import OnnxDigitClassifier  # noqa: E402
from ocrdigits.model.strings.runtime import OnnxStringReader  # noqa: E402
from ocrdigits.vision import load  # noqa: E402

STAGES: tuple[tuple[Any, str, str], ...] = (
    (load, "_decode_page", "decode"),
    (segmenting, "rectify_photo", "rectify"),
    (segmenting, "find_ink", "find ink"),
    (segmenting, "find_fields", "find fields"),
    (segmenting, "glance_at", "glance"),
    (segmenting, "segment_field", "segment"),
    (OnnxDigitClassifier, "__call__", "DigitNet"),
    (propose, "decode_lattice", "decode lattices"),
    (page_reading, "find_line", "find lines"),
    (OnnxStringReader, "__call__", "StringNet"),
    (page_reading, "fuse_place", "fuse"),
)


@dataclass(frozen=True, slots=True)
class PhotoTime:
    """Least seconds of processor time of one photo."""

    name: str
    megapixels: float
    decode: float
    read: float
    stages: dict[str, float]


class StageClock:
    """Sums up the processor time of stages, without that of other stages inside."""

    def __init__(self) -> None:
        """Start at zero."""
        self.seconds: Counter[str] = Counter()
        self._inner: list[float] = []

    def watch(self, owner: Any, name: str, label: str) -> None:  # noqa: ANN401 - module or class
        """Put the clock around a function or method."""
        run: Callable[..., Any] = getattr(owner, name)

        def timed(*args: Any, **options: Any) -> Any:  # noqa: ANN401
            self._inner.append(0.0)
            start = time.process_time()
            try:
                return run(*args, **options)
            finally:
                spent = time.process_time() - start
                self.seconds[label] += spent - self._inner.pop()
                if self._inner:
                    self._inner[-1] += spent

        setattr(owner, name, timed)


def time_photo(path: Path, reader: ocrdigits.Reader, rounds: int, clock: StageClock) -> PhotoTime:
    """Decode and read a photo in turn.

    Args:
        path: A JPEG file.
        reader: Of one thread.
        rounds: How often.
        clock: Around the stages, or around none.

    Returns:
        The least times; the stages are those of the fastest reading.
    """
    data = path.read_bytes()
    encoded = np.frombuffer(data, np.uint8)
    decodes, reads = [], []
    for _ in range(rounds):
        start = time.process_time()
        image = cv2.imdecode(encoded, cv2.IMREAD_COLOR)
        decodes.append(time.process_time() - start)
        clock.seconds.clear()
        start = time.process_time()
        reader.read(data)
        reads.append((time.process_time() - start, dict(clock.seconds)))
    read, stages = min(reads, key=lambda it: it[0])
    return PhotoTime(path.name, image.size / 3e6, min(decodes), read, stages)


def render(times: Sequence[PhotoTime]) -> str:
    """Time and ratio, a line a photo, as a Markdown table."""
    head = ["photo", "megapixels", "imdecode, ms", "read, ms", "read ÷ imdecode"]
    lines = [head, ["---", *["--:"] * 4]]
    for it in times:
        cells = [f"{it.megapixels:.1f}", f"{1000 * it.decode:.0f}", f"{1000 * it.read:.0f}"]
        lines.append([it.name, *cells, f"{it.read / it.decode:.1f}"])
    return as_table(lines)


def render_stages(times: Sequence[PhotoTime]) -> str:
    """Stages in units of `imdecode`, a column a photo, as a Markdown table."""
    lines = [["stage ÷ imdecode", *(it.name for it in times)], ["---", *["--:"] * len(times)]]
    for _, _, label in STAGES:
        lines.append([label, *(f"{it.stages.get(label, 0) / it.decode:.2f}" for it in times)])
    rest = [(it.read - sum(it.stages.values())) / it.decode for it in times]
    return as_table([*lines, ["all else", *(f"{share:.2f}" for share in rest)]])


def _time_peer(paths: Sequence[Path], python: str, rounds: int) -> tuple[str, float]:
    """Name and least seconds of the peer for all photos together."""
    peer = Peer(python, [str(path) for path in paths])
    try:
        return peer.name, min(peer.read("pages")[0] for _ in range(rounds))
    finally:
        peer.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photos", type=Path, nargs="+", help="JPEG files")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--stages", action="store_true", help="say where the time goes")
    parser.add_argument("--peer-python", help="a Python that has rapidocr and onnxruntime")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    clock = StageClock()
    for stage in STAGES if options.stages else ():
        clock.watch(*stage)
    try:
        reader = ocrdigits.Reader()
        times = [time_photo(path, reader, options.rounds, clock) for path in options.photos]
        print(render(times))
        if options.stages:
            print(f"\n{render_stages(times)}")
        if python := find_peer_python(options.peer_python):
            name, seconds = _time_peer(options.photos, python, options.rounds)
            ratio = seconds / sum(it.read for it in times)
            print(f"\n{name}, whole photos: {1000 * seconds:.0f} ms, {ratio:.1f} times as long.")
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main())
