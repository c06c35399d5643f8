"""Kinds of pages in, one Markdown table out: how many photos a second are drawn on one core.

    python benchmarks/synth_speed.py --count 20 --megapixels 2

Composition, photography and JPEG together, photos as people take them. The first photo of each
kind is not counted: it loads typefaces and makes the textures that all photos share. Time is that
of the processor, so that other programs disturb little.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")
for variable in ONE_THREAD:  # read when the libraries are loaded, so before that
    os.environ[variable] = "1"

import cv2  # noqa: E402

from ocrdigits.errors import OcrDigitsError  # noqa: E402
from ocrdigits.model.compose.photo.shot import ShotSettings  # noqa: E402
from ocrdigits.model.compose.photo_folder import encode_jpeg  # noqa: E402
from ocrdigits.model.compose.synth import PageKind, compose_photo, parse_kinds  # noqa: E402


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one kind.

    Attributes:
        kind: Of pages.
        photos_per_second: Mean over all photos.
        slowest_s: Time of the slowest.
        kilobytes: Mean size of a file.
    """

    kind: PageKind
    photos_per_second: float
    slowest_s: float
    kilobytes: float


def measure_kind(kind: PageKind, count: int, seed: int, shots: ShotSettings) -> Row:
    """Draw photos of one kind.

    Args:
        kind: Of pages.
        count: How many are counted.
        seed: Of the series.
        shots: How they are taken.

    Returns:
        One row of the table.
    """
    seconds, sizes = [], []
    for index in range(count + 1):
        start = time.process_time()
        photo = compose_photo(kind, index, seed, shots=shots)
        sizes.append(len(encode_jpeg(photo.image, photo.jpeg_quality)))
        seconds.append(time.process_time() - start)
    counted = seconds[1:]
    return Row(kind, count / sum(counted), max(counted), sum(sizes[1:]) / count / 1000)


def render_table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, without a line break at the end."""
    lines = [["kind", "photos a second", "slowest, s", "kB"], ["---", "--:", "--:", "--:"]]
    lines += [
        [
            row.kind.value,
            f"{row.photos_per_second:.1f}",
            f"{row.slowest_s:.2f}",
            f"{row.kilobytes:.0f}",
        ]
        for row in rows
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kinds", help="separated by commas; all without it")
    parser.add_argument("--count", type=int, default=20, help="photos of each kind")
    parser.add_argument("--megapixels", type=float, default=2.0, help="size of the photos")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        kinds = parse_kinds(options.kinds) if options.kinds else tuple(PageKind)
        shots = ShotSettings(megapixels=(options.megapixels, options.megapixels))
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    print(render_table([measure_kind(kind, options.count, options.seed, shots) for kind in kinds]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
