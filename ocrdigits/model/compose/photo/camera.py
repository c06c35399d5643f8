"""A phone's camera: the light of a scene goes in, eight-bit pixels come out.

The lens blurs, the sensor adds noise, the phone smooths it away and sharpens what is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between
from ocrdigits.model.compose.paper.surface import Size, Surface, make_cloud
from ocrdigits.records import ColorImage

_TILE_PX = 1024
_LEVELS = 4096
_DARKEST = 0.002  # nothing is black: its noise would be cut off
_GAMMA = 1 / 1.25  # colours of paper and ink are given half-way to how a screen shows them


@dataclass(frozen=True, slots=True)
class Lens:
    """What the lens and the hand that holds it do; lengths in pixels of the photo.

    Attributes:
        blur_px: Standard deviation of what even the best lens blurs.
        defocus_px: Radius of the disc that a point out of focus becomes.
        soft_px: The same at the far side of a tilted sheet, on top; 0 for equal sharpness.
        motion_px: Length of the camera's shake.
    """

    blur_px: float = 0.6
    defocus_px: float = 0.0
    soft_px: float = 0.0
    motion_px: float = 0.0


@dataclass(frozen=True, slots=True)
class Sensor:
    """What becomes of the light.

    Attributes:
        exposure: Brightness of white where the light is strongest.
        noise: Standard deviation of the noise at white.
        smoothing: How far the phone smooths noise away, 0 to 1; what it leaves is blotches.
        sharpening: Overshoot beside edges.
        halo_px: How wide that is.
        contrast: Steepness of the middle tones; 0 leaves them alone.
        haze: Light that strays inside the lens and greys black.
        saturation: 0 is grey, 1 leaves colours alone.
    """

    exposure: float = 0.95
    noise: float = 0.015
    smoothing: float = 0.5
    sharpening: float = 0.5
    halo_px: float = 1.5
    contrast: float = 0.2
    haze: float = 0.01
    saturation: float = 1.0


def focus(rng: np.random.Generator, scene: Surface, lens: Lens) -> Surface:
    """Blur a scene as lens and hand do.

    Args:
        rng: Source of chance.
        scene: (H, W, 3).
        lens: How far.

    Returns:
        (H, W, 3).
    """
    sharp = np.asarray(cv2.GaussianBlur(scene, (0, 0), max(0.3, lens.blur_px)), np.float32)
    if lens.defocus_px >= 0.7:
        sharp = _defocus(sharp, lens.defocus_px)
    if lens.soft_px >= 0.7:
        sharp = _soften_one_side(rng, sharp, lens.soft_px)
    if lens.motion_px >= 1:
        shaken = cv2.filter2D(sharp, -1, _trace_shake(rng, lens.motion_px))
        sharp = np.asarray(shaken, np.float32)
    return sharp


def develop(rng: np.random.Generator, scene: Surface, sensor: Sensor) -> ColorImage:
    """Turn light into pixels.

    Args:
        rng: Source of chance.
        scene: (H, W, 3) light, 1 is white in full light.
        sensor: How.

    Returns:
        (H, W, 3) BGR.
    """
    level = np.clip(scene * np.float32(sensor.exposure), np.float32(_DARKEST), np.float32(1.1))
    level = _sharpen(level, sensor)
    if sensor.noise:
        level += _make_noise(rng, level, sensor)
    if sensor.saturation != 1:
        level = _fade_colors(level, sensor.saturation)
    level *= np.float32(_LEVELS - 1)
    np.clip(level, 0, _LEVELS - 1, out=level)
    image: ColorImage = _tone_curve(sensor)[level.astype(np.uint16)]
    smear = 900 * sensor.noise * sensor.smoothing
    if smear > 14:  # the watercolour look of photos in the dark
        image = np.asarray(cv2.bilateralFilter(image, 5, smear, 2), np.uint8)
    return image


def _sharpen(level: Surface, sensor: Sensor) -> Surface:
    """Unsharp masking, as phones do it before they save."""
    if not sensor.sharpening:
        return level
    soft = cv2.GaussianBlur(level, (0, 0), sensor.halo_px)
    sharp = cv2.addWeighted(level, 1 + sensor.sharpening, soft, -sensor.sharpening, 0)
    return np.maximum(sharp, np.float32(_DARKEST))


def _make_noise(rng: np.random.Generator, level: Surface, sensor: Sensor) -> Surface:
    """Photons arrive by chance: noise grows with the root of the light."""
    grain = _cut_noise(rng, (level.shape[0], level.shape[1]), sensor.smoothing)
    return np.asarray(cv2.multiply(cv2.sqrt(level), grain, scale=sensor.noise), np.float32)


def _fade_colors(level: Surface, saturation: float) -> Surface:
    gray = cv2.cvtColor(cv2.cvtColor(level, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return np.asarray(cv2.addWeighted(level, saturation, gray, 1 - saturation, 0), np.float32)


def _tone_curve(sensor: Sensor) -> NDArray[np.uint8]:
    light = np.linspace(0, 1, _LEVELS)
    tone = (sensor.haze + (1 - sensor.haze) * light) ** _GAMMA
    curved = tone - sensor.contrast * np.sin(2 * np.pi * tone) / (2 * np.pi)
    return np.rint(255 * curved).astype(np.uint8)


def _defocus(scene: NDArray[np.float32], radius_px: float) -> NDArray[np.float32]:
    """A disc of light for each point, as a round aperture makes."""
    half = int(np.ceil(radius_px)) + 1
    away = np.hypot(*np.meshgrid(*[np.arange(-half, half + 1)] * 2))
    disc = np.clip(radius_px + 0.5 - away, 0, 1).astype(np.float32)
    return np.asarray(cv2.filter2D(scene, -1, disc / disc.sum()))


def _soften_one_side(
    rng: np.random.Generator, scene: NDArray[np.float32], radius_px: float
) -> NDArray[np.float32]:
    height, width = scene.shape[:2]
    y, x = np.meshgrid(np.linspace(-1, 1, 9), np.linspace(-1, 1, 9), indexing="ij")
    angle = between(rng, 0, 2 * np.pi)
    ramp = np.clip(0.5 + 0.8 * (x * np.cos(angle) + y * np.sin(angle)), 0, 1)
    far = cv2.resize(ramp.astype(np.float32), (width, height))
    return np.asarray(cv2.blendLinear(_defocus(scene, radius_px), scene, far, 1 - far))


def _trace_shake(rng: np.random.Generator, length_px: float) -> NDArray[np.float32]:
    """The way of a trembling hand during the exposure: nearly straight, at uneven speed."""
    turn = between(rng, 0, 2 * np.pi) + np.cumsum(rng.normal(0, 0.25, 24))
    speed = 1 + 0.5 * np.sin(np.linspace(0, between(rng, 2, 6), 24) + between(rng, 0, 6))
    path = np.cumsum(np.column_stack([np.cos(turn), np.sin(turn)]) * speed[:, None], axis=0)
    path = (path - path.mean(axis=0)) * (length_px / max(1e-3, float(np.ptp(path, axis=0).max())))
    half = int(np.ceil(np.abs(path).max())) + 1
    fine = np.zeros(((2 * half + 1) * 8,) * 2, np.uint8)
    line = np.rint((path + half + 0.5) * 8).astype(np.int32)
    cv2.polylines(fine, [line], False, 255, 8)
    kernel = cv2.resize(fine, (2 * half + 1,) * 2, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(kernel / kernel.sum())


def _cut_noise(rng: np.random.Generator, size: Size, smoothing: float) -> Surface:
    """A piece of the noise tile from anywhere, repeated where the photo is larger."""
    raw, smooth = _make_noise_tiles()
    tile = cv2.addWeighted(raw, 1 - smoothing, smooth, smoothing, 0)
    tile = cv2.flip(tile, int(rng.integers(-1, 2)))
    top, left = (int(offset) for offset in rng.integers(_TILE_PX, size=2))
    down, right = (max(0, side - _TILE_PX) for side in size)
    field = cv2.copyMakeBorder(tile, top, down, left, right, cv2.BORDER_WRAP)
    return np.ascontiguousarray(field[: size[0], : size[1]])


@lru_cache(maxsize=1)
def _make_noise_tiles() -> tuple[Surface, Surface]:
    """Noise as a sensor's pixels have it, and what smoothing leaves; the same in every process.

    Raw noise is grainy, a little softened as each pixel's two missing colours are guessed. What
    is left of smoothed noise is wider and mostly colourless blotches, colour in wider ones still.
    """
    rng, size = np.random.default_rng(11), (_TILE_PX, _TILE_PX)
    gray, blotch = (_blur_noise(rng.standard_normal(size, dtype=np.float32), s) for s in (0.5, 1.3))
    color = _blur_noise(rng.standard_normal((*size, 3), dtype=np.float32), 0.8)
    wide = np.stack([make_cloud(rng, size, 7) for _ in range(3)], axis=-1)
    gray, blotch = gray[:, :, None], blotch[:, :, None]
    return 0.75 * gray + 0.6 * color + 0.12 * wide, 0.30 * blotch + 0.12 * wide + 0.10 * gray


def _blur_noise(noise: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Softer noise of standard deviation 1 that still joins its own other side."""
    pad = ((8, 8), (8, 8), (0, 0))[: noise.ndim]
    blurred = cv2.GaussianBlur(np.pad(noise, pad, "wrap"), (0, 0), sigma)[8:-8, 8:-8]
    return np.asarray(blurred / blurred.std(), np.float32)
