"""Groups of components in, those joined that stand one to a box: at one height, at one pitch.

Boxes of forms and envelopes may be dotted, open at the top, or too faint to be seen; what was
written in them keeps their pitch. Words do not: their letters stand at many distances.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box
from ocrdigits.vision.components import Components
from ocrdigits.vision.lines import Walls

_LEAST_COUNT = 3
_PITCH = (0.6, 2.3)  # distance of middles, in heights
_PITCH_SPREAD = 0.24  # of the usual pitch; a 1 stands off the middle of its box
_WIDE, _LEAST_WIDE = 1.1, 4  # pitch in heights of one line, and characters, that boxes make …
_LOOSE, _LOOSE_COUNT = 0.95, (5, 8)  # … where nothing low is among them; MICR lines have more
_COMMON = 0.5  # of the narrower one's columns
_LIKE_HEIGHT = 0.5
_STACKED = (0.3, 0.35)  # height of what stands above or below, and its distance, in heights
_WIDEST = 1.65  # of one character, in heights
_CAP = 1.5, 0.3, 0.35  # a bar's width in heights; how far it is beside and above, in a character's
_BROKEN, _LEAST_BROKEN = 0.1, 0.25  # gap to a piece that broke off, its height: in the other's …
_OVERLAP = 0.5  # rows that it shares with it, in its own height …
_BROKEN_BEFORE = 3  # … which is one of so many to the left
_BESIDE = (0.3, 1.0)  # height in common, and distance, in heights, of what stands beside something


def join_spaced(
    components: Components, groups: list[NDArray[np.bool_]], walls: Walls
) -> list[NDArray[np.bool_]]:
    """Find components that make one string together.

    Args:
        components: Ink without rules.
        groups: (N,) masks over the components.
        walls: Upright rules; boxes that have them are found by them.

    Returns:
        (N,) masks of whole groups that were apart, or of one that stands so by itself, wider than
        people write; each group is in one at most. A character at either end of a string may come
        from a group of larger ones, which it does not belong to.
    """
    tall = [_tall_parts(components, group) for group in groups]
    characters = _characters_of(components, groups, tall)
    if not characters:
        return []
    boxes = [_sides_of(it.box) for it in characters]
    runs = _regular_runs(boxes, components.labels.shape)
    if not runs:
        return []
    strays = _find_strays(components, groups, tall, [[boxes[it] for it in run] for run in runs])
    boxes += [[float(side) for side in components.boxes[part]] for part in strays]
    runs = _extend_all(boxes, runs, components.labels.shape)
    stacked = _are_stacked(components, boxes, sorted({place for run in runs for place in run}))
    joined: list[NDArray[np.bool_]] = []
    taken: set[int] = set()
    for regular in runs:
        run = [place for place in regular if place not in stacked]
        if len(run) < _LEAST_COUNT:
            continue
        standing = [characters[place] for place in run if place < len(characters)]
        members = sorted({group for character in standing for group in character.groups})
        inside = {part for character in standing for part in character.parts}
        whole = all(inside.issuperset(tall[group]) for group in members)
        is_divided = any(
            walls.stand_between(np.array(boxes[one]), np.array(boxes[next_]))
            for one, next_ in pairwise(run)
        )
        has_marks = any(int(groups[group].sum()) > len(tall[group]) for group in members)
        is_loose = len(members) > 1 or _is_wide(
            [boxes[place] for place in run], has_marks=has_marks
        )
        if is_loose and whole and not is_divided and not taken & set(members):
            taken |= set(members)
            string = np.any([groups[group] for group in members], axis=0)
            string[[strays[it - len(characters)] for it in run if it >= len(characters)]] = True
            joined.append(string)
    return joined


@dataclass(frozen=True, slots=True)
class _Character:
    """Tall components of groups, one above the other, and the box around them."""

    groups: tuple[int, ...]
    parts: tuple[int, ...]
    box: Box

    def with_(self, other: _Character) -> _Character:
        """Both as one."""
        groups = dict.fromkeys(self.groups + other.groups)
        return _Character(tuple(groups), self.parts + other.parts, self.box.union(other.box))

    def under(self, caps: list[Box]) -> _Character:
        """The same with the bar of a 5 that came off, at its upper right; no part of it."""
        box = self.box
        for cap in caps:
            is_beside = box.x + box.width / 2 <= cap.x <= box.right + _CAP[1] * box.height
            if is_beside and abs(cap.y + cap.height / 2 - box.y) <= _CAP[2] * box.height:
                box = box.union(cap)
        return replace(self, box=box)


def _characters_of(
    components: Components, groups: list[NDArray[np.bool_]], tall: list[list[int]]
) -> list[_Character]:
    """The characters of all groups, by their left edges.

    Args:
        components: Of the page.
        groups: (N,) masks over them.
        tall: Those of each group that are tall, left to right.
    """
    sides: list[list[int]] = components.boxes.tolist()
    found: list[_Character] = []
    for number, parts in enumerate(tall):
        before = len(found)
        for part in parts:
            character = _Character((number,), (part,), Box(*sides[part]))
            if len(found) > before and _stands_over(found[-1].box, character.box):
                found[-1] = found[-1].with_(character)
            else:
                found.append(character)
        members = np.flatnonzero(groups[number])
        if len(members) > len(parts):
            low = [Box(*sides[it]) for it in members.tolist() if it not in parts]
            caps = [box for box in low if box.width >= _CAP[0] * box.height]
            if caps:
                found[before:] = [it.under(caps) for it in found[before:]]
    found.sort(key=lambda it: it.box.x)
    joined = _join_broken(found, {number for number, group in enumerate(tall) if len(group) == 1})
    return [it for it in joined if it.box.width <= _WIDEST * it.box.height]


def _join_broken(characters: list[_Character], lone: set[int]) -> list[_Character]:
    """Characters, by their left edges, with the pieces that broke off right above or below them.

    Such a piece is alone in its group: what stands close above a digit may be a letter of a word.
    """
    joined: list[_Character] = []
    for character in characters:
        for place in range(max(0, len(joined) - _BROKEN_BEFORE), len(joined)):
            if character.box.x >= joined[place].box.right:
                continue
            piece, whole = sorted((joined[place], character), key=_height_of)
            if _broke_off(piece, whole, lone):
                joined[place] = joined[place].with_(character)
                break
        else:
            joined.append(character)
    return joined


def _height_of(character: _Character) -> int:
    return character.box.height


def _broke_off(piece: _Character, character: _Character, lone: set[int]) -> bool:
    """Whether one is a piece of the other; a rule below that is too low for it."""
    one, other = piece.box, character.box
    gap = max(one.y, other.y) - min(one.bottom, other.bottom)
    is_near = -_OVERLAP * one.height <= gap <= _BROKEN * other.height
    is_piece = is_near and one.height >= _LEAST_BROKEN * other.height
    return is_piece and _stands_over(one, other) and lone.issuperset(piece.groups)


def _find_strays(
    components: Components,
    groups: list[NDArray[np.bool_]],
    tall: list[list[int]],
    runs: list[list[list[float]]],
) -> list[int]:
    """Low components beside runs, off the line of their group, with nothing of it beside them.

    The tail of an f, as low as the next line, takes a digit of that for a part of its word.
    """
    group_of = np.full(len(components.boxes), -1)
    for number, group in enumerate(groups):
        group_of[group] = number
    group_of[[part for parts in tall for part in parts]] = -1
    low = np.flatnonzero(group_of >= 0)
    x, y, w, h = components.boxes[low].T
    at_hand = np.zeros(len(low), np.bool_)
    for run in runs:
        rx, ry, rw, rh = np.array(run).T
        reach = _PITCH[1] * rh.max()
        common = np.minimum(y + h, (ry + rh).max()) - np.maximum(y, ry.min())
        beside = (x + w > rx.min() - reach) & (x < (rx + rw).max() + reach)
        at_hand |= beside & (common > 0) & (h >= _LIKE_HEIGHT * rh.max())
    beside_runs: list[int] = low[at_hand].tolist()
    return [it for it in beside_runs if _is_alone(components, groups[group_of[it]], it)]


def _is_alone(components: Components, group: NDArray[np.bool_], part: int) -> bool:
    """Whether nothing of its group stands beside a component."""
    x, y, w, h = components.boxes[group].T
    left, top, width, height = components.boxes[part].tolist()
    common = np.minimum(y + h, top + height) - np.maximum(y, top)
    is_level = common >= _BESIDE[0] * np.minimum(h, height)
    reach = _BESIDE[1] * height
    is_near = (x < left + width + reach) & (x + w > left - reach)
    return int((is_level & is_near).sum()) == 1  # itself


def _sides_of(box: Box) -> list[float]:
    return [float(it) for it in (box.x, box.y, box.width, box.height)]


def _stands_over(around: Box, part: Box) -> bool:
    """Whether a component shares most columns with those before it: a digit in two pieces."""
    common = min(around.right, part.right) - max(around.x, part.x)
    return common >= _COMMON * min(around.width, part.width)


def _are_stacked(components: Components, boxes: list[list[float]], places: list[int]) -> set[int]:
    """The characters with more ink right above and below them: a border, a sheet's edge."""
    stacked = set()
    by_left = components.boxes[np.argsort(components.boxes[:, 0], kind="stable")]
    lefts, widest = by_left[:, 0], int(by_left[:, 2].max(initial=0))
    for place in places:
        left, top, width, height = boxes[place]
        reach = np.searchsorted(lefts, [left - min(widest, 2 * width), left + width])
        x, y, w, h = by_left[slice(*reach)].T
        common = np.minimum(x + w, left + width) - np.maximum(x, left)
        beside = (common >= _COMMON * np.minimum(w, width)) & (w <= 2 * width)
        beside &= h >= _STACKED[0] * height
        y, h = y[beside], h[beside]
        reach_px = _STACKED[1] * height
        is_above = (y + h <= top + 1) & (y + h >= top - reach_px)
        is_below = (y >= top + height - 1) & (y <= top + height + reach_px)
        if is_above.any() and is_below.any():
            stacked.add(place)
    return stacked


def _tall_parts(components: Components, group: NDArray[np.bool_]) -> list[int]:
    """The components of a group that are not low, left to right."""
    members = np.flatnonzero(group)
    heights = components.boxes[members, 3]
    tall = members[heights >= 0.5 * heights.max(initial=0)]
    order = np.argsort(components.boxes[tall, 0], kind="stable")
    found: list[int] = tall[order].tolist()
    return found


def _regular_runs(boxes: list[list[float]], shape: tuple[int, ...]) -> list[list[int]]:
    """Chains of boxes, sorted by x, each with its next neighbour at the same pitch."""
    runs: list[list[int]] = []
    sides = np.array(boxes).reshape(-1, 4)
    free = ~_at_border(sides, shape)  # where a photo shows the edge of its sheet
    after = _next_on_line(sides)
    for first in range(len(boxes)):
        chain = [first] if free[first] else []
        while chain and _goes_on(boxes, chain, free, after[chain[-1]]):
            chain.append(after[chain[-1]])
        runs += [run for run in _split_regular(boxes, chain) if len(run) >= _LEAST_COUNT]
        for run in runs[-1:]:
            free[run] = False
    return runs


def _is_wide(boxes: list[list[float]], *, has_marks: bool) -> bool:
    """Whether characters of one line stand so far apart that boxes must have kept them apart."""
    middles = [x + w / 2 for x, _, w, _ in boxes]
    height = median(it[3] for it in boxes)
    pitch = min(after - before for before, after in pairwise(middles)) / height
    is_wide = pitch >= _WIDE and len(boxes) >= _LEAST_WIDE
    is_loose = pitch >= _LOOSE and not has_marks
    is_loose &= _LOOSE_COUNT[0] <= len(boxes) <= _LOOSE_COUNT[1]
    return is_wide or is_loose


def _at_border(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    ends = boxes[:, :2] + boxes[:, 2:]
    return np.asarray((boxes[:, 0] < 1) | (ends[:, 0] > shape[1] - 1))


@dataclass(frozen=True, slots=True)
class _Row:
    """Boxes, (N,) the middles of their columns, and (N,) their order by these."""

    boxes: list[list[float]]
    middles: NDArray[np.float64]
    order: NDArray[np.intp]


def _extend_all(
    boxes: list[list[float]], runs: list[list[int]], shape: tuple[int, ...]
) -> list[list[int]]:
    """Runs with the low characters at their ends, whose boxes are wide for them alone."""
    sides = np.array(boxes).reshape(-1, 4)
    free = ~_at_border(sides, shape)
    free[[place for run in runs for place in run]] = False
    middles = sides[:, 0] + sides[:, 2] / 2
    row = _Row(boxes, middles, np.argsort(middles, kind="stable"))
    return [_extend(row, run, free) for run in runs]


def _extend(row: _Row, run: list[int], free: NDArray[np.bool_]) -> list[int]:
    for is_first in (True, False):
        while (place := _one_more(row, run, free, is_first=is_first)) is not None:
            free[place] = False
            run = [place, *run] if is_first else [*run, place]
    return run


def _one_more(row: _Row, run: list[int], free: NDArray[np.bool_], *, is_first: bool) -> int | None:
    """The free box one pitch before a run, or after it, that is on its line and of like height."""
    middles = [float(row.middles[place]) for place in run]
    pitch = median(after - before for before, after in pairwise(middles))
    target = middles[0] - pitch if is_first else middles[-1] + pitch
    _, y, _, h = row.boxes[run[0] if is_first else run[-1]]
    tallest = max(row.boxes[place][3] for place in run)
    if pitch > _PITCH[1] * tallest:
        return None
    slack = _PITCH_SPREAD * pitch
    ends = np.searchsorted(row.middles, [target - slack, target + slack], sorter=row.order)
    for place in sorted(row.order[ends[0] : ends[1] + 1].tolist()):
        _, oy, _, oh = row.boxes[place]
        common = min(y + h, oy + oh) - max(y, oy)
        like = _LIKE_HEIGHT * tallest <= oh <= tallest / _LIKE_HEIGHT
        near = abs(row.middles[place] - target) <= slack
        if free[place] and near and like and common >= 0.6 * min(h, oh):
            return int(place)
    return None


def _next_on_line(sides: NDArray[np.float64]) -> list[int]:
    """For each box, sorted by x, the next one on its line; itself where there is none."""
    _, y, _, h = sides.T
    common = np.minimum.outer(y + h, y + h) - np.maximum.outer(y, y)
    on_line = common >= 0.6 * np.minimum.outer(h, h)
    on_line &= h >= 0.4 * h[:, None]
    on_line &= np.tri(len(h), dtype=bool).T  # itself and what is right of it
    np.fill_diagonal(on_line, val=False)
    found: list[int] = np.where(on_line.any(axis=1), on_line.argmax(axis=1), range(len(h))).tolist()
    return found


def _goes_on(
    boxes: list[list[float]], chain: list[int], free: NDArray[np.bool_], other: int
) -> bool:
    """Whether the next box on the line of a chain is of like height, and at hand."""
    if other == chain[-1] or not free[other]:
        return False
    x, _, w, h = boxes[chain[-1]]
    ox, _, ow, oh = boxes[other]
    tallest = max(boxes[place][3] for place in chain)
    distance = ox + ow / 2 - x - w / 2
    like = min(h, oh) >= _LIKE_HEIGHT * max(h, oh)
    apart = _PITCH[0] * max(h, oh) <= distance <= _PITCH[1] * max(tallest, oh)
    return like and apart and ox <= x + w / 2 + _PITCH[1] * tallest


def _split_regular(boxes: list[list[float]], chain: list[int]) -> list[list[int]]:
    """Cut a chain where its pitch changes."""
    middles = {place: boxes[place][0] + boxes[place][2] / 2 for place in chain}
    runs = [chain[:1]]
    for before, after in pairwise(chain):
        steps = [middles[b] - middles[a] for a, b in pairwise(runs[-1])]
        usual = median(steps) if steps else middles[after] - middles[before]
        if abs(middles[after] - middles[before] - usual) <= _PITCH_SPREAD * usual:
            runs[-1].append(after)
        else:
            runs.append([before, after] if len(runs[-1]) < _LEAST_COUNT else [after])
    return runs
