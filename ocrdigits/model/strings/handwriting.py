"""Real digits and a text in, the ink of one writer's string out: slanted, spaced, touching.

A writer takes all forms of a digit from one source, alike in look; slant, size, pen, spacing and
the habits of schools (flagged 1s, crossed 7s, joined zeros) hold for the whole string.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.hand.habits import sample_hand
from ocrdigits.model.compose.hand.pens import InkPatch, ink_curves, press_pen, sample_pen
from ocrdigits.model.compose.hand.writer import trace_text
from ocrdigits.model.strings.digit_index import DigitIndex
from ocrdigits.model.strings.manner import Manner, RightEdge, sample_manner
from ocrdigits.records import CELL_PX, Coverage

_BODY_PX = 20.0
_SEEN = 160  # digits of a class among which those of one writer are sought
_PAD = 3
_SIZES = 0.5, 1.5  # of a digit, beside the writer's others
Span = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(slots=True)
class InkLine:
    """A string in ink, not yet on paper; baseline near y = 0, y downwards, pixels.

    Attributes:
        height_px: Height of a digit.
        stroke_px: Width of the pen's line.
        patches: Its ink.
        spans: Where each character is.
    """

    height_px: float
    stroke_px: float
    patches: list[InkPatch] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)

    @property
    def bounds(self) -> Span:
        """Around all characters."""
        lefts, tops, rights, bottoms = zip(*self.spans, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def add(self, patch: InkPatch) -> None:
        """Put a character to the others."""
        height, width = patch.coverage.shape
        self.patches.append(patch)
        self.spans.append(
            (patch.x + _PAD, patch.y + _PAD, patch.x + width - _PAD, patch.y + height - _PAD)
        )


def write_real(
    rng: np.random.Generator, digits: DigitIndex, text: str, height_px: float
) -> InkLine:
    """Write a string with real digits.

    Args:
        rng: Source of chance.
        digits: The stock.
        text: What; a space makes a wider gap.
        height_px: Height of a digit.

    Returns:
        Its ink.
    """
    manner = sample_manner(rng, height_px)
    source = int(np.searchsorted(digits.source_shares, rng.random()))
    forms = {c: _pick_forms(rng, digits, source, int(c)) for c in sorted(set(text)) if c.isdigit()}
    line = InkLine(height_px, manner.stroke_px)
    wander = np.cumsum(rng.normal(0, 0.5 * manner.wander, len(text)))
    edge = RightEdge(rng, manner)
    small = replace(manner, height_px=manner.zero_size * height_px)
    for index, (character, drift) in enumerate(zip(text, wander.tolist(), strict=True)):
        if character == " ":
            edge.space()
            continue
        base = height_px * (drift + float(rng.normal(0, 0.5 * manner.wander)))
        joined = manner.joins_zeros and "00" in text[max(0, index - 1) : index + 2]
        if character.isdigit():
            size = small if character == "0" and joined else manner
            base -= (height_px - size.height_px) * between(rng, 0.0, 0.6)
            patch = _draw_digit(rng, digits, int(rng.choice(forms[character])), size, character)
        else:
            patch = _draw_mark(rng, character, manner)
        patch = InkPatch(patch.coverage, 0, patch.y + round(base))
        line.add(edge.place(patch, character))
        if joined and text[max(0, index - 1) : index + 1] == "00" and toss(rng, 0.6):
            line.patches.append(_join_zeros(rng, line, manner))
    return line


def _join_zeros(rng: np.random.Generator, line: InkLine, manner: Manner) -> InkPatch:
    """The bow from the end of one zero into the next, along their heads."""
    (left, high, right, low), (onward, top, end, _) = line.spans[-2:]
    tall = low - high
    start = left + (right - left) * between(rng, 0.4, 0.85), high + tall * between(rng, 0.02, 0.15)
    goal = onward + (end - onward) * between(rng, 0.1, 0.5), top + tall * between(rng, 0.0, 0.15)
    sag = tall * between(rng, -0.08, 0.25)
    middle = (start[0] + goal[0]) / 2, (start[1] + goal[1]) / 2 + sag
    return _plot([start, middle, goal], 0.9 * manner.stroke_px)


def _pick_forms(
    rng: np.random.Generator, digits: DigitIndex, source: int, digit: int
) -> NDArray[np.intp]:
    """One digit and the two that look most like it, of those that were seen."""
    members = digits.members[source, digit]
    if len(members) < 4:
        members = max((m for (_, d), m in digits.members.items() if d == digit), key=len)
    seen = members[rng.integers(len(members), size=_SEEN)]
    looks = digits.stock.looks[seen].astype(np.float32)
    away = np.square(looks - looks[0]).sum(axis=1)
    return seen[np.argpartition(away, 2)[:3]] if toss(rng, 0.8) else seen[:3]


def _draw_digit(
    rng: np.random.Generator, digits: DigitIndex, number: int, manner: Manner, text: str
) -> InkPatch:
    """One digit, upright on y = 0, then leaning as the writer leans; with a pen of its width."""
    size = float(np.clip(1 + rng.normal(0, manner.size_spread), *_SIZES))
    scale = manner.height_px / _BODY_PX * size
    slant = float(digits.slants[number]) * (1 - manner.own_slant) + manner.lean
    slant += float(rng.normal(0, 0.05))
    wide = scale * manner.stretch * (1 + float(rng.normal(0, 0.06)))
    top, bottom = float(digits.tops[number]), float(digits.bottoms[number])
    reach = abs(wide * slant) * CELL_PX / 2 + 1
    width = math.ceil(wide * CELL_PX + 2 * reach) + 2 * _PAD
    height = math.ceil(scale * (bottom - top)) + 2 * _PAD + 2
    middle = (top + bottom) / 2
    turn = float(rng.normal(0, 0.04)) * scale
    forward = np.array(
        [
            [wide, -wide * slant, reach + _PAD + wide * slant * middle],
            [turn, scale, _PAD + 1 - scale * top - turn * float(digits.centers[number])],
        ]
    )
    cell = digits.stock.cells[number]
    warped = cv2.warpAffine(cell, forward, (width, height), flags=cv2.INTER_CUBIC)
    ink = warped.astype(np.float32) * np.float32(1 / digits.darkness[number])
    grow = (manner.stroke_px - scale * float(digits.strokes_px[number])) / 2
    # An edge of the cell fades over about 1.5 of its pixels: another level is another edge.
    level = 0.5 - grow / (1.7 * scale)
    while level < 0.22:
        ink = np.asarray(cv2.dilate(ink, _ROUND), np.float32)
        level += 1.0 / (1.7 * scale)
    level = min(level, 0.68)
    slope = max(0.9 * scale, 0.5 / level)  # bare paper stays bare
    shape = np.clip((ink - level) * slope + 0.5, 0, 1)
    _add_habits(rng, shape, manner, text)
    return _crop(shape, -height + _PAD + 1)


_ROUND = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))


def _add_habits(rng: np.random.Generator, shape: Coverage, manner: Manner, text: str) -> None:
    """A flag or a foot on a 1, a bar through a 7, where the writer was taught so."""
    if text not in "17":
        return
    height = shape.shape[0]
    unit = manner.height_px
    if text == "7" and manner.crossed:
        row = min(height - 1, round(height * between(rng, 0.45, 0.62)))
        columns = np.flatnonzero(shape[row] > 0.5)
        if len(columns):
            x, half = float(columns.mean()), unit * between(rng, 0.15, 0.32)
            rise = half * between(rng, -0.15, 0.5)
            _stroke(shape, [(x - half, row + rise), (x + half, row - rise)], manner.stroke_px)
    if text == "1" and manner.flag:
        columns = np.flatnonzero(shape[_PAD + 3] > 0.5)
        if len(columns):
            x, long = float(columns[0]) + 1, manner.flag * unit * between(rng, 0.8, 1.2)
            drop = long * between(rng, 0.5, 1.3)
            end = max(1.0, x - long * between(rng, 0.5, 0.9)), min(height - 4.0, _PAD + drop)
            _stroke(shape, [(x, _PAD + 2.0), end], manner.stroke_px)
    if text == "1" and manner.foot:
        columns = np.flatnonzero(shape[height - _PAD - 4] > 0.5)
        if len(columns):
            x, half = float(columns.mean()), unit * between(rng, 0.12, 0.28)
            y = height - _PAD - 2.0
            _stroke(shape, [(x - half, y), (x + half, y - half * 0.1)], manner.stroke_px)


def _stroke(shape: Coverage, points: list[tuple[float, float]], width_px: float) -> None:
    """Draw a line into a coverage, 16 to the pixel, its ends round."""
    fixed = np.rint(np.array(points) * 16).astype(np.int32)
    mask = np.zeros(shape.shape, np.uint8)
    cv2.polylines(mask, [fixed], False, 255, max(1, round(width_px)), cv2.LINE_AA, 4)
    np.maximum(shape, mask * np.float32(1 / 255), out=shape)


def _draw_mark(rng: np.random.Generator, character: str, manner: Manner) -> InkPatch:
    """A dot, comma, dash or slash in the writer's pen; y = 0 is the baseline."""
    unit, pen = manner.height_px, manner.stroke_px
    lean = manner.lean
    if character == ".":
        y = -unit * (between(rng, 0.0, 0.08) if toss(rng, 0.9) else between(rng, 0.1, 0.5))
        tail = unit * between(rng, 0.0, 0.07)
        points = [(0.0, y), (tail, y + between(rng, -0.3, 0.7) * tail)]
        pen *= between(rng, 1.0, 1.5)
    elif character == ",":
        length = unit * between(rng, 0.14, 0.36)
        bend = length * between(rng, 0.1, 0.6)
        y = unit * between(rng, -0.14, 0.05)
        points = [(0.0, y), (0.08 * length, y + 0.5 * length), (-bend, y + length)]
    elif character == "-":
        length = unit * between(rng, 0.22, 0.6)
        y = -unit * between(rng, 0.3, 0.6)
        points = [(0.0, y), (length, y + length * float(rng.normal(0, 0.1)))]
    else:
        top, foot = -unit * between(rng, 0.9, 1.35), unit * between(rng, -0.05, 0.35)
        run = unit * (between(rng, 0.25, 0.7) + max(0.0, lean) * 0.6)
        bow = unit * float(rng.normal(0, 0.03))
        points = [(0.0, foot), (run / 2 + bow, (top + foot) / 2), (run, top)]
    return _plot(points, pen)


def _plot(points: list[tuple[float, float]], pen_px: float) -> InkPatch:
    """Ink of one stroke."""
    place = np.array(points)
    low = np.floor(place.min(axis=0) - pen_px / 2 - _PAD)
    size = np.ceil(place.max(axis=0) + pen_px / 2 + _PAD) - low
    shape = np.zeros((int(size[1]) + 1, int(size[0]) + 1), np.float32)
    _stroke(shape, [(x - low[0], y - low[1]) for x, y in points], pen_px)
    return InkPatch(shape, int(low[0]), int(low[1]))


def _crop(shape: Coverage, top: int) -> InkPatch:
    """Leave out empty columns."""
    columns = np.flatnonzero(cv2.reduce(shape, 0, cv2.REDUCE_MAX)[0] > 0.4)
    if not len(columns):
        return InkPatch(shape, 0, top)
    left, right = max(0, int(columns[0]) - _PAD), int(columns[-1]) + 1 + _PAD
    return InkPatch(np.ascontiguousarray(shape[:, left:right]), 0, top)


def write_strokes(rng: np.random.Generator, text: str, height_px: float) -> InkLine:
    """Write a string by the stroke model: forms of all schools, joined as a running pen joins.

    Args:
        rng: Source of chance.
        text: What; spaces are kept as gaps.
        height_px: Height of a digit.

    Returns:
        Its ink.
    """
    hand, pen = sample_hand(rng, sorted(set(text) - {" "})), sample_pen(rng)
    trace = trace_text(rng, hand, text)
    width_px = max(1.5, height_px * pen.width_frac * between(rng, 0.85, 1.5))
    points = trace.points * height_px
    widths = press_pen(rng, pen, points, trace.starts, width_px)
    patch = ink_curves(rng, pen, points, trace.starts, widths)
    line = InkLine(height_px, width_px, [patch])
    for index in range(len(text)):
        mine = points[trace.owners == index]
        if len(mine):
            (left, top), (right, bottom) = mine.min(axis=0).tolist(), mine.max(axis=0).tolist()
            line.spans.append((left, top, right, bottom))
    return line
