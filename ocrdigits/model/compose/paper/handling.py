"""What happens to paper before it is written on: folds, crumples, coffee, filing holes.

A surface goes in, a handled one comes out; nothing here is ink that anybody reads.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.paper.surface import Plane, Surface, fold_paper, make_cloud

_COFFEE = (0.55, 0.72, 0.84)
_BEHIND = (0.16, 0.19, 0.22)  # the table through a hole


def handle_paper(rng: np.random.Generator, surface: Surface, *, has_holes: bool = False) -> Surface:
    """Perhaps fold it, crumple it, set a cup on it.

    Args:
        rng: Source of chance.
        surface: Paper before anything is printed on it.
        has_holes: True punches filing holes along its left edge.

    Returns:
        The paper as it comes to hand.
    """
    handled = surface
    if toss(rng, 0.25):
        handled = fold_paper(rng, handled)
    if toss(rng, 0.15):
        handled = _shade(handled, _crumple(rng, (surface.shape[0], surface.shape[1])))
    if toss(rng, 0.10):
        handled = _set_cup(rng, handled)
    if has_holes:
        handled = _punch(rng, handled)
    return handled


def _shade(surface: Surface, shade: Plane) -> Surface:
    shaded: Surface = np.clip(surface * shade[:, :, None], 0, 1)
    return shaded


def _crumple(rng: np.random.Generator, size: tuple[int, int]) -> Plane:
    """Creases in all directions; between them the facets lean this way and that."""
    height, width = size
    small = (height // 4, width // 4)
    rows, columns = np.indices(small, dtype=np.float32)
    shade = np.ones(small, np.float32)
    for _ in range(int(rng.integers(5, 14))):
        angle, x, y = rng.uniform(0, np.pi), rng.uniform(0, small[1]), rng.uniform(0, small[0])
        away = (columns - np.float32(x)) * np.float32(np.sin(angle))
        away -= (rows - np.float32(y)) * np.float32(np.cos(angle))
        away += 2.5 * make_cloud(rng, small, 30)
        lean = np.float32(rng.normal(0, 0.018))
        shade += lean * np.tanh(away / 4) + np.float32(0.03) * np.exp(-((away / 1.1) ** 2))
    full = cv2.resize(shade, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(full, np.float32)


def _set_cup(rng: np.random.Generator, surface: Surface) -> Surface:
    """A coffee ring: darker at its edge, open on one side; drawn small, it is soft anyway."""
    height, width = surface.shape[0] // 2, surface.shape[1] // 2
    rows, columns = np.indices((height, width), dtype=np.float32)
    x = columns - np.float32(width * between(rng, 0, 1))
    y = rows - np.float32(height * between(rng, 0, 1))
    away = np.hypot(x, y) - np.float32(0.16 * width * between(rng, 0.7, 1.2))
    ring = np.exp(-((away / 3.5) ** 2)) * 0.7 + np.exp(-np.abs(away + 4) / 11) * 0.25
    ring *= np.clip(0.7 + 0.6 * np.sin(np.arctan2(y, x) + between(rng, 0, 6.3)), 0.05, 1)
    ring = cv2.resize(ring, surface.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    depth = np.float32(between(rng, 0.4, 1.0))
    tint = cv2.merge([1 - ring.astype(np.float32) * depth * np.float32(1 - c) for c in _COFFEE])
    stained: Surface = surface * tint
    return stained


def _punch(rng: np.random.Generator, surface: Surface) -> Surface:
    """Two, three or four filing holes."""
    height, width = surface.shape[:2]
    count = int(rng.choice([2, 2, 3, 4]))
    radius, x = width * between(rng, 0.011, 0.016), round(width * between(rng, 0.028, 0.04))
    middle, gap = height * between(rng, 0.47, 0.53), height * between(rng, 0.2, 0.3)
    punched = surface.copy()
    for k in range(count):
        y = round(middle + (k - (count - 1) / 2) * gap)
        cv2.circle(punched, (x, y), round(radius), _BEHIND, cv2.FILLED, cv2.LINE_AA)
    return punched
