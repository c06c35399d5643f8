"""`ocrdigits train suspects`: labelled strings in, a list of labels that are probably wrong out.

The pictures are divided into parts by their names. For each part a network is fine-tuned on the
others and then reads it, so that no network judges a label it has learnt.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch
from torch import nn

from ocrdigits.errors import OcrDigitsError, UsageError
from ocrdigits.memory import keep_freed_memory
from ocrdigits.model.runtime import find_weights
from ocrdigits.model.string_training import FINE_TUNING_RATE, load_strings
from ocrdigits.model.strings.folders import LabelledLines
from ocrdigits.model.strings.gather import LineData, LineDataSettings, gather_lines
from ocrdigits.model.strings.sheets import SHOWN, plot_suspects
from ocrdigits.model.strings.suspects import (
    MOST_ODDS,
    Suspect,
    SuspectKind,
    SuspectSettings,
    doubt_label,
    fold_of,
    write_suspects,
)
from ocrdigits.model.strings.training import (
    StringTrainSettings,
    score_lines,
    train_strings,
)
from ocrdigits.model.train import StepReport
from ocrdigits.model.training_job import leave_cores, make_folder
from ocrdigits.records import LineImage

SUSPECTS_FILE = "suspects.csv"
"""Name of the list in the folder of a search; `--left-out` takes it."""

_FOLDS = "folds"  # folder of what the trainings leave


@dataclass(frozen=True, slots=True)
class SuspectJob:
    """Which labels to doubt and where to write.

    Attributes:
        data: What lines are made of; the labels of its folders are doubted.
        out: Folder for the list and its picture.
        init: Folder or `.safetensors` file that each network starts from; None for the package's
            own weights. Best are weights that never saw these pictures.
        settings: When a label is doubted.
        training: Of each network; its epochs are one.
    """

    data: LineDataSettings
    out: Path
    init: Path | None = None
    settings: SuspectSettings = field(default_factory=SuspectSettings)
    training: StringTrainSettings = field(
        default_factory=lambda: StringTrainSettings(
            epochs=1, steps_per_epoch=300, learning_rate=FINE_TUNING_RATE
        )
    )


@dataclass(frozen=True, slots=True)
class SuspectReport:
    """What was found.

    Attributes:
        suspects: The most suspect first.
        count: Labels looked at.
        file: The list.
    """

    suspects: tuple[Suspect, ...]
    count: int
    file: Path


def find_suspects(
    job: SuspectJob,
    report: Callable[[StepReport], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> SuspectReport:
    """Find labels that networks contradict which did not train on them.

    Args:
        job: Which and where.
        report: Called after every step; the parts count as epochs.
        say: Called with a line about each stage.

    Returns:
        The suspects; `suspects.csv` and `suspects.png` are in the job's folder.

    Raises:
        InputError: If data are missing or damaged.
        UsageError: If there are no labels to doubt, or no weights to start from.
        OutputError: If the folder cannot be written.
    """
    keep_freed_memory()
    leave_cores(job.training.processes)
    make_folder(job.out)
    init = load_strings(job.init or _own_weights(), "--init")
    data = gather_lines(job.data, job.out, say, init=job.init)
    if not data.folders:
        raise UsageError("--data names no folder of labelled strings (labels.csv)")
    found: list[tuple[Suspect, LineImage]] = []
    count = 0
    for fold in range(job.settings.folds):
        network = _train_without(job, data, fold, init, report)
        parts = list(_lines_of_fold(data, fold, job.settings.folds))
        found += [doubt for part in parts for doubt in _doubt_all(network, part, job.settings)]
        count += sum(len(part.samples) for part in parts)
        say(f"part {fold + 1} of {job.settings.folds}: {len(found):,} of {count:,} labels suspect")
    shutil.rmtree(job.out / _FOLDS, ignore_errors=True)
    found.sort(key=lambda entry: (-entry[0].log_odds, entry[0].file))
    suspects = tuple(suspect for suspect, _ in found)
    write_suspects(suspects, job.out / SUSPECTS_FILE)
    shown = [line for _, line in found[:SHOWN]]
    plot_suspects(suspects, shown, count, job.out / "suspects.png")
    return SuspectReport(suspects, count, job.out / SUSPECTS_FILE)


def render_suspects(report: SuspectReport) -> str:
    """What was found, in one line for people."""
    kinds = [suspect.kind for suspect in report.suspects]
    digits, separators = kinds.count(SuspectKind.DIGITS), kinds.count(SuspectKind.SEPARATOR)
    return (
        f"{report.file}: of {report.count:,} labels {digits:,} with suspect digits, "
        f"{separators:,} with suspect separators, {kinds.count(SuspectKind.LINE):,} without a line"
    )


def _own_weights() -> Path:
    try:
        return find_weights(None, "strings")
    except OcrDigitsError as error:
        raise UsageError(
            f"labels are doubted by weights that read strings already ({error}); "
            "train on composed strings first and give the result with --init"
        ) from error


def _train_without(
    job: SuspectJob,
    data: LineData,
    fold: int,
    init: nn.Module | None,
    report: Callable[[StepReport], None],
) -> nn.Module:
    """Fine-tune on all parts but one."""
    folds = job.settings.folds
    labels = [label for folder in data.folders for label in folder.training]
    without = frozenset(path for path, _ in labels if fold_of(path, folds) == fold)
    trained = train_strings(
        data.mix(without).sample,
        [],
        replace(job.training, epochs=1),
        out=job.out / _FOLDS / str(fold + 1),
        init=init,
        report=lambda step: report(replace(step, epoch=fold + 1, epochs=folds)),
    )
    return trained.network


def _lines_of_fold(data: LineData, fold: int, folds: int) -> Iterator[LabelledLines]:
    """The lines of one part, of what is trained on and of what is held out."""
    for folder in data.folders:
        labels = [*folder.training, *folder.held_out]
        yield folder.read_lines([label for label in labels if fold_of(label[0], folds) == fold])


def _doubt_all(
    network: nn.Module, part: LabelledLines, settings: SuspectSettings
) -> Iterator[tuple[Suspect, LineImage]]:
    lines = [line for line, _ in part.samples]
    scores = score_lines(network, lines, torch.device("cpu"))
    for (line, text), file, answer in zip(part.samples, part.files, scores, strict=True):
        suspect = doubt_label(answer, file, text, settings)
        if not line.any():
            suspect = Suspect(file, text, "", MOST_ODDS, SuspectKind.LINE)
        if suspect is not None:
            yield suspect, line
