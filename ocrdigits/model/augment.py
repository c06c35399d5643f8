"""Clean cells in, cells as phones and pens leave them out; and glyphs that are no digits.

Whole batches are changed at once, each sample by its own draw. After every change of shape the
ink is fitted to the cell again, as `vision.normalize.center_digit` would. What torchvision's
`transforms.v2` offers is drawn once for a group of samples (blur, low resolution).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - the name everybody knows
from torchvision.transforms.v2 import functional as tv

from ocrdigits.model.habits import INK, HabitShares

_CELL_PX = 28
_BODY_PX = 20.0


@dataclass(frozen=True, slots=True)
class AugmentSettings:
    """How far samples are changed.

    Attributes:
        photo_share: Share of samples that get the damage of a photo; the others stay crisp.
        rotation_deg: Largest rotation either way.
        shear: Largest horizontal shear either way (tangent of the slant).
        stretch: Largest factor between width and height, either way.
        elastic_px: Largest local displacement.
        shift_px: Farthest that the centre of mass lies from the middle, each way.
        body_px: Smallest and largest side of the digit in the cell.
        stroke_share: Share of samples whose strokes grow wider or thinner.
        sliver_share: Share of samples into whose cell a neighbour's edge reaches.
        habits: Strokes that some writers add.
    """

    photo_share: float = 0.45
    rotation_deg: float = 9.0
    shear: float = 0.28
    stretch: float = 1.25
    elastic_px: float = 1.0
    shift_px: float = 1.2
    body_px: tuple[float, float] = (17.5, 21.0)
    stroke_share: float = 0.6
    sliver_share: float = 0.14
    habits: HabitShares = field(default_factory=HabitShares)

    def scaled(self, strength: float) -> AugmentSettings:
        """The same changes, each `strength` times as far."""
        low, high = self.body_px
        return replace(
            self,
            photo_share=min(1.0, self.photo_share * strength),
            rotation_deg=self.rotation_deg * strength,
            shear=self.shear * strength,
            stretch=self.stretch**strength,
            elastic_px=self.elastic_px * strength,
            body_px=(20 + (low - 20) * strength, 20 + (high - 20) * strength),
            stroke_share=min(1.0, self.stroke_share * strength),
            sliver_share=min(1.0, self.sliver_share * strength),
        )

    def of_shape_alone(self) -> AugmentSettings:
        """As for one source: turned and moved twice as far, half as far slanted and stretched.

        Strokes and picture stay as the source has them.
        """
        return replace(
            self,
            rotation_deg=2 * self.rotation_deg,
            shear=self.shear / 2,
            stretch=math.sqrt(self.stretch),
            shift_px=2 * self.shift_px,
            photo_share=0.0,
            elastic_px=0.0,
            stroke_share=0.0,
            sliver_share=0.0,
            habits=HabitShares(0.0, 0.0, 0.0),
        )


def augment_digits(
    cells: Tensor, neighbours: Tensor, settings: AugmentSettings, generator: torch.Generator
) -> Tensor:
    """Vary shape and picture of digits without changing what they say.

    Args:
        cells: (N, 1, 28, 28) in [0, 1].
        neighbours: (N, 1, 28, 28) other digits, of which slivers reach into some cells.
        settings: How far.
        generator: Source of all randomness.

    Returns:
        (N, 1, 28, 28) in [0, 1].
    """
    warped = warp_to_cell(cells, settings, generator)
    warped = _vary_stroke_width(warped, settings.stroke_share, generator)
    warped = _add_slivers(warped, neighbours, settings.sliver_share, generator)
    return damage(warped, settings.photo_share, generator)


def warp_to_cell(canvas: Tensor, settings: AugmentSettings, generator: torch.Generator) -> Tensor:
    """Rotate, slant, stretch and bend ink, and fit it to the cell again, in one resampling.

    Args:
        canvas: (N, 1, H, W) in [0, 1], of any size.
        settings: How far.
        generator: Source of all randomness.

    Returns:
        (N, 1, 28, 28): longest side 20 pixels (give or take), centre of mass in the middle.
    """
    count, _, height, width = canvas.shape
    shape = _random_shapes(count, settings, generator)  # (N, 2, 2)
    ys, xs = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    points = torch.stack([xs, ys], -1).reshape(-1, 2).float()  # (H·W, 2)
    moved = points @ shape.transpose(1, 2)  # (N, H·W, 2)
    ink = canvas.reshape(count, -1)
    low, high = _bounds(moved, ink > INK)
    mass = (moved * ink[..., None]).sum(1) / ink.sum(1, keepdim=True).clamp(min=1e-6)
    low_body, high_body = settings.body_px
    body = _uniform((count, 1), low_body, high_body, generator)
    scale = body / (high - low).amax(1, keepdim=True).clamp(min=4.0)  # (N, 1)
    offset = _uniform((count, 2), -settings.shift_px, settings.shift_px, generator)
    # A cell pixel c shows the canvas point  shape⁻¹ ((c − 13.5 − offset) / scale + mass).
    ys, xs = torch.meshgrid(torch.arange(_CELL_PX), torch.arange(_CELL_PX), indexing="ij")
    cell_points = torch.stack([xs, ys], -1).reshape(1, -1, 2).float() - (_CELL_PX - 1) / 2
    bent = cell_points + _elastic(count, settings.elastic_px, generator) - offset[:, None]
    source = (bent / scale[:, None] + mass[:, None]) @ torch.linalg.inv(shape).transpose(1, 2)
    grid = (2 * source + 1) / torch.tensor([width, height]) - 1
    grid = grid.reshape(count, _CELL_PX, _CELL_PX, 2)
    return F.grid_sample(canvas, grid, mode="bilinear", align_corners=False)


def compose_non_digits(
    cells: Tensor, labels: Tensor, settings: AugmentSettings, generator: torch.Generator
) -> Tensor:
    """Make glyphs that a wrong cut gives: two digits, a digit and a half, half a digit; and specks.

    Args:
        cells: (N, 1, 28, 28) digits.
        labels: (N,) what they say.
        settings: How far.
        generator: Source of all randomness.

    Returns:
        (N, 1, 28, 28), none of them one digit.
    """
    count = len(cells)
    kinds = torch.randint(0, 8, (count,), generator=generator)
    pairs = _join_pairs(cells, kinds >= 2, generator)
    halves = F.pad(_cut_halves(cells, labels, generator), (0, pairs.shape[-1] - _CELL_PX))
    canvas = torch.where((kinds < 4).view(-1, 1, 1, 1), pairs, halves)
    warped = warp_to_cell(canvas, settings, generator)
    warped = _vary_stroke_width(warped, settings.stroke_share, generator)
    specks = _draw_specks(count, generator)
    warped = torch.where((kinds == 7).view(-1, 1, 1, 1), specks, warped)
    return damage(warped, settings.photo_share, generator)


def damage(cells: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Blur, coarsen, fade and speckle a share of the cells as phones and cheap pens do.

    Args:
        cells: (N, 1, 28, 28) in [0, 1].
        share: Share of the samples that are changed.
        generator: Source of all randomness.

    Returns:
        (N, 1, 28, 28) in [0, 1].
    """
    hit = _coin(len(cells), share, generator)
    groups = torch.split(cells, 16)
    changed = torch.cat([_blur_group(group, generator) for group in groups])
    changed = _fade(changed, generator)
    changed = _change_levels(changed, generator)
    return torch.where(hit, changed, cells).clamp(0, 1)


def _uniform(shape: tuple[int, ...], low: float, high: float, generator: torch.Generator) -> Tensor:
    return torch.rand(shape, generator=generator) * (high - low) + low


def _coin(count: int, share: float, generator: torch.Generator) -> Tensor:
    return (torch.rand(count, generator=generator) < share).view(-1, 1, 1, 1)


def _random_shapes(count: int, settings: AugmentSettings, generator: torch.Generator) -> Tensor:
    angle = _uniform((count,), -1, 1, generator) * math.radians(settings.rotation_deg)
    shear = _uniform((count,), -1, 1, generator) * settings.shear
    log_stretch = math.log(settings.stretch)
    stretch = torch.exp(_uniform((count,), -log_stretch, log_stretch, generator) / 2)
    cos, sin = torch.cos(angle), torch.sin(angle)
    rotation = torch.stack([torch.stack([cos, -sin], -1), torch.stack([sin, cos], -1)], -2)
    zero = torch.zeros_like(shear)
    slant = torch.stack(
        [torch.stack([stretch, shear], -1), torch.stack([zero, 1 / stretch], -1)], -2
    )
    return rotation @ slant


def _bounds(points: Tensor, inked: Tensor) -> tuple[Tensor, Tensor]:
    far = 1e4
    masked = inked[..., None]
    low = torch.where(masked, points, far).amin(1)
    high = torch.where(masked, points, -far).amax(1)
    empty = ~inked.any(1, keepdim=True)
    return torch.where(empty, 0.0, low), torch.where(empty, _BODY_PX, high + 1)


def _elastic(count: int, amplitude_px: float, generator: torch.Generator) -> Tensor:
    coarse = _uniform((count, 2, 5, 5), -1, 1, generator) * amplitude_px * 1.6
    strength = _uniform((count, 1, 1, 1), 0, 1, generator)
    field = F.interpolate(coarse * strength, size=_CELL_PX, mode="bicubic", align_corners=True)
    return field.reshape(count, 2, -1).transpose(1, 2)  # (N, 784, 2)


def _vary_stroke_width(cells: Tensor, share: float, generator: torch.Generator) -> Tensor:
    count = len(cells)
    thick = F.max_pool2d(cells, 3, 1, 1)
    thin = -F.max_pool2d(-cells, (2, 2), 1, padding=0)
    thin = F.pad(thin, (0, 1, 0, 1))
    change = _uniform((count, 1, 1, 1), -0.7, 0.9, generator)
    changed = torch.where(
        change > 0,
        torch.lerp(cells, thick, change.clamp(0)),
        torch.lerp(cells, thin, -change.clamp(max=0)),
    )
    survives = changed.flatten(1).sum(1) > 0.35 * cells.flatten(1).sum(1)
    keep = _coin(count, share, generator) & survives.view(-1, 1, 1, 1)
    return torch.where(keep, changed, cells)


def _add_slivers(
    cells: Tensor, neighbours: Tensor, share: float, generator: torch.Generator
) -> Tensor:
    """A neighbour's edge, a few pixels wide, left or right of a share of the digits."""
    count = len(cells)
    shift = torch.randint(19, 23, (count,), generator=generator)
    left = torch.rand(count, generator=generator) < 0.5
    columns = torch.arange(_CELL_PX).view(1, -1) + torch.where(left, shift, -shift).view(-1, 1)
    valid = (columns >= 0) & (columns < _CELL_PX)
    index = columns.clamp(0, _CELL_PX - 1).view(count, 1, 1, -1).expand(-1, 1, _CELL_PX, -1)
    sliver = neighbours.gather(3, index) * valid.view(count, 1, 1, -1)
    return torch.where(_coin(count, share, generator), torch.maximum(cells, sliver), cells)


def _ink_columns(cells: Tensor) -> tuple[Tensor, Tensor]:
    """First and last inked column of each cell, (N,) each; 4 and 23 where there is no ink."""
    inked = (cells > INK).any(2)[:, 0]  # (N, 28)
    columns = torch.arange(_CELL_PX)
    first = torch.where(inked, columns, 99).amin(1)
    last = torch.where(inked, columns, -1).amax(1)
    empty = last < 0
    return torch.where(empty, 4, first), torch.where(empty, 23, last)


def _join_pairs(cells: Tensor, cut: Tensor, generator: torch.Generator) -> Tensor:
    """Two digits side by side, touching or nearly so; of one, only a part where `cut` says so.

    Args:
        cells: (N, 1, 28, 28).
        cut: (N,) bool, leave a digit and a good part of the other.
        generator: Source of all randomness.

    Returns:
        (N, 1, 28, 56).
    """
    count = len(cells)
    other = cells[torch.randperm(count, generator=generator)]
    first, last = _ink_columns(cells)
    other_first, other_last = _ink_columns(other)
    gap = torch.randint(-2, 4, (count,), generator=generator)
    shift = last + 1 + gap - other_first
    columns = torch.arange(2 * _CELL_PX).view(1, -1)
    moved = columns - shift.view(-1, 1)
    valid = (moved >= 0) & (moved < _CELL_PX)
    index = moved.clamp(0, _CELL_PX - 1).view(count, 1, 1, -1).expand(-1, 1, _CELL_PX, -1)
    right = other.gather(3, index) * valid.view(count, 1, 1, -1)
    pair = torch.maximum(F.pad(cells, (0, _CELL_PX)), right)
    part = _uniform((count,), 0.35, 0.65, generator)
    stop = other_first + shift + (part * (other_last - other_first + 1)).clamp(min=4)
    start = last - (part * (last - first + 1)).clamp(min=4)
    keep_left = torch.rand(count, generator=generator) < 0.5
    inside = torch.where(
        keep_left.view(-1, 1), columns < stop.view(-1, 1), columns > start.view(-1, 1)
    )
    return pair * (inside | ~cut.view(-1, 1)).view(count, 1, 1, -1)


def _cut_halves(cells: Tensor, labels: Tensor, generator: torch.Generator) -> Tensor:
    """The left or right part of a digit, of those digits whose part is no other digit."""
    count = len(cells)
    first, last = _ink_columns(cells)
    columns = torch.arange(_CELL_PX).view(1, 1, 1, -1)
    cut = first + _uniform((count,), 0.38, 0.62, generator) * (last - first + 1)
    cut = cut.view(-1, 1, 1, 1)
    keep_left = _coin(count, 0.5, generator)
    halves = cells * torch.where(keep_left, columns < cut, columns >= cut)
    ambiguous = torch.isin(labels, torch.tensor([1, 4, 7])) | (last - first < 7)
    # Half of a 1 is a 1; the right stroke of a 4 too. Two of them side by side are none.
    doubled = torch.maximum(cells.roll(-5, 3), cells.roll(6, 3))
    return torch.where(ambiguous.view(-1, 1, 1, 1), doubled, halves)


def _draw_specks(count: int, generator: torch.Generator) -> Tensor:
    """Dots, lying dashes and rough blots, fitted to the cell as a reader would fit them."""
    ys, xs = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    angle = _uniform((count, 1, 1), -0.5, 0.5, generator)
    aspect = torch.exp(_uniform((count, 1, 1), 0.0, 2.2, generator))
    along = (xs - 13.5) * torch.cos(angle) + (ys - 13.5) * torch.sin(angle)
    across = (ys - 13.5) * torch.cos(angle) - (xs - 13.5) * torch.sin(angle)
    radius = torch.sqrt(along**2 + (across * aspect) ** 2)
    rough = F.interpolate(
        _uniform((count, 1, 7, 7), -3, 3, generator), size=_CELL_PX, mode="bicubic"
    )[:, 0]
    return torch.sigmoid(10 - radius + rough).unsqueeze(1)


def _blur_group(cells: Tensor, generator: torch.Generator) -> Tensor:
    """One blur and one resolution for a small group."""
    kind, strength = torch.rand(2, generator=generator).tolist()
    if kind < 0.4:
        cells = tv.gaussian_blur(cells, [5, 5], [0.4 + 0.9 * strength])
    elif kind < 0.75:
        side, full = int(9 + 12 * strength), [_CELL_PX, _CELL_PX]
        small = tv.resize(cells, [side, side], antialias=True)
        cells = tv.resize(small, full, tv.InterpolationMode.BICUBIC, antialias=False)
    return cells


def _fade(cells: Tensor, generator: torch.Generator) -> Tensor:
    """Ink that thins out along the stroke, on half of the cells."""
    count = len(cells)
    patches = F.interpolate(
        _uniform((count, 1, 6, 6), 0, 1, generator), size=_CELL_PX, mode="bicubic"
    )
    depth = _uniform((count, 1, 1, 1), 0, 0.9, generator)
    faded = cells * (1 - depth * (patches - 0.35).clamp(0, 1))
    return torch.where(_coin(count, 0.5, generator), faded, cells)


def _change_levels(cells: Tensor, generator: torch.Generator) -> Tensor:
    """Threshold softly or hard, change gamma, add grain."""
    count = len(cells)
    black = _uniform((count, 1, 1, 1), 0.0, 0.25, generator)
    white = _uniform((count, 1, 1, 1), 0.45, 1.0, generator)
    levelled = ((cells - black) / (white - black)).clamp(0, 1)
    gamma = torch.exp(_uniform((count, 1, 1, 1), -0.5, 0.5, generator))
    levelled = levelled.clamp(min=1e-4) ** gamma
    grain = torch.randn(cells.shape, generator=generator)
    grain = grain * _uniform((count, 1, 1, 1), 0, 0.12, generator)
    return levelled + grain * (levelled > 0.02)
