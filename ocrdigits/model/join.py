"""`ocrdigits train join`: a digit network and a slim one that knows one source in, one network out.

Both stay as they are; a gate learns how far a cell looks like the slim one's source.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ocrdigits.errors import UsageError
from ocrdigits.model.augment import AugmentSettings
from ocrdigits.model.card import ModelCard, describe_from, read_card
from ocrdigits.model.data import DigitSet
from ocrdigits.model.digit_training import (
    DigitTrainingJob,
    gather_sets,
    load_benchmarks,
    measure_sets,
)
from ocrdigits.model.export import load_network, save_weights
from ocrdigits.model.loop import start_from
from ocrdigits.model.network import DigitPair
from ocrdigits.model.train import StepReport, make_batch
from ocrdigits.model.training_job import make_folder, safetensors_in

_RATE = 3e-3
_LITTLE = AugmentSettings().scaled(0.25)


@dataclass(frozen=True, slots=True)
class JoinJob:
    """What to join and where to write.

    Attributes:
        main: Folder or `.safetensors` file of a `digitnet`.
        slim: The same of a `digitnet-slim`; its card names the sets that it knows.
        data: As for `train digits`: the slim network's sets, and all others to tell them from.
        out: Folder for the joined network.
        steps: Of the gate's training.
        batch_size: Cells a step, give or take.
        seed: Of the gate and the order of the cells.
        drawn: Printed digits to draw beside the data, as for `train digits`.
        fonts: Typefaces for them.
    """

    main: Path
    slim: Path
    data: tuple[Path, ...]
    out: Path
    steps: int = 1500
    batch_size: int = 256
    seed: int = 0
    drawn: int = 12_000
    fonts: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.steps < 1 or self.batch_size < 2:
            raise UsageError("--steps must be at least 1 and --batch-size at least 2")


def join_networks(
    job: JoinJob,
    report: Callable[[StepReport], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> ModelCard:
    """Join two networks and write what they make together.

    Args:
        job: What and where.
        report: Called after every step of the gate's training.
        say: Called with a line about each stage.

    Returns:
        The card of the joined network.

    Raises:
        UsageError: If the networks are of other architectures, or the data hold none of the slim
            one's sets, or no others.
        WeightsError: If weights are damaged.
        InputError: If data is missing or damaged.
        OutputError: If `out` cannot be written.
    """
    make_folder(job.out)
    torch.manual_seed(job.seed)
    pair = DigitPair()
    cards = [
        _take(pair.main, job.main, "digitnet"),
        _take(pair.slim, job.slim, "digitnet-slim"),
    ]
    sets = list(
        gather_sets(DigitTrainingJob(job.data, job.out, drawn=job.drawn, fonts=job.fonts), say)
    )
    known, others = _sort_by_source(sets, cards[1])
    say(f"teaching a gate to tell {', '.join(part.name for part in known)} from the others")
    train_gate(pair, known, others, job, report)
    description = describe_from(
        cards,
        architecture="digitnet-pair",
        training={
            "main": cards[0].training,
            "slim": cards[1].training,
            "gate": {"steps": job.steps, "batch_size": job.batch_size, "seed": job.seed},
        },
        metrics=measure_sets(pair, load_benchmarks([path for path in job.data if path.is_dir()])),
    )
    return save_weights(pair, description, job.out)


def train_gate(
    pair: DigitPair,
    known: Sequence[DigitSet],
    others: Sequence[DigitSet],
    job: JoinJob,
    report: Callable[[StepReport], None] = lambda _: None,
) -> None:
    """Teach a pair's gate which cells are of the slim column's sets, and what that is worth.

    Each set gives as many cells, half of them as it holds them, the others changed a little. The
    gate's loss is that of a wrong guess and that of the digit which the pair reads with it, as long
    as it opens softly.

    Args:
        pair: Its gate is changed, and nothing else; in evaluation mode afterwards.
        known: The sets of the slim column.
        others: All others.
        job: Steps, batch size and seed.
        report: Called after every step; its accuracy is the gate's.
    """
    generator = torch.Generator().manual_seed(job.seed)
    pair.eval().requires_grad_(requires_grad=False)
    pair.gate.train().requires_grad_()
    optimizer = torch.optim.Adam(pair.gate.parameters(), lr=_RATE)
    schedule = torch.optim.lr_scheduler.LinearLR(optimizer, 1.0, 0.01, job.steps)
    each = -(-job.batch_size // (len(known) + len(others)))
    for step in range(job.steps):
        parts = [_draw_cells(sets, each, generator) for sets in (known, others)]
        cells, labels = (torch.cat(column) for column in zip(*parts, strict=True))
        sources = torch.cat([torch.ones(len(parts[0][1])), torch.zeros(len(parts[1][1]))])
        logits, guesses = pair.weigh(cells, steep=1.0)
        loss = nn.functional.binary_cross_entropy_with_logits(guesses[:, 0], sources)
        loss = loss + nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        right = ((guesses[:, 0] > 0) == (sources > 0)).float().mean().item()
        report(StepReport(1, 1, step + 1, job.steps, loss.item(), right))
    pair.eval().requires_grad_()


def _take(part: nn.Module, path: Path, architecture: str) -> ModelCard:
    """Copy a network's weights into a part of the pair; its card comes back."""
    file = safetensors_in(path, "digits")
    card = read_card(file.with_suffix(".json"))
    if card.architecture != architecture:
        raise UsageError(
            f"{file}: is a {card.architecture}; `train join` takes a digitnet and a digitnet-slim"
        )
    start_from(part, load_network(file), architecture)
    return card


def _sort_by_source(
    sets: Sequence[DigitSet], card: ModelCard
) -> tuple[list[DigitSet], list[DigitSet]]:
    names = {use.name for use in card.data}
    known = [part for part in sets if part.name in names]
    others = [part for part in sets if part.name not in names and len(part.labels)]
    if not known or not others:
        raise UsageError(
            f"--data must hold a set that the slim network was trained on ({', '.join(names)}), "
            "and others to tell it from"
        )
    return known, others


def _draw_cells(
    sets: Sequence[DigitSet], each: int, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Cells and labels, so many of each set, half of them as they are."""
    picked = [
        (torch.from_numpy(part.cells[rows]), torch.from_numpy(part.labels[rows]))
        for part in sets
        for rows in [torch.randint(len(part.labels), (each,), generator=generator).numpy()]
    ]
    cells, labels = (torch.cat(column) for column in zip(*picked, strict=True))
    order = torch.randperm(len(labels), generator=generator)
    some, rest = order[: len(order) // 2], order[len(order) // 2 :]
    changed, said = make_batch(cells[rest], labels[rest], _LITTLE, 0.0, generator)
    return (
        torch.cat([cells[some].unsqueeze(1).float(), changed]),
        torch.cat([labels[some], said]),
    )
