"""Light in a room: lamps, a sky, somebody's shadow go in, what falls on each point comes out.

Everything here is smooth, so it is worked out on a coarse grid. Places are those of the photo,
its middle (0, 0), its longer side 1 long; x goes right, y down, height towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.paper.surface import Color, Plane, Size, Surface

Slope = tuple[Plane, tuple[float, float]]
"""Rise of the sheet at each point (the tangent of its slope), and the direction of the rise."""


_METERING = 1.45  # a camera lets what is this much brighter than the middle grow white


class Caster(Enum):
    """What throws a shadow on the sheet."""

    NOBODY = "nobody"
    HAND = "hand"
    PHONE = "phone"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Lamp:
    """One source of light.

    Attributes:
        azimuth_deg: Where it stands; 0 is to the right, 90 below.
        elevation_deg: How high.
        distance: From the middle of the photo; a window that is 4 away lights evenly.
        color: Of its light, after the camera's white balance.
        strength: Beside the other lamps.
    """

    azimuth_deg: float
    elevation_deg: float
    distance: float
    color: Color
    strength: float

    def direction(self) -> NDArray[np.float64]:
        """Unit vector towards it: x, y, height."""
        azimuth, elevation = np.deg2rad((self.azimuth_deg, self.elevation_deg))
        flat = np.cos(elevation)
        return np.array([flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(elevation)])


@dataclass(frozen=True, slots=True)
class Light:
    """All light of a scene.

    Attributes:
        lamps: At least one.
        sky: Share of the light that comes from everywhere; it fills shadows.
        sky_color: Its colour.
        caster: Whose shadow falls on the sheet.
        caster_height: How high that is above the sheet.
        softness: Standard deviation of the edge of the shadow.
        vignette: How much darker the corners are.
        glare: Strength of the mirror image of a lamp on glossy paper, 0 for none.
    """

    lamps: tuple[Lamp, ...] = (Lamp(250.0, 55.0, 4.0, (1.0, 1.0, 1.0), 1.0),)
    sky: float = 0.4
    sky_color: Color = (1.0, 1.0, 1.0)
    caster: Caster = Caster.NOBODY
    caster_height: float = 0.3
    softness: float = 0.03
    vignette: float = 0.08
    glare: float = 0.0


def light_scene(
    rng: np.random.Generator, light: Light, points: NDArray[np.float64], slope: Slope
) -> tuple[Surface, Plane]:
    """Light that falls on a flat table and on a bent sheet.

    Args:
        rng: Source of chance.
        light: Where it comes from.
        points: (h, w, 2) places.
        slope: Of the sheet at those places.

    Returns:
        Light on the table, 1 where a camera would see white; and how much brighter the sheet is.
    """
    shadow = _draw_caster(rng, light.caster, points)
    table, sheet = (np.zeros((*points.shape[:2], 3), np.float32) for _ in range(2))
    total = sum(lamp.strength for lamp in light.lamps)
    for lamp in light.lamps:
        flat, bent = _shine(lamp, points, slope)
        share = (1 - light.sky) * lamp.strength / total
        open_to = 1 - 0.92 * _drop(shadow, lamp, light)
        color = np.array(lamp.color, np.float32) * share
        table += (flat * open_to)[:, :, None] * color
        sheet += (bent * open_to)[:, :, None] * color
    filled = light.sky * (1 - 0.3 * _soften(shadow, 0.1, points))[:, :, None]
    sky = filled * np.array(light.sky_color, np.float32)
    table, sheet = table + sky, sheet + sky
    relief = sheet.mean(axis=2) / table.mean(axis=2)
    radius2 = (points**2).sum(axis=-1)
    table *= (1 - light.vignette * radius2 / radius2.max())[:, :, None]
    white = min(float(table.max()), _METERING * float(np.median(table)))
    return (table / white).astype(np.float32), relief.astype(np.float32)


def draw_glare(rng: np.random.Generator, light: Light, points: NDArray[np.float64]) -> Plane:
    """Light that the surface mirrors, to be added to what it scatters."""
    middle = rng.uniform(-0.4, 0.4, 2)
    angle = between(rng, 0, np.pi)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    away = (points - middle) @ turn.T / (between(rng, 0.03, 0.10), between(rng, 0.05, 0.2))
    distance2 = (away**2).sum(axis=-1)
    halo = 0.25 / (1 + 0.5 * distance2)
    glare: Plane = (light.glare * (np.exp(-(distance2**1.5) / 2) + halo)).astype(np.float32)
    return glare


def _shine(lamp: Lamp, points: NDArray[np.float64], slope: Slope) -> tuple[Plane, Plane]:
    """Irradiance of the flat table and of the bent sheet: cosine over distance squared."""
    position = lamp.distance * lamp.direction()
    away = position[:2] - points
    distance2 = (away**2).sum(axis=-1) + position[2] ** 2
    falloff = lamp.distance**3 / distance2**1.5
    flat = falloff * position[2] / lamp.distance
    rise, axis = slope
    facing = (position[2] - rise * (away @ np.array(axis))) / np.sqrt(1 + rise**2)
    bent = falloff * np.maximum(facing, 0) / lamp.distance
    scale = np.float32(1 / flat.mean())
    return (scale * flat).astype(np.float32), (scale * bent).astype(np.float32)


def _drop(shadow: Plane, lamp: Lamp, light: Light) -> Plane:
    """The shadow where this lamp throws it."""
    if light.caster is Caster.NOBODY:
        return shadow
    toward = lamp.direction()
    drift = -light.caster_height * toward[:2] / max(0.3, float(toward[2])) * max(shadow.shape)
    matrix = np.array([[1, 0, drift[0]], [0, 1, drift[1]]])
    moved = cv2.warpAffine(shadow, matrix, shadow.shape[::-1], borderMode=cv2.BORDER_REPLICATE)
    sigma = max(0.6, light.softness * max(shadow.shape))
    return np.asarray(cv2.GaussianBlur(moved, (0, 0), sigma), np.float32)


def _soften(shadow: Plane, sigma: float, points: NDArray[np.float64]) -> Plane:
    return np.asarray(cv2.GaussianBlur(shadow, (0, 0), sigma * max(points.shape[:2])), np.float32)


def _draw_caster(rng: np.random.Generator, caster: Caster, points: NDArray[np.float64]) -> Plane:
    """Its outline from above; drawn finer than the grid, so that thin fingers stay."""
    size: Size = points.shape[:2]
    if caster is Caster.NOBODY:
        return np.zeros(size, np.float32)
    fine = (3 * size[0], 3 * size[1])
    mask = np.zeros(fine, np.uint8)
    draw = {Caster.HAND: _draw_hand, Caster.PHONE: _draw_phone, Caster.PERSON: _draw_person}
    draw[caster](rng, mask)
    small = cv2.resize(mask, size[::-1], interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def _draw_hand(rng: np.random.Generator, mask: NDArray[np.uint8]) -> None:
    """An arm from beyond the photo, a palm, fingers that are spread or closed."""
    unit = max(mask.shape)
    middle = np.array(mask.shape[::-1]) / 2
    angle = between(rng, 0, 2 * np.pi)
    toward = np.array([np.cos(angle), np.sin(angle)])
    side = np.array([-toward[1], toward[0]])
    palm = middle - toward * unit * between(rng, 0.25, 0.45) + side * unit * between(rng, -0.2, 0.2)
    _limb(mask, palm - toward * unit, palm, 0.10 * unit)
    _limb(mask, palm - 0.02 * unit * toward, palm + 0.06 * unit * toward, 0.15 * unit)
    spread = between(rng, 0.02, 0.2)
    for finger in range(4):
        place = (finger - 1.5) / 1.5
        root = palm + side * place * 0.055 * unit + 0.05 * unit * toward
        reach = toward + side * place * spread
        _limb(mask, root, root + reach * unit * between(rng, 0.10, 0.17), 0.034 * unit)
    thumb = palm + side * 0.06 * unit
    _limb(mask, thumb, thumb + (toward + 0.9 * side) * 0.09 * unit, 0.036 * unit)


def _draw_phone(rng: np.random.Generator, mask: NDArray[np.uint8]) -> None:
    """A phone over the sheet, the hands that hold it, their arms."""
    unit = max(mask.shape)
    middle = np.array(mask.shape[::-1]) / 2 + rng.uniform(-0.15, 0.15, 2) * unit
    upright = mask.shape[0] >= mask.shape[1]
    half = np.array([0.10, 0.21]) * unit * between(rng, 0.8, 1.5)
    half = half if upright else half[::-1]
    angle = between(rng, -12, 12)
    rectangle = (tuple(middle.tolist()), tuple((2 * half).tolist()), angle)
    cv2.fillPoly(mask, [np.rint(cv2.boxPoints(rectangle)).astype(np.int32)], 255)
    sides = (-1, 1) if not upright or toss(rng) else (1,)
    for side in sides:
        hand = middle + half * (side, between(rng, 0.0, 0.8))
        wrist = hand + np.array([0, 0.05 * unit])
        _limb(mask, hand - np.array([0, 0.03 * unit]), wrist, 0.09 * unit)
        elbow = hand + np.array([side * between(rng, 0.05, 0.35), 0.9]) * unit
        _limb(mask, wrist, elbow, 0.10 * unit)


def _draw_person(rng: np.random.Generator, mask: NDArray[np.uint8]) -> None:
    """Head and shoulders of somebody who bends over the sheet."""
    unit = max(mask.shape)
    middle = np.array(mask.shape[::-1]) / 2
    angle = between(rng, 0.2, np.pi - 0.2) if toss(rng, 0.7) else between(rng, 0, 2 * np.pi)
    away = np.array([np.cos(angle), np.sin(angle)])
    head = middle + away * unit * between(rng, 0.25, 0.45)
    turn = float(np.rad2deg(angle))
    size = unit * between(rng, 0.15, 0.24)
    body = head + away * 1.9 * size
    for place, axes in ((head, (1.2 * size, size)), (body, (1.2 * size, 2.4 * size))):
        center = (round(float(place[0])), round(float(place[1])))
        cv2.ellipse(mask, center, (round(axes[0]), round(axes[1])), turn, 0, 360, 255, -1)


def _limb(
    mask: NDArray[np.uint8],
    start: NDArray[np.float64],
    end: NDArray[np.float64],
    width: float,
) -> None:
    first, last = ((round(float(p[0])), round(float(p[1]))) for p in (start, end))
    cv2.line(mask, first, last, 255, max(1, round(width)))
