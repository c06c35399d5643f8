"""`ocrdigits train average`: weights of several trainings in, their mean out.

Trainings that start from the same weights end near each other, and the mean of their weights
mistakes less than each.

Reference:
    Wortsman et al. 2022, "Model soups: averaging weights of multiple fine-tuned models improves
    accuracy without increasing inference time".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from ocrdigits.errors import UsageError
from ocrdigits.model.card import ModelCard, describe_from, read_card, write_card
from ocrdigits.model.digit_training import load_benchmarks, measure_sets
from ocrdigits.model.export import DIGITS, NetworkKind, load_network, save_weights
from ocrdigits.model.export_all import KINDS
from ocrdigits.model.network import DigitPair
from ocrdigits.records import NOT_A_DIGIT


@dataclass(frozen=True, slots=True)
class AverageJob:
    """What to average and where to write.

    Attributes:
        folders: Weights of trainings that began alike; every network that all of them hold is
            averaged. The first one's card says how the mean was trained; the calibration is that of
            the first that has one.
        out: Folder for the mean.
        shares: How much each folder counts; all the same if empty.
        non_digit_logit: Added to the digit network's logit of "not a digit".
        data: Folders whose test sets the mean of the digit networks is measured on.
    """

    folders: tuple[Path, ...]
    out: Path
    shares: tuple[float, ...] = ()
    non_digit_logit: float = 0.0
    data: tuple[Path, ...] = ()


def average_weights(job: AverageJob) -> list[ModelCard]:
    """Write the mean of several trainings' weights.

    Args:
        job: What and where.

    Returns:
        The card of each network written.

    Raises:
        UsageError: If the options contradict each other or the folders share no network.
        WeightsError: If weights are damaged.
        InputError: If `data` is missing or damaged.
        OutputError: If `out` cannot be written.
    """
    shares = _shares(job)
    kinds = [
        kind
        for kind in KINDS
        if all((folder / f"{kind.name}.safetensors").is_file() for folder in job.folders)
    ]
    if not kinds:
        names = ", ".join(str(folder) for folder in job.folders)
        raise UsageError(f"{names}: hold no network in common; name folders that `train` wrote")
    if job.non_digit_logit and DIGITS not in kinds:
        raise UsageError("--non-digit-logit: there is no digit network in all of the folders")
    return [_average(kind, job, shares) for kind in kinds]


def mean_of(networks: Sequence[nn.Module], shares: Sequence[float]) -> dict[str, Tensor]:
    """Weights between those of several networks.

    Args:
        networks: Of one architecture.
        shares: How much each counts; they sum to 1.

    Returns:
        A state for one of them; what is no fraction (counters) is the first one's.
    """
    states = [network.state_dict() for network in networks]
    mean = dict(states[0])
    for name, first in states[0].items():
        if first.is_floating_point():
            parts = [
                share * state[name].double() for share, state in zip(shares, states, strict=True)
            ]
            mean[name] = torch.stack(parts).sum(0).to(first.dtype)
    return mean


def render_average(card: ModelCard) -> str:
    """What a mean is and how it did where it was measured, in one line."""
    figures = [f"{name} {100 * it['accuracy']:.2f} %" for name, it in card.metrics.items()]
    return "; ".join([f"{card.name}: {card.architecture}, {card.training['averaged']}", *figures])


def _shares(job: AverageJob) -> list[float]:
    if len(job.folders) < 2:
        raise UsageError("train average takes the folders of at least two trainings")
    given = job.shares or (1.0,) * len(job.folders)
    if len(given) != len(job.folders):
        raise UsageError(
            f"--share: given {len(given)} times for {len(job.folders)} folders; once for each"
        )
    if min(given) <= 0:
        raise UsageError("--share: must be above 0")
    return [share / sum(given) for share in given]


def _average(kind: NetworkKind, job: AverageJob, shares: list[float]) -> ModelCard:
    cards = [read_card(folder / f"{kind.name}.json") for folder in job.folders]
    networks = [
        load_network(folder / f"{kind.name}.safetensors", kind=kind) for folder in job.folders
    ]
    try:
        networks[0].load_state_dict(mean_of(networks, shares))
    except (KeyError, RuntimeError):  # the latter lists every tensor
        kinds = ", ".join(sorted({card.architecture for card in cards}))
        raise UsageError(
            f"{kind.name}: networks of several shapes ({kinds}) have no mean; "
            "average trainings that began alike"
        ) from None
    if kind is DIGITS:
        _shift_non_digit(networks[0], job.non_digit_logit)
    description = describe_from(
        cards,
        training={**cards[0].training, **_account(kind, job, shares)},
        metrics=measure_sets(networks[0], load_benchmarks(job.data)) if kind is DIGITS else {},
    )
    card = save_weights(networks[0], description, job.out, kind=kind)
    calibrations = (it.calibration for it in cards if it.calibration is not None)
    card = dataclasses.replace(card, calibration=next(calibrations, None))
    write_card(card, job.out / f"{kind.name}.json")
    return card


def _shift_non_digit(network: nn.Module, shift: float) -> None:
    part = network.main if isinstance(network, DigitPair) else network
    last = part.get_submodule("head")[-1]  # type: ignore[index]
    with torch.no_grad():
        last.bias[NOT_A_DIGIT] += shift


def _account(kind: NetworkKind, job: AverageJob, shares: list[float]) -> dict[str, str | float]:
    """What the card's training says of the mean."""
    parts = [
        f"{share:.3g} of {folder.name}" for share, folder in zip(shares, job.folders, strict=True)
    ]
    account: dict[str, str | float] = {"averaged": ", ".join(parts)}
    if kind is DIGITS and job.non_digit_logit:
        account["non_digit_logit"] = job.non_digit_logit
    return account
