"""Train a digit network: seed, data, model, optimiser, plain loop, evaluate, save.

DigitNet must reach: MNIST test ≥ 99.70 %, USPS test ≥ 98.0 %, CVL x_valid ≥ 98.5 %.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ocrdigits.errors import InputError, UsageError
from ocrdigits.model.augment import AugmentSettings, augment_digits, compose_non_digits
from ocrdigits.model.data import DigitSet
from ocrdigits.model.distill import Teachers
from ocrdigits.model.habits import add_habits
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
from ocrdigits.model.network import ARCHITECTURES
from ocrdigits.records import NOT_A_DIGIT

MOST_REPEATS = 100
"""More would make an epoch of one set."""


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """How a digit network is trained.

    Attributes:
        architecture: `digitnet`, `digitnet-slim` (for one source), `digitnet-pair` (both, joined),
            `digitnet-large` (a teacher) or `lenet5`.
        epochs: Passes over the training digits.
        batch_size: Cells a step, composed non-digits included.
        optimizer: `adamw`, or `sgd` with momentum 0.9.
        learning_rate: Highest rate of the one-cycle schedule; None picks the optimiser's usual.
        steady_rate: Keep that rate to the end, so that little is learned by heart; the average of
            the weights is taken over more steps then (`average_decay`).
        weight_decay: Of the optimiser.
        seed: Of weights, order and augmentation.
        device: `auto`, `cpu`, `cuda`, `mps`.
        bf16: Compute in bfloat16 where that is safe; faster on processors that have it.
        non_digit_share: Share of each batch that is composed of wrongly cut digits and specks.
        non_digit_surplus: How many times more often non-digits are trained on than met. They are
            made and harvested at will; its logarithm is added to their logit in the loss alone.
        label_smoothing: Probability mass taken from the true class.
        average_decay: Of the exponential average of the weights, which is what is kept.
        held_out_share: Share of every set that trains nothing and watches the training.
        small_set_weight: Sets repeat until each has at least this share of the largest.
        set_repeats: How often the cells of a set are used in an epoch, instead, by how the set's
            name begins (`mnist`, `cvl`).
        augment: How far samples are changed.
        light_share: Share of the samples that are changed less in every epoch …
        light_augmentation: … by this factor: clean digits as the sets hold them.
        calm_share: Share of the epochs, the last ones, that change them less …
        calm_augmentation: … by this factor, so that the training ends near what is read.
        teacher_share: Weight of the teachers' answers in the loss of a digit, where there are
            teachers; the label has the rest.
        teacher_temperature: Divides the logits of both; above 1 what is unlikely counts for more.

    Reference:
        Menon et al. 2021, "Long-tail learning via logit adjustment" (`non_digit_surplus`).
    """

    architecture: str = "digitnet"
    epochs: int = 30
    batch_size: int = 256
    optimizer: str = "adamw"
    learning_rate: float | None = None
    steady_rate: bool = False
    weight_decay: float = 0.02
    seed: int = 0
    device: str = "auto"
    bf16: bool = False
    non_digit_share: float = 0.1
    non_digit_surplus: float = 20.0
    label_smoothing: float = 0.02
    average_decay: float = 0.999
    held_out_share: float = 0.02
    small_set_weight: float = 0.3
    set_repeats: Mapping[str, float] = field(default_factory=dict)
    augment: AugmentSettings = field(default_factory=AugmentSettings)
    light_share: float = 0.0
    light_augmentation: float = 0.5
    calm_share: float = 0.2
    calm_augmentation: float = 0.5
    teacher_share: float = 0.7
    teacher_temperature: float = 2.0

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise UsageError(
                f"--arch {self.architecture}: unknown; known: {', '.join(ARCHITECTURES)}"
            )
        if self.optimizer not in ("adamw", "sgd"):
            raise UsageError(f"--optimizer {self.optimizer}: unknown; known: adamw, sgd")
        if self.epochs < 1 or self.batch_size < 16:
            raise UsageError("--epochs must be at least 1 and --batch-size at least 16")
        if not 0 <= self.light_share <= 1:
            raise UsageError(f"--light-share {self.light_share}: must be from 0 to 1")
        if not 0 <= self.teacher_share <= 1 or self.teacher_temperature <= 0:
            raise UsageError("teacher_share must be in 0 … 1 and teacher_temperature above 0")
        for name, times in self.set_repeats.items():
            if not 0 < times <= MOST_REPEATS:
                raise UsageError(
                    f"--repeat {name}={times:g}: must be above 0 and at most {MOST_REPEATS}"
                )
        if self.learning_rate is not None and not 0 < self.learning_rate < math.inf:
            raise UsageError(f"--learning-rate {self.learning_rate}: must be above 0")

    def for_one_source(self) -> TrainSettings:
        """The same for the digits of one source, which are learned by heart too soon.

        Only their shape is changed, and the highest rate is kept to the end: of MNIST's test digits
        a network so trained misreads a fifth less.
        """
        return replace(
            self,
            augment=self.augment.of_shape_alone(),
            non_digit_share=0.0,
            calm_share=0.0,
            steady_rate=True,
            average_decay=0.9995,
            label_smoothing=0.03,
        )

    @property
    def peak_rate(self) -> float:
        """Highest learning rate."""
        return self.learning_rate or {"adamw": 2e-3, "sgd": 0.1}[self.optimizer]


@dataclass(frozen=True, slots=True)
class StepReport:
    """Where the training stands, for a progress bar."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Trained:
    """What a training gives.

    Attributes:
        network: The averaged weights, in evaluation mode, on the CPU.
        history: One entry an epoch: epoch, loss, train_accuracy, held_out_accuracy, seconds.
    """

    network: nn.Module
    history: list[dict[str, float]]


def train_network(  # noqa: PLR0913 - the parts of one run, named
    sets: Sequence[DigitSet],
    settings: TrainSettings,
    *,
    out: Path,
    init: nn.Module | None = None,
    teachers: Sequence[nn.Module] = (),
    resume: bool = False,
    report: Callable[[StepReport], None] = lambda _: None,
) -> Trained:
    """Train on labelled cells, with a checkpoint after every epoch.

    Args:
        sets: Labelled cells; label 10 is "not a digit".
        settings: How.
        out: Folder for the checkpoint.
        init: Network whose weights to start from.
        teachers: Trained networks to learn from beside the labels.
        resume: Go on from the checkpoint in `out`.
        report: Called after every step.

    Returns:
        The averaged network and the course of the training.

    Raises:
        InputError: If there is nothing to train on, or no checkpoint to resume from.
        UsageError: If the device does not exist.
    """
    torch.manual_seed(settings.seed)
    device = pick_device(settings.device)
    training, held_out = split_sets(sets, settings)
    cells, labels = torch.from_numpy(training.cells), torch.from_numpy(training.labels)
    order_weights = _repeats(sets, settings)
    light = settings.augment.scaled(settings.light_augmentation)

    network = ARCHITECTURES[settings.architecture]()
    if init is not None:
        start_from(network, init, settings.architecture)
    network = network.to(device).to(memory_format=torch.channels_last)
    average = make_average(network, settings.average_decay)
    classroom = Teachers(teachers, settings.teacher_share, settings.teacher_temperature, device)
    optimizer = make_optimizer(
        network,
        kind=settings.optimizer,
        peak_rate=settings.peak_rate,
        weight_decay=settings.weight_decay,
    )
    index = _epoch_index(order_weights, len(labels), settings.seed, 0)
    batch = round(settings.batch_size * (1 - settings.non_digit_share))
    steps = max(1, len(index) // batch)
    schedule = make_schedule(optimizer, steps * settings.epochs, is_steady=settings.steady_rate)
    history: list[dict[str, float]] = []
    parts = {"network": network, "average": average, "optimizer": optimizer, "schedule": schedule}
    if resume:
        history = load_checkpoint(out / CHECKPOINT, parts)

    for epoch in range(len(history), settings.epochs):
        started = time.monotonic()
        generator = torch.Generator().manual_seed(settings.seed * 1009 + epoch)
        torch.manual_seed(settings.seed * 1009 + epoch)  # dropout, also after --resume
        index = _epoch_index(order_weights, len(labels), settings.seed, epoch)
        calm = epoch >= settings.epochs * (1 - settings.calm_share)
        augment = settings.augment.scaled(settings.calm_augmentation if calm else 1.0)
        network.train()
        loss_sum = right = seen = 0.0
        for step in range(steps):
            rows = index[step * batch : (step + 1) * batch]
            inputs, targets = _prepare_batch(
                cells[rows], labels[rows], (light, augment), settings, generator
            )
            inputs, targets = inputs.to(device), targets.to(device)
            with torch.autocast(device.type, torch.bfloat16, enabled=settings.bf16):
                logits = network(inputs).float()
                losses = _label_losses(logits, targets, settings)
                loss = classroom.mix(losses, logits, inputs, targets).mean()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            schedule.step()
            average.update_parameters(network)
            loss_sum += loss.item() * len(targets)
            right += (logits.argmax(1) == targets).sum().item()
            seen += len(targets)
            report(
                StepReport(
                    epoch + 1, settings.epochs, step + 1, steps, loss_sum / seen, right / seen
                )
            )
        history.append(
            {
                "epoch": epoch + 1,
                "loss": loss_sum / seen,
                "train_accuracy": right / seen,
                "held_out_accuracy": accuracy(average, held_out, device),
                "seconds": time.monotonic() - started,
            }
        )
        save_checkpoint(out / CHECKPOINT, parts, history)
    kept: nn.Module = average.module.to("cpu").to(memory_format=torch.contiguous_format)
    return Trained(kept.eval(), history)


def _label_losses(logits: Tensor, targets: Tensor, settings: TrainSettings) -> Tensor:
    """Cross entropy of each cell, (N, 11) logits and (N,) classes → (N,)."""
    surplus = torch.zeros(NOT_A_DIGIT + 1, device=logits.device)
    surplus[NOT_A_DIGIT] = math.log(settings.non_digit_surplus)
    return nn.functional.cross_entropy(
        logits + surplus, targets, label_smoothing=settings.label_smoothing, reduction="none"
    )


def _prepare_batch(
    cells: Tensor,
    labels: Tensor,
    changes: tuple[AugmentSettings, AugmentSettings],
    settings: TrainSettings,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """A batch of cells in random order, a share of them changed lightly, the others fully."""
    lightly = round(settings.light_share * len(cells))
    parts = [
        make_batch(cells[some], labels[some], change, settings.non_digit_share, generator)
        for some, change in zip((slice(lightly), slice(lightly, None)), changes, strict=True)
        if len(labels[some])
    ]
    inputs, targets = zip(*parts, strict=True)
    return torch.cat(inputs).to(memory_format=torch.channels_last), torch.cat(targets)


def make_batch(
    cells: Tensor,
    labels: Tensor,
    augment: AugmentSettings,
    non_digit_share: float,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Augment a batch of cells and add composed non-digits.

    Args:
        cells: (N, 28, 28) in [0, 1].
        labels: (N,) classes.
        augment: How far.
        non_digit_share: Share of what is returned that is composed.
        generator: Source of all randomness.

    Returns:
        (M, 1, 28, 28) cells and (M,) classes, M = N / (1 − non_digit_share).
    """
    clean = cells.unsqueeze(1).float()
    clean = add_habits(clean, labels, augment.habits, generator)
    neighbours = clean[torch.randperm(len(clean), generator=generator)]
    changed = augment_digits(clean, neighbours, augment, generator)
    count = round(len(clean) * non_digit_share / (1 - non_digit_share))
    digits = torch.nonzero(labels != NOT_A_DIGIT)[:, 0]
    pick = digits[torch.randperm(len(digits), generator=generator)[:count]]
    if not len(pick):
        return changed, labels
    non_digits = compose_non_digits(clean[pick], labels[pick], augment, generator)
    targets = torch.cat([labels, torch.full((len(pick),), NOT_A_DIGIT)])
    return torch.cat([changed, non_digits]), targets


@torch.no_grad()
def predict(network: nn.Module, cells: NDArray[np.float32], device: torch.device) -> Tensor:
    """Class probabilities, (N, 28, 28) → (N, 11) on the CPU."""
    network.eval()
    chunks = torch.from_numpy(cells).unsqueeze(1).split(1024)  # type: ignore[no-untyped-call]
    logits = [network(chunk.to(device)).float().cpu() for chunk in chunks]
    return torch.softmax(torch.cat(logits), 1) if logits else torch.zeros(0, NOT_A_DIGIT + 1)


def accuracy(network: nn.Module, digits: DigitSet, device: torch.device) -> float:
    """Share of cells whose most probable of all eleven classes is the true one."""
    if not len(digits.labels):
        return math.nan
    predicted = predict(network, digits.cells, device).argmax(1).numpy()
    return float((predicted == digits.labels).mean())


def split_sets(sets: Sequence[DigitSet], settings: TrainSettings) -> tuple[DigitSet, DigitSet]:
    """Join the sets and hold a fixed random share of each out.

    Args:
        sets: Labelled cells.
        settings: Seed and share.

    Returns:
        Training cells and held-out cells.

    Raises:
        InputError: If the sets are empty.
    """
    if not sum(len(part.labels) for part in sets):
        raise InputError("no training digits at all; name folders that hold some with --data")
    held = _held_out_mask(sets, settings)
    cells = np.concatenate([part.cells for part in sets])
    labels = np.concatenate([part.labels for part in sets])
    return (
        DigitSet("training", cells[~held], labels[~held]),
        DigitSet("held out", cells[held], labels[held]),
    )


def _held_out_mask(sets: Sequence[DigitSet], settings: TrainSettings) -> NDArray[np.bool_]:
    rng = np.random.default_rng(settings.seed)
    total = sum(len(part.labels) for part in sets)
    mask: NDArray[np.bool_] = rng.random(total) < settings.held_out_share
    return mask


def _repeats(sets: Sequence[DigitSet], settings: TrainSettings) -> Tensor:
    """How often each training row is used in an epoch: small sets are seen more often."""
    for beginning in settings.set_repeats:
        if not any(part.name.startswith(beginning) for part in sets):
            known = ", ".join(part.name for part in sets)
            raise UsageError(f"--repeat {beginning}: no set of that name; there are: {known}")
    largest = max(len(part.labels) for part in sets)
    repeats = np.concatenate(
        [np.full(len(part.labels), _set_repeat(part, largest, settings)) for part in sets]
    )
    return torch.from_numpy(repeats[~_held_out_mask(sets, settings)])


def _set_repeat(part: DigitSet, largest: int, settings: TrainSettings) -> float:
    named = [n for name, n in settings.set_repeats.items() if part.name.startswith(name)]
    if named:
        return named[0]
    return float(np.clip(settings.small_set_weight * largest / max(len(part.labels), 1), 1, 4))


def _epoch_index(repeats: Tensor, count: int, seed: int, epoch: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed * 7919 + epoch)
    times = torch.floor(repeats + torch.rand(count, generator=generator, dtype=repeats.dtype))
    rows = torch.repeat_interleave(torch.arange(count), times.long())
    target = int(repeats.sum().item() * 0.995)  # the same number of steps in every epoch
    return rows[torch.randperm(len(rows), generator=generator)[:target]]
