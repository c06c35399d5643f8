"""Writing: a hand and a text in, the pen's path out; a whole line is traced at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.hand.alphabet import SKELETONS, Points, Skeleton, Stroke
from ocrdigits.model.compose.hand.habits import Hand, plain_hand, sample_hand

__all__ = [
    "Hand",
    "Path",
    "Trace",
    "WrittenCharacter",
    "path_bounds",
    "plain_hand",
    "sample_hand",
    "split_trace",
    "trace_spline",
    "trace_text",
    "write_text",
]

Path = Points
"""(M, 2) densely sampled stroke."""
Indices = NDArray[np.intp]

_STEPS = 6  # points per knot: under half a pixel off the curve at 60 px digits
_RAMP = np.linspace(0, 1, _STEPS, endpoint=False)[:, None]
_BASIS = np.concatenate(  # Catmull–Rom, (_STEPS, 4)
    [
        -0.5 * _RAMP + _RAMP**2 - 0.5 * _RAMP**3,
        1 - 2.5 * _RAMP**2 + 1.5 * _RAMP**3,
        0.5 * _RAMP + 2 * _RAMP**2 - 1.5 * _RAMP**3,
        -0.5 * _RAMP**2 + 0.5 * _RAMP**3,
    ],
    axis=1,
)
_REACH = 4  # points before and after that a fast pen blurs into one
_HIGH_EXIT = 0.75  # letters that end above this lead on without a dip to the baseline
_RIGHT_SHARE = 0.75  # a digit whose last stroke ends right of this may run into the next one


@dataclass(frozen=True, slots=True)
class WrittenCharacter:
    """One character as the pen went: digit height 1, origin at the string's left on the baseline.

    Attributes:
        text: The character.
        paths: One (M, 2) curve per stroke.
    """

    text: str
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The pen's way through a line: digit height 1, origin at the line's left on the baseline.

    Attributes:
        points: (P, 2) all curves, one after the other.
        starts: (S,) index of each curve's first point.
        owners: (P,) index in the text of the character that each point belongs to; a stroke
            that joins two letters belongs to the first.
        places: (C, 4) x, y, width and size of each character of the text, spaces included.
    """

    points: Points
    starts: Indices
    owners: Indices
    places: NDArray[np.float64]

    @property
    def end(self) -> float:
        """Right end of the line."""
        end = float((self.places[:, 0] + self.places[:, 2]).max(initial=0.0))
        return max(end, float(self.points[:, 0].max(initial=0.0)))


@dataclass(frozen=True, slots=True)
class _Line:
    """What is to be written: text, widths of what others draw, forms, (C,) joins to the left."""

    text: str
    foreign: Mapping[int, float]
    shapes: Sequence[Skeleton | None]
    joins: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Knots:
    """What the pen passes, before it is smoothed: positions, corners, owners, starts of curves."""

    points: Points
    is_corner: NDArray[np.bool_]
    owners: Indices
    is_start: NDArray[np.bool_]


def write_text(rng: np.random.Generator, hand: Hand, text: str) -> tuple[WrittenCharacter, ...]:
    """Write a string on a straight line.

    Args:
        rng: Source of what differs from one time to the next.
        hand: The writer.
        text: Characters of the hand's shapes, and spaces.

    Returns:
        The characters but for the spaces, left to right.

    Raises:
        KeyError: If the hand lacks a character.
    """
    trace = trace_text(rng, hand, text)
    return tuple(
        WrittenCharacter(character, split_trace(trace, index))
        for index, character in enumerate(text)
        if character != " "
    )


def split_trace(trace: Trace, index: int) -> tuple[Path, ...]:
    """The curves of one character of a line, each with the point where the pen goes on."""
    inside = np.flatnonzero(trace.owners == index)
    if not len(inside):
        return ()
    is_start = np.zeros(len(trace.owners) + 1, np.bool_)
    is_start[trace.starts] = True
    breaks = np.flatnonzero((np.diff(inside) > 1) | is_start[inside[1:]]) + 1
    paths = []
    for part in np.split(inside, breaks):
        last = int(part[-1]) + 1
        goes_on = last < len(trace.owners) and not is_start[last]
        paths.append(trace.points[part[0] : last + goes_on])
    return tuple(paths)


def trace_text(
    rng: np.random.Generator, hand: Hand, text: str, foreign: Mapping[int, float] | None = None
) -> Trace:
    """Write a line: choose forms, set them side by side, join them, let the pen run.

    Args:
        rng: Source of what differs from one time to the next.
        hand: The writer.
        text: Characters of the hand's shapes, and spaces.
        foreign: Width of each character (by its index) that is not drawn with strokes but only
            keeps its place.

    Returns:
        The pen's way.

    Raises:
        KeyError: If the hand lacks a character that is not foreign.
    """
    line = _choose_shapes(rng, hand, text, foreign or {})
    sizes = _sample_sizes(rng, hand, len(text))
    knots = _vary(rng, hand, _gather_knots(line), sizes)
    places = _set_side_by_side(rng, hand, line, knots)
    places[:, 3] = sizes
    points = knots.points + places[knots.owners, :2]
    points[:, 0] -= hand.slant_frac * points[:, 1]
    return Trace(*_run_pen(rng, hand, line, replace(knots, points=points)), places)


def _choose_shapes(
    rng: np.random.Generator, hand: Hand, text: str, foreign: Mapping[int, float]
) -> _Line:
    can = np.array([c in hand.joined and i not in foreign for i, c in enumerate(text)], np.bool_)
    joins = np.zeros(len(text), np.bool_)
    joins[1:] = can[1:] & can[:-1] & (rng.random(max(0, len(text) - 1)) < hand.join_share)
    shapes = [
        None if c == " " or i in foreign else _choose_shape(rng, hand, text, i, joins)
        for i, c in enumerate(text)
    ]
    for index in range(1, len(text)) if hand.touch_share else ():
        pair, before = text[index - 1 : index + 1], shapes[index - 1]
        if pair.isdecimal() and before is not None and shapes[index] is not None:
            share = 3 * hand.touch_share if pair == "00" else hand.touch_share
            joins[index] = _ends_right(before) and rng.random() < share
    return _Line(text, foreign, shapes, joins)


def _ends_right(shape: Skeleton) -> bool:
    """Whether a digit's last stroke may run on: a looped 0, a 2's foot, the bar of a 5."""
    right = max(float(stroke.knots[:, 0].max()) for stroke in shape)
    last = shape[-1].knots
    along, down = (last[-1] - last[-2]).tolist()
    return bool(last[-1, 0] > _RIGHT_SHARE * right and along > 0.5 * abs(down))


def _choose_shape(
    rng: np.random.Generator, hand: Hand, text: str, index: int, joins: NDArray[np.bool_]
) -> Skeleton:
    character = text[index]
    if character in hand.joined:
        goes_on = index + 1 < len(text) and bool(joins[index + 1])
        if joins[index] or goes_on or hand.join_share > 0.8:
            return hand.joined[character]
    shape = hand.shapes[character]
    if character.isdecimal() and rng.random() < hand.change_share:
        forms = SKELETONS[character]
        return forms[int(rng.integers(len(forms)))]
    return shape


def _gather_knots(line: _Line) -> _Knots:
    """All strokes one after the other; where characters join, a stroke goes on from the last.

    In joined letters dots and bars follow when the word is done.
    """
    pieces: list[tuple[Stroke, int, bool]] = []
    later: list[tuple[Stroke, int, bool]] = []
    for index, shape in enumerate(line.shapes):
        if shape is None:
            continue
        first = shape[0]
        if line.joins[index] and pieces[-1][0].knots[-1, 1] < _HIGH_EXIT < first.knots[0, 1]:
            first = Stroke(first.knots[1:], first.is_corner[1:])
        pieces.append((first, index, not line.joins[index]))
        rest = [(stroke, index, True) for stroke in shape[1:]]
        goes_on = index + 1 < len(line.joins) and bool(line.joins[index + 1])
        if goes_on and not line.text[index].isdecimal():
            later += rest
        else:
            pieces += rest + later
            later = []
    return _join_pieces(pieces)


def _join_pieces(pieces: Sequence[tuple[Stroke, int, bool]]) -> _Knots:
    if not pieces:
        none = np.zeros(0, np.bool_)
        return _Knots(np.zeros((0, 2)), none, np.zeros(0, np.intp), none)
    counts = np.array([len(stroke.knots) for stroke, _, _ in pieces])
    is_start = np.zeros(int(counts.sum()), np.bool_)
    is_start[np.cumsum(counts) - counts] = [starts for _, _, starts in pieces]
    return _Knots(
        np.concatenate([stroke.knots for stroke, _, _ in pieces]) - (0, 1),
        np.concatenate([stroke.is_corner for stroke, _, _ in pieces]),
        np.repeat(np.array([owner for _, owner, _ in pieces], np.intp), counts),
        is_start,
    )


def _sample_sizes(rng: np.random.Generator, hand: Hand, count: int) -> NDArray[np.float64]:
    """(C,) sizes that drift along the line and differ from one character to the next."""
    slow = rng.normal(0, 1, count // 8 + 2)
    drift = np.interp(np.linspace(0, len(slow) - 1, count), np.arange(len(slow)), slow)
    noise = 0.6 * drift + 0.8 * rng.normal(0, 1, count)
    sizes: NDArray[np.float64] = 1 + np.clip(hand.size_spread * noise, -0.18, 0.18)
    return sizes


def _vary(
    rng: np.random.Generator, hand: Hand, knots: _Knots, sizes: NDArray[np.float64]
) -> _Knots:
    """Nobody writes a character the same way twice: proportions, lean, bends, each knot."""
    count, owners, points = len(sizes), knots.owners, knots.points
    spread = rng.normal(0, hand.shape_spread, (5, count)) * (
        (1.0,),
        (0.6,),
        (0.7,),
        (0.35,),
        (0.35,),
    )
    wide, tall, lean, bow, sag = spread[:, owners]
    phase = rng.uniform(0, 2 * np.pi, (2, count))[:, owners]
    x, y = points[:, 0], points[:, 1]
    bent_x = x * (1 + wide) - lean * y + bow * np.sin(4.4 * y + phase[0])
    bent_y = y * (1 + tall) + sag * np.sin(4.8 * x + phase[1])
    bent = np.column_stack([bent_x, bent_y]) + rng.normal(0, hand.tremor_frac, points.shape)
    scale = sizes[owners]
    bent *= np.column_stack([scale * hand.width_frac, scale])
    return replace(knots, points=bent)


def _set_side_by_side(
    rng: np.random.Generator, hand: Hand, line: _Line, knots: _Knots
) -> NDArray[np.float64]:
    """(C, 4) where the characters' own origins go; the size is left for the caller."""
    text, count = line.text, len(line.text)
    low, high = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(low, knots.owners, knots.points[:, 0])
    np.maximum.at(high, knots.owners, knots.points[:, 0])
    gaps = _sample_gaps(rng, hand, line)
    wander = _wander(rng, hand, count)
    places, x = np.zeros((count, 4)), 0.0
    for index, character in enumerate(text):
        if character == " ":
            x += gaps[index]
            continue
        foreign = line.foreign.get(index)
        start = 0.0 if foreign is not None else float(low[index])
        width = float(high[index]) - start if foreign is None else foreign
        places[index, :3] = x - start, wander[index], start + width
        x += width + gaps[index] + (0.08 if width < 0.12 else 0.0)  # a bare 1 gets more air
    return places


def _sample_gaps(rng: np.random.Generator, hand: Hand, line: _Line) -> list[float]:
    """What follows each character: air, a join, a touch; for spaces, their width."""
    spread = hand.gap_spread
    gaps = hand.gap_frac * rng.uniform(1 - spread, 1 + spread, len(line.text))
    joined = np.append(line.joins[1:], False)
    gaps[joined] = (0.1 + 0.35 * gaps)[joined]
    touches = np.flatnonzero(rng.random(len(gaps)) < hand.touch_share)
    for index in touches.tolist():
        if line.text[index : index + 2].isdecimal() and not joined[index]:
            gaps[index] *= -0.25
    spaces = np.array([character == " " for character in line.text], np.bool_)
    words = (
        hand.word_gap_frac
        * hand.width_frac
        * rng.uniform(1 - 0.3 * spread, 1 + 0.8 * spread, len(gaps))
    )
    listed: list[float] = np.where(spaces, words, gaps).tolist()
    return listed


def _wander(rng: np.random.Generator, hand: Hand, count: int) -> NDArray[np.float64]:
    """(C,) how far each character stands off the line: a slow swing and a little of its own."""
    if count < 2:
        return rng.normal(0, hand.wander_frac, count)
    at = np.linspace(0, count - 1, count // 4 + 2)
    swing = np.interp(np.arange(count), at, rng.normal(0, hand.wander_frac, len(at)))
    wander: NDArray[np.float64] = swing + rng.normal(0, 0.4 * hand.wander_frac, count)
    return wander


def _run_pen(
    rng: np.random.Generator, hand: Hand, line: _Line, knots: _Knots
) -> tuple[Points, Indices, Indices]:
    """The pen's points, whose they are, where its curves start; letters suffer most from haste."""
    points, owners, starts = _trace_splines(knots)
    if len(starts) and hand.speed:
        is_letter = np.array([c.islower() for c in line.text], np.bool_)[owners]
        haste = np.where(is_letter, 2.6, 1.3)
        points = _round_off(points, starts, 0.3 + haste * hand.speed)
        points = _fling_ends(rng, points, starts, 0.09 * hand.speed)
    return points, starts, owners


def _trace_splines(knots: _Knots) -> tuple[Points, Indices, Indices]:
    """Smooth curves through all knots: their points, their owners, where curves start."""
    times = 1 + knots.is_corner.astype(np.intp)  # a doubled knot is a corner
    points, owners = np.repeat(knots.points, times, axis=0), np.repeat(knots.owners, times)
    is_start = np.zeros(len(points), np.bool_)
    firsts = (np.cumsum(times) - times)[knots.is_start]
    is_start[firsts] = True
    if not len(points):
        return points, owners, firsts
    curve = np.cumsum(is_start) - 1
    first, last = firsts[curve], np.append(firsts[1:], len(points))[curve] - 1
    here = np.arange(len(points))
    span = np.stack([np.clip(here + k, first, last) for k in (-1, 0, 1, 2)], axis=1)  # (N, 4)
    is_last = here == last
    # The span inside a doubled knot would curl; a curve's last knot is kept as one point.
    moves = (points[span[:, 1]] != points[span[:, 2]]).any(axis=1) | is_last
    span, is_last, curve = span[moves], is_last[moves], curve[moves]
    traced = _BASIS @ points[span]  # (S, _STEPS, 2)
    keep = np.ones(traced.shape[:2], np.bool_)
    keep[is_last, 1:] = False
    counts = np.bincount(curve, keep.sum(axis=1)).astype(np.intp)
    owned = np.broadcast_to(owners[span[:, 1]][:, None], keep.shape)
    return traced[keep], owned[keep], np.cumsum(counts) - counts


def _round_off(points: Points, starts: Indices, blur_points: NDArray[np.float64]) -> Points:
    """A fast pen does not reach its corners: average each point with its neighbours in time.

    Near its ends a curve is averaged over fewer points, so that it keeps its length.
    """
    count, counts = len(points), np.diff(np.append(starts, len(points)))
    first = np.repeat(starts, counts)
    here = np.arange(count)
    room = np.minimum(here - first, first + np.repeat(counts, counts) - 1 - here)
    padded = np.concatenate([points[:1]] * _REACH + [points] + [points[-1:]] * _REACH)
    decay = -0.5 / np.square(blur_points)
    total, mass = points.copy(), np.ones(count)
    for reach in range(1, _REACH + 1):
        share = np.exp(decay * reach**2) * (room >= reach)
        before = padded[_REACH - reach : _REACH - reach + count]
        after = padded[_REACH + reach : _REACH + reach + count]
        total += share[:, None] * (before + after)
        mass += 2 * share
    rounded: Points = total / mass[:, None]
    return rounded


def _fling_ends(
    rng: np.random.Generator, points: Points, starts: Indices, reach_frac: float
) -> Points:
    """Let curves run on past their ends: the pen still moves while it lifts."""
    lasts = np.append(starts[1:], len(points)) - 1
    before = np.maximum(lasts - 2, starts)
    way = points[lasts] - points[before]
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-6)[:, None]
    reach = reach_frac * rng.random((len(lasts), 1)) ** 2
    flung = points.copy()
    flung[lasts] += way / length * reach
    return flung


def trace_spline(knots: Points, is_corner: NDArray[np.bool_]) -> Path:
    """Draw a smooth curve through knots.

    Args:
        knots: (N, 2) points to pass, N at least 2.
        is_corner: (N,) True where the curve may turn sharply.

    Returns:
        (M, 2) points along the curve.

    Reference:
        Catmull and Rom 1974, "A Class of Local Interpolating Splines".
    """
    is_start = np.zeros(len(knots), np.bool_)
    is_start[0] = True
    return _trace_splines(_Knots(knots, is_corner, np.zeros(len(knots), np.intp), is_start))[0]


def path_bounds(paths: Sequence[Path]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of curves."""
    points = np.concatenate(paths)
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
