"""Connected components of a page in, strings out: neighbours of like height on one line."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, InkMask, Room
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.components import Components, box_around
from ocrdigits.vision.morphology import dilate
from ocrdigits.vision.outlines import go_around
from ocrdigits.vision.rank import rank_value

_RINGED = 2  # characters that a ring goes around, at least …
_LEAST_RINGED = 0.09  # … and their height, of the ring's
_BEYOND_WALL = 0.12  # of its height: so far a character may reach beyond a rule
_CLEFT = (0.1, 0.5)  # between two pieces of a character: heights of both; share of their columns
_LEVEL = 0.15  # of its height: so far a broken character may reach beyond the band of a whole one


class Walls:
    """Upright rules, which no string crosses."""

    def __init__(self, rules: InkMask) -> None:
        """Sum up the ink of upright rules, (H, W)."""
        self._rules = rules
        self._sums = cv2.integral(np.ascontiguousarray(rules).view(np.uint8))

    def stand_between(self, left: NDArray[np.float64], right: NDArray[np.float64]) -> bool:
        """Whether a rule passes between two boxes (x, y, w, h) of one line, at most of its height.

        A stroke that touches the rule may reach a little beyond it.
        """
        top, bottom = max(left[1], right[1]), min(left[1] + left[3], right[1] + right[3])
        start, stop = sorted((left[0] + left[2], right[0]))
        reach = max(1, round(_BEYOND_WALL * min(left[3], right[3])))
        y0, y1, x0, x1 = int(top), int(bottom), max(int(start) - reach, 0), int(stop) + reach
        x1 = min(x1, self._sums.shape[1] - 1)
        if y1 <= y0 or x1 <= x0:
            return False
        sums = self._sums
        inked = int(sums[y1, x1]) - int(sums[y0, x1]) - int(sums[y1, x0]) + int(sums[y0, x0])
        return inked >= 0.6 * (y1 - y0)

    def room_around(self, box: Box) -> Room:
        """Columns around a box without a rule in them."""
        reach = 3 * box.height
        start, stop = max(0, box.x - reach), min(self._sums.shape[1] - 1, box.right + reach)
        rules = dilate(self._rules[box.y : box.bottom, start:stop], 1, 3)  # they lean a little
        columns = start + np.flatnonzero(rules.sum(axis=0) >= 0.5 * box.height)
        beyond = max(2, round(_BEYOND_WALL * box.height))
        left, right = columns[columns < box.x + beyond], columns[columns >= box.right - beyond]
        # A rule's soft edge, a pixel wide, is no part of the room.
        first = int(left[-1]) + 1 if len(left) else start
        last = int(right[0]) if len(right) else stop
        return Room(first, last, bool(len(left)) + bool(len(right)))


def group_into_lines(
    components: Components,
    free: NDArray[np.bool_],
    walls: Walls,
    shape: tuple[int, ...],
    settings: FieldSettings,
) -> list[NDArray[np.bool_]]:
    """Chain components of like height, side by side, into strings.

    Args:
        components: Ink without rules.
        free: Which of them may be used.
        walls: Upright rules between them.
        shape: (H, W) of the page.
        settings: Geometry.

    Returns:
        One mask over the components a string.
    """
    w, h = components.boxes[:, 2:].T.astype(np.float64)
    if not len(h):
        return []
    # A postmark around its date, a ring around a number.
    free = free & ~go_around(components, _RINGED, _LEAST_RINGED * h)
    sized = free & (h >= settings.min_height_px) & (h <= settings.max_height_frac * shape[0])
    sized &= (w <= 8 * h) & (w <= settings.max_height_frac * 2 * shape[1])
    sized &= components.areas >= 0.05 * h * np.minimum(w, h)
    body = np.flatnonzero(sized & (w < 3.5 * h))
    parent = _link_neighbours(components.boxes[body].astype(np.float64), walls, settings)
    chains = [body[parent == root] for root in np.unique(parent)]
    groups = []
    for chain in _join_over_separators(chains, components.boxes, free, walls, settings):
        members = np.zeros(len(h), dtype=bool)
        members[chain] = True
        groups.append(members | (free & _small_parts(components.boxes, members)))
    return _without_parts(groups)


def _without_parts(groups: list[NDArray[np.bool_]]) -> list[NDArray[np.bool_]]:
    """Leave out groups all of whose components belong to another group too."""
    if not groups:
        return []
    members = np.stack(groups).astype(np.float32)  # (G, N)
    common = members @ members.T
    np.fill_diagonal(common, -1)
    is_part = (common == members.sum(axis=1, keepdims=True)).any(axis=1)
    return [group for group, part in zip(groups, is_part, strict=True) if not part]


def _join_over_separators(
    chains: list[NDArray[np.int64]],
    boxes: NDArray[np.int32],
    free: NDArray[np.bool_],
    walls: Walls,
    settings: FieldSettings,
) -> list[NDArray[np.int64]]:
    """Join what stands left and right of a dash, a dot or a comma: 27-06-26 is one string."""
    spans = np.array([_edges(box_around(boxes[chain])) for chain in chains]).reshape(-1, 4)
    for index in _marks_between(spans, boxes, free, settings):
        mark = Box(*boxes[index].tolist())
        is_left, is_right = _are_beside(spans, mark, settings)
        if not (is_left.any() and is_right.any()):
            continue
        keep, gone = int(is_left.argmax()), int(is_right.argmax())
        first, second = (_box_of(spans[place]) for place in (keep, gone))
        if keep == gone or not _is_one_line(first, second):
            continue
        if walls.stand_between(_as_row(first), _as_row(second)):
            continue
        chains[keep] = np.concatenate([chains[keep], [index], chains[gone]])
        spans[keep] = _edges(first.union(second))
        del chains[gone]
        spans = np.delete(spans, gone, axis=0)
    return chains


def _marks_between(
    spans: NDArray[np.int64],
    boxes: NDArray[np.int32],
    free: NDArray[np.bool_],
    settings: FieldSettings,
) -> list[int]:
    """Components that stand beside two strings where a separator would."""
    marks = np.flatnonzero(free & (boxes[:, 3] >= 2))
    x, y, w, h = boxes[marks, :, None].astype(np.int64).transpose(1, 0, 2)  # (marks, 1) each
    left, top, right, bottom = spans.T
    height = bottom - top
    reach = settings.gap_frac * height + 2
    place = (y + h / 2 - top) / np.maximum(height, 1)  # (marks, strings)
    low = (place > 0.25) & (place < 1.25) & (np.maximum(w, 0.75 * h) <= height)
    follows = low & (x - right >= -2) & (x - right <= reach)
    precedes = low & (left - x - w >= -2) & (left - x - w <= reach)
    return [int(index) for index in marks[follows.any(axis=1) & precedes.any(axis=1)]]


def _are_beside(
    spans: NDArray[np.int64], mark: Box, settings: FieldSettings
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """(N,) which strings a mark follows as a separator would, and which it precedes."""
    left, top, right, bottom = spans.T
    height = bottom - top
    reach = settings.gap_frac * height + 2
    after, before = mark.x - right, left - mark.right
    fits = _is_separator(mark, top, height)
    return (
        fits & (after >= -2) & (after <= reach),
        fits & (before >= -2) & (before <= reach),
    )


def _edges(box: Box) -> tuple[int, int, int, int]:
    """Left, top, right, bottom."""
    return box.x, box.y, box.right, box.bottom


def _box_of(edges: NDArray[np.int64]) -> Box:
    left, top, right, bottom = edges.tolist()
    return Box(left, top, right - left, bottom - top)


def _as_row(box: Box) -> NDArray[np.float64]:
    return np.array([box.x, box.y, box.width, box.height], np.float64)


def _is_separator(
    mark: Box, top: NDArray[np.int64], height: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """For which lines it is a dash half-way up, or a dot or comma at the foot."""
    place = (mark.y + mark.height / 2 - top) / height
    if mark.width >= 1.8 * mark.height:
        is_tall = height >= max(mark.width, 4 * mark.height)
        return np.asarray((place > 0.25) & (place < 0.75) & is_tall)
    is_small = max(mark.width, 0.75 * mark.height) <= 0.35 * height
    return np.asarray((place > 0.7) & (place < 1.25) & is_small)


def _is_one_line(a: Box, b: Box) -> bool:
    common = min(a.bottom, b.bottom) - max(a.y, b.y)
    lower, taller = sorted((a.height, b.height))
    return common >= 0.5 * lower and lower >= 0.5 * taller


def _link_neighbours(
    boxes: NDArray[np.float64], walls: Walls, settings: FieldSettings
) -> NDArray[np.int64]:
    """Union–find over components that stand next to each other on one line."""
    count = len(boxes)
    parent = np.arange(count)

    def root_of(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = int(parent[index])
        return index

    order = np.argsort(boxes[:, 0])
    x, y, w, h = boxes[order].T
    right = x + w
    # A component and one to its right:
    stops = np.searchsorted(x, right + settings.gap_frac * 2 * h, side="right")
    i, j = _pairs_between(np.arange(1, count + 1), stops)
    taller, lower = np.maximum(h[j], h[i]), np.minimum(h[j], h[i])
    common = np.minimum(y[j] + h[j], y[i] + h[i]) - np.maximum(y[j], y[i])
    near = x[j] - right[i] <= settings.gap_frac * (h[j] + h[i]) / 2 + 1
    fits = near & (common >= 0.5 * lower) & (lower >= settings.min_height_ratio * taller)
    for one, neighbour in zip(order[i[fits]].tolist(), order[j[fits]].tolist(), strict=True):
        if not walls.stand_between(boxes[one], boxes[neighbour]):
            parent[root_of(neighbour)] = root_of(one)
    for upper, lower_piece, whole in _broken_beside(boxes, walls, settings):
        parent[root_of(upper)] = parent[root_of(lower_piece)] = root_of(whole)
    return np.asarray([root_of(index) for index in range(count)], dtype=np.int64)


def _broken_beside(
    boxes: NDArray[np.float64], walls: Walls, settings: FieldSettings
) -> list[tuple[int, int, int]]:
    """Two pieces one above the other, too low alone, in the band of a whole character beside them.

    Args:
        boxes: (N, 4) x, y, width and height.
        walls: Upright rules, between which a character stands whole.
        settings: How near neighbours are.

    Returns:
        The upper piece, the lower one and the whole character.
    """
    upper, lower = _cloven_pairs(boxes)
    if not len(upper):
        return []
    ends = boxes[:, :2] + boxes[:, 2:]
    start = np.minimum(boxes[upper, :2], boxes[lower, :2])
    broken = np.hstack([start, np.maximum(ends[upper], ends[lower]) - start])
    pair, whole = _neighbours_of(broken, boxes, settings)
    _, top, _, height = broken[pair].T
    _, y, _, h = boxes[whole].T
    in_band = (y <= top + _LEVEL * height) & (y + h >= top + height - _LEVEL * height)
    found = []
    for one, other in zip(pair[in_band].tolist(), whole[in_band].tolist(), strict=True):
        left, right = sorted((broken[one], boxes[other]), key=lambda it: float(it[0]))
        if not walls.stand_between(left, right):
            found.append((int(upper[one]), int(lower[one]), other))
    return found


def _neighbours_of(
    some: NDArray[np.float64], boxes: NDArray[np.float64], settings: FieldSettings
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Which boxes stand left or right of some others, near enough and not too high: (P,), (P,)."""
    x, _, w, h = some.T
    reach = settings.gap_frac * h * (1 + 1 / settings.min_height_ratio) / 2 + 1
    lefts, rights = boxes[:, 0], boxes[:, 0] + boxes[:, 2]
    by_left, by_right = np.argsort(lefts), np.argsort(rights)
    one, place = _pairs_between(
        np.searchsorted(lefts, x + w, sorter=by_left),
        np.searchsorted(lefts, x + w + reach, side="right", sorter=by_left),
    )
    two, before = _pairs_between(
        np.searchsorted(rights, x - reach, sorter=by_right),
        np.searchsorted(rights, x, side="right", sorter=by_right),
    )
    which = np.concatenate([one, two])
    other = np.concatenate([by_left[place], by_right[before]])
    gap = np.maximum(lefts[other] - x[which] - w[which], x[which] - rights[other])
    near = gap <= settings.gap_frac * (boxes[other, 3] + h[which]) / 2 + 1
    near &= h[which] >= settings.min_height_ratio * boxes[other, 3]
    return which[near], other[near]


def _cloven_pairs(boxes: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Components that stand one right above the other, in common columns: (P,) and (P,)."""
    order = np.argsort(boxes[:, 0])
    x, y, w, h = boxes[order].T
    i, j = _pairs_between(np.arange(1, len(x) + 1), np.searchsorted(x, x + w))
    i, j = np.where(y[i] <= y[j], (i, j), (j, i))
    cleft = y[j] - y[i] - h[i]
    common = np.minimum(x[i] + w[i], x[j] + w[j]) - np.maximum(x[i], x[j])
    close = (cleft >= 0) & (cleft <= np.maximum(2.0, _CLEFT[0] * (h[i] + h[j])))
    close &= common >= _CLEFT[1] * np.minimum(w[i], w[j])
    return order[i[close]], order[j[close]]


def _pairs_between(
    starts: NDArray[np.intp], stops: NDArray[np.intp]
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every row with each of the places from its start to before its stop: (P,) and (P,)."""
    counts = np.maximum(stops - starts, 0)
    rows = np.repeat(np.arange(len(starts)), counts)
    steps = np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows, np.repeat(starts, counts) + steps


def _small_parts(boxes: NDArray[np.int32], members: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Separators and broken-off bits that lie within a string's band."""
    x, y, w, h = boxes.T.astype(np.float64)
    left, right = x[members].min(), (x + w)[members].max()
    top, bottom = y[members].min(), (y + h)[members].max()
    tall = rank_value(h[members])
    center_x, center_y = x + w / 2, y + h / 2
    inside = (center_x > left - 0.3 * tall) & (center_x < right + 0.3 * tall)
    inside &= (center_y > top) & (center_y < bottom + 0.25 * tall)
    return np.asarray(inside & (h < 0.8 * tall) & (w < 1.2 * tall) & ~members)
