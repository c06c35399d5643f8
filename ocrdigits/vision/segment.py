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
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Coverage, Field, Glyph, InkMask, Kind, Lattice
from ocrdigits.settings import SegmentSettings
from ocrdigits.vision.morphology import dilate
from ocrdigits.vision.normalize import center_digit

_SIDESTEP = 0.12  # cost of moving a seam by one column, in fully inked pixels
_MARGIN_PX = 3
_LEAST_ATOM_PX = 3


def segment_field(field: Field, settings: SegmentSettings) -> Lattice:
    """Divide a field into glyph hypotheses.

    Args:
        field: One string.
        settings: Limits.

    Returns:
        Its lattice; boxes are in the field frame (slant not removed: they enclose the slanted
        ink).
    """
    is_whole = field.kind is Kind.DIGIT  # one digit: nothing to straighten by, nothing to cut
    slant = 0.0 if is_whole else estimate_slant(field.ink, settings.max_slant)
    coverage, ink = _straighten(field, slant)
    seams = np.zeros((0, len(ink)), np.int64) if is_whole else find_seams(coverage, settings)
    atoms, firsts = label_atoms(ink, seams)
    prices = [float(_ink_along(coverage, seams[first - 1])) if first else 0.0 for first in firsts]
    return _build_lattice(coverage, atoms, [*prices, 0.0], slant, settings)


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
    rows, columns = np.nonzero(ink)
    if not rows.size or max_slant == 0:
        return 0.0
    pieces = cv2.connectedComponents(ink.astype(np.uint8))[1][rows, columns].astype(np.int64)
    from_base = (ink.shape[0] - 1 - rows).astype(np.float32)
    reach = math.ceil(max_slant * ink.shape[0])
    places = pieces * (ink.shape[1] + 2 * reach) + columns + reach
    shears = np.linspace(-max_slant, max_slant, 29)
    scores = []
    for shear in shears:
        counts = np.bincount(places - np.round(shear * from_base).astype(np.int64))
        full = counts.astype(np.float64)
        scores.append(float(full @ full) * (1 - 0.35 * abs(shear)))
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
    """(2, 3) affine map: x' = x − slant · (height − 1 − y) + shift."""
    shift = _MARGIN_PX + max(slant, 0.0) * (height - 1)
    return np.array([[1.0, slant, shift - slant * (height - 1)], [0.0, 1.0, 0.0]])


def find_seams(coverage: Coverage, settings: SegmentSettings) -> NDArray[np.int64]:
    """Find cheap ways from the top to the bottom.

    Args:
        coverage: (H, W) upright string.
        settings: Price limit and spacing.

    Returns:
        (S, H) column of each seam in each row, from left to right; ink left of a seam has a
        smaller column.
    """
    height, _ = coverage.shape
    middle = height // 2
    upper, upper_steps = _cheapest_ways(coverage[middle::-1])
    lower, lower_steps = _cheapest_ways(coverage[middle:])
    price = upper + lower - coverage[middle]
    starts = _choose_cuts(price, settings)
    up = _follow(starts, upper_steps)[:, ::-1]  # (S, middle + 1), top row first
    down = _follow(starts, lower_steps)  # (S, height − middle)
    return np.concatenate([up, down[:, 1:]], axis=1)


def _cheapest_ways(cost: Coverage) -> tuple[NDArray[np.float32], NDArray[np.int8]]:
    """Dynamic programme from the last row up to the first.

    Returns:
        Price from each column of the first row to the last row, and for each row the step
        (−1, 0, 1) to take from it to the next.
    """
    height, width = cost.shape
    price = cost[-1].copy()
    steps = np.zeros((height, width), dtype=np.int8)
    far = np.float32(1e6)
    for row in range(height - 2, -1, -1):
        left = np.concatenate([[far], price[:-1]]) + np.float32(_SIDESTEP)
        right = np.concatenate([price[1:], [far]]) + np.float32(_SIDESTEP)
        best = np.minimum(np.minimum(left, right), price)
        steps[row] = np.where(best == price, 0, np.where(best == left, -1, 1))
        price = cost[row] + best
    return price, steps


def _follow(starts: NDArray[np.int64], steps: NDArray[np.int8]) -> NDArray[np.int64]:
    """Walk from the first row on: (S, H) columns."""
    columns = np.empty((len(starts), len(steps)), dtype=np.int64)
    columns[:, 0] = starts
    for row in range(len(steps) - 1):
        columns[:, row + 1] = columns[:, row] + steps[row][columns[:, row]]
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
    ordered = np.sort(seams, axis=0)
    columns = np.arange(width)
    slices = np.zeros((height, width), dtype=np.int64)
    for seam in ordered:
        slices += columns >= seam[:, None]
    counts = np.bincount(slices[ink], minlength=len(seams) + 1)
    firsts = np.flatnonzero(counts >= _LEAST_ATOM_PX)
    numbers = np.maximum(np.cumsum(counts >= _LEAST_ATOM_PX) - 1, 0)
    return np.where(ink & bool(firsts.size), numbers[slices], -1), firsts


def _build_lattice(
    coverage: Coverage,
    atoms: NDArray[np.int64],
    prices: list[float],
    slant: float,
    settings: SegmentSettings,
) -> Lattice:
    count = int(atoms.max(initial=-1)) + 1
    boxes = [_bounding_box(atoms == atom) for atom in range(count)]
    heights = np.asarray([box.height for box in boxes] or [1])
    line_height = float(np.median(heights[heights >= 0.5 * heights.max()]))
    glyphs = []
    for start in range(count):
        box = boxes[start]
        for stop in range(start + 1, min(start + settings.max_atoms, count) + 1):
            box = box.union(boxes[stop - 1])
            if box.width > settings.max_width * line_height and stop > start + 1:
                break
            glyphs.append(_cut_glyph(coverage, atoms, (start, stop), box, slant))
    line_box = reduce(Box.union, boxes) if boxes else Box(0, 0, 0, 0)
    line_box = _slanted(line_box, len(atoms), slant)
    return Lattice(count, tuple(glyphs), tuple(prices), line_height, line_box)


def _cut_glyph(
    coverage: Coverage, atoms: NDArray[np.int64], span: tuple[int, int], box: Box, slant: float
) -> Glyph:
    rows = slice(max(box.y - 1, 0), box.bottom + 1)
    columns = slice(max(box.x - 1, 0), box.right + 1)
    near = atoms[rows, columns]
    mine = (near >= span[0]) & (near < span[1])
    # The soft rim of the ink belongs to it, unless it is a neighbour's ink.
    cut = np.where(dilate(mine) & (mine | (near < 0)), coverage[rows, columns], 0).astype(
        np.float32
    )
    cell = center_digit(cut if cut.max(initial=0) > 0 else mine.astype(np.float32))
    lean = measure_lean(cut) if span[1] == span[0] + 1 else None
    return Glyph(span[0], span[1], _slanted(box, coverage.shape[0], slant), cell, lean)


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
    moments = cv2.moments(np.where(inked, coverage, np.float32(0)))
    yy, xy, xx = (moments[name] / moments["m00"] for name in ("mu02", "mu11", "mu20"))
    if yy <= 0:
        return None
    thickness = math.sqrt(max(12 * (xx - xy * xy / yy), 0.0))
    return -xy / yy if thickness < 0.2 * math.sqrt(12 * yy) else None


def _bounding_box(mask: InkMask) -> Box:
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return Box(
        int(columns[0]), int(rows[0]),
        int(columns[-1] - columns[0] + 1), int(rows[-1] - rows[0] + 1),
    )  # fmt: skip


def _slanted(box: Box, height: int, slant: float) -> Box:
    """An upright box as it stands in the slanted field."""
    shift = _field_to_upright(height, slant)[0, 2]
    at_top, at_bottom = (round(-shift - slant * y) for y in (box.y, box.bottom))
    left = box.x + min(at_top, at_bottom)
    return Box(left, box.y, box.width + abs(at_top - at_bottom), box.height)
