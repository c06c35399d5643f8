"""`ocrdigits train strings`: folders of data in, weights with card and pictures out.

Reads downward: gather, train, measure, draw, save.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import nn

from ocrdigits.ctc import read_greedily
from ocrdigits.memory import keep_freed_memory
from ocrdigits.model.card import (
    ModelCard,
    ModelDescription,
    describe_use,
)
from ocrdigits.model.export import load_network, save_weights
from ocrdigits.model.report import plot_training_curves
from ocrdigits.model.strings.export import KIND_OF_LOOK, STRINGS
from ocrdigits.model.strings.folders import LabelledLines
from ocrdigits.model.strings.gather import LineData, LineDataSettings, gather_lines
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.sheets import plot_line_mistakes, plot_samples
from ocrdigits.model.strings.training import (
    StringTrainSettings,
    measure_texts,
    score_lines,
    train_strings,
)
from ocrdigits.model.train import StepReport, Trained
from ocrdigits.model.training_job import (
    MUST_NOT,
    leave_cores,
    make_folder,
    safetensors_in,
)

NEW_RATE, FINE_TUNING_RATE = 2e-3, 5e-4
"""Highest learning rates, of new weights and where weights are given to start from."""

_SAMPLES_SHOWN = 96
_LIMITS = (
    "Reads Western Arabic digits and . , - / in one line; other characters are left out or taken "
    "for these.",
    "Takes a line that was cut out, levelled and brought to size; a line that is not found is not "
    "read.",
    "Its scores are not calibrated on a user's own photos.",
)
_COMPOSED_ONLY = "Trained on composed strings alone: its figures do not say how real ones are read."
_DRAWN_ONLY = "Its composed strings hold no real digits: they were drawn by strokes and in print."


@dataclass(frozen=True, slots=True)
class StringTrainingJob:
    """What to train on and where to write.

    Attributes:
        data: What lines are made of.
        out: Folder for weights, card, pictures and checkpoint.
        settings: Of the training.
        init: Folder or `.safetensors` file to start from, or None.
        teacher: The same of a network whose answers are learnt beside the labels, or None.
        resume: Go on from the checkpoint in `out`.
    """

    data: LineDataSettings
    out: Path
    settings: StringTrainSettings = field(default_factory=StringTrainSettings)
    init: Path | None = None
    teacher: Path | None = None
    resume: bool = False


def train_string_network(
    job: StringTrainingJob,
    report: Callable[[StepReport], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> ModelCard:
    """Train a string network and write everything that belongs to it.

    Args:
        job: What and where.
        report: Called after every step of the training.
        say: Called with a line about each stage.

    Returns:
        The card of the new weights.

    Raises:
        InputError: If data are missing or damaged.
        UsageError: If options contradict each other.
        OutputError: If `out` cannot be written.
    """
    keep_freed_memory()
    leave_cores(job.settings.processes)
    make_folder(job.out)
    init = load_strings(job.init, "--init", job.data.look)
    teacher = load_strings(job.teacher, "--teacher", job.data.look)
    data = gather_lines(job.data, job.out, say, init=job.init)
    source = data.mix()
    plot_samples([source.sample(index) for index in range(_SAMPLES_SHOWN)], job.out / "samples.png")
    held_out = data.read_held_out()
    say(f"training {job.settings.architecture}, {data.composed_share:.0%} composed lines")
    trained = train_strings(
        source.sample,
        [sample for part in held_out for sample in part.samples],
        job.settings,
        out=job.out,
        init=init,
        teacher=teacher,
        resume=job.resume,
        report=report,
    )
    metrics = _measure_and_draw(trained, held_out, job.out)
    description = _describe(job, data, metrics)
    return save_weights(trained.network, description, job.out, kind=KIND_OF_LOOK[job.data.look])


def load_strings(path: Path | None, option: str, look: Look = Look.INK) -> nn.Module | None:
    """The string network that an option names, if any; one of the other look stands in.

    Raises:
        InputError: If there is none.
        WeightsError: If it is damaged.
    """
    if path is None:
        return None
    kind = KIND_OF_LOOK[look]
    if not (path / f"{kind.name}.safetensors").is_file():
        kind = STRINGS
    return load_network(safetensors_in(path, kind.name, option), kind=kind)


def render_string_card(card: ModelCard) -> str:
    """The figures of new weights, a line each."""
    lines = [f"{card.architecture}, {card.parameter_count:,} parameters"]
    for name, figures in card.metrics.items():
        shares = [
            f"{what} {100 * figures[what]:.2f} %" for what in ("digits", "text", "characters")
        ]
        lines.append(f"{name}: {', '.join(shares)} right of {figures['count']:,.0f}")
    return "\n".join(lines)


def _measure_and_draw(
    trained: Trained, parts: Sequence[LabelledLines], out: Path
) -> dict[str, dict[str, float]]:
    """Figures of each held-out set; curves and mistakes as pictures."""
    plot_training_curves(trained.history, out / "curves.png", of_what="texts")
    cpu = torch.device("cpu")
    scores = [score_lines(trained.network, [line for line, _ in p.samples], cpu) for p in parts]
    plot_line_mistakes(parts, scores, out / "mistakes.png")
    metrics = {}
    for part, answers in zip(parts, scores, strict=True):
        read = [read_greedily(answer) for answer in answers]
        figures = measure_texts(read, [text for _, text in part.samples])
        metrics[_held_out(part.name)] = {
            "digits": figures.digits,
            "text": figures.text,
            "characters": 1 - figures.cer,
            "count": float(len(read)),
        }
    return metrics


def _held_out(name: str) -> str:
    return name if name == "composed lines" else f"{name}, held out"


def _describe(
    job: StringTrainingJob, data: LineData, metrics: dict[str, dict[str, float]]
) -> ModelDescription:
    compose = job.data.compose
    training = asdict(job.settings) | {
        "init": None if job.init is None else job.init.name,
        "teacher": None if job.teacher is None else job.teacher.name,
        "composed_share": data.composed_share,
        "compose": asdict(compose),
        "left_out": {f.name: len(f.left_out) for f in data.folders if f.left_out},
        "line_not_found": {f.name: len(f.unused) for f in data.folders if f.unused},
    }
    has_real_digits = any(not use.name.startswith("drawn") for use in data.digits)
    limits = [*_LIMITS]
    if not data.folders and not data.pages:
        limits.append(_COMPOSED_ONLY)
    if data.composed is not None and not has_real_digits:
        limits.append(_DRAWN_ONLY)
    uses = [*data.digits, *(folder.use for folder in data.folders if data.composed_share < 1)]
    uses += data.page_uses
    if data.composed is not None:
        lines = job.settings.steps * job.settings.batch_size / job.settings.repeats
        drawn = lines * data.composed_share * (1 - compose.real_share if has_real_digits else 1)
        name = "drawn: lines by strokes and in print"
        uses.append(describe_use(name, round(drawn), ()))
    return ModelDescription(
        architecture=job.settings.architecture,
        training=training,
        data=tuple(uses),
        metrics=metrics,
        limits=tuple(limits),
        must_not_be_used_for=MUST_NOT,
    )
