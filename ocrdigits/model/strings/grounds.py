"""Papers for small crops: a size in, the light that comes off an unwritten piece of paper out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.paper.grounds import make_security_paper
from ocrdigits.model.compose.paper.surface import Plane, Size, make_cloud

_BANK_PX: Size = (320, 900)


@dataclass(frozen=True, slots=True)
class GroundBank:
    """Printed grounds of cheques and grain, drawn beforehand.

    Attributes:
        printed: Lightness planes, around 1 where nothing is printed.
        grain: Noise of standard deviation 1: fine, and blotches as phones leave them.
        cloud: Slow noise of standard deviation 1.
    """

    printed: tuple[Plane, ...]
    grain: tuple[Plane, ...]
    cloud: Plane


def draw_ground_bank(seed: int = 0, count: int = 20) -> GroundBank:
    """Draw the bank; takes about a second."""
    rng = np.random.default_rng(seed)
    printed = []
    for _ in range(count):
        paper = cv2.cvtColor(make_security_paper(rng, _BANK_PX), cv2.COLOR_BGR2GRAY)
        printed.append(np.asarray(paper / np.float32(np.percentile(paper, 90)), np.float32))
    grain = []
    for sigma in (0.0, 0.6, 1.2, 2.0):
        noise = rng.standard_normal(_BANK_PX, dtype=np.float32)
        soft = noise if sigma == 0 else cv2.GaussianBlur(noise, (0, 0), sigma)
        grain.append((soft / soft.std()).astype(np.float32))
    return GroundBank(tuple(printed), tuple(grain), make_cloud(rng, _BANK_PX, 9.0))


def cut_plane(rng: np.random.Generator, plane: Plane, size: Size) -> Plane:
    """A piece from anywhere, mirrored at times, enlarged where the plane is too small."""
    height, width = size
    if height > plane.shape[0] or width > plane.shape[1]:
        factor = max(height / plane.shape[0], width / plane.shape[1])
        piece = cut_plane(rng, plane, (int(height / factor), int(width / factor)))
        return np.asarray(cv2.resize(piece, (width, height)), np.float32)
    top = int(rng.integers(plane.shape[0] - height + 1))
    left = int(rng.integers(plane.shape[1] - width + 1))
    piece = plane[top : top + height, left : left + width]
    return np.asarray(piece[:, ::-1], np.float32) if toss(rng) else piece


def light_paper(rng: np.random.Generator, bank: GroundBank, size: Size) -> Plane:
    """Paper in some light.

    Args:
        rng: Source of chance.
        bank: Grounds.
        size: Height and width.

    Returns:
        (H, W) from 0 to 1: tint, print, blotches, lamp and shadow.
    """
    light = np.full(size, between(rng, 0.35, 0.75) if toss(rng, 0.35) else between(rng, 0.75, 1.0))
    light = light.astype(np.float32)
    if toss(rng, 0.16):
        piece = _cut_print(rng, bank, size)
        light *= 1 + (piece - 1) * np.float32(between(rng, 0.4, 1.6))
    light *= 1 + np.float32(between(rng, 0.0, 0.03)) * cut_plane(rng, bank.grain[3], size)
    if toss(rng, 0.6):
        light *= _shade(rng, size)
    if toss(rng, 0.12):
        light *= _stain(rng, size)
    return np.asarray(np.maximum(light, np.float32(0.05)), np.float32)


def _cut_print(rng: np.random.Generator, bank: GroundBank, size: Size) -> Plane:
    zoom = between(rng, 0.35, 1.2)
    larger = (max(2, int(size[0] / zoom)), max(2, int(size[1] / zoom)))
    piece = cut_plane(rng, pick(rng, bank.printed), larger)
    return np.asarray(cv2.resize(piece, size[::-1], interpolation=cv2.INTER_AREA), np.float32)


def _shade(rng: np.random.Generator, size: Size) -> Plane:
    """Light that falls off, and at times the edge of a shadow."""
    height, width = size
    x = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    y = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    shade = 1 + np.float32(rng.normal(0, 0.1)) * x + np.float32(rng.normal(0, 0.06)) * y
    if toss(rng, 0.2):
        turn, soft = between(rng, 0, 6.28), between(rng, 0.03, 0.3)
        away = (x - between(rng, -0.5, 0.5)) * np.cos(turn) + y * np.sin(turn)
        shade = shade * (1 - between(rng, 0.1, 0.4) / (1 + np.exp(-away / soft)))
    return np.asarray(shade, np.float32)


def _stain(rng: np.random.Generator, size: Size) -> Plane:
    cloud = make_cloud(rng, size, max(8.0, between(rng, 0.2, 0.8) * size[0]))
    return np.asarray(1 - between(rng, 0.03, 0.15) * np.clip(cloud - 0.5, 0, 1.5), np.float32)
