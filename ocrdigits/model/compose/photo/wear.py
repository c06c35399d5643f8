"""What a sheet went through before its photo: creases, and print that shows through from behind."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.paper.surface import Plane, Size, Surface


@dataclass(frozen=True, slots=True)
class Wear:
    """How used a sheet is.

    Attributes:
        creases: Lines along which it was bent.
        crease_depth: How much darker or lighter the paper is on their two sides.
        show_through: How much of the other side's ink can be seen.
    """

    creases: int = 0
    crease_depth: float = 0.04
    show_through: float = 0.0


def wear_sheet(rng: np.random.Generator, surface: Surface, wear: Wear) -> Surface:
    """Use a sheet; the one given is not changed.

    Args:
        rng: Source of chance.
        surface: The sheet.
        wear: How used it becomes.

    Returns:
        (H, W, 3) of the same size.
    """
    shade = np.ones(surface.shape[:2], np.float32)
    if wear.show_through:
        shade *= _show_through(surface, wear.show_through)
    for _ in range(wear.creases):
        shade *= _crease(rng, surface.shape[:2], wear.crease_depth)
    if not wear.creases and not wear.show_through:
        return surface
    return np.asarray(cv2.multiply(surface, cv2.merge([shade] * 3)))


def _show_through(surface: Surface, strength: float) -> Plane:
    """The back is taken for printed like the front: mirrored and blurred by the paper."""
    height, width = surface.shape[:2]
    small = cv2.resize(surface[:, ::-1, 1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    blurred = cv2.GaussianBlur(small, (0, 0), 1.2)
    back = cv2.resize(blurred, (width, height)) / np.float32(max(0.2, float(np.median(small))))
    return np.asarray(1 - strength * np.clip(1 - np.roll(back, height // 7, axis=0), 0, 1))


def _crease(rng: np.random.Generator, size: Size, depth: float) -> Plane:
    """A fold: its sides lean to the light differently, less the farther from it; its ridge is worn.

    The line wavers a little and may end inside the sheet.
    """
    height, width = size
    small: Size = (max(8, height // 2), max(8, width // 2))
    upright = toss(rng)
    along, across = small if upright else small[::-1]
    line = between(rng, 0.05, 0.95) * across + np.linspace(0, rng.normal(0, 0.12) * across, along)
    knots = rng.normal(0, 0.004 * across, 12)
    line += np.interp(np.linspace(0, 11, along), np.arange(12), knots)
    end = between(rng, 0.3, 1.4)
    fade = np.clip((end - np.linspace(0, 1, along)) / 0.3, 0, 1)
    if toss(rng):
        fade = fade[::-1]
    away = np.arange(across, dtype=np.float32)[None, :] - line[:, None].astype(np.float32)
    sharp, reach = between(rng, 0.8, 3), between(rng, 0.05, 0.25) * across
    lean = depth * rng.choice([-1, 1]) * np.tanh(away / sharp) * np.exp(-np.abs(away) / reach)
    ridge = between(rng, -0.6, 0.8) * depth * np.exp(-((away / sharp) ** 2))
    shade = 1 + (lean + ridge) * fade[:, None].astype(np.float32)
    full = shade if upright else shade.T
    return np.asarray(cv2.resize(full.astype(np.float32), (width, height)), np.float32)
