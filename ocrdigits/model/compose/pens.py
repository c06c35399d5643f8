"""Pens: the pen's path in, ink coverage out; pencil, ball pen, gel pen and felt tip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.model.compose.writer import Path, path_bounds
from ocrdigits.records import Coverage

_FINE = 4  # drawn this much larger, then averaged: edges as soft as a lens makes them
_SHIFT = 4  # cv2.line takes fixed-point coordinates with this many fractional bits


@dataclass(frozen=True, slots=True)
class Pen:
    """What the writer holds.

    Attributes:
        width_frac: Line width in heights of a digit.
        opacity: How dark a full line gets, 0 to 1.
        grain: How much of the paper's tooth stays free, 0 to 1.
        pressure_spread: Relative change of width and darkness along a stroke.
        color: Blue, green and red reflectance of the ink, 0 to 1.
    """

    width_frac: float
    opacity: float
    grain: float
    pressure_spread: float
    color: tuple[float, float, float]


_BLACK, _GRAPHITE = (0.10, 0.09, 0.09), (0.27, 0.26, 0.25)
_BLUE, _NAVY, _RED = (0.58, 0.20, 0.12), (0.38, 0.15, 0.12), (0.18, 0.16, 0.62)


@dataclass(frozen=True, slots=True)
class _PenKind:
    width_frac: tuple[float, float]
    opacity: tuple[float, float]
    grain: float
    pressure_spread: float
    colors: tuple[tuple[float, float, float], ...]


_PEN_KINDS = {
    "ball": _PenKind((0.055, 0.085), (0.75, 0.95), 0.25, 0.14, (_BLACK, _BLUE, _BLUE, _NAVY)),
    "gel": _PenKind((0.06, 0.10), (0.9, 1.0), 0.05, 0.07, (_BLACK, _BLUE, _NAVY)),
    "pencil": _PenKind((0.06, 0.10), (0.65, 0.9), 0.5, 0.16, (_GRAPHITE,)),
    "felt": _PenKind((0.10, 0.15), (0.85, 1.0), 0.05, 0.08, (_BLACK, _BLACK, _BLUE, _RED)),
}


PENS = ("ball", "ball", "ball", "gel", "gel", "pencil", "felt")
"""What lies about, the common ones more often."""
CHEQUE_PENS = ("ball", "ball", "gel")
ADDRESS_PENS = ("ball", "ball", "gel", "felt")


def sample_pen(rng: np.random.Generator, names: Sequence[str] = PENS) -> Pen:
    """Pick up a pen.

    Args:
        rng: Source of chance.
        names: Kinds to choose from; one that stands there twice is twice as likely.

    Returns:
        A pen of that kind, with its own width, darkness and colour.
    """
    kind = _PEN_KINDS[names[int(rng.integers(len(names)))]]
    return Pen(
        width_frac=float(rng.uniform(*kind.width_frac)),
        opacity=float(rng.uniform(*kind.opacity)),
        grain=kind.grain,
        pressure_spread=kind.pressure_spread,
        color=kind.colors[int(rng.integers(len(kind.colors)))],
    )


@dataclass(frozen=True, slots=True)
class InkPatch:
    """Ink of some strokes.

    Attributes:
        coverage: (h, w) from 0 (paper) to 1 (ink).
        x: Column of the patch's left edge, in pixels of the paths' frame.
        y: Row of its top edge.
    """

    coverage: Coverage
    x: int
    y: int


def ink_paths(
    rng: np.random.Generator, pen: Pen, paths: Sequence[Path], width_px: float
) -> InkPatch:
    """Draw strokes.

    Args:
        rng: Source of pressure and grain.
        pen: What draws them.
        paths: (M, 2) curves in pixels.
        width_px: Line width; `pen.width_frac` is not used, since only the caller knows the size.

    Returns:
        A patch that holds all the ink, two pixels of paper around it.
    """
    left, top, right, bottom = path_bounds(paths)
    margin = int(np.ceil(width_px)) + 2
    x, y = int(np.floor(left)) - margin, int(np.floor(top)) - margin
    width, height = int(np.ceil(right)) + margin - x, int(np.ceil(bottom)) + margin - y
    canvas = np.zeros((height * _FINE, width * _FINE), np.uint8)
    for path in paths:
        _draw_stroke(rng, pen, canvas, (path - (x, y)) * _FINE, width_px * _FINE)
    coverage = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    ink = coverage.astype(np.float32) * np.float32(pen.opacity / 255)
    if pen.grain:
        tooth = rng.random(ink.shape, dtype=np.float32)
        ink *= 1 - np.float32(pen.grain) * tooth * tooth
    return InkPatch(ink, x, y)


def _draw_stroke(
    rng: np.random.Generator, pen: Pen, canvas: np.ndarray, path: Path, width: float
) -> None:
    """Line segments whose width and darkness follow a slow random pressure."""
    knots = rng.normal(0, pen.pressure_spread, 5)
    pressure = 1 + np.interp(np.linspace(0, 4, len(path) - 1), np.arange(5), knots)
    widths = np.maximum(1, np.rint(width * pressure)).astype(int).tolist()
    darkness = (255 * np.clip(0.6 + 0.4 * pressure, 0.5, 1)).astype(int).tolist()
    points = np.rint(path * (1 << _SHIFT)).astype(int).tolist()
    for start, end, value, thickness in zip(points, points[1:], darkness, widths, strict=False):
        cv2.line(canvas, start, end, value, thickness, cv2.LINE_8, _SHIFT)
