"""Security grounds of cheques: a size goes in, tinted paper with fine printed patterns comes out.

Patterns are lightness planes, 1 where nothing is printed; a ground multiplies a few of them into
the paper's colour: guilloche waves, line and dot screens, a rosette, a faint picture, a word
repeated all over (pantograph). All of it belongs to the ground: nobody reads it.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.paper.surface import (
    Color,
    Plane,
    Size,
    Surface,
    make_cloud,
    make_paper,
)
from ocrdigits.model.compose.sheet import as_coverage

_TINTS: tuple[Color, ...] = (
    (0.96, 0.92, 0.86),
    (0.90, 0.95, 0.88),
    (0.84, 0.92, 0.97),
    (0.93, 0.90, 0.96),
    (0.97, 0.88, 0.80),
    (0.80, 0.93, 0.97),
    (0.94, 0.95, 0.95),
    (0.86, 0.90, 0.84),
    (0.88, 0.84, 0.95),
)
_FONT = cv2.FONT_HERSHEY_SIMPLEX


def make_security_paper(rng: np.random.Generator, size: Size) -> Surface:
    """Cheque paper: a tint that may run into another, and one to three printed patterns.

    Args:
        rng: Source of chance.
        size: Of the cheque.

    Returns:
        The paper.
    """
    tint = np.array(pick(rng, _TINTS), np.float32)
    paper = make_paper(rng, size, (0.96, 0.96, 0.96))
    paper *= _blend_tints(rng, size, tint)
    depth = 0.25 + (1 - tint / tint.max()) * between(rng, 1.5, 5.0)  # patterns lean to the tint
    for index in rng.permutation(len(_PATTERNS))[: int(rng.integers(1, 4))].tolist():
        printed = 1 - _PATTERNS[index](rng, size) * np.float32(between(rng, 0.06, 0.3))
        paper *= cv2.merge([cv2.pow(printed, float(power)) for power in depth])
    faded: Surface = np.clip(paper, 0, 1)
    return faded


def _blend_tints(rng: np.random.Generator, size: Size, tint: np.ndarray) -> Surface:
    """The tint alone, or running into another from side to side, top to bottom or middle out."""
    height, width = size
    x = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    ways = (np.zeros_like(x), x, y, (x + y) / 2, 2 * np.abs(x - 0.5))
    mix = np.broadcast_to(pick(rng, ways), size)
    other = np.array(pick(rng, _TINTS), np.float32)
    blend: Surface = cv2.merge([a + mix * (b - a) for a, b in zip(tint, other, strict=True)])
    return blend


def draw_waves(rng: np.random.Generator, size: Size) -> Plane:
    """Guilloche: two families of wavy lines that run through each other."""
    height, width = size
    mask = np.zeros(size, np.uint8)
    columns = np.arange(-8, width + 16, 8, dtype=np.float32)
    for _ in range(2):
        swing, period, phase = rng.uniform(10, 40), rng.uniform(140, 420), rng.uniform(0, 6.3)
        pitch, tilt = between(rng, 9, 18), between(rng, -0.3, 0.3)
        wave = tilt * columns + swing * np.sin(2 * np.pi * columns / period + phase)
        starts = np.arange(wave.min() - height * 0.4, height + wave.max() + 40, pitch)
        lines = [np.column_stack([columns, wave + start]) for start in starts]
        _trace(mask, lines, pick(rng, (1, 2)))
    return as_coverage(mask)


def draw_screen(rng: np.random.Generator, size: Size) -> Plane:
    """A halftone: fine dots, hatching or a mesh, so fine that a lens blurs it to a tone."""
    pitch, kind = int(rng.integers(4, 9)), int(rng.integers(3))
    cell = np.zeros((pitch * 4, pitch * 4), np.uint8)
    for step in range(-4, 8):
        if kind == 0:
            for column in range(5):
                centre = (column * pitch + (step % 2) * pitch // 2, step * pitch)
                cv2.circle(cell, centre, max(1, pitch // 4), 255, cv2.FILLED, cv2.LINE_AA)
            continue
        cv2.line(cell, (step * pitch, 0), ((step + 4) * pitch, 4 * pitch), 255, 1, cv2.LINE_AA)
        if kind == 2:
            cv2.line(cell, ((step + 4) * pitch, 0), (step * pitch, 4 * pitch), 255, 1, cv2.LINE_AA)
    repeats = (size[0] // cell.shape[0] + 1, size[1] // cell.shape[1] + 1)
    return as_coverage(np.tile(cell, repeats)[: size[0], : size[1]])


def draw_rosette(rng: np.random.Generator, size: Size) -> Plane:
    """A spirograph flower, large and half off centre."""
    height, width = size
    mask = np.zeros(size, np.uint8)
    turns = np.linspace(0, 2 * np.pi, 900, dtype=np.float32)
    middle = np.array([width * between(rng, 0.2, 0.8), height * between(rng, 0.35, 0.65)])
    petals = int(rng.integers(5, 13))
    for ring in np.linspace(0.25, 1.0, int(rng.integers(9, 18))):
        radius = height * 0.52 * ring * (1 + 0.16 * np.sin(petals * turns + 9 * ring))
        flower = np.column_stack([1.5 * radius * np.cos(turns), radius * np.sin(turns)])
        _trace(mask, [flower + middle], 1)
    return as_coverage(mask)


def draw_words(rng: np.random.Generator, size: Size) -> Plane:
    """A short word repeated in slanted rows, as grounds that show VOID when copied."""
    word = pick(rng, ("VOID", "COPY", "SAFE", "VALUE", "BANK", "ORIGINAL"))
    height, width = size
    side = int(np.hypot(height, width)) + 8
    scale, step = between(rng, 0.5, 1.6), between(rng, 2.0, 4.0)
    (word_px, high_px), _ = cv2.getTextSize(word, _FONT, scale, 1)
    mask = np.zeros((side, side), np.uint8)
    for row, y in enumerate(np.arange(high_px, side, high_px * step).tolist()):
        for x in range(-(row % 2) * word_px, side, round(word_px * 1.8)):
            cv2.putText(mask, word, (x, int(y)), _FONT, scale, 255, 2, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), between(rng, -40, 40), 1.0)
    turn[:, 2] += np.array([(width - side) / 2, (height - side) / 2])
    return as_coverage(cv2.warpAffine(mask, turn, (width, height)))


def draw_picture(rng: np.random.Generator, size: Size) -> Plane:
    """Hills under a sun, with trees, sails or a bridge; faint and out of focus."""
    small = (size[0] // 4, size[1] // 4)
    scene = np.zeros(small, np.float32)
    rows = np.arange(small[0], dtype=np.float32)[:, None]
    if toss(rng):
        sun = (int(rng.integers(small[1])), round(0.3 * small[0]))
        cv2.circle(scene, sun, small[0] // 7, 0.4, cv2.FILLED, cv2.LINE_AA)
    for index in range(int(rng.integers(2, 5))):
        line = (0.45 + 0.15 * index + 0.10 * make_cloud(rng, (2, small[1]), 50)[0]) * small[0]
        scene = np.where(rows >= line[None, :], 0.35 + 0.2 * index, scene)
    pick(rng, (_plant_trees, _set_sails, _build_bridge))(rng, scene)
    soft = cv2.GaussianBlur(scene.astype(np.float32), (0, 0), 0.8)
    picture: Plane = np.clip(cv2.resize(soft, size[::-1], interpolation=cv2.INTER_LINEAR), 0, 1)
    return picture


def _plant_trees(rng: np.random.Generator, scene: Plane) -> None:
    height, width = scene.shape
    for _ in range(int(rng.integers(3, 12))):
        x, foot = int(rng.integers(width)), round(height * rng.uniform(0.7, 0.95))
        high = round(height * rng.uniform(0.15, 0.35))
        corners = [[x, foot - high], [x - high // 3, foot], [x + high // 3, foot]]
        cv2.fillPoly(scene, [np.array(corners, np.int32)], 1.0, cv2.LINE_AA)


def _set_sails(rng: np.random.Generator, scene: Plane) -> None:
    height, width = scene.shape
    for _ in range(int(rng.integers(1, 5))):
        x, foot = int(rng.integers(width)), round(height * rng.uniform(0.55, 0.9))
        high = round(height * rng.uniform(0.15, 0.4))
        sail = [[x, foot - high], [x, foot], [x + high // 2, foot]]
        hull = [[x - high // 3, foot + 3], [x + high // 2, foot + 3], [x + high // 4, foot + 9]]
        for corners in (sail, hull):
            cv2.fillPoly(scene, [np.array(corners, np.int32)], 1.0, cv2.LINE_AA)


def _build_bridge(rng: np.random.Generator, scene: Plane) -> None:
    height, width = scene.shape
    deck = round(height * rng.uniform(0.5, 0.75))
    cv2.line(scene, (0, deck), (width, deck), 1.0, 3)
    span = round(width / rng.integers(2, 6))
    for x in range(span // 2, width + span, span):
        half = (span // 2, round(0.3 * height))
        cv2.ellipse(scene, (x, deck - half[1]), half, 0, 0, 180, 0.9, 2, cv2.LINE_AA)
        cv2.line(scene, (x - span // 2, deck - half[1]), (x - span // 2, height), 1.0, 3)


def _trace(mask: np.ndarray, lines: list[np.ndarray], width_px: int) -> None:
    fixed = [np.rint(line * 16).astype(np.int32) for line in lines]
    cv2.polylines(mask, fixed, False, 255, width_px, cv2.LINE_AA, 4)


_PATTERNS: tuple[Callable[[np.random.Generator, Size], Plane], ...] = (
    draw_waves,
    draw_waves,
    draw_screen,
    draw_rosette,
    draw_words,
    draw_picture,
)
