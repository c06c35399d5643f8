"""Rooms that people take photos in: haste goes in, their light comes out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.photo.lighting import Caster, Lamp, Light


def sample_light(rng: np.random.Generator, haste: float) -> Light:
    """Light of a room that people take photos in.

    Args:
        rng: Source of chance.
        haste: From 0, soft and even, to 1.

    Returns:
        Lamps, sky and perhaps somebody's shadow.
    """
    lamps = pick(rng, (_window, _window, _bulb, _bulb, _office, _mixed))(rng)
    if toss(rng, 0.12 * haste):
        lamps = _flash(rng)
    caster = Caster.NOBODY
    if toss(rng, 0.45 + 0.25 * haste):
        caster = pick(rng, (Caster.PHONE, Caster.PHONE, Caster.PERSON, Caster.HAND))
    glossy = toss(rng, 0.12 * haste)
    return Light(
        lamps,
        sky=between(rng, 0.5 - 0.25 * haste, 0.75),
        sky_color=warm_color(0.6 * _warmth(lamps) + float(rng.normal(0, 0.03))),
        caster=caster,
        caster_height=between(rng, 0.15, 0.5),
        softness=between(rng, 0.03 - 0.015 * haste, 0.09),
        vignette=between(rng, 0.02, 0.12 + 0.12 * haste),
        glare=between(rng, 0.1, 0.6) if glossy else 0.0,
    )


def warm_color(warmth: float) -> Color:
    """Colour of light: 0 is white, above 0 a bulb's, below 0 the sky's."""
    return (1 - 1.5 * warmth, 1 - 0.35 * warmth, 1 + 0.35 * warmth)


def _warmth(lamps: tuple[Lamp, ...]) -> float:
    """What walls and ceiling throw back has the colour of the lamps."""
    return sum(lamp.color[2] - 1 for lamp in lamps) / (0.35 * len(lamps))


def _window(rng: np.random.Generator) -> tuple[Lamp, ...]:
    color = warm_color(float(rng.normal(0.01, 0.05)))
    azimuth = between(rng, 0, 360)
    return (Lamp(azimuth, between(rng, 25, 60), between(rng, 1.8, 5), color, 1.0),)


def _bulb(rng: np.random.Generator) -> tuple[Lamp, ...]:
    color = warm_color(between(rng, 0.02, 0.28))
    azimuth = between(rng, 0, 360)
    return (Lamp(azimuth, between(rng, 40, 80), between(rng, 1.0, 2.5), color, 1.0),)


def _office(rng: np.random.Generator) -> tuple[Lamp, ...]:
    """Tubes in the ceiling: several soft shadows, light a little green."""
    green = float(rng.normal(0.01, 0.015))
    color = (1 - green, 1 + green, 1 - green)
    return tuple(
        Lamp(between(rng, 0, 360), between(rng, 50, 85), between(rng, 2, 4), color, 1.0)
        for _ in range(int(rng.integers(2, 4)))
    )


def _mixed(rng: np.random.Generator) -> tuple[Lamp, ...]:
    """Daylight from one side, a bulb from another."""
    window, bulb = _window(rng)[0], _bulb(rng)[0]
    cool = replace(window, color=warm_color(-between(rng, 0.02, 0.09)))
    return (cool, replace(bulb, strength=between(rng, 0.2, 1.0)))


def _flash(rng: np.random.Generator) -> tuple[Lamp, ...]:
    return (Lamp(between(rng, 0, 360), 86.0, between(rng, 0.7, 1.1), warm_color(-0.02), 1.0),)
