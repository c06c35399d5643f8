"""Train a string network: seed, data, model, optimiser, plain loop, evaluate.

StringNet must reach on `logbook_cells/dev`: digits ≥ 98.0 %, whole text ≥ 94.5 % exactly right.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from ocrdigits.ctc import BLANK, FrameScores, collapse_path, read_greedily
from ocrdigits.errors import UsageError
from ocrdigits.model.compare import edit_distance
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
from ocrdigits.model.strings.batches import (
    BatchSettings,
    LineBatch,
    SampleSource,
    compose_batches,
)
from ocrdigits.model.strings.lines import LineSample, group_by_width, stack_lines
from ocrdigits.model.strings.network import ARCHITECTURES
from ocrdigits.model.train import StepReport, Trained
from ocrdigits.records import LineImage, digits_of

_CHUNK_PX = 16_384


@dataclass(frozen=True, slots=True)
class StringTrainSettings:
    """How a string network is trained.

    Attributes:
        architecture: `stringnet` or `stringnet-large`.
        epochs: How often the training stops to be measured and to write its checkpoint.
        steps_per_epoch: Steps between; samples are composed without end.
        batch_size: Lines a step.
        pool_batches: Batches whose lines are sorted by width together.
        repeats: How often each line is trained on: as composed, then altered.
        processes: That compose lines ahead; 0 composes between the steps.
        learning_rate: Highest rate of the one-cycle schedule.
        weight_decay: Of AdamW.
        max_gradient: Longer gradients are shortened to this norm.
        seed: Of weights, dropout and the order of the batches.
        device: `auto`, `cpu`, `cuda`.
        bf16: Compute in bfloat16 where that is safe; faster on processors that have it.
        average_decay: Of the exponential average of the weights, which is what is kept.
        teacher_share: Weight of the teacher's answers in the loss, where there is a teacher; the
            labels have the rest.
    """

    architecture: str = "stringnet"
    epochs: int = 40
    steps_per_epoch: int = 500
    batch_size: int = 64
    pool_batches: int = 16
    repeats: int = 2
    processes: int = 1
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    max_gradient: float = 5.0
    seed: int = 0
    device: str = "auto"
    bf16: bool = False
    average_decay: float = 0.999
    teacher_share: float = 0.5

    def __post_init__(self) -> None:
        if self.architecture not in ARCHITECTURES:
            raise UsageError(
                f"--arch {self.architecture}: unknown; known: {', '.join(ARCHITECTURES)}"
            )
        if min(self.epochs, self.steps_per_epoch, self.pool_batches) < 1 or self.batch_size < 2:
            raise UsageError("--epochs and steps must be at least 1 and --batch-size at least 2")
        if not 0 < self.learning_rate < math.inf:
            raise UsageError(f"--learning-rate {self.learning_rate}: must be above 0")
        if not 0 <= self.teacher_share <= 1:
            raise UsageError(f"teacher_share {self.teacher_share}: must be in 0 … 1")

    @property
    def steps(self) -> int:
        """All steps of the training."""
        return self.epochs * self.steps_per_epoch

    @property
    def batches(self) -> BatchSettings:
        """How samples become batches."""
        return BatchSettings(
            self.batch_size, self.pool_batches, self.processes, self.seed, self.repeats
        )


@dataclass(frozen=True, slots=True)
class TextFigures:
    """How well texts were read; shares from 0 to 1.

    Attributes:
        text: Whole texts exactly right.
        digits: Texts whose digits are all right, whatever the separators.
        cer: Characters to change, add or take out, per true character.
    """

    text: float
    digits: float
    cer: float


def train_strings(  # noqa: PLR0913 - the parts of one run, named
    source: SampleSource,
    held_out: Sequence[LineSample],
    settings: StringTrainSettings,
    *,
    out: Path,
    init: nn.Module | None = None,
    teacher: nn.Module | None = None,
    resume: bool = False,
    report: Callable[[StepReport], None] = lambda _: None,
) -> Trained:
    """Train on composed and real lines, with a checkpoint after every epoch.

    Args:
        source: Sample k of an endless row; the samples of a step depend on its number alone.
        held_out: Samples that train nothing and watch the training; there may be none.
        settings: How.
        out: Folder for the checkpoint.
        init: Network whose weights to start from.
        teacher: Network whose answers are learnt beside the labels.
        resume: Go on from the checkpoint in `out`.
        report: Called after every step.

    Returns:
        The averaged network, and an entry an epoch: epoch, loss, learning_rate, train_accuracy
        (texts of the training's own lines), text_accuracy, digits_accuracy and character_accuracy
        (1 − CER) of what is held out, seconds.

    Raises:
        InputError: If there is no checkpoint to resume from.
        UsageError: If the device does not exist, or `init` is of another architecture.
    """
    torch.manual_seed(settings.seed)
    device = pick_device(settings.device)
    network = ARCHITECTURES[settings.architecture]()
    if init is not None:
        start_from(network, init, settings.architecture)
    network = network.to(device).to(memory_format=torch.channels_last)
    if teacher is not None:
        teacher = teacher.to(device).to(memory_format=torch.channels_last).eval()
    average = make_average(network, settings.average_decay)
    optimizer = make_optimizer(
        network,
        kind="adamw",
        peak_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
    )
    schedule = make_schedule(optimizer, settings.steps)
    history: list[dict[str, float]] = []
    parts = {"network": network, "average": average, "optimizer": optimizer, "schedule": schedule}
    if resume:
        history = load_checkpoint(out / CHECKPOINT, parts)
    first = len(history) * settings.steps_per_epoch

    with closing(compose_batches(source, settings.batches, first, settings.steps)) as batches:
        for epoch in range(len(history), settings.epochs):
            started = time.monotonic()
            network.train()
            loss_sum = right = seen = 0.0
            for step in range(settings.steps_per_epoch):
                batch = next(batches)
                # Dropout is the same after --resume.
                torch.manual_seed(settings.seed + 1009 * (epoch * settings.steps_per_epoch + step))
                lines = torch.from_numpy(batch.lines).to(device, memory_format=torch.channels_last)
                with torch.autocast(device.type, torch.bfloat16, enabled=settings.bf16):
                    scores = network(lines)  # (N, T, 15)
                    answers = _ask(teacher, lines)
                loss = string_loss(scores, batch, answers, settings.teacher_share)
                optimizer.zero_grad(set_to_none=True)
                loss.backward()  # type: ignore[no-untyped-call]
                nn.utils.clip_grad_norm_(network.parameters(), settings.max_gradient)
                optimizer.step()
                schedule.step()
                average.update_parameters(network)
                loss_sum += loss.item() * len(batch.texts)
                right += count_right(scores, batch)
                seen += len(batch.texts)
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
            figures = measure_network(average, held_out, device)
            history.append(
                {
                    "epoch": epoch + 1,
                    "loss": loss_sum / seen,
                    "learning_rate": float(schedule.get_last_lr()[0]),
                    "train_accuracy": right / seen,
                    "text_accuracy": figures.text,
                    "digits_accuracy": figures.digits,
                    "character_accuracy": 1 - figures.cer,
                    "seconds": time.monotonic() - started,
                }
            )
            save_checkpoint(out / CHECKPOINT, parts, history)
    kept: nn.Module = average.module.to("cpu").to(memory_format=torch.contiguous_format)
    return Trained(kept.eval(), history)


def string_loss(
    scores: Tensor, batch: LineBatch, answers: Tensor | None, teacher_share: float
) -> Tensor:
    """What a string costs on average: −log of its text's probability, and the teacher's surprise.

    Per string, not per character: what counts is that the whole string is right. A text that does
    not fit into its line costs nothing.

    Args:
        scores: (N, T, 15) log-probabilities.
        batch: Texts and true frames.
        answers: The teacher's log-probabilities, or None.
        teacher_share: Weight of the Kullback–Leibler divergence from them, summed over the frames.

    Returns:
        Scalar.

    Reference:
        Graves et al. 2006; Hinton et al. 2015, "Distilling the Knowledge in a Neural Network".
    """
    frames = torch.from_numpy(batch.frames).to(scores.device)
    labels = nn.functional.ctc_loss(
        scores.transpose(0, 1),  # (T, N, 15)
        torch.from_numpy(batch.targets).to(scores.device),
        frames,
        torch.from_numpy(batch.lengths).to(scores.device),
        blank=BLANK,
        reduction="none",
        zero_infinity=True,
    ).mean()
    if answers is None:
        return labels
    divergence = nn.functional.kl_div(scores, answers, reduction="none", log_target=True).sum(2)
    inside = torch.arange(scores.shape[1], device=scores.device) < frames[:, None]  # (N, T)
    taught = (divergence * inside).sum(1).mean()
    return (1 - teacher_share) * labels + teacher_share * taught


@torch.no_grad()
def _ask(teacher: nn.Module | None, lines: Tensor) -> Tensor | None:
    return None if teacher is None else teacher(lines)


def count_right(scores: Tensor, batch: LineBatch) -> int:
    """How many texts of a batch the most probable paths give, (N, T, 15) log-probabilities."""
    paths = scores.detach().argmax(2).cpu().numpy()
    return sum(
        collapse_path(path[:frames]) == text
        for path, frames, text in zip(paths, batch.frames, batch.texts, strict=True)
    )


@torch.no_grad()
def score_lines(
    network: nn.Module, lines: Sequence[LineImage], device: torch.device
) -> list[FrameScores]:
    """Log-probabilities of lines, unpadded as at reading.

    Args:
        network: On the device; left in evaluation mode.
        lines: (32, W) each.
        device: Where to compute.

    Returns:
        (W / 2, 15) for each line, in the order of the lines.
    """
    network.eval()
    scores: dict[int, FrameScores] = {}
    for width_px, places in group_by_width(lines).items():
        for part in np.array_split(places, -(-len(places) * width_px // _CHUNK_PX)):
            stacked = torch.from_numpy(stack_lines([lines[place] for place in part], width_px))
            answers = network(stacked.to(device)).float().cpu().numpy()
            for place, answer in zip(part, answers, strict=True):
                scores[int(place)] = answer
    return [scores[place] for place in range(len(lines))]


def measure_network(
    network: nn.Module, samples: Sequence[LineSample], device: torch.device
) -> TextFigures:
    """Read samples greedily and compare."""
    scores = score_lines(network, [line for line, _ in samples], device)
    return measure_texts([read_greedily(score) for score in scores], [text for _, text in samples])


def measure_texts(read: Sequence[str], true: Sequence[str]) -> TextFigures:
    """Compare texts that were read with the true ones; without any, all figures are NaN."""
    if not true:
        return TextFigures(math.nan, math.nan, math.nan)
    pairs = list(zip(read, true, strict=True))
    wrong = sum(edit_distance(label, text) for text, label in pairs)
    return TextFigures(
        text=sum(text == label for text, label in pairs) / len(pairs),
        digits=sum(digits_of(text) == digits_of(label) for text, label in pairs) / len(pairs),
        cer=wrong / max(1, sum(map(len, true))),
    )
