"""Level rules and small ink in, combs without a frame out: cells that stand open on a floor.

Forms and envelopes also ask for one digit each with ticks or dotted walls on a rule, or with a
short rule under each digit. What tells these from an underline is that they repeat at one pitch,
and that between the walls there stands one character at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box
from ocrdigits.vision.components import Components
from ocrdigits.vision.ticked_floors import Floor

_LEAST_CELLS, _MOST_CELLS = 3, 20
_LEAST_PITCH_PX = 10.0
_LEVEL_PX = 3.0  # two pieces of one floor
_LEAST_WRITTEN = 2
_MOST_PARTS = 2  # of a character; the bars of a barcode are more
_LIKE_HEIGHT = 0.4  # of a character, of the usual one
# Of the pitch:
_OFF = 0.14  # a wall from its place
_GAP = 0.45  # between two floors
_LIKE = 0.2  # floors differ from the usual one
_DROP = 0.12  # one floor lies below the next, of what is between their middles, nearly
_LOWEST, _USUAL = 0.1, 0.3  # height of a character: the least, and what most have
_ROW = 1.3  # from a table's rule to the next one
_HIGHEST = 1.6  # how far it reaches up from the floor
_BELOW = 0.3  # it may hang below the floor
_ABOVE = 0.8  # and end so far above it
_LEAST_PIECE = 0.25  # of a wall
_APART = 0.2  # two pieces of a wall, where a rule crosses it
_DOT = 0.14  # side of a dot
_LEAST_DOTS = 3
_WALL = 0.2  # a wall's width
_HIGHER = 2.5  # a 1 than the ticks it stands among, in their heights
_MOST = 0.5  # of the cells' edges have walls, if any
_MISSED = 0.25  # of the walls may be hidden by writing
_WHOLE = 1.15  # length of a floor against that of its pieces
_TICK_PITCH = (0.7, 5.0)  # from tick to tick, in their heights
_BESIDE_PX = 5.0  # dots of the walls at the ends


@dataclass(frozen=True, slots=True)
class OpenComb:
    """One comb.

    Attributes:
        box: Around what is written in its cells.
        print: (N,) which components are its floors and walls.
    """

    box: Box
    print: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Cells:
    """A row of cells, and which components are its floors and walls."""

    floor: Floor
    print: NDArray[np.bool_]


def find_open_combs(
    components: Components,
    rules: NDArray[np.int32],
    uprights: NDArray[np.int32],
    floors: Sequence[Floor] = (),
    bare: Sequence[Floor] = (),
) -> list[OpenComb]:
    """Find combs without a frame.

    Args:
        components: Ink of a level page without its long rules.
        rules: (R, 4) boxes of the level ones …
        uprights: (U, 4) … and of the upright ones.
        floors: Those with ticks that were found, and taken out, before …
        bare: … and those of cells that have nothing printed in ink.

    Returns:
        The combs in whose cells something is written.
    """
    boxes = components.boxes
    nothing = np.zeros(len(boxes), np.bool_)
    rows = [_Cells(it, nothing) for it in bare]
    rows += [_Cells(it, np.asarray(_walls_at(it, boxes).any(axis=0))) for it in floors]
    ticked = _cells_of_ticks(uprights, boxes)
    rows += [cells for cells in ticked if not _walls_go_on(cells.floor, uprights)]
    own = np.flatnonzero(boxes[:, 2] >= 4 * boxes[:, 3])
    level = np.concatenate([rules, boxes[own]]).astype(np.float64)
    numbers = np.concatenate([np.full(len(rules), -1), own])
    level, numbers = _join_hidden(level, numbers, boxes)
    wide = level[:, 2] >= _LEAST_PITCH_PX
    level, numbers = level[wide], numbers[wide]
    found = _rows_of(level)
    extents = np.array([_extent(level[row]) for row in found]).reshape(-1, 3)
    for row in found:
        printed = nothing.copy()
        printed[[number for number in numbers[row] if number >= 0]] = True
        cells = _cells_on_floors(level[row], printed)
        if cells is None:
            cells = _cells_between_walls(level[row], printed, boxes, uprights)
        else:
            walls = _walls_at(cells.floor, boxes)
            if walls.any(axis=1).mean() > _MOST:
                cells = replace(cells, print=cells.print | walls.any(axis=0))
        if cells is None or _walls_go_on(cells.floor, uprights):
            continue
        if not _is_of_table(cells.floor, extents):
            rows.append(cells)
    combs = [_comb_of(cells, boxes) for cells in rows]
    return [comb for comb in combs if comb is not None]


def _join_hidden(
    floors: NDArray[np.float64], numbers: NDArray[np.intp], boxes: NDArray[np.int32]
) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
    """Floors of which a character hides a piece, joined over it; a tick hides none.

    Args:
        floors: (F, 4) boxes.
        numbers: (F,) which component each is, or -1.
        boxes: (N, 4) all components.

    Returns:
        The floors, fewer or as many; a joined one has the number of its first piece.
    """
    order = np.argsort(floors[:, 0], kind="stable")
    floors, numbers = floors[order], numbers[order]
    x, y, w, h = floors.T
    bx, by, bw, bh = boxes.T
    starts, ends, middles = x, x + w, y + h / 2
    level = np.abs(np.subtract.outer(middles, middles)) <= _LEVEL_PX
    gaps = starts - ends[:, None]  # from one to the next
    near = level & (gaps > 0) & (gaps <= _LEAST_PITCH_PX)
    after = np.full(len(floors), -1)
    for one, next_ in np.argwhere(near).tolist():
        hides = (bx < ends[one]) & (bx + bw > starts[next_]) & (by < y[one]) & (by + bh > y[one])
        if hides.any():
            after[one] = next_
    joined = floors.copy()
    for one in range(len(floors) - 1, -1, -1):
        if after[one] >= 0:
            joined[one, 2] = joined[after[one], 0] + joined[after[one], 2] - x[one]
    is_first = ~np.isin(np.arange(len(floors)), after)
    return joined[is_first], numbers[is_first]


def _extent(floors: NDArray[np.float64]) -> tuple[float, float, float]:
    """Left and right end of a row of floors, and its height."""
    x, y, w, h = floors.T
    return float(x.min()), float((x + w).max()), float(np.median(y + h / 2))


def _is_of_table(floor: Floor, extents: NDArray[np.float64]) -> bool:
    """Whether a rule as long lies a row above or below; the next comb is further away."""
    pitch, left, right = floor.pitch, floor.edges[0], floor.edges[-1]
    apart = np.abs(extents[:, 2] - floor.y)
    near = (apart > 0.1 * pitch) & (apart < _ROW * pitch)
    alike = np.abs(extents[:, 0] - left) <= 0.5 * pitch
    alike &= np.abs(extents[:, 1] - right) <= 0.5 * pitch
    return bool((near & alike).any())


def _walls_go_on(floor: Floor, uprights: NDArray[np.int32]) -> bool:
    """Whether walls go on above or below most cells, as those of a table's columns do."""
    going_on = 0
    heights = floor.height_at(np.array(floor.edges))
    for place, height in zip(floor.edges, heights.tolist(), strict=True):
        near = uprights[_near(uprights, place, floor.pitch)]
        near = near[near[:, 3] >= _LEAST_PIECE * floor.pitch]
        tops, bottoms = near[:, 1], near[:, 1] + near[:, 3]
        hang = (tops < height + _APART * floor.pitch) & (bottoms > height + _APART * floor.pitch)
        meet = np.abs(tops[:, None] - bottoms) <= _APART * floor.pitch
        close = (bottoms <= height + _APART * floor.pitch) & (
            tops >= height - _HIGHEST * floor.pitch
        )
        going_on += bool(hang.any() or meet[close].any())
    return going_on >= len(floor.edges) / 2


def _walls_at(floor: Floor, boxes: NDArray[np.int32]) -> NDArray[np.bool_]:
    """(N + 1, boxes) which boxes are ticks and dots between cells, at each of their edges."""
    walls = _stand_on(boxes, floor.y, floor.pitch) | _are_dots(boxes, floor.y, floor.pitch)
    return walls & _near(boxes, np.array(floor.edges), floor.pitch)


def _rows_of(floors: NDArray[np.float64]) -> list[list[int]]:
    """Floors that follow each other on one level, left to right; one alone is a row too."""
    rows: list[list[int]] = []
    sides: list[list[float]] = floors.tolist()
    for index in np.argsort(floors[:, 0], kind="stable").tolist():
        x, y, w, h = sides[index]
        for row in rows:
            last = sides[row[-1]]
            narrow = min(w, last[2])
            gap = x - last[0] - last[2]
            drop = abs(y + h / 2 - last[1] - last[3] / 2)
            level = drop <= max(_DROP * min(narrow, 3 * gap + 20), 2.0)
            if level and -0.1 * narrow <= gap <= _GAP * narrow:
                row.append(index)
                break
        else:
            rows.append([index])
    return rows


def _cells_of_ticks(uprights: NDArray[np.int32], boxes: NDArray[np.int32]) -> list[_Cells]:
    """Cells between upright lines of one height, whose floor may not be seen itself.

    Rules and pale lines begin a row; at its ends ink may stand for one, if it has the same place
    and height.
    """
    ticks = np.concatenate([uprights, boxes]).astype(np.float64)
    is_tick = ticks[:, 3] >= 2 * ticks[:, 2]
    is_sure = is_tick & (np.arange(len(ticks)) < len(uprights))
    found = []
    for first in np.flatnonzero(is_sure)[np.argsort(ticks[is_sure, 0], kind="stable")].tolist():
        row = [first] if is_sure[first] else []
        while row and (after := _next_tick(ticks, row, is_sure)) is not None:
            row.append(after)
        if len(row) <= _LEAST_CELLS:
            continue
        is_sure[row] = False
        while (after := _next_tick(ticks, row, is_tick)) is not None:
            row.append(after)
        while (before := _next_tick(ticks, row[::-1], is_tick)) is not None:
            row.insert(0, before)
        x, y, w, h = ticks[row].T
        printed = np.zeros(len(boxes), np.bool_)
        printed[[place - len(uprights) for place in row if place >= len(uprights)]] = True
        slope = float(np.polynomial.polynomial.polyfit(x, y + h, 1)[1])
        floor = Floor(tuple((x + w / 2).tolist()), float((y + h).mean()), slope)
        found.append(_Cells(floor, printed))
    return found


def _next_tick(ticks: NDArray[np.float64], row: list[int], free: NDArray[np.bool_]) -> int | None:
    """What goes on a row that ends in its last tick: as high, on its floor, one pitch on."""
    x, y, w, h = ticks.T
    last, middles = row[-1], x + w / 2
    steps = middles - middles[last]
    fits = free & (np.abs(h - h[last]) <= _LIKE * h[last])
    fits &= np.abs(y + h - y[last] - h[last]) <= _DROP * np.maximum(np.abs(steps), h[last])
    if len(row) > 1:
        pitch = (middles[last] - middles[row[0]]) / (len(row) - 1)  # negative to the left
        fits &= np.abs(steps - pitch) <= _OFF * abs(pitch)
    else:
        fits &= (steps >= _TICK_PITCH[0] * h[last]) & (steps <= _TICK_PITCH[1] * h[last])
    after = np.flatnonzero(fits)
    return int(after[np.argmin(np.abs(steps[after]))]) if len(after) else None


def _cells_on_floors(floors: NDArray[np.float64], printed: NDArray[np.bool_]) -> _Cells | None:
    """A cell over each of some floors of one width."""
    if not _LEAST_CELLS <= len(floors) <= _MOST_CELLS:
        return None
    widths = floors[:, 2]
    usual = float(np.median(widths))
    pitches = np.diff(floors[:, 0] + widths / 2)
    pitch = float(np.median(pitches))
    is_regular = (np.abs(widths - usual) <= _LIKE * usual).all()
    is_regular &= (np.abs(pitches - pitch) <= _LIKE * pitch).all()
    if not is_regular:
        return None
    middles = floors[:, 0] + widths / 2
    edges = np.append(middles - pitch / 2, middles[-1] + pitch / 2)
    return _Cells(Floor(tuple(edges.tolist()), _extent(floors)[2]), printed)


def _cells_between_walls(
    floors: NDArray[np.float64],
    printed: NDArray[np.bool_],
    boxes: NDArray[np.int32],
    uprights: NDArray[np.int32],
) -> _Cells | None:
    """The most cells whose walls all stand on a floor, as ticks or as columns of dots."""
    left, right, floor = _extent(floors)
    length = right - left
    if length > _WHOLE * floors[:, 2].sum():
        return None
    beside = max(_OFF * length / _LEAST_CELLS, _BESIDE_PX)
    at_hand = _within(boxes, left, right, beside)
    boxes, uprights = boxes[at_hand], uprights[_within(uprights, left, right, beside)]
    if not _may_hold_walls(boxes, uprights, floor, length / _LEAST_CELLS):
        return None
    for count in range(min(_MOST_CELLS, int(length / _LEAST_PITCH_PX)), _LEAST_CELLS - 1, -1):
        pitch = length / count
        places = np.linspace(left, right, count + 1)
        walls = _stand_on(boxes, floor, pitch), _stand_on(uprights, floor, pitch)
        dots = _are_dots(boxes, floor, pitch)
        ticks, columns = _near(boxes, places, pitch) & walls[0], _near(boxes, places, pitch) & dots
        is_column = columns.sum(axis=1) >= _LEAST_DOTS
        is_wall = ticks.any(axis=1) | (_near(uprights, places, pitch) & walls[1]).any(axis=1)
        seen = int((is_wall | is_column).sum())
        is_hinted = (is_wall | columns.any(axis=1)).all() and seen > count / 2
        if (is_hinted or seen >= count + 1 - int(_MISSED * (count + 1))) and seen >= _LEAST_CELLS:
            if _has_odd_tick(ticks[is_wall], boxes[:, 3]):
                return None
            dotted = (is_column | is_hinted) & ~is_wall
            parts = ticks[is_wall].any(axis=0) | columns[dotted].any(axis=0)
            parts |= dots & _within(boxes, left, right, _BESIDE_PX)
            printed = printed.copy()
            printed[np.flatnonzero(at_hand)[parts]] = True
            return _Cells(Floor(tuple(places.tolist()), floor), printed)
    return None


def _has_odd_tick(ticks: NDArray[np.bool_], heights: NDArray[np.int32]) -> bool:
    """Whether one tick is much higher than half of the others: a 1 between columns of dots.

    Args:
        ticks: (places, boxes) which boxes are ticks, at each place.
        heights: (boxes,) of the boxes.
    """
    seen = np.sort(heights[np.asarray(ticks.any(axis=0))])
    return len(seen) > 1 and bool(seen[-1] > _HIGHER * seen[(len(seen) - 1) // 2])


def _may_hold_walls(
    boxes: NDArray[np.int32], uprights: NDArray[np.int32], floor: float, widest: float
) -> bool:
    """Whether enough stands on a floor for the least of cells: most floors are underlines."""
    lines = _stand_on(boxes, floor, widest).sum() + _stand_on(uprights, floor, widest).sum()
    return bool(lines + _are_dots(boxes, floor, widest).sum() // _LEAST_DOTS >= _LEAST_CELLS)


def _near(
    boxes: NDArray[np.int32], places: float | NDArray[np.float64], pitch: float
) -> NDArray[np.bool_]:
    """(places, boxes) which boxes stand at which place; (boxes,) at the one that is given."""
    middles = boxes[:, 0] + boxes[:, 2] / 2
    return np.asarray(np.abs(np.subtract.outer(places, middles)) <= _OFF * pitch)


def _within(
    boxes: NDArray[np.int32], left: float, right: float, beside: float
) -> NDArray[np.bool_]:
    middles = boxes[:, 0] + boxes[:, 2] / 2
    return np.asarray((middles > left - beside) & (middles < right + beside))


def _stand_on(boxes: NDArray[np.int32], floor: float, pitch: float) -> NDArray[np.bool_]:
    """Thin upright strokes that come up from a floor."""
    _, y, w, h = boxes.T
    thin = (w <= max(_WALL * pitch, 3.0)) & (h >= 2 * w) & (h <= _HIGHEST * pitch)
    reach = max(0.12 * pitch, 4.0)
    return np.asarray(thin & (y < floor) & (np.abs(y + h - floor) <= reach))


def _are_dots(boxes: NDArray[np.int32], floor: float, pitch: float) -> NDArray[np.bool_]:
    _, y, w, h = boxes.T
    small = np.maximum(w, h) <= max(_DOT * pitch, 3.0)
    return np.asarray(small & (y + h <= floor + 4) & (y >= floor - _HIGHEST * pitch))


def _comb_of(cells: _Cells, boxes: NDArray[np.int32]) -> OpenComb | None:
    """The comb, if each of its cells holds one character or none, about as large as the cell."""
    floor, pitch = cells.floor, cells.floor.pitch
    x, y, w, h = boxes.T
    middles, bottoms = x + w / 2, y + h
    over = ~cells.print & (middles > floor.edges[0]) & (middles < floor.edges[-1])
    below, above = bottoms - floor.height_at(middles), floor.height_at(middles) - y
    over &= (below >= -_ABOVE * pitch) & (below <= _BELOW * pitch)
    over &= (above <= _HIGHEST * pitch) & (h >= _LOWEST * pitch)
    if not over.any():
        return None
    usual = float(np.median(h[over]))
    written = over & (h >= _LIKE_HEIGHT * usual)
    cell_of = np.searchsorted(floor.edges, middles[written])
    is_full = len(set(cell_of.tolist())) >= _LEAST_WRITTEN and usual >= _USUAL * pitch
    is_full &= int(written.sum()) <= _MOST_PARTS * (len(floor.edges) - 1)
    if not is_full or not _are_apart(boxes[written], cell_of, pitch):
        return None
    top = int(y[written].min())
    left, right = int(floor.edges[0]), int(np.ceil(floor.edges[-1]))
    lowest = float(floor.height_at(np.array(floor.edges)).max())
    bottom = max(int(bottoms[written].max()), int(lowest)) + 1
    return OpenComb(Box(left, top, right - left, bottom - top), cells.print)


def _are_apart(boxes: NDArray[np.int32], cell_of: NDArray[np.intp], pitch: float) -> bool:
    """Whether the writing of each cell keeps to it, as one character does, nearly."""
    spans = [
        (part[:, 0].min(), (part[:, 0] + part[:, 2]).max())
        for part in (boxes[cell_of == cell] for cell in sorted(set(cell_of.tolist())))
    ]
    widest = max(last - first for first, last in spans)
    return bool(
        widest <= 1.25 * pitch
        and all(after[0] - before[1] > -0.25 * pitch for before, after in pairwise(spans))
    )
