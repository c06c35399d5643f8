"""What the training loops of both networks share: device, optimiser, schedule, average, checkpoint.

The loops themselves stand in `train` (digits) and `strings.training`, each readable downward.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from ocrdigits.errors import InputError, UsageError

CHECKPOINT = "checkpoint.pt"
"""Name of the file in the folder of a training that `--resume` goes on from."""

_RISE = 0.08
"""Share of a training's steps in which the learning rate rises."""


def pick_device(name: str) -> torch.device:
    """The device to train on.

    Args:
        name: `auto` takes the first accelerator there is.

    Returns:
        The device.

    Raises:
        UsageError: If it does not exist here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        raise UsageError(
            f"--device {name}: not usable here ({str(error).splitlines()[0]}); try --device cpu"
        ) from error
    return device


def start_from(network: nn.Module, init: nn.Module, architecture: str) -> None:
    """Copy the weights of a trained network into a new one.

    Args:
        network: Takes the weights.
        init: Gives them.
        architecture: Name of what `network` is, for the message.

    Raises:
        UsageError: If they are of different architectures.
    """
    try:
        network.load_state_dict(init.state_dict())
    except RuntimeError:  # its message lists every tensor
        raise UsageError(
            f"--init: these weights are not of the architecture {architecture}; "
            "name theirs with --arch"
        ) from None


def make_average(network: nn.Module, decay: float) -> AveragedModel:
    """An exponential average of a network's weights that forgets the random start.

    Args:
        network: Whose weights.
        decay: What the decay grows towards.

    Returns:
        The average; call `update_parameters` after every step.
    """

    def update(averaged: Any, current: Any, updates: Any) -> None:  # noqa: ANN401 - torch's form
        grown = min(decay, (1.0 + float(updates)) / (10.0 + float(updates)))
        average = get_ema_multi_avg_fn(grown)  # type: ignore[no-untyped-call]
        average(averaged, current, updates)

    return AveragedModel(network, multi_avg_fn=update, use_buffers=True)


def make_optimizer(
    network: nn.Module, *, kind: str, peak_rate: float, weight_decay: float
) -> torch.optim.Optimizer:
    """AdamW or SGD; norms and biases are not decayed."""
    weights = [p for p in network.parameters() if p.ndim > 1]
    others = [p for p in network.parameters() if p.ndim <= 1]
    groups: list[dict[str, Any]] = [
        {"params": weights, "weight_decay": weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    if kind == "sgd":
        return torch.optim.SGD(groups, lr=peak_rate, momentum=0.9, nesterov=True)
    return torch.optim.AdamW(groups, lr=peak_rate)


def make_schedule(
    optimizer: torch.optim.Optimizer, steps: int, *, is_steady: bool = False
) -> torch.optim.lr_scheduler.LambdaLR:
    """The one-cycle schedule over all steps of a training, or one that keeps the highest rate."""
    rate = steady if is_steady else one_cycle
    return torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate(step / steps))


def steady(progress: float) -> float:
    """Learning-rate factor: up in the first 8 % of all steps, then 1; the average calms it."""
    return one_cycle(min(progress, _RISE))


def one_cycle(progress: float) -> float:
    """Learning-rate factor: up in the first 8 % of all steps, then down a cosine to 0.2 %."""
    if progress < _RISE:
        return 0.1 + 0.9 * progress / _RISE
    return 0.002 + 0.998 * 0.5 * (1 + math.cos(math.pi * (progress - _RISE) / (1 - _RISE)))


def save_checkpoint(path: Path, parts: dict[str, Any], history: list[dict[str, float]]) -> None:
    """Write where a training stands, whole or not at all.

    Args:
        path: The file.
        parts: What has a `state_dict`, by name.
        history: The course of the training so far.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    state = {name: part.state_dict() for name, part in parts.items()}
    temporary = path.with_suffix(".tmp")
    torch.save({**state, "history": history}, temporary)
    temporary.replace(path)


def load_checkpoint(path: Path, parts: dict[str, Any]) -> list[dict[str, float]]:
    """Bring the parts of a training to where a checkpoint left them.

    Args:
        path: The file.
        parts: What has a `state_dict`, by name; changed.

    Returns:
        The course of the training until then.

    Raises:
        InputError: If there is no checkpoint, or one of another training.
    """
    if not path.is_file():
        raise InputError(f"{path}: no checkpoint to resume from; start without --resume")
    try:
        state = torch.load(path, weights_only=True, map_location="cpu")
        for name, part in parts.items():
            part.load_state_dict(state[name])
        history: list[dict[str, float]] = state["history"]
    except Exception as error:  # torch.load and load_state_dict raise a dozen kinds
        raise InputError(
            f"{path}: this checkpoint does not fit or is damaged; start without --resume"
        ) from error
    return history
