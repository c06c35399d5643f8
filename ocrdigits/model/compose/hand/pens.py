"""Pens: the pen's path in, ink on paper out; pencil, ball pen, gel and fountain pen, felt tips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.hand.alphabet import Points
from ocrdigits.model.compose.hand.writer import Path
from ocrdigits.records import Coverage

_FINE = 4  # drawn this much larger, then averaged: edges as soft as a lens makes them
_SHIFT = 4  # OpenCV takes fixed-point coordinates with this many fractional bits
_TILE = (512, 2048)  # of paper's tooth: made once, every patch of ink lies somewhere on it


@dataclass(frozen=True, slots=True)
class Pen:
    """What the writer holds.

    Attributes:
        width_frac: Line width in heights of a digit.
        opacity: How dark a full line gets, 0 to 1.
        grain: How much of the paper's tooth stays free, 0 to 1.
        pressure_spread: Relative change of width and darkness along a stroke.
        color: Blue, green and red reflectance of the ink, 0 to 1.
        nib_frac: How much wider than on average down strokes are, and up strokes narrower.
        taper_frac: How much of the width is lost where a stroke begins and ends; below 0 the ink
            gathers there.
        rough_frac: How far edges fray, in pixels of a thin line.
        skip: How much ink is missing now and then, 0 to 1.
        builds_up: Whether crossing strokes darken each other.
    """

    width_frac: float
    opacity: float
    grain: float
    pressure_spread: float
    color: tuple[float, float, float]
    nib_frac: float = 0.0
    taper_frac: float = 0.0
    rough_frac: float = 0.0
    skip: float = 0.0
    builds_up: bool = False


_Color = tuple[float, float, float]
_Range = tuple[float, float]

_BLACK, _SOOT, _GRAPHITE = (0.10, 0.09, 0.09), (0.22, 0.20, 0.19), (0.27, 0.26, 0.25)
_SILVER = (0.45, 0.44, 0.43)
_BLUE, _NAVY, _ROYAL = (0.58, 0.20, 0.12), (0.38, 0.15, 0.12), (0.70, 0.30, 0.16)
_PALE_BLUE, _RED, _GREEN = (0.72, 0.42, 0.30), (0.18, 0.16, 0.68), (0.28, 0.40, 0.10)


@dataclass(frozen=True, slots=True)
class _PenKind:
    """Ranges to draw a pen from; see `Pen`."""

    width_frac: _Range
    opacity: _Range
    grain: _Range
    pressure_spread: float
    colors: tuple[_Color, ...]
    nib_frac: _Range = (0.0, 0.08)
    taper_frac: _Range = (-0.1, 0.35)
    rough_frac: float = 0.3
    skip: _Range = (0.0, 0.0)
    builds_up: bool = False


_PEN_KINDS = {
    "ball": _PenKind(
        (0.05, 0.085),
        (0.78, 0.97),
        (0.2, 0.4),
        0.12,
        (_BLACK, _BLACK, _SOOT, _BLUE, _BLUE, _NAVY, _ROYAL, _PALE_BLUE, _RED),
        taper_frac=(-0.15, 0.45),
        skip=(0.0, 0.35),
    ),
    "gel": _PenKind(
        (0.06, 0.10),
        (0.9, 1.0),
        (0.03, 0.12),
        0.06,
        (_BLACK, _BLACK, _BLUE, _NAVY, _RED, _GREEN),
        taper_frac=(-0.25, 0.2),
    ),
    "fountain": _PenKind(
        (0.065, 0.12),
        (0.85, 1.0),
        (0.05, 0.18),
        0.10,
        (_BLACK, _NAVY, _ROYAL, _ROYAL, _BLUE),
        nib_frac=(0.12, 0.4),
        taper_frac=(-0.2, 0.3),
    ),
    "pencil": _PenKind(
        (0.055, 0.10),
        (0.8, 1.0),
        (0.45, 0.75),
        0.14,
        (_GRAPHITE, _GRAPHITE, _SILVER),
        taper_frac=(0.0, 0.4),
        rough_frac=0.8,
    ),
    "felt": _PenKind(
        (0.09, 0.15),
        (0.82, 0.97),
        (0.03, 0.12),
        0.07,
        (_BLACK, _BLACK, _BLUE, _RED, _GREEN),
        taper_frac=(-0.15, 0.15),
        builds_up=True,
    ),
    "marker": _PenKind(
        (0.14, 0.2),
        (0.72, 0.92),
        (0.02, 0.08),
        0.05,
        (_BLACK, _BLACK, _BLUE, _RED),
        nib_frac=(0.0, 0.2),
        taper_frac=(-0.1, 0.05),
        builds_up=True,
    ),
}


PENS = ("ball",) * 8 + ("gel",) * 4 + ("pencil",) * 3 + ("felt",) * 2 + ("fountain", "marker")
"""What lies about, the common ones more often."""
CHEQUE_PENS = ("ball", "ball", "ball", "gel", "gel", "fountain")
ADDRESS_PENS = ("ball", "ball", "ball", "gel", "gel", "felt", "fountain")


def sample_pen(rng: np.random.Generator, names: Sequence[str] = PENS) -> Pen:
    """Pick up a pen.

    Args:
        rng: Source of chance.
        names: Kinds to choose from; one that stands there twice is twice as likely.

    Returns:
        A pen of that kind, with its own width, darkness and colour.
    """
    kind = _PEN_KINDS[names[int(rng.integers(len(names)))]]
    color = np.array(kind.colors[int(rng.integers(len(kind.colors)))])
    tint = rng.uniform(0.8, 1.2) * rng.uniform(0.94, 1.06, 3)
    blue, green, red = np.clip(color * tint, 0.04, 0.9).tolist()
    return Pen(
        width_frac=float(rng.uniform(*kind.width_frac)),
        opacity=float(rng.uniform(*kind.opacity)),
        grain=float(rng.uniform(*kind.grain)),
        pressure_spread=kind.pressure_spread,
        color=(blue, green, red),
        nib_frac=float(rng.uniform(*kind.nib_frac)),
        taper_frac=float(rng.uniform(*kind.taper_frac)),
        rough_frac=kind.rough_frac,
        skip=float(rng.uniform(*kind.skip)),
        builds_up=kind.builds_up,
    )


@dataclass(frozen=True, slots=True)
class InkPatch:
    """Ink of some strokes.

    Attributes:
        coverage: (h, w) from 0 (paper) to 1 (ink).
        x: Column of the patch's left edge, in pixels of the paths' frame.
        y: Row of its top edge.
    """

    coverage: Coverage
    x: int
    y: int


def ink_paths(
    rng: np.random.Generator, pen: Pen, paths: Sequence[Path], width_px: float
) -> InkPatch:
    """Draw strokes.

    Args:
        rng: Source of pressure and grain.
        pen: What draws them.
        paths: (M, 2) curves in pixels.
        width_px: Line width; `pen.width_frac` is not used, since only the caller knows the size.

    Returns:
        A patch that holds all the ink, two pixels of paper around it.
    """
    counts = np.array([len(path) for path in paths])
    points, starts = np.concatenate(paths), np.cumsum(counts) - counts
    return ink_curves(rng, pen, points, starts, press_pen(rng, pen, points, starts, width_px))


def ink_curves(
    rng: np.random.Generator,
    pen: Pen,
    points: Points,
    starts: NDArray[np.intp],
    widths_px: NDArray[np.float64],
) -> InkPatch:
    """Draw strokes that lie one after the other.

    Args:
        rng: Source of grain.
        pen: What draws them.
        points: (P, 2) all curves, in pixels.
        starts: (S,) index of each curve's first point.
        widths_px: (P,) width of the line at each point, from `press_pen`.

    Returns:
        A patch that holds all the ink, two pixels of paper around it.
    """
    margin = int(np.ceil(widths_px.max() / 2)) + 2
    x, y = (np.floor(points.min(axis=0)).astype(int) - margin).tolist()
    right, bottom = (np.ceil(points.max(axis=0)).astype(int) + margin).tolist()
    fine = np.rint((points - (x, y)) * (_FINE << _SHIFT)).astype(np.int32)
    size = ((bottom - y) * _FINE, (right - x) * _FINE)
    canvases = [np.zeros(size, np.uint8) for _ in range(2 if pen.builds_up else 1)]
    _draw_runs(canvases, fine, starts, widths_px)
    small = (right - x, bottom - y)
    free: Coverage = np.ones(small[::-1], np.float32)
    for canvas in canvases:  # where strokes of both lie, less paper shines through
        shape = cv2.resize(canvas, small, interpolation=cv2.INTER_AREA) * np.float32(1 / 255)
        free *= 1 - lay_ink(rng, pen, shape)
    return InkPatch(np.subtract(1, free, dtype=np.float32), x, y)


def press_pen(
    rng: np.random.Generator, pen: Pen, points: Points, starts: NDArray[np.intp], width_px: float
) -> NDArray[np.float64]:
    """How wide the line gets: slow chance, the pen's nib, the way in and out.

    Args:
        rng: Source of chance.
        pen: What draws.
        points: (P, 2) all curves, in pixels.
        starts: (S,) index of each curve's first point.
        width_px: Line width on average.

    Returns:
        (P,) width at each point, in pixels.
    """
    count = len(points)
    knots = rng.normal(0, pen.pressure_spread, count // 9 + 2)
    pressure = 1 + np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)
    ends = np.append(starts[1:], count)
    lengths = ends - starts
    if pen.nib_frac:
        step = np.diff(points, axis=0, append=points[-1:])
        pressure += pen.nib_frac * step[:, 1] / np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-6)
    if pen.taper_frac:
        here = np.arange(count)
        since, until = here - np.repeat(starts, lengths), np.repeat(ends, lengths) - 1 - here
        strength = rng.random((2, len(starts))) * pen.taper_frac
        strength[0] *= 0.5 if pen.taper_frac > 0 else 1.0  # a pen lands harder than it lifts
        pressure -= np.repeat(strength[0], lengths) * np.exp(-since / 2.0)
        pressure -= np.repeat(strength[1], lengths) * np.exp(-until / 3.0)
    narrowest = max(0.35, 1.0 / max(width_px, 1.0))
    widths: NDArray[np.float64] = width_px * np.clip(pressure, narrowest, 1.7)
    return widths


def _draw_runs(
    canvases: Sequence[NDArray[np.uint8]],
    fine: NDArray[np.int32],
    starts: NDArray[np.intp],
    widths_px: NDArray[np.float64],
) -> None:
    """Draw stretches of equal width together, wide (and dark) ones over narrow ones."""
    thickness = np.maximum(1, np.rint(_FINE * widths_px)).astype(int)
    usual = float(np.median(thickness))
    is_start = np.zeros(len(fine), np.bool_)
    is_start[starts] = True
    begins = np.flatnonzero(np.append(True, np.diff(thickness) != 0) | is_start)
    goes_on = np.append(~is_start[begins[1:]], False)  # a run ends where the next one begins
    ends = np.append(begins[1:], len(fine)) + goes_on
    layers = np.cumsum(is_start)[begins] % len(canvases)
    runs: dict[tuple[int, int], list[NDArray[np.int32]]] = {}
    keys = zip(layers.tolist(), thickness[begins].tolist(), strict=True)
    for key, begin, end in zip(keys, begins.tolist(), ends.tolist(), strict=True):
        runs.setdefault(key, []).append(fine[begin:end])
    for (layer, wide), parts in sorted(runs.items()):
        dark = int(255 * min(1.0, max(0.55, 0.62 + 0.38 * wide / usual)))
        cv2.polylines(canvases[layer], parts, False, dark, wide, cv2.LINE_8, _SHIFT)


def lay_ink(rng: np.random.Generator, pen: Pen, shape: Coverage) -> Coverage:
    """Turn clean strokes into ink on paper: frayed edges, free tooth, starved places.

    Args:
        rng: Source of chance.
        pen: What drew them.
        shape: (h, w) from 0 (beside the strokes) to 1 (inside).

    Returns:
        (h, w) coverage from 0 (paper) to 1 (ink).
    """
    ink = shape
    if pen.rough_frac:
        fray = 2 * pen.rough_frac * cut_noise(rng, "tooth", shape.shape)
        ink = np.minimum(np.maximum(ink + fray * ink * (1 - ink), 0), 1)
    ink = ink * np.float32(pen.opacity)
    if pen.grain:
        free = cut_noise(rng, "free tooth", shape.shape)
        ink *= 1 - np.float32(pen.grain) * free
    if pen.skip:
        starved = cut_noise(rng, "starved", shape.shape)
        ink *= 1 - np.float32(pen.skip) * starved
    coverage: Coverage = ink.astype(np.float32, copy=False)
    return coverage


def cut_noise(rng: np.random.Generator, name: str, size: tuple[int, ...]) -> Coverage:
    """A piece of noise.

    Args:
        rng: Source of chance.
        name: `tooth` (of paper) or `cloud` (a slow change), of standard deviation 1; `free tooth`
            or `starved`, where ink is missing, from 0 to 1.
        size: Height and width.

    Returns:
        (h, w), not to be changed.
    """
    tile = _make_tile(name)
    height, width = size
    if height > tile.shape[0] or width > tile.shape[1]:
        repeats = (-(-height // tile.shape[0]), -(-width // tile.shape[1]))
        return np.tile(tile, repeats)[:height, :width]
    y = int(rng.integers(tile.shape[0] - height + 1))
    x = int(rng.integers(tile.shape[1] - width + 1))
    return tile[y : y + height, x : x + width]


@lru_cache(maxsize=4)
def _make_tile(name: str) -> Coverage:
    """Noise of standard deviation 1, and what follows from it, from 0 to 1."""
    if name == "free tooth":
        return np.asarray(np.clip(0.5 + 0.45 * _make_tile("tooth"), 0, 1) ** 2, np.float32)
    if name == "starved":
        return np.asarray(np.clip(_make_tile("cloud") - 0.8, 0, 1), np.float32)
    rng = np.random.default_rng(7)
    sigma = {"tooth": 0.7, "cloud": 4.0}[name]
    noise = cv2.GaussianBlur(rng.standard_normal(_TILE, dtype=np.float32), (0, 0), sigma)
    tile: Coverage = (noise / noise.std()).astype(np.float32)
    return tile
