"""Groups of components in, those joined that stand one to a box: at one height, at one pitch.

Boxes of forms and envelopes may be dotted, open at the top, or too faint to be seen; what was
written in them keeps their pitch. Words do not: their letters stand at many distances.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np
from numpy.typing import NDArray

from ocrdigits.vision.components import Components, box_around
from ocrdigits.vision.lines import Walls

_LEAST_COUNT = 3
_PITCH = (0.6, 2.3)  # distance of middles, in heights
_PITCH_SPREAD = 0.24  # of the usual pitch; a 1 stands off the middle of its box
_WIDE, _LEAST_WIDE = 1.1, 4  # pitch in heights of one line, and characters, that boxes make
_COMMON = 0.5  # of the narrower one's columns
_LIKE_HEIGHT = 0.5
_STACKED = (0.3, 0.35)  # height of what stands above or below, and its distance, in heights
_WIDEST = 1.65  # of one character, in heights


def join_spaced(
    components: Components, groups: list[NDArray[np.bool_]], walls: Walls
) -> list[list[int]]:
    """Find groups that make one string together.

    Args:
        components: Ink without rules.
        groups: Masks over the components.
        walls: Upright rules; boxes that have them are found by them.

    Returns:
        Numbers of the groups to be joined, left to right; each group is in one list at most. A
        group alone is listed if it stands so by itself, wider than people write.
    """
    characters = _characters_of(components, groups)
    joined: list[list[int]] = []
    taken: set[int] = set()
    boxes = [character.box for character in characters]
    for regular in _regular_runs(boxes, components.labels.shape):
        run = [place for place in regular if not _is_stacked(components, boxes[place])]
        members = sorted({characters[place].group for place in run})
        inside = {part for place in run for part in characters[place].parts}
        whole = all(_holds_all(components, groups[group], inside) for group in members)
        is_divided = any(
            walls.stand_between(np.array(characters[one].box), np.array(characters[next_].box))
            for one, next_ in pairwise(run)
        )
        is_long = len(run) >= _LEAST_COUNT
        is_loose = len(members) > 1 or _is_wide([boxes[place] for place in run])
        if is_long and is_loose and whole and not is_divided and not taken & set(members):
            taken |= set(members)
            joined.append(sorted(members, key=lambda g: int(components.boxes[groups[g], 0].min())))
    return joined


@dataclass(frozen=True, slots=True)
class _Character:
    """Tall components of a group, one above the other: x, y, width and height around them."""

    group: int
    parts: tuple[int, ...]
    box: list[float]


def _characters_of(components: Components, groups: list[NDArray[np.bool_]]) -> list[_Character]:
    """The characters of all groups, by their left edges."""
    found = []
    for number, group in enumerate(groups):
        parts: list[int] = []
        for part in [*_by_left(components, _tall_parts(components, group)), None]:
            if parts and (part is None or not _stands_over(components, parts, part)):
                box = box_around(components.boxes[parts])
                if box.width <= _WIDEST * box.height:
                    sides = [float(it) for it in (box.x, box.y, box.width, box.height)]
                    found.append(_Character(number, tuple(parts), sides))
                parts = []
            if part is not None:
                parts.append(part)
    return sorted(found, key=lambda it: it.box[0])


def _is_stacked(components: Components, box: list[float]) -> bool:
    """Whether more ink stands right above and below a character: a border, a sheet's edge."""
    left, top, width, height = box
    x, y, w, h = components.boxes.T
    common = np.minimum(x + w, left + width) - np.maximum(x, left)
    beside = (common >= _COMMON * np.minimum(w, width)) & (w <= 2 * width)
    beside &= h >= _STACKED[0] * height
    reach = _STACKED[1] * height
    above = beside & (y + h <= top + 1) & (y + h >= top - reach)
    below = beside & (y >= top + height - 1) & (y <= top + height + reach)
    return bool(above.any() and below.any())


def _by_left(components: Components, parts: NDArray[np.intp]) -> list[int]:
    order = np.argsort(components.boxes[parts, 0], kind="stable")
    return [int(part) for part in parts[order]]


def _stands_over(components: Components, parts: list[int], part: int) -> bool:
    """Whether a component shares most columns with those before it: a digit in two pieces."""
    before, box = box_around(components.boxes[parts]), components.boxes[part]
    common = min(before.right, int(box[0] + box[2])) - max(before.x, int(box[0]))
    return common >= _COMMON * min(before.width, int(box[2]))


def _tall_parts(components: Components, group: NDArray[np.bool_]) -> NDArray[np.intp]:
    heights = components.boxes[:, 3]
    return np.flatnonzero(group & (heights >= 0.5 * heights[group].max(initial=0)))


def _holds_all(components: Components, group: NDArray[np.bool_], inside: set[int]) -> bool:
    return all(int(part) in inside for part in _tall_parts(components, group))


def _regular_runs(boxes: list[list[float]], shape: tuple[int, ...]) -> list[list[int]]:
    """Chains of boxes, sorted by x, each with its next neighbour at the same pitch."""
    runs: list[list[int]] = []
    sides = np.array(boxes).reshape(-1, 4)
    free = ~_at_border(sides, shape)  # where a photo shows the edge of its sheet
    for first in range(len(boxes)):
        chain = [first] if free[first] else []
        while chain and (after := _next_of(boxes, chain, free)) is not None:
            chain.append(after)
        runs += [run for run in _split_regular(boxes, chain) if len(run) >= _LEAST_COUNT]
        for run in runs[-1:]:
            free[run] = False
    return [_extend(sides, run, free) for run in runs]


def _is_wide(boxes: list[list[float]]) -> bool:
    """Whether characters of one line stand so far apart that boxes must have kept them apart."""
    middles = [x + w / 2 for x, _, w, _ in boxes]
    steps = [after - before for before, after in pairwise(middles)]
    return len(boxes) >= _LEAST_WIDE and min(steps) >= _WIDE * median(it[3] for it in boxes)


def _at_border(boxes: NDArray[np.float64], shape: tuple[int, ...]) -> NDArray[np.bool_]:
    ends = boxes[:, :2] + boxes[:, 2:]
    return np.asarray((boxes[:, 0] < 1) | (ends[:, 0] > shape[1] - 1))


def _extend(boxes: NDArray[np.float64], run: list[int], free: NDArray[np.bool_]) -> list[int]:
    """A run with the low characters at its ends, whose boxes are wide for them alone."""
    for is_first in (True, False):
        while (place := _one_more(boxes, run, free, is_first=is_first)) is not None:
            free[place] = False
            run = [place, *run] if is_first else [*run, place]
    return run


def _one_more(
    boxes: NDArray[np.float64], run: list[int], free: NDArray[np.bool_], *, is_first: bool
) -> int | None:
    """The free box one pitch before a run, or after it, that is on its line and of like height."""
    middles = boxes[run, 0] + boxes[run, 2] / 2
    pitch = float(np.median(np.diff(middles)))
    target = middles[0] - pitch if is_first else middles[-1] + pitch
    _, y, _, h = boxes[run[0] if is_first else run[-1]]
    tallest = boxes[run, 3].max()
    if pitch > _PITCH[1] * tallest:
        return None
    ox, oy, ow, oh = boxes.T
    common = np.minimum(y + h, oy + oh) - np.maximum(y, oy)
    like = (oh >= _LIKE_HEIGHT * tallest) & (oh <= tallest / _LIKE_HEIGHT)
    near = np.abs(ox + ow / 2 - target) <= _PITCH_SPREAD * pitch
    fitting = np.flatnonzero(free & near & like & (common >= 0.6 * np.minimum(h, oh)))
    return int(fitting[0]) if len(fitting) else None


def _next_of(boxes: list[list[float]], chain: list[int], free: NDArray[np.bool_]) -> int | None:
    """The nearest box right of a chain on the same line, if it is of like height and at hand."""
    x, y, w, h = boxes[chain[-1]]
    tallest = max(boxes[place][3] for place in chain)
    reach = x + w / 2 + _PITCH[1] * tallest
    for other in range(chain[-1] + 1, len(boxes)):
        ox, oy, ow, oh = boxes[other]
        if ox > reach:
            return None
        common = min(y + h, oy + oh) - max(y, oy)
        if common < 0.6 * min(h, oh) or oh < 0.4 * h:
            continue
        distance = ox + ow / 2 - x - w / 2
        like = min(h, oh) >= _LIKE_HEIGHT * max(h, oh)
        apart = _PITCH[0] * max(h, oh) <= distance <= _PITCH[1] * max(tallest, oh)
        return other if like and apart and free[other] else None
    return None


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
