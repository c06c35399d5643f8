"""MNIST's test digits in, one Markdown table out: strings read exactly, by length and reader.

    python benchmarks/composed_strings.py --data DIR --count 200

Strings of one writer's digits stand apart, touch or overlap as those that the string reader is
trained on, with nothing around them; the same composer frames and photographs them. Every crop is
read as `--layout line` reads it, whether or not the composer would have kept it for training.
Nothing is written anywhere: these digits measure and never train.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.asking import Readers
from ocrdigits.errors import InputError, OcrDigitsError, UsageError
from ocrdigits.model.compare import compare_photo
from ocrdigits.model.compose.chance import between
from ocrdigits.model.compose.hand.digitstock import DigitStock, stock_digits
from ocrdigits.model.compose.hand.pens import InkPatch
from ocrdigits.model.data import load_benchmark_sets
from ocrdigits.model.figures import PhotoResult, measure
from ocrdigits.model.readers import load_readers
from ocrdigits.model.strings.compose import ComposedSource, paste
from ocrdigits.model.strings.handwriting import InkLine, write_real
from ocrdigits.pipeline import read_photo
from ocrdigits.records import Layout, Photo, ReaderChoice
from ocrdigits.settings import Settings

LENGTHS = range(2, 11)
CHOICES = (ReaderChoice.SEGMENTS, ReaderChoice.STRINGS, ReaderChoice.BOTH)

_PLAIN_ATTEMPT = 8  # from this attempt on the composer leaves out all that stands around a number
_DIGIT_PX = (28.0, 42.0)  # height of digits before they are photographed, as in training
_INKED = 0.5  # coverage of a pixel that counts as ink


@dataclass(frozen=True, slots=True)
class ComposedString:
    """A string of digits as a camera saved it.

    Attributes:
        photo: The crop.
        text: What it says.
        touches: Whether the ink of neighbouring digits meets anywhere, before blur and sampling.
    """

    photo: Photo
    text: str
    touches: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of strings of some length.

    Attributes:
        name: The length.
        touching: Share of strings in which digits touch.
        exact: Share whose digits are exactly right, for each of `CHOICES`.
    """

    name: str
    touching: float
    exact: tuple[float, ...]


class DigitStrings(ComposedSource):
    """Composes digits alone, as many as asked; the same numbers and seed give the same string."""

    def __init__(self, seed: int, stock: DigitStock) -> None:
        super().__init__(seed, stock)
        self._length = 1
        self._line = InkLine(0.0, 0.0)

    def compose_string(self, length: int, number: int) -> ComposedString:
        """Compose one string.

        Args:
            length: How many digits.
            number: Of the string among those of its length, below 1,000,000.

        Returns:
            The string.
        """
        self._length = length
        crop = self.compose_crop(1_000_000 * length + number, _PLAIN_ATTEMPT)
        image = np.asarray(cv2.cvtColor(crop.gray, cv2.COLOR_GRAY2BGR), np.uint8)
        photo = Photo(f"{crop.text}-{number}", 1, image)
        return ComposedString(photo, crop.text, digits_touch(self._line))

    def _write(self, rng: np.random.Generator) -> tuple[str, InkLine, bool]:
        """What the composer asks for first."""
        text = "".join(map(str, rng.integers(10, size=self._length).tolist()))
        self._line = write_real(rng, self._digits, text, between(rng, *_DIGIT_PX))
        return text, self._line, False


def digits_touch(line: InkLine) -> bool:
    """Whether the ink of any two neighbours meets, corner to corner at least."""
    return any(_meet(left, right) for left, right in pairwise(line.patches))


def _meet(left: InkPatch, right: InkPatch) -> bool:
    x, y = min(left.x, right.x), min(left.y, right.y)
    ends = [(p.x + p.coverage.shape[1], p.y + p.coverage.shape[0]) for p in (left, right)]
    width, height = np.max(ends, axis=0) - (x, y)
    inked = []
    for patch in (left, right):
        canvas = np.zeros((height, width), np.float32)
        paste(canvas, patch.coverage, patch.x - x, patch.y - y)
        inked.append(canvas > _INKED)
    reach = cv2.dilate(inked[0].astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return bool((reach & inked[1]).any())


def load_test_digits(root: Path) -> DigitStock:
    """The test part of MNIST, t10k, as a stock that the composer writes with.

    Args:
        root: Folder with `MNIST/raw`.

    Returns:
        The stock.

    Raises:
        InputError: If it is not there.
    """
    sets = [digits for digits in load_benchmark_sets(root) if digits.name == "mnist test"]
    if not sets:
        raise InputError(f"{root}: no MNIST there; expected MNIST/raw with the t10k files")
    return stock_digits(sets, f"{root}, MNIST test")


def read_strings(
    strings: Sequence[ComposedString], choice: ReaderChoice, readers: Readers
) -> list[PhotoResult]:
    """Read strings as lines, and compare."""
    settings = Settings(layout=Layout.LINE, reader=choice)
    readings = [read_photo(string.photo, settings, readers) for string in strings]
    return [
        PhotoResult(reading.file, reading, compare_photo((string.text,), reading))
        for string, reading in zip(strings, readings, strict=True)
    ]


def measure_lengths(source: DigitStrings, count: int, readers: Readers) -> list[Row]:
    """Compose and read the strings of all `LENGTHS`.

    Args:
        source: Of the strings.
        count: Strings of each length.
        readers: Both readers.

    Returns:
        One row a length; the last is over all of them.
    """
    rows = []
    for length in LENGTHS:
        strings = [source.compose_string(length, number) for number in range(count)]
        results = [read_strings(strings, choice, readers) for choice in CHOICES]
        exact = tuple(measure(photos).exact_match_digits or 0.0 for photos in results)
        touching = sum(string.touches for string in strings) / count
        rows.append(Row(f"{length}", touching, exact))
    whole = np.mean([(row.touching, *row.exact) for row in rows], axis=0).tolist()
    return [*rows, Row(f"{LENGTHS[0]} to {LENGTHS[-1]}", whole[0], tuple(whole[1:]))]


def render_table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table, without a line break at the end."""
    names = [f"`{choice.value}`" for choice in CHOICES]
    lines = [["digits", "touching", *names], ["--:", *["--:"] * (1 + len(names))]]
    for row in rows:
        lines.append([row.name, *(f"{100 * share:.1f} %" for share in (row.touching, *row.exact))])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--data", required=True, type=Path, help="folder with MNIST/raw")
    parser.add_argument("--weights", type=Path, help="folder; the package's own without it")
    parser.add_argument("--count", type=int, default=200, help="strings of each length")
    parser.add_argument("--seed", type=int, default=2026)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        if not 1 <= options.count <= 1_000_000:
            raise UsageError(f"--count {options.count}: must be in 1 … 1,000,000")
        readers = load_readers(options.weights)
        source = DigitStrings(options.seed, load_test_digits(options.data))
        rows = measure_lengths(source, options.count, readers)
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    print(render_table(rows))
    strings = options.count * len(LENGTHS)
    print(f"\n{strings:,} strings, {options.count:,} of each length, seed {options.seed}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
