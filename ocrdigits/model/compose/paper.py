"""Surfaces: a size goes in, the colour that they throw back comes out; papers and table tops.

A surface is (H, W, 3) float32: the share of blue, green and red light that each point reflects.
"""

from __future__ import annotations

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


def make_paper(rng: np.random.Generator, size: Size, color: Color = (0.93, 0.95, 0.96)) -> Surface:
    """Plain paper: fibres, faint blotches and the gentle waves of a sheet that was handled."""
    fibres = cv2.GaussianBlur(rng.standard_normal(size, dtype=np.float32), (0, 0), 0.9)
    shade = (
        1 + 0.016 * fibres + 0.006 * make_cloud(rng, size, 9) + 0.010 * make_cloud(rng, size, 70)
    )
    shade += 0.012 * make_cloud(rng, size, max(size) / 3)
    return _colored(shade, color)


def fold_paper(rng: np.random.Generator, surface: Surface) -> Surface:
    """A sheet that came in an envelope: two creases, each third at its own angle to the light."""
    height = surface.shape[0]
    rows = np.arange(height, dtype=np.float32)
    shade = np.ones(height, np.float32)
    for third in (1, 2):
        away = rows - height * (third / 3 + float(rng.uniform(-0.02, 0.02)))
        shade *= 1 - float(rng.uniform(0.0, 0.06)) * np.clip(away / 12, 0, 1)
        shade += 0.05 * np.exp(-((away / 2.5) ** 2)) - 0.04 * np.exp(-(((away - 6) / 4) ** 2))
    return _clip(surface * shade[:, None, None])


def make_security_paper(rng: np.random.Generator, size: Size) -> Surface:
    """Cheque paper: a pale tint with waves of fine lines that run through each other."""
    tints = [(0.96, 0.92, 0.86), (0.90, 0.95, 0.88), (0.86, 0.93, 0.97), (0.93, 0.90, 0.96)]
    tint = tints[int(rng.integers(len(tints)))]
    rows, columns = np.indices(size, dtype=np.float32)
    shade = np.ones(size, np.float32)
    for _ in range(2):
        swing, period, phase = rng.uniform(14, 34), rng.uniform(160, 360), rng.uniform(0, 6.3)
        pitch, tilt = rng.uniform(11, 17), rng.uniform(-0.25, 0.25)
        wave = rows + tilt * columns + swing * np.sin(2 * np.pi * columns / period + phase)
        shade -= 0.07 * (np.cos(2 * np.pi * wave / pitch) > 0.72)
    shade = np.asarray(cv2.GaussianBlur(shade, (0, 0), 0.8), np.float32)
    fade = 0.35 + 0.65 * np.abs(2 * columns / size[1] - 1)  # stronger to the sides, as printed
    printed = 1 - (1 - shade) * fade
    depth = (1 - np.array(tint, np.float32)) ** 0.2  # the lines lean to the tint's own colour
    return make_paper(rng, size, tint) * printed[:, :, None] ** depth


def make_tabletop(rng: np.random.Generator, size: Size) -> Surface:
    """What lies under the sheet: wood, a plain desk, cloth or dark slate."""
    makers = (_make_wood, _make_wood, _make_desk, _make_cloth)
    surface = makers[int(rng.integers(len(makers)))](rng, size)
    return np.maximum(surface, np.float32(0.01))


def _make_wood(rng: np.random.Generator, size: Size) -> Surface:
    """Growth rings cut lengthwise: a sawtooth of a field stretched along the grain."""
    height, width = size
    stretched = make_cloud(rng, (height, max(8, width // 9)), 34)
    field = cv2.resize(stretched, (width, height), interpolation=cv2.INTER_CUBIC)
    rings = np.sin(5.0 * field + np.linspace(0, rng.uniform(20, 60), height)[:, None])
    streaks = make_cloud(rng, (height, max(8, width // 60)), 2)
    fine = cv2.resize(streaks, (width, height), interpolation=cv2.INTER_LINEAR)
    shade = 1 + 0.10 * rings + 0.07 * fine + 0.06 * make_cloud(rng, size, 220)
    woods = [(0.22, 0.36, 0.52), (0.14, 0.22, 0.33), (0.36, 0.52, 0.68), (0.10, 0.15, 0.22)]
    return _colored(shade, woods[int(rng.integers(len(woods)))])


def _make_desk(rng: np.random.Generator, size: Size) -> Surface:
    colors = [(0.42, 0.42, 0.41), (0.22, 0.21, 0.20), (0.48, 0.56, 0.60), (0.33, 0.30, 0.22)]
    speckle = cv2.GaussianBlur(rng.standard_normal(size, dtype=np.float32), (0, 0), 1.2)
    shade = 1 + 0.05 * speckle + 0.03 * make_cloud(rng, size, 160)
    return _colored(shade, colors[int(rng.integers(len(colors)))])


def _make_cloth(rng: np.random.Generator, size: Size) -> Surface:
    """Warp and weft threads, each with its own shade."""
    height, width = size
    pitch = float(rng.uniform(5, 8))
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    weave = np.sin(2 * np.pi * rows / pitch) * np.sin(2 * np.pi * columns / pitch)
    threads = make_cloud(rng, (height, 1), 3)[:, :1] + make_cloud(rng, (1, width), 3)[:1]
    shade = 1 + 0.08 * weave + 0.05 * threads + 0.07 * make_cloud(rng, size, 120)
    colors = [(0.45, 0.24, 0.18), (0.24, 0.26, 0.50), (0.55, 0.62, 0.66), (0.20, 0.30, 0.22)]
    return _colored(shade.astype(np.float32), colors[int(rng.integers(len(colors)))])


def _colored(shade: Plane, color: Color) -> Surface:
    surface = shade[:, :, None] * np.array(color, np.float32)
    return _clip(surface)


def _clip(surface: NDArray[np.floating[Any]]) -> Surface:
    clipped: Surface = np.clip(surface, 0, 1).astype(np.float32)
    return clipped
