"""One field's ink in, a lattice of glyph hypotheses out: slant removed, over-segmented by seams.

A seam is the cheapest way for the eye from top to bottom, around strokes where it can, through
thin joints where it must. Every seam that is cheap enough is a possible cut; what lies between
two neighbouring cuts is an atom; every run of few atoms is a hypothesis. Parts of a broken digit
meet again in the hypotheses that hold all of them.

Reference:
    Casey & Lecolinet 1996, "A Survey of Methods and Strategies in Character Segmentation", III.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Coverage, Field, Glyph, InkMask, Kind, Lattice
from ocrdigits.settings import SegmentSettings
from ocrdigits.vision.components import bounding_box, find_components
from ocrdigits.vision.morphology import find_runs
from ocrdigits.vision.normalize import center_digit
from ocrdigits.vision.rank import rank_value

_SIDESTEP = 0.12  # cost of moving a seam by one column, in fully inked pixels
_MARGIN_PX = 3
_LEAST_ATOM_PX = 3
_GAP_PRICE = 0.5  # a cut through less ink than this is a gap
_TALL_PART = 0.6  # of the line's height
_RIM = np.ones((3, 3), np.uint8)


def segment_field(field: Field, settings: SegmentSettings, *, is_on_page: bool = False) -> Lattice:
    """Divide a field into glyph hypotheses.

    Args:
        field: One string.
        settings: Limits.
        is_on_page: Whether it is one of many fields of a page, mostly words: what is hardly ever
            one digit is then left out.

    Returns:
        Its lattice; boxes are in the field frame (slant not removed: they enclose the slanted
        ink).
    """
    is_whole = field.kind is Kind.DIGIT  # one digit: nothing to straighten by, nothing to cut
    slant = 0.0 if is_whole else estimate_slant(field.ink, settings.max_slant)
    coverage, ink = _straighten(field, slant)
    if field.kind is Kind.COMB:  # each digit has a cell of its own
        settings = replace(settings, max_cut_ink_px=min(settings.max_cut_ink_px, _GAP_PRICE))
    seams = np.zeros((0, len(ink)), np.int64) if is_whole else find_seams(coverage, settings)
    atoms, firsts = label_atoms(ink, seams)
    prices = [float(_ink_along(coverage, seams[first - 1])) if first else 0.0 for first in firsts]
    inks = _Inks(coverage, atoms.astype(np.int16), atoms < 0)
    return _build_lattice(inks, [*prices, 0.0], slant, settings, is_on_page)


def _ink_along(coverage: Coverage, seam: NDArray[np.int64]) -> np.float32:
    return np.float32(coverage[np.arange(len(seam)), seam].sum())


def estimate_slant(ink: InkMask, max_slant: float) -> float:
    """Find the shear that makes strokes upright.

    Args:
        ink: (H, W) ink of one string.
        max_slant: Steepest slant to consider, tangent.

    Returns:
        Tangent of the slant; positive leans right (as / does). The straightest stance has the
        fewest, fullest columns: the largest sum of squared column counts, with a slight
        preference for staying as it is. Columns of different pieces of ink are counted apart:
        a steep enough stance would fill them with several round digits at once.
    """
    if max_slant == 0 or not ink.any():
        return 0.0
    pieces, runs = find_components(ink), find_runs(ink)
    reach = math.ceil(max_slant * ink.shape[0])
    rooms = pieces.boxes[:, 2] + 2 * reach  # columns that a piece may get to
    firsts = np.cumsum(rooms) - rooms - pieces.boxes[:, 0] + reach
    shears = np.linspace(-max_slant, max_slant, 29)
    from_base = ink.shape[0] - 1 - runs.rows
    moved = firsts[pieces.labels[runs.rows, runs.starts] - 1]
    moved = moved - np.round(shears[:, None] * from_base).astype(np.int64)  # (29, runs)
    size = int(rooms.sum()) + 1
    moved += size * np.arange(len(shears))[:, None]
    begun, ended = (
        np.bincount((moved + ends).ravel(), minlength=size * len(shears))
        for ends in (runs.starts, runs.stops)
    )
    counts = np.cumsum(begun - ended).reshape(len(shears), size)
    scores = (counts * counts).sum(axis=1) * (1 - 0.35 * np.abs(shears))
    return float(shears[int(np.argmax(scores))])


def _straighten(field: Field, slant: float) -> tuple[Coverage, InkMask]:
    """Shear the field upright, with a margin; rows keep their place."""
    height, width = field.ink.shape
    matrix = _field_to_upright(height, slant)
    size = (width + 2 * _MARGIN_PX + round(abs(slant) * height), height)
    coverage = cv2.warpAffine(field.coverage, matrix, size, flags=cv2.INTER_LINEAR)
    solid = cv2.warpAffine(field.ink.astype(np.float32), matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(coverage, np.float32), np.asarray(solid > 0.5)


def _field_to_upright(height: int, slant: float) -> NDArray[np.float64]:
    """(2, 3) affine map: x' = x + slant · y + shift of the top row."""
    return np.array([[1.0, slant, _top_shift(height, slant)], [0.0, 1.0, 0.0]])


def _top_shift(height: int, slant: float) -> float:
    """Columns by which the top row moves where the field is made upright."""
    return _MARGIN_PX + max(slant, 0.0) * (height - 1) - slant * (height - 1)


def find_seams(coverage: Coverage, settings: SegmentSettings) -> NDArray[np.int64]:
    """Find cheap ways from the top to the bottom.

    Args:
        coverage: (H, W) upright string.
        settings: Price limit and spacing.

    Returns:
        (S, H) column of each seam in each row, from left to right; ink left of a seam has a
        smaller column.
    """
    height, width = coverage.shape
    middle = height // 2
    halves = np.zeros((middle + 1, 2, width), np.float32)  # from the middle row up, and down
    halves[:, 0] = coverage[middle::-1]
    halves[: height - middle, 1] = coverage[middle:]
    prices, steps = _cheapest_ways(halves)
    price = prices[0] + prices[1] - coverage[middle]
    ways = _follow(_choose_cuts(price, settings), steps)
    return np.concatenate([ways[::-1, 0], ways[1 : height - middle, 1]]).T


def _cheapest_ways(cost: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Dynamic programme from the last row up to the first.

    Args:
        cost: (H, 2, W) ink of two pictures, row by row.

    Returns:
        (2, W) price from each column of the first row to the last row; and (H, 2, W) the step
        (−1, 0, 1) to take from each row to the next.
    """
    sidestep = np.float32(_SIDESTEP)
    height, count, width = cost.shape
    prices = np.full((height, count, width + 2), 1e6, np.float32)  # from each row, out of reach
    prices[-1, :, 1:-1] = cost[-1]  # beside the picture
    beside = np.empty((height - 1, count, width), np.float32)
    for row in range(height - 2, -1, -1):
        below, best = prices[row + 1], beside[row]
        np.minimum(below[:, :-2], below[:, 2:], out=best)
        best += sidestep
        np.add(cost[row], np.minimum(best, below[:, 1:-1]), out=prices[row, :, 1:-1])
    below = prices[1:]
    to_side = np.where(below[:, :, :-2] + sidestep == beside, np.int8(-1), np.int8(1))
    steps = np.where(beside < below[:, :, 1:-1], to_side, np.int8(0))
    return prices[0, :, 1:-1], steps


def _follow(starts: NDArray[np.int64], steps: NDArray[np.int8]) -> NDArray[np.int64]:
    """Walk through both pictures from the first row on: (H, 2, S) columns."""
    columns = np.empty((len(steps) + 1, 2, len(starts)), dtype=np.int64)
    columns[0] = starts
    halves = np.array([[0], [1]])
    for row, step in enumerate(steps):
        columns[row + 1] = columns[row] + step[halves, columns[row]]
    return columns


def _choose_cuts(price: NDArray[np.float32], settings: SegmentSettings) -> NDArray[np.int64]:
    """Middle columns of the valleys of the price, cheapest first, at least a gap apart."""
    smooth = price + np.float32(1e-3)
    left = np.concatenate([[np.inf], smooth[:-1]])
    right = np.concatenate([smooth[1:], [np.inf]])
    # A plateau counts once, at its middle.
    edges = np.flatnonzero(np.abs(np.diff(smooth)) > 1e-6)
    first, last = np.concatenate([[0], edges + 1]), np.concatenate([edges, [len(price) - 1]])
    valley = (left[first] >= smooth[first]) & (right[last] >= smooth[last])
    valley &= smooth[first] <= settings.max_cut_ink_px
    middles, prices = (first[valley] + last[valley]) // 2, smooth[first[valley]]
    chosen: list[int] = []
    for index in np.argsort(prices, kind="stable"):
        if all(abs(int(middles[index]) - cut) >= settings.min_cut_gap_px for cut in chosen):
            chosen.append(int(middles[index]))
    return np.asarray(sorted(chosen), dtype=np.int64)


def label_atoms(
    ink: InkMask, seams: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number the ink between neighbouring seams.

    Args:
        ink: (H, W).
        seams: (S, H) from `find_seams`.

    Returns:
        (H, W) atom of each ink pixel from 0, left to right, −1 on paper; and for each atom the
        number of seams left of it. Slices that hold next to no ink join the slice before.
    """
    height, width = ink.shape
    places = (seams + width * np.arange(height)).ravel()
    begun = np.bincount(places, minlength=height * width).reshape(height, width)
    slices = np.cumsum(begun, axis=1)  # seams at or left of each pixel
    counts = np.bincount(slices[ink], minlength=len(seams) + 1)
    firsts = np.flatnonzero(counts >= _LEAST_ATOM_PX)
    numbers = np.maximum(np.cumsum(counts >= _LEAST_ATOM_PX) - 1, 0)
    return np.where(ink & bool(firsts.size), numbers[slices], -1), firsts


@dataclass(frozen=True, slots=True)
class _Inks:
    """What glyphs are cut from, (H, W) each: ink, its atoms, and where there is none."""

    coverage: Coverage
    atoms: NDArray[np.int16]
    paper: InkMask


def _build_lattice(
    inks: _Inks, prices: list[float], slant: float, settings: SegmentSettings, is_on_page: bool
) -> Lattice:
    count = len(prices) - 1
    boxes = [bounding_box(inks.atoms == atom) for atom in range(count)]
    heights = np.asarray([box.height for box in boxes] or [1])
    line_height = rank_value(heights[heights >= 0.5 * heights.max()])
    glyphs = []
    for start in range(count):
        box = boxes[start]
        for stop in range(start + 1, min(start + settings.max_atoms, count) + 1):
            box = box.union(boxes[stop - 1]) if stop > start + 1 else box
            if box.width > settings.max_width * line_height and stop > start + 1:
                break
            if is_on_page and stop > start + 1:
                parts = boxes[start:stop]
                if _is_unlikely(box, parts, prices[start + 1 : stop], line_height, settings):
                    continue
            glyphs.append(_cut_glyph(inks, (start, stop), box, slant))
    line_box = reduce(Box.union, boxes) if boxes else Box(0, 0, 0, 0)
    line_box = _slanted(line_box, len(inks.atoms), slant)
    return Lattice(count, tuple(glyphs), tuple(prices), line_height, line_box)


def _is_unlikely(
    box: Box, parts: list[Box], prices: list[float], line_height: float, settings: SegmentSettings
) -> bool:
    """Whether atoms are hardly ever one digit: all are low, or two characters stand apart."""
    if box.height < settings.least_height * line_height:
        return True
    if box.width <= settings.max_gap_width * line_height:
        return False
    tall = _TALL_PART * line_height
    return any(
        price < _GAP_PRICE
        and _height_of(parts[:place]) >= tall
        and _height_of(parts[place:]) >= tall
        for place, price in enumerate(prices, start=1)
    )


def _height_of(boxes: list[Box]) -> int:
    return max(box.bottom for box in boxes) - min(box.y for box in boxes)


def _cut_glyph(inks: _Inks, span: tuple[int, int], box: Box, slant: float) -> Glyph:
    place = np.s_[max(box.y - 1, 0) : box.bottom + 1, max(box.x - 1, 0) : box.right + 1]
    mine = cv2.inRange(inks.atoms[place], span[0], span[1] - 1)
    # The soft rim of the ink belongs to it, unless it is a neighbour's ink.
    rim = cv2.dilate(mine, _RIM)
    own = rim & (mine | inks.paper[place].view(np.uint8))
    cut = np.asarray(cv2.copyTo(inks.coverage[place], own), np.float32)
    is_inked = cv2.minMaxLoc(cut)[1] > 0
    cell = center_digit(cut if is_inked else (mine > 0).astype(np.float32))
    lean = measure_lean(cut) if span[1] == span[0] + 1 else None
    return Glyph(span[0], span[1], _slanted(box, len(inks.atoms), slant), cell, lean)


def measure_lean(coverage: Coverage) -> float | None:
    """How far a straight thin stroke leans, from the second moments of its ink.

    Args:
        coverage: (H, W) one glyph.

    Returns:
        Tangent against the vertical, positive to the right; None if the ink is no such stroke.
    """
    inked = coverage > 0.3
    if np.count_nonzero(inked) < 8:
        return None
    moments = cv2.moments(coverage * inked)
    yy, xy, xx = (moments[name] / moments["m00"] for name in ("mu02", "mu11", "mu20"))
    if yy <= 0:
        return None
    thickness = math.sqrt(max(12 * (xx - xy * xy / yy), 0.0))
    return -xy / yy if thickness < 0.2 * math.sqrt(12 * yy) else None


def _slanted(box: Box, height: int, slant: float) -> Box:
    """An upright box as it stands in the slanted field."""
    shift = _top_shift(height, slant)
    at_top, at_bottom = (round(-shift - slant * y) for y in (box.y, box.bottom))
    left = box.x + min(at_top, at_bottom)
    return Box(left, box.y, box.width + abs(at_top - at_bottom), box.height)
