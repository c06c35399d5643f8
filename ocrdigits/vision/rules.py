"""Ink in, ink without ruled lines and box frames out; strokes that cross a rule stay whole."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import InkMask
from ocrdigits.vision.morphology import dilate, open_ink


def find_horizontal_rules(ink: InkMask, min_length_px: int) -> InkMask:
    """Mark long, thin, nearly level lines.

    Args:
        ink: (H, W) ink.
        min_length_px: Shorter lines are strokes or dashes.

    Returns:
        (H, W) the pixels that belong to a rule alone; where a stroke crosses it, none.
    """
    tolerant = dilate(ink, 3, 5)  # breaks of 4 px, 1 px of skew a run
    runs = open_ink(tolerant, 1, min_length_px) & ink
    count, labels, stats, _ = cv2.connectedComponentsWithStats(runs.view(np.uint8), connectivity=8)
    if count == 1:
        return np.zeros_like(ink)
    lengths, areas = stats[1:, cv2.CC_STAT_WIDTH], stats[1:, cv2.CC_STAT_AREA]
    long = lengths >= 0.25 * min_length_px
    if not long.any():
        return np.zeros_like(ink)
    thickness = float(np.median(areas[long] / lengths[long]))
    tall = round(1.6 * thickness) + 3
    strokes = open_ink(ink, tall, 1)
    keep = np.concatenate([[False], long])[labels]
    # One pixel beside the rule goes with it: its soft edge.
    fringe = dilate(np.asarray(keep & ~strokes), 3, 1)
    return np.asarray(fringe & ink & ~strokes)


def find_vertical_rules(ink: InkMask, min_length_px: int) -> InkMask:
    """Mark long, thin, nearly upright lines; see `find_horizontal_rules`."""
    return np.ascontiguousarray(find_horizontal_rules(np.ascontiguousarray(ink.T), min_length_px).T)


def find_crop_frame(ink: InkMask) -> InkMask:
    """Mark what is left of a form's box around a string that was cut from it.

    Level rules are believed by their length. The sides of a box look like a 1 in a tight crop:
    they are believed beside level rules, in pairs, or where the writing keeps clear of the crop's
    edges, and only where the ink between them leaves room above or below.

    Args:
        ink: (H, W) ink of a crop that shows one string.

    Returns:
        (H, W) the ink of rules and sides.
    """
    height, width = ink.shape
    level = find_horizontal_rules(ink, max(12, round(0.35 * width)))
    rest = ink & ~level
    margin = max(1, round(0.14 * width))
    upright = find_vertical_rules(rest, max(8, round(0.5 * height)))
    sides = np.zeros_like(ink)
    sides[:, :margin], sides[:, -margin:] = upright[:, :margin], upright[:, -margin:]
    paired = bool(sides[:, :margin].any() and sides[:, -margin:].any())
    is_loose = bool(level.any()) or paired or _keeps_clear(rest & ~sides)
    if not is_loose or _tallest(rest[:, margin:-margin]) > 0.88 * height:
        return level
    return level | sides | _edge_scraps(rest & ~sides)


def _keeps_clear(ink: InkMask) -> bool:
    """Whether the bulk of the ink, leaving out single pixels of dirt, touches no edge."""
    height, width = ink.shape
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    rim_y, rim_x = max(1, round(0.05 * height)), max(1, round(0.04 * width))
    at_edge = rows[:rim_y].sum() + rows[-rim_y:].sum()
    at_edge += columns[:rim_x].sum() + columns[-rim_x:].sum()
    return bool(at_edge < 0.04 * ink.sum())


def _tallest(ink: InkMask) -> int:
    stats = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)[2]
    return int(stats[1:, cv2.CC_STAT_HEIGHT].max(initial=0))


def _edge_scraps(ink: InkMask) -> InkMask:
    """Ink in the outer rim of a boxed crop: broken pieces of the frame, wholly inside the rim.

    Thin upright pieces count a little further in.
    """
    height, width = ink.shape
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)
    x, y, w, h = stats[:, :4].T
    rim_x, rim_y = 0.07 * width, 0.1 * height
    scrap = (x + w <= rim_x) | (x >= width - rim_x) | (y + h <= rim_y) | (y >= height - rim_y)
    thin = (w <= 0.035 * width) & (h >= 3 * w)
    scrap |= thin & ((x + w <= 1.5 * rim_x) | (x >= width - 1.5 * rim_x))
    scrap[0] = False
    return np.asarray(scrap[labels])
