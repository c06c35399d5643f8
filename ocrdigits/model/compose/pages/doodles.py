"""Doodles: what people draw beside their writing; nothing that could be taken for a digit."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import between, pick
from ocrdigits.model.compose.hand.writer import Path, trace_spline
from ocrdigits.model.compose.pages.desk import Desk
from ocrdigits.model.compose.pages.ornament import pen_px

_ARROW = ((0.0, 0.5), (0.35, 0.42), (1.0, 0.5))
_HEAD = ((0.75, 0.25), (1.0, 0.5), (0.72, 0.72))
_HEART = ((0.5, 0.3), (0.3, 0.05), (0.02, 0.25), (0.2, 0.6), (0.5, 0.98))
_STAR = ((0.5, 0.0), (0.8, 0.95), (0.03, 0.36), (0.97, 0.36), (0.2, 0.95), (0.5, 0.0))
_HOUSE = ((0.1, 0.95), (0.1, 0.45), (0.5, 0.05), (0.9, 0.45), (0.9, 0.95), (0.1, 0.95))
_DOOR = ((0.4, 0.95), (0.4, 0.62), (0.6, 0.62), (0.6, 0.95))


def draw_doodle(desk: Desk, x: float, y: float, side_px: float) -> None:
    """One small drawing.

    Args:
        desk: Whose pen draws it.
        x: Its left edge, sheet frame.
        y: Its top edge.
        side_px: Its side.
    """
    paths = pick(desk.rng, _SKETCHES)(desk.rng)
    turn = between(desk.rng, -0.2, 0.2)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    placed = [((path - 0.5) @ rotation + 0.5) * side_px + (x, y) for path in paths]
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, placed, pen_px(desk, 40))


def _sketch_smiley(rng: np.random.Generator) -> list[Path]:
    mouth = _curve(rng, ((0.28, 0.62), (0.5, 0.78), (0.72, 0.6)))
    return [_ring(rng, 0.48), _dash(0.35), _dash(0.65), mouth]


def _sketch_arrow(rng: np.random.Generator) -> list[Path]:
    return [_curve(rng, _ARROW), _line(rng, _HEAD)]


def _sketch_heart(rng: np.random.Generator) -> list[Path]:
    mirrored = tuple((1 - x, y) for x, y in _HEART)
    return [_curve(rng, _HEART), _curve(rng, mirrored)]


def _sketch_star(rng: np.random.Generator) -> list[Path]:
    return [_line(rng, _STAR)]


def _sketch_house(rng: np.random.Generator) -> list[Path]:
    return [_line(rng, _HOUSE), _line(rng, _DOOR)]


def _sketch_flower(rng: np.random.Generator) -> list[Path]:
    return [_ring(rng, 0.2), *_rays(rng, are_petals=True)]


def _sketch_sun(rng: np.random.Generator) -> list[Path]:
    return [_ring(rng, 0.2), *_rays(rng, are_petals=False)]


def _sketch_cube(rng: np.random.Generator) -> list[Path]:
    near, far = _square(0.0, 0.3), _square(0.3, 0.0)
    links = [_line(rng, (a, b)) for a, b in zip(near[:4], far[:4], strict=True)]
    return [_line(rng, near), _line(rng, far), *links]


def _sketch_waves(rng: np.random.Generator) -> list[Path]:
    x = np.linspace(0, 1, 60)
    return [np.column_stack([x, 0.5 + 0.12 * np.sin(between(rng, 20, 32) * x)])]


def _sketch_spring(rng: np.random.Generator) -> list[Path]:
    x = np.linspace(0, 1, 90)
    turns = between(rng, 40, 60) * x
    return [np.column_stack([x + 0.06 * np.sin(turns), 0.5 + 0.2 * np.cos(turns)])]


_SKETCHES: tuple[Callable[[np.random.Generator], list[Path]], ...] = (
    _sketch_smiley,
    _sketch_arrow,
    _sketch_heart,
    _sketch_star,
    _sketch_house,
    _sketch_flower,
    _sketch_sun,
    _sketch_cube,
    _sketch_waves,
    _sketch_spring,
)
"""Each gives curves in a unit square."""


def _rays(rng: np.random.Generator, *, are_petals: bool) -> list[Path]:
    rays = []
    for angle in np.linspace(0, 2 * np.pi, int(rng.integers(6, 10)), endpoint=False).tolist():
        out, side = (
            np.array([np.cos(angle), np.sin(angle)]),
            np.array([-np.sin(angle), np.cos(angle)]),
        )
        near, far = 0.5 + 0.22 * out, 0.5 + 0.48 * out
        if are_petals:
            knots = [near, (near + far) / 2 + 0.1 * side, far, (near + far) / 2 - 0.1 * side, near]
            rays.append(trace_spline(np.array(knots), np.zeros(5, np.bool_)))
        else:
            rays.append(np.array([near, far]))
    return rays


def _square(x: float, y: float) -> tuple[tuple[float, float], ...]:
    return ((x, y), (x + 0.6, y), (x + 0.6, y + 0.6), (x, y + 0.6), (x, y))


def _dash(x: float) -> Path:
    return np.array([[x, 0.34], [x, 0.46]])


def _ring(rng: np.random.Generator, radius: float) -> Path:
    angles = np.linspace(0, 2 * np.pi * 1.04, 50) + between(rng, 0, 6)
    swell = radius * (1 + 0.05 * np.sin(2 * angles + 1))
    return np.column_stack([0.5 + swell * np.cos(angles), 0.5 + swell * np.sin(angles)])


def _curve(rng: np.random.Generator, knots: tuple[tuple[float, float], ...]) -> Path:
    points = np.array(knots) + rng.normal(0, 0.02, (len(knots), 2))
    return trace_spline(points, np.zeros(len(points), np.bool_))


def _line(rng: np.random.Generator, knots: tuple[tuple[float, float], ...]) -> Path:
    return np.array(knots) + rng.normal(0, 0.02, (len(knots), 2))
