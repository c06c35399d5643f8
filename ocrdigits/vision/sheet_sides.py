"""Shrunk photo in, corners of a sheet out whose sides show, though its brightness is the table's.

A sheet in the shade, or on a newspaper: no threshold parts it from what it lies on, but each side
is a long straight edge with something darker right behind it. Long edges are gathered, level and
upright ones; of all quadrilaterals that they make, the one is taken whose sides show best.

All lines are (N, 2) float64: where a line crosses the middle of the picture and its slope, level
lines as y = offset + slope · (x − W/2), upright ones the same with x and y exchanged.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import GrayImage
from ocrdigits.vision.geometry import Corners

RIM_WORTH = 0.5
"""Of a side that shows: one that the picture's border is."""
_MAX_RIM = 2.1  # such sides
_MIN_SEGMENT_PX = 12
_MAX_SLOPE = 0.45
_SEEDS = 60  # longest segments that lines are grown from
_LINES = 14  # of each direction
_APART_PX, _APART_SLOPE = 4.0, 0.03  # closer ones are one line
_ON_LINE_PX, _ON_LINE_SLOPE = 3.5, 0.12  # sheets bend
_REACH_PX = 5  # a side is compared with what lies this far behind it
_MIN_STEP = 8  # grey levels
_STRIDE_PX = 4
_RIM_PX = 5  # a line this near the picture's border shows nothing
_MIN_SIDE, _MIN_MEAN = 0.7, 0.8  # share of one side, of all four
_EQUAL = 0.03  # of such shares the largest sheet is taken: an envelope's window has sides too
_MOST = 0.85  # of the picture: what fills it is flat enough, its border may be printed
_MIN_WIDTH, _MIN_HEIGHT = 0.5, 0.4  # of the picture: windows are smaller

_Lines = NDArray[np.float64]
_Shares = NDArray[np.float64]


def find_sides(gray: GrayImage) -> Corners | None:
    """Find a sheet by its four sides.

    Args:
        gray: (H, W) shrunk photo, some 640 pixels long.

    Returns:
        Its corners, or None if no four edges make a sheet.
    """
    height, width = gray.shape
    segments = _find_segments(gray)
    level = _with_rim(_gather_lines(segments, width), height)
    upright = _with_rim(_gather_lines(segments[:, [1, 0, 3, 2]], height), width)
    blurred = np.asarray(cv2.blur(gray, (7, 7)), np.uint8)
    xs, ys = _cross(level, upright, gray.shape)
    shown_level = _shown(_count_steps(blurred, level), xs)  # (3, level, upright, upright)
    shown_upright = _shown(_count_steps(np.ascontiguousarray(blurred.T), upright), ys.T)
    worth = _rate(shown_level, shown_upright)
    area = _measure(xs, ys, gray.shape)
    rated = np.where(area > 0, worth, 0.0)
    if rated.max() < _MIN_MEAN:
        return None
    best = np.argmax(np.where(rated >= rated.max() - _EQUAL, area, 0.0))
    if area.flat[best] > _MOST * height * width:
        return None
    top, bottom, left, right = np.unravel_index(int(best), area.shape)
    places = ((top, left), (top, right), (bottom, right), (bottom, left))
    return np.array([(xs[place], ys[place]) for place in places], np.float32)


def _find_segments(gray: GrayImage) -> NDArray[np.float32]:
    """(N, 4) float32 straight edges as (x, y, x, y)."""
    soft = cv2.GaussianBlur(gray, (0, 0), 1.0)
    found = cv2.createLineSegmentDetector(0).detect(soft)[0]
    if found is None:
        return np.zeros((0, 4), np.float32)
    segments = np.asarray(found, np.float32).reshape(-1, 4)
    return segments[_lengths(segments) >= _MIN_SEGMENT_PX]


def _lengths(segments: NDArray[np.float32]) -> NDArray[np.float32]:
    ends = segments[:, 2:] - segments[:, :2]
    return np.asarray(np.hypot(ends[:, 0], ends[:, 1]), np.float32)


def _gather_lines(segments: NDArray[np.float32], width: int) -> _Lines:
    """Level lines that most length of segments lies on, each fitted to its segments twice."""
    run, rise = segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1]
    segments = segments[np.abs(rise) <= _MAX_SLOPE * np.abs(run)]
    if not len(segments):
        return np.zeros((0, 2))
    lengths = _lengths(segments)
    xs, ys = segments[:, [0, 2]] - width / 2, segments[:, [1, 3]]  # (N, 2) ends
    slopes = (ys[:, 1] - ys[:, 0]) / (xs[:, 1] - xs[:, 0])
    seeds = np.argsort(-lengths)[:_SEEDS]
    slope, offset = slopes[seeds], ys[seeds, 0] - slopes[seeds] * xs[seeds, 0]
    for _ in range(2):
        away = np.abs(ys - offset[:, None, None] - slope[:, None, None] * xs).max(2)
        near = (away < _ON_LINE_PX) & (np.abs(slopes - slope[:, None]) < _ON_LINE_SLOPE)
        weight = near * lengths  # (seeds, N)
        total = np.maximum(2 * weight.sum(1), 1e-6)
        x, y = weight @ xs.sum(1) / total, weight @ ys.sum(1) / total
        dx, dy = xs - x[:, None, None], ys - y[:, None, None]
        square = np.maximum((weight[..., None] * dx**2).sum((1, 2)), 1e-6)
        slope = (weight[..., None] * dx * dy).sum((1, 2)) / square
        offset = y - slope * x
    return _longest(np.stack([offset, slope], 1), weight.sum(1))


def _longest(lines: _Lines, lengths: NDArray[np.float64]) -> _Lines:
    """The lines with most on them, each only once."""
    kept: list[_Lines] = []
    for line in lines[np.argsort(-lengths)]:
        apart = [np.abs(line - other) > (_APART_PX, _APART_SLOPE) for other in kept]
        if all(each.any() for each in apart):
            kept.append(line)
        if len(kept) == _LINES:
            break
    return np.array(kept)


def _with_rim(lines: _Lines, height: int) -> _Lines:
    """The same and the picture's borders: a sheet may reach beyond them."""
    return np.concatenate([lines, [[1.5, 0.0], [height - 2.5, 0.0]]])


def _cross(
    level: _Lines, upright: _Lines, shape: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where each level line meets each upright one: x and y, (level, upright) each."""
    offset, slope = level[:, :1], level[:, 1:]
    x_offset, x_slope = upright[:, 0], upright[:, 1]
    middle_y, middle_x = shape[0] / 2, shape[1] / 2
    ys = (offset + slope * (x_offset - x_slope * middle_y - middle_x)) / (1 - slope * x_slope)
    return x_offset + x_slope * (ys - middle_y), ys


def _count_steps(blurred: GrayImage, lines: _Lines) -> NDArray[np.int32]:
    """Count along level lines where it is brighter below, brighter above, or the rim.

    Returns:
        (3, N, steps + 1) int32 running counts, one step each `_STRIDE_PX`.
    """
    height, width = blurred.shape
    x = np.arange(0, width, _STRIDE_PX)
    y = lines[:, :1] + lines[:, 1:] * (x - width / 2)

    def at(offset: int) -> NDArray[np.int16]:
        rows = np.round(y + offset).astype(np.int64).clip(0, height - 1)
        return np.asarray(blurred[rows, x], np.int16)

    step = at(_REACH_PX) - at(-_REACH_PX)
    rim = (y < _RIM_PX) | (y > height - 1 - _RIM_PX)
    seen = np.stack([(step > _MIN_STEP) & ~rim, (step < -_MIN_STEP) & ~rim, rim])
    return np.pad(np.cumsum(seen, axis=2, dtype=np.int32), ((0, 0), (0, 0), (1, 0)))


def _shown(counts: NDArray[np.int32], places: NDArray[np.float64]) -> _Shares:
    """Shares of the steps between two places on each line.

    Args:
        counts: (3, N, steps + 1) as of `_count_steps`.
        places: (N, M) along the line.

    Returns:
        (3, N, M, M): from the second place to the third.
    """
    stops = np.round(places / _STRIDE_PX).astype(np.int64).clip(0, counts.shape[2] - 1)
    at_stops = np.take_along_axis(counts, stops[None], axis=2)  # (3, N, M)
    steps = np.maximum(stops[:, None, :] - stops[:, :, None], 1)
    shares: _Shares = (at_stops[:, :, None, :] - at_stops[:, :, :, None]) / steps
    return shares


def _rate(level: _Shares, upright: _Shares) -> _Shares:
    """How well the sides of each quadrilateral show: (top, bottom, left, right) in [0, 1].

    One with a side that hardly shows, or with too many at the rim, gets 0.
    """
    below, above, rim = 0, 1, 2
    sides = upright.transpose(0, 2, 3, 1)  # (3, top, bottom, upright)
    top, bottom = level[:, :, None, :, :], level[:, None, :, :, :]
    left, right = sides[:, :, :, :, None], sides[:, :, :, None, :]
    seen = [(top, below), (bottom, above), (left, below), (right, above)]
    least = np.ones(())
    worth = at_rim = np.zeros(())
    for shares, inward in seen:
        least = np.minimum(least, shares[inward] + shares[rim])
        worth = worth + (shares[inward] + RIM_WORTH * shares[rim]) / len(seen)
        at_rim = at_rim + shares[rim]
    return np.where((least > _MIN_SIDE) & (at_rim < _MAX_RIM), worth, 0.0)


def _measure(
    xs: NDArray[np.float64], ys: NDArray[np.float64], shape: tuple[int, ...]
) -> NDArray[np.float64]:
    """Area of each quadrilateral in px², (top, bottom, left, right); 0 if it is no sheet."""
    height, width = shape
    across = xs[:, None, :] - xs[:, :, None]  # (level, left, right)
    down = ys[None] - ys[:, None]  # (top, bottom, upright)
    above, below = across[:, None], across[None]
    left, right = down[:, :, :, None], down[:, :, None, :]
    inside = (np.abs(xs - width / 2) < 0.54 * width) & (np.abs(ys - height / 2) < 0.54 * height)
    is_inside = inside[:, None, :, None] & inside[:, None, None, :]
    is_inside = is_inside & inside[None, :, :, None] & inside[None, :, None, :]
    is_large = np.minimum(above, below) > np.maximum(
        _MIN_WIDTH * width, 0.7 * np.maximum(above, below)
    )
    is_large = is_large & (
        np.minimum(left, right) > np.maximum(_MIN_HEIGHT * height, 0.7 * np.maximum(left, right))
    )
    area = (above + below) * (left + right) / 4
    return np.where(is_inside & is_large & (area < 0.985 * height * width), area, 0.0)
