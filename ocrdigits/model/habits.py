"""Digits in, digits out with strokes that some writers add: 0 slashed, 1 flagged, 7 crossed.

American and Asian sets of handwriting hardly hold these; forms and cheques of other countries do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from ocrdigits.records import NOT_A_DIGIT

INK = 0.15  # a pixel darker than this belongs to the bounding box
_WIDEST_PEN_PX = 3.6
"""A wider one would fill the digit."""


@dataclass(frozen=True, slots=True)
class HabitShares:
    """Which share of a digit's cells gets the stroke.

    Attributes:
        slashed: Of the 0s, a slanted line through the middle.
        flagged: Of the 1s, an upstroke that leads to the top.
        crossed: Of the 7s, a short bar through the stem.
    """

    slashed: float = 0.06
    flagged: float = 0.08
    crossed: float = 0.08


def add_habits(
    cells: Tensor, labels: Tensor, shares: HabitShares, generator: torch.Generator
) -> Tensor:
    """Draw the additional strokes, as wide as the pen was.

    Args:
        cells: (N, 1, 28, 28) in [0, 1].
        labels: (N,) what they say.
        shares: How often.
        generator: Source of all randomness.

    Returns:
        (N, 1, 28, 28) in [0, 1]; those without a stroke unchanged.
    """
    share = torch.zeros(NOT_A_DIGIT + 1)
    share[0], share[1], share[7] = shares.slashed, shares.flagged, shares.crossed
    widths = _pen_widths(cells[:, 0])
    meant = torch.rand(len(labels), generator=generator) < share[labels]
    rows = torch.nonzero(meant & (widths < _WIDEST_PEN_PX))[:, 0]
    if not len(rows):
        return cells
    picked, said = cells[rows], labels[rows]
    starts, ends = _strokes(picked[:, 0], said, generator)
    drawn = _draw_strokes(starts, ends, 0.85 * widths[rows], cells.shape[-1])
    strength = picked.flatten(1).amax(1).view(-1, 1, 1)
    changed = cells.clone()
    changed[rows] = torch.maximum(picked, (drawn * strength).unsqueeze(1))
    return changed


def _strokes(cells: Tensor, labels: Tensor, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """(N, 28, 28) cells → both ends of each additional stroke, (N, 2) as x, y."""
    inked = cells > INK
    count, side = len(cells), cells.shape[-1]
    pixels = torch.arange(side, dtype=torch.float32)
    left, right = _extent(inked.any(1), pixels)
    top, bottom = _extent(inked.any(2), pixels)
    width, height = right - left, bottom - top

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=generator) * (high - low) + low

    middle = torch.stack([(left + right) / 2, (top + bottom) / 2], 1)
    angle = torch.deg2rad(draw(35, 75))
    half = draw(0.35, 0.75) * torch.hypot(width, height) / 2
    slash = torch.stack([torch.cos(angle), -torch.sin(angle)], 1) * half[:, None]

    tip = torch.stack([_ink_center(cells, top, 2.0, pixels), top + 0.5], 1)
    fall, length = torch.deg2rad(draw(40, 70)), draw(0.15, 0.45) * height
    flag = torch.stack([-torch.cos(fall), torch.sin(fall)], 1) * length[:, None]

    level = top + draw(0.42, 0.62) * height
    stem = torch.stack([_ink_center(cells, level, 2.0, pixels), level], 1)
    tilt, reach = torch.deg2rad(draw(-25, 12)), draw(3.0, 6.0)
    bar = torch.stack([torch.cos(tilt), torch.sin(tilt)], 1) * reach[:, None]

    zero, one = (labels == 0)[:, None], (labels == 1)[:, None]
    starts = torch.where(zero, middle - slash, torch.where(one, tip, stem - bar))
    ends = torch.where(zero, middle + slash, torch.where(one, tip + flag, stem + bar))
    return starts, ends


def _extent(inked: Tensor, pixels: Tensor) -> tuple[Tensor, Tensor]:
    """First and last inked pixel along the second axis, (N,) each."""
    return torch.where(inked, pixels, math.inf).amin(1), torch.where(inked, pixels, -1.0).amax(1)


def _ink_center(cells: Tensor, level: Tensor, reach_px: float, pixels: Tensor) -> Tensor:
    """(N,) mean x of the ink within `reach_px` of a height."""
    near = (pixels.view(1, -1) - level.view(-1, 1)).abs() <= reach_px  # (N, 28)
    mass = (cells * near[:, :, None]).sum(1)  # (N, 28) by column
    center: Tensor = (mass * pixels).sum(1) / mass.sum(1).clamp(min=1e-6)
    return center


def _pen_widths(cells: Tensor) -> Tensor:
    """(N,) width of the strokes: twice the ink over the length of its outline."""
    ink = cells.flatten(1).sum(1)
    steps = cells.diff(dim=1).abs().flatten(1).sum(1) + cells.diff(dim=2).abs().flatten(1).sum(1)
    outline = steps * math.pi / 4  # of all directions alike
    return (2 * ink / outline.clamp(min=1e-6)).clamp(1.2, 5.0)


def _draw_strokes(starts: Tensor, ends: Tensor, widths: Tensor, side: int) -> Tensor:
    """(N, side, side) coverage of straight round-ended strokes."""
    ys, xs = torch.meshgrid(torch.arange(side), torch.arange(side), indexing="ij")
    points = torch.stack([xs, ys], -1).reshape(1, -1, 2).float()
    along = (ends - starts)[:, None]
    offset = points - starts[:, None]
    part = ((offset * along).sum(-1) / (along**2).sum(-1).clamp(min=1e-6)).clamp(0, 1)
    distance = (offset - part[..., None] * along).norm(dim=-1)  # (N, side²)
    coverage: Tensor = (widths[:, None] / 2 + 0.5 - distance).clamp(0, 1)
    return coverage.view(-1, side, side)
