"""Contrast of a crop in, how dark its rules and a box's sides are out; strokes are left alone.

A line is what a grey opening along it leaves; what is darker than the line is writing.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import InkMask
from ocrdigits.vision.components import find_components
from ocrdigits.vision.enhance import Contrast
from ocrdigits.vision.morphology import close_ink, dilate, keep_long_runs, transpose
from ocrdigits.vision.rank import rank_value


def find_gray_rules(contrast: Contrast, ink: InkMask, noise: float) -> Contrast | None:
    """Find rules and the sides of a box by their grey.

    Args:
        contrast: (H, W) grey levels by which a pixel is darker than the paper.
        ink: (H, W) what of it is ink.
        noise: Standard deviation of the paper.

    Returns:
        (H, W) how dark the lines are, 0 elsewhere; subtracted from the contrast, it leaves the
        strokes that cross them. None where there are no lines.
    """
    height, width = contrast.shape
    if not ink.any():
        return None
    floor = np.float32(max(2 * noise, 0.12 * rank_value(contrast[ink], 0.85)))
    least = max(12, round(0.6 * width), round(0.9 * height))
    level = _level_lines(contrast, least, floor) if least <= width else np.zeros_like(contrast)
    lines = np.maximum(level, _box_sides(contrast - level, floor, ink & (level < floor)))
    return lines if lines.any() else None


def _level_lines(contrast: Contrast, length: int, floor: np.float32) -> Contrast:
    """How dark the nearly level lines of at least some length are, 0 elsewhere."""
    skew_px = 3 + length // 60 * 2
    dark = dilate(close_ink(contrast > floor, 1, 3), skew_px, 1)
    if not keep_long_runs(dark, length).any():  # most crops: spare them the slower grey
        return np.zeros_like(contrast)
    bridged = cv2.morphologyEx(contrast, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8))
    tolerant = cv2.dilate(bridged, np.ones((skew_px, 1), np.uint8))
    opened = _open_gray(np.asarray(tolerant, np.float32), (1, length))
    inside = opened > floor
    # Strokes are higher than rules are thick: only thin bands are rules.
    thick = _open_gray(np.asarray(opened, np.float32), (max(7, length // 5), 1)) > floor
    level = np.where(inside & ~thick, np.minimum(opened, contrast), np.float32(0))
    return np.maximum(level, 0).astype(np.float32)


def _box_sides(contrast: Contrast, floor: np.float32, ink: InkMask) -> Contrast:
    """How dark the upright lines along both sides are, if they out-top the writing beside them.

    In a tight crop a 1 looks like a side, but then it is no higher than the rest, or alone.
    """
    height, width = contrast.shape
    margin = max(2, round(0.17 * width))
    least = max(8, round(0.6 * height))
    sides = np.zeros_like(contrast)
    for part in (np.s_[:, :margin], np.s_[:, width - margin :]):
        strip = np.ascontiguousarray(contrast[part])
        if not keep_long_runs(transpose(dilate(strip > floor, 1, 5)), least).any():
            continue
        tolerant = cv2.dilate(strip, np.ones((1, 5), np.uint8))
        opened = _open_gray(np.asarray(tolerant, np.float32), (least, 1))
        sides[part] = np.where(opened > floor, np.maximum(np.minimum(opened, strip), 0), 0)
    lined = sides > floor
    if not lined.any():
        return sides
    rows = np.flatnonzero((lined & ink).any(axis=1))
    reach = rows[-1] - rows[0] + 1 if len(rows) else least
    pieces = find_components(ink)
    covered = np.bincount(pieces.labels[lined], minlength=len(pieces.areas) + 1)[1:]
    writing = find_components(pieces.ink_of(covered < 0.6 * pieces.areas) & ~sides.astype(np.bool_))
    tallest = int(writing.boxes[:, 3].max(initial=0))
    return sides if 0.28 * reach < tallest < 0.82 * reach else np.zeros_like(sides)


def _open_gray(contrast: Contrast, size: tuple[int, int]) -> Contrast:
    kernel = np.ones(size, np.uint8)
    eroded = cv2.erode(contrast, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return np.asarray(cv2.dilate(eroded, kernel), np.float32)
