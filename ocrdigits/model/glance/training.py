"""`ocrdigits train glance`: drawn pages in, the weights of `GlanceNet` with card and curves out.

Reads downward: gather, train (seed, data, model, optimiser, plain loop), measure, save.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ocrdigits.errors import InputError, UsageError
from ocrdigits.memory import keep_freed_memory
from ocrdigits.model.card import (
    ModelCard,
    ModelDescription,
    describe_use,
)
from ocrdigits.model.data import load_training_sets
from ocrdigits.model.drawn_pages import TRUTH_FILE, read_drawn_pages
from ocrdigits.model.export import load_network, save_weights
from ocrdigits.model.glance.export import GLANCE
from ocrdigits.model.glance.fields import KnownField, harvest_fields
from ocrdigits.model.glance.network import ARCHITECTURES
from ocrdigits.model.glance.runtime import GLANCE_NAME
from ocrdigits.model.loop import (
    CHECKPOINT,
    load_checkpoint,
    make_average,
    make_optimizer,
    make_schedule,
    pick_device,
    save_checkpoint,
    start_from,
)
from ocrdigits.model.report import plot_training_curves
from ocrdigits.model.train import StepReport, Trained
from ocrdigits.model.training_job import MUST_NOT, make_folder, safetensors_in
from ocrdigits.settings import GlanceSettings
from ocrdigits.vision.strip import STEP_PX, STRIP_PX, Strip, stack_strips

_LIMITS = (
    "Tells words from what may be a number on a page; it reads nothing.",
    "Trained on drawn pages alone: its figures do not say how it does on photos.",
)
_UNKNOWN = -1.0  # columns that only fill a batch
_NARROWEST_PX = 32
_WINDOW_STEPS = 64  # columns of a field that are shown at a time, in steps


@dataclass(frozen=True, slots=True)
class GlanceTrainSettings:
    """How the glance network is trained.

    Attributes:
        architecture: `glancenet`.
        epochs: How often the training stops to be measured and to write its checkpoint.
        steps_per_epoch: Steps between; fields are drawn without end.
        batch_size: Fields a step.
        number_share: Share of them that hold a number.
        held_out_share: Share of the photos that train nothing.
        learning_rate: Highest rate of the one-cycle schedule.
        weight_decay: Of AdamW.
        average_decay: Of the exponential average of the weights, which is what is kept.
        seed: Of weights, choice and change.
        device: `auto`, `cpu`, `cuda`.
    """

    architecture: str = "glancenet"
    epochs: int = 12
    steps_per_epoch: int = 500
    batch_size: int = 64
    number_share: float = 0.4
    held_out_share: float = 0.08
    learning_rate: float = 4e-3
    weight_decay: float = 0.01
    average_decay: float = 0.998
    seed: int = 0
    device: str = "auto"

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise UsageError(
                f"--arch {self.architecture}: unknown; known: {', '.join(ARCHITECTURES)}"
            )
        if min(self.epochs, self.steps_per_epoch) < 1 or self.batch_size < 2:
            raise UsageError("--epochs and steps must be at least 1 and --batch-size at least 2")
        if not 0 < self.learning_rate < math.inf:
            raise UsageError(f"--learning-rate {self.learning_rate}: must be above 0")


@dataclass(frozen=True, slots=True)
class GlanceTrainingJob:
    """What to train on and where to write.

    Attributes:
        data: Folders that `synth` wrote.
        out: Folder for weights, card, curves and checkpoint.
        settings: Of the training.
        init: Folder or `.safetensors` file to start from, or None.
        resume: Go on from the checkpoint in `out`.
        digits: Folders of the digit sets that some writers of the pages wrote with, for the card.
    """

    data: tuple[Path, ...]
    out: Path
    settings: GlanceTrainSettings = GlanceTrainSettings()
    init: Path | None = None
    resume: bool = False
    digits: tuple[Path, ...] = ()


def train_glance(
    job: GlanceTrainingJob,
    report: Callable[[StepReport], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> ModelCard:
    """Gather, train, measure and save.

    Args:
        job: What to train on and where to write.
        report: Called after every step of the training.
        say: Called with a line about each stage.

    Returns:
        The card of the new weights.

    Raises:
        InputError: If data are missing or damaged.
        UsageError: If the device does not exist, or `init` is of another architecture.
        OutputError: If `out` cannot be written.
    """
    keep_freed_memory()
    make_folder(job.out)
    init = None
    if job.init is not None:
        init = load_network(safetensors_in(job.init, GLANCE_NAME), kind=GLANCE)
    photos: list[list[KnownField]] = []
    uses = []
    for folder in job.data:
        say(f"{folder}: finding the fields of its pages")
        found = harvest_fields(folder)
        count = sum(map(len, found))
        say(f"{folder.name}: {count:,} fields, {_count_numbers(found):,} with a number")
        name = f"drawn: {folder.name}"
        files = (folder / TRUTH_FILE, *read_drawn_pages(folder))
        uses.append(describe_use(name, count, files))
        photos += found
    uses += [
        describe_use(part.name, len(part.labels), part.files)
        for path in job.digits
        for part in load_training_sets(path)
    ]
    train, held_out = _hold_out(photos, job.settings)
    trained = train_network(
        train, held_out, job.settings, out=job.out, init=init, resume=job.resume, report=report
    )
    plot_training_curves(trained.history, job.out / "curves.png", of_what="fields")
    figures = measure_glance(trained.network, held_out)
    description = ModelDescription(
        architecture=job.settings.architecture,
        training=asdict(job.settings) | {"init": None if job.init is None else job.init.name},
        data=tuple(uses),
        metrics={"fields held out": figures},
        limits=_LIMITS,
        must_not_be_used_for=MUST_NOT,
    )
    return save_weights(trained.network, description, job.out, kind=GLANCE)


def render_glance_card(card: ModelCard) -> str:
    """The figures of new weights, a line each."""
    lines = [f"{card.architecture}, {card.parameter_count:,} parameters"]
    for name, figures in card.metrics.items():
        lines.append(
            f"{name}: {figures['numbers_kept']:.2%} of {figures['numbers']:,.0f} with a number "
            f"kept, {figures['words_left_out']:.1%} of {figures['words']:,.0f} words left out"
        )
    return "\n".join(lines)


def _count_numbers(photos: Sequence[Sequence[KnownField]]) -> int:
    return sum(bool(field.is_digit.any()) for fields in photos for field in fields)


def _hold_out(
    photos: Sequence[Sequence[KnownField]], settings: GlanceTrainSettings
) -> tuple[list[KnownField], list[KnownField]]:
    """The fields that train, and those of the photos that train nothing."""
    draw = np.random.default_rng(settings.seed)
    is_held_out = draw.random(len(photos)) < settings.held_out_share
    parts: tuple[list[KnownField], list[KnownField]] = ([], [])
    for fields, held in zip(photos, is_held_out, strict=True):
        parts[int(held)].extend(fields)
    return parts


def train_network(  # noqa: PLR0913 - the parts of one run, named
    fields: Sequence[KnownField],
    held_out: Sequence[KnownField],
    settings: GlanceTrainSettings,
    *,
    out: Path,
    init: nn.Module | None = None,
    resume: bool = False,
    report: Callable[[StepReport], None] = lambda _: None,
) -> Trained:
    """Train on the fields of pages, with a checkpoint after every epoch.

    Args:
        fields: With and without numbers.
        held_out: Fields that train nothing and watch the training; there may be none.
        settings: How.
        out: Folder for the checkpoint.
        init: Network whose weights to start from.
        resume: Go on from the checkpoint in `out`.
        report: Called after every step.

    Returns:
        The averaged network, and an entry an epoch.

    Raises:
        InputError: If there is no field of either kind, or no checkpoint to resume from.
        UsageError: If the device does not exist, or `init` is of another architecture.
    """
    numbers = [field for field in fields if field.is_digit.any()]
    words = [field for field in fields if not field.is_digit.any()]
    if not numbers or not words:
        raise InputError(
            "--data: its pages must hold words as well as numbers; draw more with `ocrdigits synth`"
        )
    torch.manual_seed(settings.seed)
    device = pick_device(settings.device)
    network = ARCHITECTURES[settings.architecture]()
    if init is not None:
        start_from(network, init, settings.architecture)
    network = network.to(device)
    average = make_average(network, settings.average_decay)
    optimizer = make_optimizer(
        network,
        kind="adamw",
        peak_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    schedule = make_schedule(optimizer, settings.epochs * settings.steps_per_epoch)
    history: list[dict[str, float]] = []
    hardness = _Hardness(len(words))
    parts = {
        "network": network,
        "average": average,
        "optimizer": optimizer,
        "schedule": schedule,
        "hardness": hardness,
    }
    if resume:
        history = load_checkpoint(out / CHECKPOINT, parts)
    number_count = max(1, round(settings.number_share * settings.batch_size))

    for epoch in range(len(history), settings.epochs):
        started = time.monotonic()
        network.train()
        loss_sum = right = seen = 0.0
        for step in range(settings.steps_per_epoch):
            draw = np.random.default_rng((settings.seed, epoch * settings.steps_per_epoch + step))
            chosen = [numbers[k] for k in draw.integers(len(numbers), size=number_count)]
            others = hardness.choose(draw, settings.batch_size - number_count)
            chosen += [words[k] for k in others]
            strips, is_digit = stack_fields([alter_field(draw, field) for field in chosen])
            logits = network(torch.from_numpy(strips).to(device))  # (N, W / 4)
            targets = torch.from_numpy(is_digit).to(device)
            known = targets != _UNKNOWN
            losses = nn.functional.binary_cross_entropy_with_logits(
                logits, targets.clamp(min=0), reduction="none"
            )
            loss = (losses * known).sum() / known.sum()
            hardness.learn(others, (losses.detach() * known).amax(dim=1)[number_count:])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            loss_sum += loss.item() * len(chosen)
            right += float((((logits > 0) == (targets > 0.5)) & known).sum() / known.sum()) * len(
                chosen
            )
            seen += len(chosen)
            report(
                StepReport(
                    epoch + 1,
                    settings.epochs,
                    step + 1,
                    settings.steps_per_epoch,
                    loss_sum / seen,
                    right / seen,
                )
            )
        figures = measure_glance(average.module, held_out)
        history.append(
            {
                "epoch": epoch + 1,
                "loss": loss_sum / seen,
                "learning_rate": float(schedule.get_last_lr()[0]),
                "numbers_accuracy": figures["numbers_kept"],
                "words_accuracy": figures["words_left_out"],
                "seconds": time.monotonic() - started,
            }
        )
        save_checkpoint(out / CHECKPOINT, parts, history)
    kept: nn.Module = average.module.to("cpu")
    return Trained(kept.eval(), history)


class _Hardness(nn.Module):
    """What each word cost when it was last shown; part of a checkpoint."""

    costs: Tensor

    def __init__(self, count: int) -> None:
        super().__init__()
        self.register_buffer("costs", torch.ones(count, dtype=torch.float64))

    def choose(self, draw: np.random.Generator, count: int) -> NDArray[np.int64]:
        """(count,) words: half by chance alone, half the more likely the dearer they are."""
        costs = self.costs.numpy()
        dear = draw.choice(len(costs), count // 2, p=costs / costs.sum())
        return np.concatenate([draw.integers(len(costs), size=count - count // 2), dear])

    def learn(self, words: NDArray[np.int64], costs: Tensor) -> None:
        """Keep what words cost, (N,) above 0."""
        self.costs[torch.from_numpy(words)] = costs.double().cpu()


def alter_field(draw: np.random.Generator, field: KnownField) -> tuple[Strip, NDArray[np.float32]]:
    """A field, or a part of a wide one, as it might have been written otherwise.

    Pen, width, slant, height and darkness change.

    Args:
        draw: All chance.
        field: As found.

    Returns:
        Its strip and (W / 4,) 1 where there is a digit.
    """
    first = int(draw.integers(max(0, len(field.is_digit) - _WINDOW_STEPS) + 1))
    marks = field.is_digit[first : first + _WINDOW_STEPS]
    ink = field.ink[:, first * STEP_PX : (first + len(marks)) * STEP_PX]
    if draw.random() < 0.5:
        change = cv2.erode if draw.random() < 0.5 else cv2.dilate
        ink = np.asarray(change(ink, np.ones((2, 2), np.uint8)), np.float32)
    scale = draw.uniform(0.7, 1.0) if draw.random() < 0.5 else 1.0  # taller ink stands beside it
    stretch = scale * draw.uniform(0.8, 1.25)
    steps = max(1, math.ceil(stretch * ink.shape[1] / STEP_PX))
    stretch = steps * STEP_PX / ink.shape[1]
    slant = draw.normal(0, 0.15)
    shift = -slant * STRIP_PX / 2, draw.uniform(0, STRIP_PX * (1 - scale))
    matrix = np.array([[stretch, slant, shift[0]], [0, scale, shift[1]]])
    strip = np.asarray(cv2.warpAffine(ink, matrix, (steps * STEP_PX, STRIP_PX)), np.float32)
    if draw.random() < 0.3:
        strip *= np.float32(draw.uniform(0.5, 1.0))
    sources = ((np.arange(steps) + 0.5) / stretch).astype(np.int64)
    return strip, marks[sources.clip(0, len(marks) - 1)].astype(np.float32)


def stack_fields(
    fields: Sequence[tuple[Strip, NDArray[np.float32]]],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fields as a batch.

    Args:
        fields: Strips, and where their digits are.

    Returns:
        (N, 1, 24, W) strips; (N, W / 4) 1 where there is a digit, −1 where a strip has ended.
    """
    width_px = max(_NARROWEST_PX, *(strip.shape[1] for strip, _ in fields))
    is_digit = np.full((len(fields), width_px // STEP_PX), _UNKNOWN, np.float32)
    for row, (_, digits) in zip(is_digit, fields, strict=True):
        row[: len(digits)] = digits
    return stack_strips([strip for strip, _ in fields], width_px), is_digit


@torch.no_grad()
def measure_glance(network: nn.Module, fields: Sequence[KnownField]) -> dict[str, float]:
    """What becomes of fields at `GlanceSettings.least_chance`, also of those of a lone character.

    Args:
        network: On any device; left in evaluation mode.
        fields: That trained nothing; there may be none.

    Returns:
        Shares of the fields with a number that are kept, and of the words that are left out (NaN
        where there are none), and how many there are of each.
    """
    network.eval()
    device = next(network.parameters()).device
    least = math.log(GlanceSettings().least_chance / (1 - GlanceSettings().least_chance))
    kept: dict[bool, list[bool]] = {True: [], False: []}
    for field in fields:
        strips, _ = stack_fields([(field.ink, np.zeros(0, np.float32))])
        logits = network(torch.from_numpy(strips).to(device))[0, : len(field.is_digit)]
        kept[bool(field.is_digit.any())].append(bool(logits.max() >= least))
    numbers, words = kept[True], kept[False]
    return {
        "numbers_kept": float(np.mean(numbers)) if numbers else math.nan,
        "words_left_out": 1 - float(np.mean(words)) if words else math.nan,
        "numbers": float(len(numbers)),
        "words": float(len(words)),
    }
