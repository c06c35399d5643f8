"""Ink in, ink without ruled lines and box frames out; strokes that cross a rule stay whole."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import InkMask
from ocrdigits.vision.components import Components, find_components
from ocrdigits.vision.morphology import dilate, keep_long_runs, open_ink, transpose
from ocrdigits.vision.rank import percentiles, rank_value

_STRAIGHT_PX = 3.0
_LEAN = 0.012  # of a level page's upright rules


def find_horizontal_rules(ink: InkMask, min_length_px: int) -> InkMask:
    """Mark long, thin, nearly level lines.

    Args:
        ink: (H, W) ink.
        min_length_px: Shorter lines are strokes or dashes.

    Returns:
        (H, W) the pixels that belong to a rule alone; where a stroke crosses it, none.
    """
    tolerant = dilate(ink, 3, 5)  # breaks of 4 px, 1 px of skew a run
    runs = keep_long_runs(tolerant, min_length_px) & ink
    if not runs.any():
        return runs
    pieces = find_components(runs)
    lengths = pieces.boxes[:, 2]
    long = lengths >= 0.25 * min_length_px
    if not long.any():
        return np.zeros_like(ink)
    thickness = rank_value(pieces.areas[long] / lengths[long])
    tall = round(1.6 * thickness) + 3
    strokes = open_ink(ink, tall, 1)
    keep = pieces.ink_of(long)
    # One pixel beside the rule goes with it: its soft edge.
    fringe = dilate(np.asarray(keep & ~strokes), 3, 1)
    return np.asarray(fringe & ink & ~strokes)


def find_vertical_rules(ink: InkMask, min_length_px: int) -> InkMask:
    """Mark long, thin, nearly upright lines; see `find_horizontal_rules`."""
    return transpose(find_horizontal_rules(transpose(ink), min_length_px))


def find_crop_frame(ink: InkMask) -> InkMask:
    """Mark what is left of a form's box around a string that was cut from it.

    Long level rules are believed by their length, and straight lines in the outer part of the
    crop where they are clearly thinner than the pen's strokes. Sides as thick as a stroke look
    like a 1 in a tight crop: they must out-top the writing, and something else must speak for a
    box: level rules, two sides, low writing, or writing that keeps clear of the edges.

    Args:
        ink: (H, W) ink of a crop that shows one string.

    Returns:
        (H, W) the ink of rules and sides.
    """
    height, width = ink.shape
    level = find_horizontal_rules(ink, max(12, round(0.35 * width), round(0.9 * height)))
    rest = ink & ~level
    margin_x, margin_y = max(1, round(0.14 * width)), max(1, round(0.12 * height))
    rim_lines = transpose(_rim_lines(transpose(rest), margin_x)) | _rim_lines(rest, margin_y)
    pieces = find_components(rest)
    is_line = _are_lines(pieces, rim_lines)
    writing = pieces.without(is_line | ~_reach_into(pieces, margin_x))
    tallest = _tallest(writing)
    if tallest > 0.88 * height:
        return level
    is_thin = is_line & _are_thin(pieces, 0.72 * _stroke_width(writing.labels > 0))
    thin = pieces.ink_of(is_thin)
    rest = rest & ~thin
    upright = find_vertical_rules(rest, max(8, round(0.45 * height)))
    sides = _tall_sides(upright, margin_x, round(1.15 * tallest))
    paired = bool(sides[:, :margin_x].any() and sides[:, -margin_x:].any())
    if level.any() or thin.any() or paired:
        scraps = find_components(rest & ~sides) if sides.any() else pieces.without(is_thin)
        return level | thin | sides | _edge_scraps(scraps)
    sides = _tall_sides(upright, margin_x, round(1.5 * tallest))
    believed = tallest < 0.5 * height or _keeps_clear(rest & ~sides)
    return level | sides if believed else level


def _reach_into(components: Components, margin: int) -> NDArray[np.bool_]:
    """Which components reach into the middle of the crop, between both margins."""
    x, _, width, _ = components.boxes.T
    return np.asarray((x + width > margin) & (x < components.labels.shape[1] - margin))


def _rim_lines(ink: InkMask, margin: int) -> InkMask:
    """Straight level lines, however short, within `margin` of the upper and lower edge."""
    level = find_horizontal_rules(ink, max(8, round(0.18 * ink.shape[1])))
    level[margin:-margin] = False
    return level


def _are_lines(components: Components, lines: InkMask) -> NDArray[np.bool_]:
    """Which components are lines for the most part, corners of a box included."""
    lined = np.bincount(components.labels[lines], minlength=len(components.areas) + 1)[1:]
    return np.asarray(lined > 0.6 * components.areas)


def _are_thin(components: Components, hairline_px: float) -> NDArray[np.bool_]:
    """Which components, if they are lines, are thinner than the pen."""
    sides = np.sort(components.boxes[:, 2:], axis=1)
    # A corner of a box has two arms.
    lengths = sides[:, 1] + np.where(sides[:, 0] > 3 * hairline_px, sides[:, 0], 0)
    return np.asarray(components.areas <= hairline_px * lengths)


def _tall_sides(upright: InkMask, margin: int, min_height_px: int) -> InkMask:
    """Upright lines within `margin` of the left and right edge that are higher than the writing."""
    sides = np.zeros_like(upright)
    for part in (np.s_[:, :margin], np.s_[:, -margin:]):
        if upright[part].any() and _tallest(find_components(upright[part])) > min_height_px:
            sides[part] = upright[part]
    return sides


def _stroke_width(ink: InkMask) -> float:
    """Typical width of strokes, in pixels: twice the depth of their middle."""
    if not ink.any():
        return 0.0
    depth = cv2.distanceTransform(np.ascontiguousarray(ink).view(np.uint8), cv2.DIST_L2, 3)
    return 2 * percentiles(depth[ink], 85)[0]


def _keeps_clear(ink: InkMask) -> bool:
    """Whether the bulk of the ink, leaving out single pixels of dirt, touches no edge."""
    height, width = ink.shape
    rows, columns = ink.sum(axis=1), ink.sum(axis=0)
    rim_y, rim_x = max(1, round(0.05 * height)), max(1, round(0.04 * width))
    at_edge = rows[:rim_y].sum() + rows[-rim_y:].sum()
    at_edge += columns[:rim_x].sum() + columns[-rim_x:].sum()
    return bool(at_edge < 0.04 * ink.sum())


def _tallest(components: Components) -> int:
    return int(components.boxes[:, 3].max(initial=0))


def _edge_scraps(components: Components) -> InkMask:
    """What lies in the outer rim of a boxed crop: broken pieces of the frame, wholly inside it.

    Thin upright pieces count a little further in.
    """
    height, width = components.labels.shape
    x, y, w, h = components.boxes.T
    rim_x, rim_y = 0.07 * width, 0.1 * height
    scrap = (x + w <= rim_x) | (x >= width - rim_x) | (y + h <= rim_y) | (y >= height - rim_y)
    thin = (w <= 0.035 * width) & (h >= 3 * w)
    scrap |= thin & ((x + w <= 1.5 * rim_x) | (x >= width - 1.5 * rim_x))
    return components.ink_of(scrap)


def bridge_gaps(upright: InkMask, max_gap_px: int) -> InkMask:
    """Upright rules drawn on through gaps, where writing hid them.

    Args:
        upright: (H, W) ink of upright rules.
        max_gap_px: Longer gaps lie between different rules.

    Returns:
        (H, W) the rules with the gaps between pieces of one line closed.
    """
    boxes = find_components(upright).boxes.astype(np.float64)
    x, y, w, h = boxes.T
    middles, bottoms = x + w / 2, y + h
    bridged = upright.astype(np.uint8)
    for upper in range(len(boxes)):
        gaps = y - bottoms[upper]
        follows = (gaps > 0) & (gaps <= max_gap_px) & (gaps <= np.maximum(h, h[upper]))
        apart = gaps + (h + h[upper]) / 2
        follows &= np.abs(middles - middles[upper]) <= _STRAIGHT_PX + _LEAN * apart
        if follows.any():
            lower = int(np.flatnonzero(follows)[np.argmin(gaps[follows])])
            ends = ((middles[upper], bottoms[upper] - 1), (middles[lower], y[lower]))
            first, last = (tuple(round(float(value)) for value in end) for end in ends)
            cv2.line(bridged, first, last, 1, 2)
    return bridged.view(np.bool_)
