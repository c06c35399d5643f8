"""Weights folders in, one Markdown table out: accuracy on test digits, size and speed of each.

    python benchmarks/digit_sets.py weights runs/lenet5 --data DIR

A prediction is the most probable of all eleven classes: "not a digit" counts as wrong. Speed is
that of one core through ONNX Runtime, median of several rounds.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocrdigits.errors import InputError, OcrDigitsError
from ocrdigits.model.card import read_card
from ocrdigits.model.data import DigitSet, load_benchmark_sets
from ocrdigits.model.runtime import load_digit_classifier
from ocrdigits.records import NOT_A_DIGIT, Cells, DigitClassifier

TIMED_CELLS, TIMED_ROUNDS = 256, 15


@dataclass(frozen=True, slots=True)
class SetAccuracy:
    """Share of one set's cells read right.

    Attributes:
        name: Of the set.
        count: Its cells.
        accuracy: Over all eleven classes.
        accuracy_among_digits: With "not a digit" ruled out.
    """

    name: str
    count: int
    accuracy: float
    accuracy_among_digits: float


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one weights folder."""

    folder: str
    architecture: str
    sets: tuple[SetAccuracy, ...]
    parameter_count: int
    cell_us: float


def measure_weights(folder: Path, sets: Sequence[DigitSet]) -> Row:
    """Measure one weights folder.

    Args:
        folder: With `digits.onnx` and `digits.json`.
        sets: Test digits.

    Returns:
        One row of the table.
    """
    card, classify = read_card(folder / "digits.json"), load_digit_classifier(folder)
    return Row(
        str(folder),
        card.architecture,
        tuple(measure_accuracy(classify, digits) for digits in sets),
        card.parameter_count,
        time_cell(classify, sets[0].cells),
    )


def measure_accuracy(classify: DigitClassifier, digits: DigitSet) -> SetAccuracy:
    """Accuracy over all eleven classes, and among the ten digits alone."""
    scores = classify(digits.cells)
    right = scores.argmax(axis=1) == digits.labels
    right_digit = scores[:, :NOT_A_DIGIT].argmax(axis=1) == digits.labels
    return SetAccuracy(digits.name, len(right), float(right.mean()), float(right_digit.mean()))


def time_cell(classify: DigitClassifier, cells: Cells) -> float:
    """Microseconds a cell on one core, batches of `TIMED_CELLS`, median of `TIMED_ROUNDS`."""
    batch = np.resize(cells, (TIMED_CELLS, *cells.shape[1:]))
    classify(batch)  # the first run sets memory up
    rounds = []
    for _ in range(TIMED_ROUNDS):
        start = time.perf_counter()
        classify(batch)
        rounds.append(time.perf_counter() - start)
    return statistics.median(rounds) / TIMED_CELLS * 1e6


def render_table(rows: Sequence[Row], *, verbose: bool = False) -> str:
    """The rows as a Markdown table.

    Args:
        rows: At least one.
        verbose: Add the accuracy among ten digits in brackets.

    Returns:
        Several lines, without a line break at the end.
    """
    names = [f"{entry.name} ({entry.count:,})" for entry in rows[0].sets]
    head = ["weights", "network", *names, "parameters", "µs a cell"]
    lines = [head, ["---", "---", *["--:" for _ in names], "--:", "--:"]]
    for row in rows:
        shares = [_percent(entry, verbose) for entry in row.sets]
        size, speed = f"{row.parameter_count:,}", f"{row.cell_us:.0f}"
        lines.append([row.folder, row.architecture, *shares, size, speed])
    table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return f"{table}\n\nIn brackets: with “not a digit” ruled out." if verbose else table


def _percent(entry: SetAccuracy, verbose: bool) -> str:
    among_digits = f" ({100 * entry.accuracy_among_digits:.2f})" if verbose else ""
    return f"{100 * entry.accuracy:.2f} %{among_digits}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("weights", nargs="+", type=Path, help="folders with digits.onnx")
    parser.add_argument("--data", required=True, type=Path, help="folder of the digit sets")
    parser.add_argument("--verbose", action="store_true", help="also with “not a digit” ruled out")
    options = parser.parse_args(arguments)
    try:
        sets = load_benchmark_sets(options.data)
        if not sets:
            raise InputError(f"{options.data}: no test digits; expected MNIST/, usps.t.bz2, *.npz")
        rows = [measure_weights(folder, sets) for folder in options.weights]
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    print(render_table(rows, verbose=options.verbose))
    return 0


if __name__ == "__main__":
    sys.exit(main())
