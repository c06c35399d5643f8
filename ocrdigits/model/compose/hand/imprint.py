"""Characters that are not strokes: a shape's distance to its edge in, its ink on the sheet out.

A glyph of a typeface or a digit from a real hand is kept as its signed distance to the edge of its
ink. From that it is drawn at any size, bolder or thinner, leaning and bent a little otherwise each
time, so that no two look the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.model.compose.hand.pens import InkPatch, cut_noise
from ocrdigits.records import Coverage

_RIM_FRAC = 0.12  # room around the ink for a bolder pen


@dataclass(frozen=True, slots=True)
class Imprint:
    """The shape of one character; lengths in heights of a digit, y upwards negative.

    Attributes:
        depth: (h, w) float32, distance to the edge of the ink: above 0 inside, below 0 beside it.
        left: Left edge of the array, from where the character begins.
        top: Its top edge, from the baseline.
        scale: Pixels of the array per height.
        width: From where the character begins to where the next one may.
        stroke_frac: Average width of its strokes.
    """

    depth: Coverage
    left: float
    top: float
    scale: float
    width: float
    stroke_frac: float


@dataclass(frozen=True, slots=True)
class Pose:
    """How one occurrence of a character stands on the sheet.

    Attributes:
        x: Where it begins, in pixels.
        baseline: In pixels.
        height_px: Height of a digit.
        lean: Shift to the right per height.
        climb: Rise of the line, pixels downwards per pixel to the right.
        stretch: Relative width.
        bolder_frac: Added to each side of the strokes, heights.
        spread: How far this occurrence bends.
        swell_frac: How far the width of its strokes changes along the way, heights.
    """

    x: float
    baseline: float
    height_px: float
    lean: float = 0.0
    climb: float = 0.0
    stretch: float = 1.0
    bolder_frac: float = 0.0
    spread: float = 0.04
    swell_frac: float = 0.002


def make_imprint(
    shape: Coverage, scale: float, left_px: float, top_px: float, width: float | None = None
) -> Imprint | None:
    """Keep a character's shape.

    Args:
        shape: (h, w) from 0 (paper) to 1 (ink).
        scale: Its pixels per height of a digit.
        left_px: Its left edge, pixels from where the character begins.
        top_px: Its top edge, pixels from the baseline.
        width: See `Imprint`; by default up to the right edge of the ink.

    Returns:
        The imprint, at half the size of `shape`; None if there is no ink.
    """
    inked = shape > 0.5
    if not inked.any():
        return None
    rim = int(np.ceil(_RIM_FRAC * scale))
    mask = np.pad(inked.astype(np.uint8), rim)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    beside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, cv2.DIST_MASK_5)
    depth = (inside - beside) / np.float32(scale)
    half = cv2.resize(depth, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    stroke_frac = (
        4 * float(inside[mask > 0].mean()) / scale
    )  # a bar's mean depth is a quarter of it
    right = (left_px + float(np.flatnonzero(inked.any(axis=0))[-1]) + 1) / scale
    return Imprint(
        depth=half.astype(np.float32),
        left=(left_px - rim) / scale,
        top=(top_px - rim) / scale,
        scale=scale / 2,
        width=right if width is None else width,
        stroke_frac=stroke_frac,
    )


def shape_imprint(rng: np.random.Generator, imprint: Imprint, pose: Pose) -> InkPatch:
    """Draw one occurrence of a character, its ink still even.

    Args:
        rng: Source of what differs from one time to the next.
        imprint: The character's shape.
        pose: Where and how it stands.

    Returns:
        A patch in the sheet's pixels: 0 beside the strokes, 1 inside.
    """
    wide, tall, lean, bow, sag = (rng.normal(0, pose.spread, 5) * (1, 0.6, 0.8, 0.5, 0.5)).tolist()
    # (x, y) of the character goes to (a · x + b · y, c · x + d · y) pixels from where it begins.
    a, b = pose.height_px * pose.stretch * (1 + wide), -pose.height_px * (pose.lean + lean)
    c, d = a * pose.climb, pose.height_px * (1 + tall)
    height, width = (side / imprint.scale for side in imprint.depth.shape)
    xs, ys = (imprint.left, imprint.left + width), (imprint.top, imprint.top + height)
    placed_x = [pose.x + a * x + b * y for x in xs for y in ys]
    placed_y = [pose.baseline + c * x + d * y for x in xs for y in ys]
    left, top = math.floor(min(placed_x)), math.floor(min(placed_y))
    columns = np.arange(left, math.ceil(max(placed_x))) + (0.5 - pose.x)
    rows = np.arange(top, math.ceil(max(placed_y))) + (0.5 - pose.baseline)
    # Every pixel is taken back to the character's own frame, bent, and looked up in its array.
    turn_x, turn_y = rng.uniform(0, 2 * np.pi, 2).tolist()
    back = imprint.scale / (a * d - b * c)
    bows = imprint.scale * (bow * np.sin(rows * (4.4 / pose.height_px) + turn_x) - imprint.left)
    sags = imprint.scale * (sag * np.sin(columns * (4.8 / pose.height_px) + turn_y) - imprint.top)
    look_x = np.add.outer(bows - back * b * rows - 0.5, back * d * columns).astype(np.float32)
    look_y = np.add.outer(back * a * rows - 0.5, sags - back * c * columns).astype(np.float32)
    flags, border = cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
    depth = cv2.remap(imprint.depth, look_x, look_y, flags, borderMode=border)
    swell = np.float32(pose.swell_frac) * cut_noise(rng, "cloud", depth.shape)
    swell += np.float32(pose.bolder_frac)
    shape = (depth + swell) * np.float32(pose.height_px) + np.float32(0.5)
    return InkPatch(np.minimum(np.maximum(shape, 0), 1), left, top)


def merge_patches(patches: Sequence[InkPatch]) -> InkPatch:
    """Put patches into one; where they overlap, the fuller ink counts."""
    x, y = min(patch.x for patch in patches), min(patch.y for patch in patches)
    right = max(patch.x + patch.coverage.shape[1] for patch in patches)
    bottom = max(patch.y + patch.coverage.shape[0] for patch in patches)
    merged = np.zeros((bottom - y, right - x), np.float32)
    for patch in patches:
        height, width = patch.coverage.shape
        part = merged[patch.y - y :, patch.x - x :][:height, :width]
        np.maximum(part, patch.coverage, out=part)
    return InkPatch(merged, x, y)


def match_stroke(imprint: Imprint, stroke_frac: float) -> float:
    """How much bolder (on each side) a character must be for strokes of a width.

    Thin parts of an imprint would break if it were starved, so that it is never by much.
    """
    wanted = (stroke_frac - imprint.stroke_frac) / 2
    return float(np.clip(wanted, -0.12 * imprint.stroke_frac, 0.05))
