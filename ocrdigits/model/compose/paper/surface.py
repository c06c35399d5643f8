"""Surfaces: a size goes in, the colour that they throw back comes out; papers.

A surface is (H, W, 3) float32: the share of blue, green and red light that each point reflects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Surface = NDArray[np.float32]
"""(H, W, 3) float32 in [0, 1], blue, green, red reflectance."""
Plane = NDArray[np.float32]
"""(H, W) float32."""
Size = tuple[int, int]
"""Height and width in pixels."""
Color = tuple[float, float, float]
"""Blue, green, red."""


def make_cloud(rng: np.random.Generator, size: Size, grain_px: float) -> Plane:
    """Smooth noise of standard deviation about 1 whose bumps are `grain_px` wide."""
    height, width = size
    rows, columns = (max(2, int(np.ceil(side / grain_px)) + 1) for side in size)
    coarse = rng.standard_normal((rows, columns), dtype=np.float32)
    if (rows, columns) == (height, width):
        return coarse
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    cloud: Plane = smooth.astype(np.float32)
    return cloud


PAPERS: Mapping[str, Color] = {
    "copy": (0.95, 0.95, 0.95),
    "white": (0.93, 0.95, 0.96),
    "bluish": (0.97, 0.93, 0.91),
    "cream": (0.80, 0.91, 0.95),
    "recycled": (0.76, 0.80, 0.81),
    "yellow": (0.58, 0.90, 0.95),
    "pink": (0.84, 0.80, 0.95),
    "green": (0.80, 0.92, 0.82),
    "blue": (0.93, 0.86, 0.76),
    "manila": (0.62, 0.79, 0.89),
    "kraft": (0.42, 0.58, 0.70),
    "aged": (0.60, 0.76, 0.84),
    "thermal": (0.93, 0.93, 0.93),
}
"""Colours of papers by name."""
_SPECKLED = {"recycled": 0.9, "kraft": 1.0, "manila": 0.35, "aged": 0.5}
_TILE_PX = 2048


def make_paper(rng: np.random.Generator, size: Size, color: Color = PAPERS["white"]) -> Surface:
    """Plain paper: fibres, faint blotches and the gentle waves of a sheet that was handled."""
    shade = _cut(rng, _make_tooth(), size) + 0.012 * make_cloud(rng, size, max(size) / 3)
    return _colored(shade, color)


def sample_paper(rng: np.random.Generator, size: Size, names: Sequence[str]) -> Surface:
    """One of some papers, its shade a little its own.

    Args:
        rng: Source of chance.
        size: Of the sheet.
        names: Keys of `PAPERS`; one that stands there twice is twice as likely.

    Returns:
        The paper, with the flecks of recycled pulp where it has them.
    """
    name = names[int(rng.integers(len(names)))]
    stray = 1 + rng.normal(0, 0.012, 3) + rng.normal(0, 0.015)
    blue, green, red = (float(value) for value in np.clip(PAPERS[name] * stray, 0.05, 0.98))
    paper = make_paper(rng, size, (blue, green, red))
    if name not in _SPECKLED:
        return paper
    flecks = _cut(rng, _make_flecks(), size) * np.float32(_SPECKLED[name])
    return _clip(paper * (1 + flecks[:, :, None]))


@lru_cache(maxsize=1)
def _make_tooth() -> Plane:
    """A large patch of paper grain around 1, the same in every process."""
    rng, size = np.random.default_rng(7), (_TILE_PX, _TILE_PX)
    fibres = cv2.GaussianBlur(rng.standard_normal(size, dtype=np.float32), (0, 0), 0.9)
    shade = 0.016 * fibres + 0.006 * make_cloud(rng, size, 9) + 0.010 * make_cloud(rng, size, 70)
    tooth: Plane = (1 + shade).astype(np.float32)
    return tooth


@lru_cache(maxsize=1)
def _make_flecks() -> Plane:
    """Short fibres, darker and lighter than the pulp, around 0."""
    rng = np.random.default_rng(8)
    flecks = np.zeros((_TILE_PX, _TILE_PX), np.float32)
    places = rng.uniform(0, _TILE_PX, (9000, 2))
    turns, lengths = rng.uniform(0, np.pi, 9000), rng.gamma(2.0, 5.0, 9000)
    ends = places + lengths[:, None] * np.column_stack([np.cos(turns), np.sin(turns)])
    depths = rng.normal(-0.05, 0.09, 9000).tolist()
    for start, end, depth in zip(places.tolist(), ends.tolist(), depths, strict=True):
        first, last = (round(start[0]), round(start[1])), (round(end[0]), round(end[1]))
        cv2.line(flecks, first, last, depth, 1)
    return np.asarray(cv2.GaussianBlur(flecks, (0, 0), 0.8), np.float32)


def _cut(rng: np.random.Generator, tile: Plane, size: Size) -> Plane:
    """A piece of a tile from anywhere, mirrored at times; beyond the tile it repeats."""
    piece = tile
    for axis, side in enumerate(size):
        start = int(rng.integers(max(1, _TILE_PX - side + 1)))
        step = 1 - 2 * int(rng.integers(2))
        piece = piece.take(np.arange(start, start + side)[::step], axis=axis, mode="wrap")
    return piece


def fold_paper(rng: np.random.Generator, surface: Surface) -> Surface:
    """A sheet that came in an envelope: two creases, each third at its own angle to the light."""
    height = surface.shape[0]
    rows = np.arange(height, dtype=np.float32)
    shade = np.ones(height, np.float32)
    for third in (1, 2):
        away = rows - height * (third / 3 + float(rng.uniform(-0.02, 0.02)))
        shade *= 1 - float(rng.uniform(0.0, 0.06)) * np.clip(away / 12, 0, 1)
        shade += 0.05 * np.exp(-((away / 2.5) ** 2)) - 0.04 * np.exp(-(((away - 6) / 4) ** 2))
    return _clip(surface * shade.astype(np.float32)[:, None, None])


def _colored(shade: Plane, color: Color) -> Surface:
    surface = cv2.merge([shade * np.float32(value) for value in color])
    return _clip(np.asarray(surface, np.float32))


def _clip(surface: NDArray[np.floating[Any]]) -> Surface:
    clipped: Surface = np.clip(surface, 0, 1).astype(np.float32, copy=False)
    return clipped
