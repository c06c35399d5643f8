"""A clean picture of a crop in, what a phone or a scanner saves of it out."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.paper.surface import Plane
from ocrdigits.model.strings.grounds import GroundBank, cut_plane
from ocrdigits.records import GrayImage


@dataclass(frozen=True, slots=True)
class Shot:
    """How a scene is taken.

    Attributes:
        scale: Pixels saved per pixel of the scene.
        digit_px: Height of a digit in the scene.
        contrast: Between ink and paper, 0 to 1.
    """

    scale: float
    digit_px: float
    contrast: float


def capture(rng: np.random.Generator, bank: GroundBank, scene: Plane, shot: Shot) -> GrayImage:
    """Blur, sample, disturb and compress a scene.

    Args:
        rng: Source of chance.
        bank: Noise.
        scene: (H, W) from 0 to 1.
        shot: How; blur and noise never drown the writing.

    Returns:
        (H · scale, W · scale) grey.
    """
    scale = shot.scale
    blur = float(np.clip(np.exp(rng.normal(-0.4, 0.45)), 0.3, 2.4)) * max(1.0, 1.0 / scale)
    blur = max(0.3, min(blur, 0.085 * shot.digit_px))
    soft = np.asarray(cv2.GaussianBlur(scene, (0, 0), blur), np.float32)
    if toss(rng, 0.1):
        soft = _shake(rng, soft, min(1.0 / scale, 0.05 * shot.digit_px))
    height, width = scene.shape
    size = max(4, round(width * scale)), max(4, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    small = np.asarray(cv2.resize(soft, size, interpolation=method), np.float32) * np.float32(255)
    if toss(rng, 0.3):
        small = _sharpen(rng, small)
    noise = min(
        float(np.exp(rng.normal(0.2, 0.8))), 9.0, 255 * shot.contrast * between(rng, 0, 0.2)
    )
    grain = bank.grain[int(rng.integers(3))]
    small = small + np.float32(noise) * cut_plane(rng, grain, small.shape)
    gray = np.clip(small, 0, 255).astype(np.uint8)
    return _compress(rng, gray) if toss(rng, 0.65) else gray


def _shake(rng: np.random.Generator, scene: Plane, unit: float) -> Plane:
    """A hand that moves during the exposure."""
    half = max(1, round(unit * between(rng, 0.6, 1.8)))
    turn = between(rng, 0, np.pi)
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    dx, dy = half * np.cos(turn), half * np.sin(turn)
    first, last = ((round((half + s * dx) * 16), round((half + s * dy) * 16)) for s in (-1, 1))
    cv2.line(kernel, first, last, 1.0, 1, cv2.LINE_8, 4)
    return np.asarray(cv2.filter2D(scene, -1, kernel / kernel.sum()), np.float32)


def _sharpen(rng: np.random.Generator, image: Plane) -> Plane:
    """The halo that phones put beside edges."""
    strength = between(rng, 0.3, 1.3)
    soft = cv2.GaussianBlur(image, (0, 0), between(rng, 0.8, 1.8))
    return np.asarray(cv2.addWeighted(image, 1 + strength, soft, -strength, 0), np.float32)


def _compress(rng: np.random.Generator, gray: GrayImage) -> GrayImage:
    quality = int(rng.integers(25, 96))
    coded = cv2.imencode(".jpg", gray, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
