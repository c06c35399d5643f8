"""Labelled strings in, a Markdown table out: what weights read before and after corrections.

    python benchmarks/learning.py DATA/register_rows --weights runs/stranger --layout auto

Some pictures of `train`, as `ocrdigits corrections` writes them, fine-tune the string reader;
`dev` is read before and after. The weights should never have seen the source, in either network:
this program cannot know. Where the digit reader has, `--reader strings` asks the other one alone.
The new weights and the pictures stay in `--out`.
"""

from __future__ import annotations

import argparse
import csv
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from markdown import as_percent, as_table

import ocrdigits
from ocrdigits.errors import OcrDigitsError, UsageError
from ocrdigits.model.data import read_labels
from ocrdigits.model.evaluate import Evaluation, evaluate_folder
from ocrdigits.model.string_training import (
    FINE_TUNING_RATE,
    StringTrainingJob,
    train_string_network,
)
from ocrdigits.model.strings.gather import LineDataSettings
from ocrdigits.model.strings.training import StringTrainSettings
from ocrdigits.records import ALPHABET, Layout, ReaderChoice
from ocrdigits.settings import Settings


@dataclass(frozen=True, slots=True)
class Measured:
    """What weights read.

    Attributes:
        name: In the table.
        evaluation: Of `dev`.
        minutes: That their training took; None where there was none.
    """

    name: str
    evaluation: Evaluation
    minutes: float | None = None


def pick_corrections(train: Path, count: int, seed: int, out: Path) -> Path:
    """Copy some labelled pictures, any of them, as somebody would have checked them.

    Args:
        train: Pictures and `labels.csv`.
        count: How many.
        seed: Of the choice.
        out: New folder.

    Returns:
        The folder.

    Raises:
        UsageError: If there are not so many.
    """
    labels = [(p, text) for p, text in read_labels(train) if text and set(text) <= set(ALPHABET)]
    if len(labels) < count:
        raise UsageError(f"{train}: {len(labels)} labelled strings; --corrections {count}")
    chosen = np.random.default_rng(seed).choice(len(labels), count, replace=False)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    with (out / "labels.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "text"))
        for index in sorted(chosen.tolist()):
            path, text = labels[index]
            shutil.copyfile(path, out / path.name)
            writer.writerow((path.name, text))
    return out


def teach(corrections: Path, weights: Path, steps: int, seed: int, out: Path) -> float:
    """Fine-tune the string reader; the digit reader stays as it is. Returns the minutes it took."""
    job = StringTrainingJob(
        LineDataSettings((corrections,), seed=seed),
        out,
        StringTrainSettings(
            epochs=4, steps_per_epoch=steps // 4, learning_rate=FINE_TUNING_RATE, seed=seed
        ),
        init=weights,
    )
    started = time.monotonic()
    train_string_network(job)
    for path in weights.glob("digits.*"):
        shutil.copyfile(path, out / path.name)
    return (time.monotonic() - started) / 60


def measure(weights: Path, folder: Path, settings: Settings, jobs: int) -> Evaluation:
    """Read and compare a labelled folder."""
    reader = ocrdigits.Reader(weights, settings)
    return evaluate_folder(folder, reader.read, jobs=jobs)


def render(rows: Sequence[Measured], name: str) -> str:
    """The table."""
    lines = [[f"`{name}`", "digits exactly right", "read at ≤ 1 % error", "training"]]
    lines.append(["---", *["--:"] * 3])
    for row in rows:
        figures = row.evaluation.figures
        lines.append([
            row.name,
            as_percent(figures.exact_match_digits),
            as_percent(figures.read_rates[0].coverage),
            "–" if row.minutes is None else f"{row.minutes:.0f} min",
        ])  # fmt: skip
    return as_table(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, help="folder with train and dev")
    parser.add_argument("--weights", type=Path, required=True, help="that never saw this source")
    parser.add_argument("--layout", choices=[layout.value for layout in Layout], default="line")
    parser.add_argument(
        "--reader", choices=[reader.value for reader in ReaderChoice], default="both"
    )
    parser.add_argument("--corrections", type=int, default=300)
    parser.add_argument("--steps", type=int, default=400, help="of the fine-tuning")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=Path("runs/learning"))
    parser.add_argument("-j", "--jobs", type=int, default=1, help="photos read at a time")
    options = parser.parse_args(arguments)
    settings = Settings(layout=Layout(options.layout), reader=ReaderChoice(options.reader))
    dev = options.data / "dev"
    cv2.setNumThreads(1)
    try:
        before = measure(options.weights, dev, settings, options.jobs)
        out = options.out / options.data.name
        corrections = pick_corrections(
            options.data / "train", options.corrections, options.seed, out / "corrections"
        )
        minutes = teach(corrections, options.weights, options.steps, options.seed, out / "weights")
        after = measure(out / "weights", dev, settings, options.jobs)
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    rows = [
        Measured("weights that never saw it", before),
        Measured(f"after {options.corrections} corrections", after, minutes),
    ]
    print(render(rows, f"{options.data.name}/dev"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
