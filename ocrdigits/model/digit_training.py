"""`ocrdigits train digits`: folders of data in, weights with card and pictures out.

Reads downward: gather, train, measure, draw, save.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from torch import nn

from ocrdigits.errors import InputError, OcrDigitsError, UsageError
from ocrdigits.memory import keep_freed_memory
from ocrdigits.model.align import harvest_folder
from ocrdigits.model.card import (
    ModelCard,
    ModelDescription,
    describe_use,
)
from ocrdigits.model.data import (
    DigitSet,
    is_labelled_digit_folder,
    load_benchmark_sets,
    load_training_sets,
)
from ocrdigits.model.drawn import draw_sets
from ocrdigits.model.drawn_pages import holds_drawn_pages
from ocrdigits.model.export import load_network, save_weights
from ocrdigits.model.figures import DIGIT_NAMES
from ocrdigits.model.page_digits import harvest_pages
from ocrdigits.model.report import plot_confusion, plot_mistakes, plot_training_curves
from ocrdigits.model.train import (
    StepReport,
    Trained,
    TrainSettings,
    predict,
    split_sets,
    train_network,
)
from ocrdigits.model.training_job import (
    MUST_NOT,
    make_folder,
    safetensors_in,
)
from ocrdigits.records import Cells, DigitClassifier, DigitScores

_LIMITS = (
    "Trained on Western Arabic digits only; other numerals are not digits to it.",
    "Reads one centred character; touching, overlapping and faint strings depend on segmentation.",
    "Its scores are not calibrated on a user's own photos.",
)


@dataclass(frozen=True, slots=True)
class DigitTrainingJob:
    """What to train on and where to write.

    Attributes:
        data: Folders and `.npz` files: single-digit sets, and folders of labelled strings
            (`labels.csv`) or of drawn pages (`truth.json`), whose digits are cut out with the help
            of weights that read already.
        out: Folder for weights, card, pictures and checkpoint.
        settings: Of the training.
        torchvision_sets: Sets to take from the first folder; None for those that lie there.
        download: Fetch missing torchvision sets.
        init: Folder or `.safetensors` file to start from, or None.
        teachers: Folders or `.safetensors` files of networks to learn from.
        resume: Go on from the checkpoint in `out`.
        drawn: Printed digits to draw (and three quarters as many letters and signs).
        fonts: Further typefaces for them.
    """

    data: tuple[Path, ...]
    out: Path
    settings: TrainSettings = field(default_factory=TrainSettings)
    torchvision_sets: tuple[str, ...] | None = None
    download: bool = False
    init: Path | None = None
    teachers: tuple[Path, ...] = ()
    resume: bool = False
    drawn: int = 12_000
    fonts: tuple[Path, ...] = ()


def train_digits(
    job: DigitTrainingJob,
    report: Callable[[StepReport], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> ModelCard:
    """Train a digit network and write everything that belongs to it.

    Args:
        job: What and where.
        report: Called after every step of the training.
        say: Called with a line about each stage.

    Returns:
        The card of the new weights.

    Raises:
        InputError: If data is missing or damaged.
        UsageError: If options contradict each other.
        OutputError: If `out` cannot be written.
    """
    keep_freed_memory()
    make_folder(job.out)
    init = None if job.init is None else load_network(safetensors_in(job.init, "digits"))
    teachers = [load_network(safetensors_in(path, "digits", "--teacher")) for path in job.teachers]
    sets = list(gather_sets(job, say))
    say(f"training {job.settings.architecture} on {sum(len(s.labels) for s in sets):,} cells")
    trained = train_network(
        sets,
        job.settings,
        out=job.out,
        init=init,
        teachers=teachers,
        resume=job.resume,
        report=report,
    )
    benchmarks = load_benchmarks([path for path in job.data if path.is_dir()])
    held_out = split_sets(sets, job.settings)[1]
    metrics = measure_sets(trained.network, [*benchmarks, held_out])
    _draw_pictures(trained, benchmarks or [held_out], job.out)
    return save_weights(trained.network, _describe(job, sets, metrics), job.out)


def gather_sets(job: DigitTrainingJob, say: Callable[[str], None]) -> Iterator[DigitSet]:
    """Load, harvest and draw all training cells of a job, saying what each gave."""
    if not job.data:
        raise UsageError("--data is missing: name folders with training digits")
    for font in job.fonts:
        if not font.exists():
            raise InputError(f"{font}: no such typeface or folder; correct --fonts")
    for number, path in enumerate(job.data):
        if holds_drawn_pages(path):
            say(f"{path}: cutting digits and other glyphs out of drawn pages")
            found: Iterable[DigitSet] = [harvest_pages(path, _aligner(job))]
        elif _holds_strings(path):
            say(f"{path}: cutting the digits out of labelled strings")
            found = [harvest_folder(path, _aligner(job))]
        else:
            names = job.torchvision_sets if number == 0 else None
            found = load_training_sets(path, names, download=job.download and number == 0)
        for part in found:
            say(f"{part.name}: {len(part.labels):,} cells")
            yield part
    if job.drawn:
        for part in draw_sets(job.drawn, job.settings.seed, job.fonts):
            say(f"{part.name}: {len(part.labels):,} cells")
            yield part


def load_benchmarks(folders: Iterable[Path]) -> list[DigitSet]:
    """The test sets that lie in some folders.

    Raises:
        InputError: If a folder is missing or a set damaged.
    """
    found = []
    for folder in folders:
        if not folder.is_dir():
            raise InputError(f"{folder}: no such folder; name one that holds test sets with --data")
        found += load_benchmark_sets(folder)
    return found


def measure_sets(network: nn.Module, sets: Iterable[DigitSet]) -> dict[str, dict[str, float]]:
    """`measure_digits` on each set that is not empty, by its name."""
    return {part.name: measure_digits(network, part) for part in sets if len(part.labels)}


def measure_digits(network: nn.Module, digits: DigitSet) -> dict[str, float]:
    """Accuracy over all eleven classes, and of each class by name."""
    predicted = predict(network, digits.cells, torch.device("cpu")).argmax(1).numpy()
    right = predicted == digits.labels
    figures = {"accuracy": float(right.mean()), "count": float(len(right))}
    for label in np.unique(digits.labels):
        figures[DIGIT_NAMES[label]] = float(right[digits.labels == label].mean())
    return figures


def render_card(card: ModelCard) -> str:
    """The figures of new weights, a line each."""
    lines = [f"{card.architecture}, {card.parameter_count:,} parameters"]
    lines += [
        f"{name}: {100 * figures['accuracy']:.2f} %" for name, figures in card.metrics.items()
    ]
    return "\n".join(lines)


def _holds_strings(path: Path) -> bool:
    return (path / "labels.csv").is_file() and not is_labelled_digit_folder(path)


def _aligner(job: DigitTrainingJob) -> DigitClassifier:
    """Weights that find the digits in labelled strings: those of --init, or the package's own."""
    if job.init is None:
        from ocrdigits.model.runtime import load_digit_classifier

        try:
            return load_digit_classifier(threads=2)
        except OcrDigitsError as error:
            raise UsageError(
                f"labelled strings need weights that read digits already ({error}); "
                "train on single digits first and give the result with --init"
            ) from error
    network = load_network(safetensors_in(job.init, "digits"))

    def classify(cells: Cells) -> DigitScores:
        return np.asarray(predict(network, cells, torch.device("cpu")).numpy(), np.float32)

    return classify


def _describe(
    job: DigitTrainingJob, sets: list[DigitSet], metrics: dict[str, dict[str, float]]
) -> ModelDescription:
    training = asdict(job.settings)
    training["init"] = None if job.init is None else job.init.name
    training["teachers"] = [path.name for path in job.teachers]
    return ModelDescription(
        architecture=job.settings.architecture,
        training=training,
        data=tuple(describe_use(s.name, len(s.labels), s.files) for s in sets),
        metrics=metrics,
        limits=_LIMITS,
        must_not_be_used_for=MUST_NOT,
    )


def _draw_pictures(trained: Trained, parts: list[DigitSet], out: Path) -> None:
    plot_training_curves(trained.history, out / "curves.png")
    cells = np.concatenate([part.cells for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    scores = predict(trained.network, cells, torch.device("cpu")).numpy()
    predicted = scores.argmax(1)
    matrix = np.zeros((len(DIGIT_NAMES), len(DIGIT_NAMES)), np.int64)
    np.add.at(matrix, (labels, predicted), 1)
    plot_confusion(matrix, DIGIT_NAMES, out / "confusion.png")
    plot_mistakes(cells, labels, predicted, scores.max(1), out / "mistakes.png")
