"""Ink of a page in, places that may hold one digit string out, left to right and top to bottom.

Connected components are grouped into lines and split at wide gaps; ruled lines and frames are
taken out first. Whether a group is digits or letters is for the reader to say, not for this stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Field, InkMask, InkPage, Kind, Layout
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.components import Components, find_components
from ocrdigits.vision.frames import Frames, find_frames
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.lines import Walls, group_into_lines
from ocrdigits.vision.morphology import dilate, keep_seeded, open_ink
from ocrdigits.vision.open_combs import find_open_combs
from ocrdigits.vision.outlines import go_around, is_sparse
from ocrdigits.vision.rank import rank_value
from ocrdigits.vision.rules import (
    bridge_gaps,
    find_crop_frame,
    find_horizontal_rules,
    find_vertical_rules,
)
from ocrdigits.vision.spaced import join_spaced
from ocrdigits.vision.squared import are_squares
from ocrdigits.vision.ticked_floors import Floor, floor_under
from ocrdigits.vision.touching_lines import part_touching_lines

_LEAST_WRITING = 0.015  # height of a character, of its picture's
_LEAST_FRAMED = 0.22  # height of a character in a frame, of the frame's
_RIM, _MOST_WITHIN = 0.15, 0.1  # of a frame's side; of its ink, further inside
_HIDDEN = 0.15  # of the height of a page: a rule may be hidden by writing as far
_TICK_PX = 8  # lower ones are grain
_FRAMED = 0.5  # of a row of tinted boxes lies in a comb
_MOST_INSIDE = 8  # characters that a digit may go around, drawn or by chance


def find_fields(
    page: InkPage, layout: Layout, settings: FieldSettings, tinted: Sequence[Sequence[Box]] = ()
) -> list[Field]:
    """Find the places that may hold a string.

    Args:
        page: Ink of the page or crop.
        layout: `LINE` and `DIGIT` make one field of everything that belongs together; `PAGE`
            groups components into lines; `AUTO` decides by `choose_layout`.
        settings: Geometry.
        tinted: Rows of boxes that had a tint: combs, if a character stands in each.

    Returns:
        Fields in reading order; none if there is no ink.
    """
    if layout is Layout.AUTO:
        layout = choose_layout(page, settings)
    if layout is Layout.PAGE:
        return _find_page_fields(page, settings, tinted)
    field = _find_line_field(page, Kind.DIGIT if layout is Layout.DIGIT else Kind.LINE, settings)
    return [] if field is None else [field]


def choose_layout(page: InkPage, settings: FieldSettings) -> Layout:
    """Tell a crop of one string from a page.

    In a crop the tallest characters take up a good part of the height (half of it where the
    picture is upright), and what stands above or below them is little beside them.

    Args:
        page: Ink.
        settings: Geometry.

    Returns:
        `LINE` or `PAGE`.
    """
    ink = _shrink_ink(page.ink, 700)  # strokes are not cut here: coarse is enough, and fast
    height, width = ink.shape
    whole = find_components(ink)
    ink = ink & ~whole.ink_of(_go_around_others(whole, height))
    free_ink = ink & ~find_page_rules(ink, settings)
    # Where little is left and nothing is level, the "rules" are the 1s of a crop.
    few = free_ink.sum() < 0.4 * ink.sum()
    few = few and not find_horizontal_rules(ink, _rule_length(ink, settings)).any()
    components = find_components(ink if few else free_ink)
    _, _, w, h = components.boxes.T
    components = components.without((h >= 0.4 * height) & (w < 0.1 * h))  # edges of a sheet
    _, y, _, h = components.boxes.T
    tall = h >= (0.25 if width > height else 0.5) * height
    if not tall.any():
        return Layout.PAGE
    top, bottom = y[tall].min(), (y + h)[tall].max()
    center = y + h / 2
    inside = (center >= top) & (center <= bottom)
    share = components.areas[inside].sum() / components.areas.sum()
    lines = components.areas[tall].sum() / components.areas.sum()
    return Layout.LINE if share > 0.8 and lines > 0.5 else Layout.PAGE


def _go_around_others(components: Components, height: int) -> NDArray[np.bool_]:
    """Which components are outlines of what much of the writing stands in, such as dials."""
    h = components.boxes[:, 3]
    written = np.full(len(h), _LEAST_WRITING * height)
    goes_through = (h >= 0.95 * height) & ((h >= written).sum() > 2 * _MOST_INSIDE)  # an arc of one
    goes_around = go_around(components, _MOST_INSIDE + 1, written)
    is_outline = goes_around | (goes_through & is_sparse(components))
    return np.asarray(is_outline & (h >= 0.5 * height))


def _shrink_ink(ink: InkMask, long_side: int) -> InkMask:
    """Shrink by a whole factor to about `long_side`; a pixel is ink where any of its pixels was."""
    factor = max(1, round(max(ink.shape) / long_side))
    height, width = (side // factor * factor for side in ink.shape)
    if factor == 1 or not height or not width:
        return ink
    block = np.ones((factor, factor), np.uint8)
    ahead = cv2.dilate(ink.view(np.uint8), block, anchor=(0, 0))  # ink in the block from here on
    return np.ascontiguousarray(ahead[:height:factor, :width:factor]).view(np.bool_)


def _find_line_field(page: InkPage, kind: Kind, settings: FieldSettings) -> Field | None:
    components = find_components(page.ink & ~find_crop_frame(page.ink))
    chosen = _main_line(components, page.ink.shape, settings)
    return cut_field(page, components, chosen, kind, settings) if chosen.any() else None


def _main_line(
    components: Components, shape: tuple[int, ...], settings: FieldSettings
) -> NDArray[np.bool_]:
    """The components of the crop's one line: its tall characters and what stands beside them."""
    _, y, w, h = components.boxes.T
    if not len(h):
        return np.zeros(0, dtype=bool)
    speck = components.areas < max(4, settings.speck_frac * shape[0] ** 2)
    weight = h * np.minimum(w, 2 * h) * ~speck * _inner_weight(components, shape)
    if not weight.any():
        return ~speck
    first = int(np.argmax(weight))
    tall = (h >= 0.45 * h[first]) & ~speck & _overlaps(y, h, y[first], h[first], 0.35)
    top, bottom = y[tall].min(), (y + h)[tall].max()
    margin = settings.line_margin * rank_value(h[tall])
    center = y + h / 2
    beside = (center > top - 0.3 * margin) & (center < bottom + margin) & ~speck
    return np.asarray(tall | (beside & (h < 1.2 * (bottom - top))))


def _inner_weight(components: Components, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Ink that hangs on the crop's edge is more likely a neighbour's or a frame's."""
    x, y, w, h = components.boxes.T
    inside = (x > 1) & (y > 1) & (x + w < shape[1] - 1) & (y + h < shape[0] - 1)
    return np.asarray(np.where(inside, 1.0, 0.5))


def _overlaps(
    y: NDArray[np.int32], h: NDArray[np.int32], top: int, height: int, share: float
) -> NDArray[np.bool_]:
    common = np.minimum(y + h, top + height) - np.maximum(y, top)
    return np.asarray(common >= share * np.minimum(h, height))


def _find_page_fields(
    page: InkPage, settings: FieldSettings, tinted: Sequence[Sequence[Box]]
) -> list[Field]:
    max_side = round(settings.max_frame_frac * page.ink.shape[0])
    frames = find_frames(page, settings.min_frame_px, max_side)
    page = _with_faint(page, frames)
    ink = page.ink & ~frames.ink
    rules = _find_page_rules(page, frames, settings)
    components = find_components(ink & ~(rules.level | rules.upright))
    components = components.without(_is_broken_rule(components, page.ink.shape))
    components = components.without(_are_frames(components, max_side))
    components = part_touching_lines(components)
    ticks = _find_pale_ticks(page, frames)
    bare = [floor_under(row) for row in tinted if not _is_framed(row, frames)]
    components, combs = _find_combs(components, frames, rules, ticks, bare)
    in_comb = np.full(len(components.boxes), -1)
    for index, comb in enumerate(combs):
        in_comb[_inside(components.boxes, comb.box)] = index
    walls = Walls(bridge_gaps(rules.upright, round(_HIDDEN * page.ink.shape[0])))
    lines = group_into_lines(components, in_comb < 0, walls, page.ink.shape, settings)
    groups = [group & (in_comb < 0) for group in lines]
    kinds = [Kind.LINE for _ in groups]
    in_cells = np.zeros(len(components.boxes), np.bool_)
    for index, comb in enumerate(combs):
        written = _written_in(components, in_comb == index, comb)
        if written.any():
            groups.append(written)
            kinds.append(Kind.COMB)
            in_cells |= written
    for spaced in join_spaced(components, groups, walls):
        groups = [*(group & ~spaced for group in groups), spaced]
        kinds.append(Kind.COMB)
    fields = []
    for group, kind in zip(groups, kinds, strict=True):
        if group.any():
            field = cut_field(page, components, group, kind, settings)
            room, has_cells = walls.room_around(field.box), bool(in_cells[group].any())
            fields.append(replace(field, room=room, has_cells=has_cells))
    return sorted(fields, key=lambda field: (field.box.y, field.box.x))


def _with_faint(page: InkPage, frames: Frames) -> InkPage:
    """The page with its faint ink where that stands in a comb: writing, not stains."""
    if not frames.combs:
        return page
    ink, coverage = page.ink.copy(), page.coverage.copy()
    for box in frames.combs:
        place = np.s_[box.y : box.bottom, box.x : box.right]
        if page.faint is not None:
            ink[place] |= page.faint[place]
        if page.faded is not None:
            walls, faded = frames.ink[place], page.faded[place]
            written = ink[place] & ~walls
            added = keep_seeded(written | ((faded > 0) & ~dilate(walls)), written) & ~written
            ink[place] |= added
            coverage[place][added] = faded[added]
    return replace(page, ink=ink, coverage=coverage)


def _is_broken_rule(components: Components, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Thin upright pieces that stand in one column over a good part of the page."""
    x, _, w, h = components.boxes.T.astype(np.float64)
    thin = (w <= max(4.0, 0.03 * shape[1])) & (w < 0.5 * h)
    center = x + w / 2
    order = np.flatnonzero(thin)[np.argsort(center[thin], kind="stable")]
    broken = np.zeros(len(h), dtype=bool)
    reach = min(0.012 * shape[1] + 1, 6.0)  # narrower than a column of letters
    for index in order:
        column = order[np.abs(center[order] - center[index]) <= reach]
        if len(column) >= 3 and h[column].sum() >= 0.3 * shape[0]:
            broken[column] = True
    return broken


def _are_frames(components: Components, max_side: int) -> NDArray[np.bool_]:
    """What is left of pale frames: it still goes around a character, along its own borders."""
    heights = components.boxes[:, 3].astype(np.float64)
    found = go_around(components, 1, _LEAST_FRAMED * heights) & (heights <= max_side)
    for index in np.flatnonzero(found):
        x, y, w, h = components.boxes[index].tolist()
        rim = max(2, round(_RIM * min(w, h)))
        inner = components.labels[y + rim : y + h - rim, x + rim : x + w - rim] == index + 1
        found[index] = inner.sum() <= _MOST_WITHIN * components.areas[index]
    return np.asarray(found)


def _inside(boxes: NDArray[np.int32], box: Box) -> NDArray[np.bool_]:
    """Components whose middle lies in a box."""
    x, y = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    return np.asarray((x >= box.x) & (x < box.right) & (y >= box.y) & (y < box.bottom))


@dataclass(frozen=True, slots=True)
class _Comb:
    """Where a comb is, and whether its cells have frames."""

    box: Box
    is_closed: bool


def _find_pale_ticks(page: InkPage, frames: Frames) -> NDArray[np.int32]:
    """(N, 4) boxes of short upright lines that are paler than ink, and no edge of any."""
    if page.pale is None:
        return np.zeros((0, 4), np.int32)
    beside = page.pale & ~dilate(page.ink | frames.ink)
    return find_components(open_ink(beside, _TICK_PX, 1)).boxes


def _is_framed(row: Sequence[Box], frames: Frames) -> bool:
    """Whether tinted boxes are those of a comb with frames."""
    box = reduce(Box.union, row)
    return any(covered_share(box, comb) > _FRAMED for comb in frames.combs)


def _find_combs(
    components: Components,
    frames: Frames,
    rules: _Rules,
    ticks: NDArray[np.int32],
    bare: Sequence[Floor],
) -> tuple[Components, list[_Comb]]:
    """The combs of a page, and its components without what is print of open ones."""
    uprights = np.concatenate([rules.upright_boxes, ticks])
    found = find_open_combs(components, rules.level_boxes, uprights, frames.floors, bare)
    printed = np.zeros(len(components.boxes), np.bool_)
    for comb in found:
        printed |= comb.print
    combs = [_Comb(box, is_closed=True) for box in frames.combs]
    combs += [_Comb(comb.box, is_closed=False) for comb in found]
    return components.without(printed), combs


def _written_in(
    components: Components, chosen: NDArray[np.bool_], comb: _Comb
) -> NDArray[np.bool_]:
    """What a hand left in a comb: scraps of its walls are low, hair-thin or as high as it is."""
    _, _, w, h = components.boxes.T
    height = comb.box.height
    is_wall = (h >= 0.9 * height) & (w <= 0.2 * h) & comb.is_closed
    is_hair = components.areas < 1.5 * np.maximum(w, h)
    written = np.asarray(chosen & ~is_wall & ~is_hair)
    written[written] = _heights_with_pieces(components.boxes[written]) >= 0.2 * height
    return written


def _heights_with_pieces(boxes: NDArray[np.int32]) -> NDArray[np.int32]:
    """Height of each box with those right above or below it: characters break into pieces."""
    x, y, w, h = boxes.T
    common = np.minimum.outer(x + w, x + w) - np.maximum.outer(x, x)
    gap = np.maximum.outer(y, y) - np.minimum.outer(y + h, y + h)
    near = (common >= 0.4 * np.minimum.outer(w, w)) & (gap <= 0.5 * np.minimum.outer(h, h))
    bottoms = np.where(near, y + h, 0).max(axis=1, initial=0)
    tops = np.where(near, y, np.iinfo(np.int32).max).min(axis=1, initial=np.iinfo(np.int32).max)
    return np.asarray(bottoms - tops, np.int32)


def find_page_rules(ink: InkMask, settings: FieldSettings) -> InkMask:
    """Mark a page's ruled lines, level and upright."""
    level, upright = _find_rules(ink, settings)
    return level | upright


@dataclass(frozen=True, slots=True)
class _Rules:
    """Level and upright rules of a page: their ink, and boxes around its pieces, (N, 4) each."""

    level: InkMask
    upright: InkMask
    level_boxes: NDArray[np.int32]
    upright_boxes: NDArray[np.int32]


def _find_page_rules(page: InkPage, frames: Frames, settings: FieldSettings) -> _Rules:
    """Rules, also pale ones if those are not the squares of the paper."""
    rules = _number_rules(*_find_rules(page.lined & ~frames.ink, settings))
    if page.pale is not None and are_squares(
        rules.level_boxes, rules.upright_boxes, page.ink.shape
    ):
        return _number_rules(*_find_rules(page.ink & ~frames.ink, settings))
    return rules


def _number_rules(level: InkMask, upright: InkMask) -> _Rules:
    return _Rules(level, upright, find_components(level).boxes, find_components(upright).boxes)


def _find_rules(ink: InkMask, settings: FieldSettings) -> tuple[InkMask, InkMask]:
    """Level rules, and upright ones."""
    length = _rule_length(ink, settings)
    level = find_horizontal_rules(ink, length)
    return level, find_vertical_rules(ink & ~level, length)


def _rule_length(ink: InkMask, settings: FieldSettings) -> int:
    """Least length of a rule: well above a character's height."""
    return int(np.clip(settings.rule_frac * min(ink.shape), 40, settings.max_rule_px))


def cut_field(
    page: InkPage,
    components: Components,
    chosen: NDArray[np.bool_],
    kind: Kind,
    settings: FieldSettings,
) -> Field:
    """Cut one string out and bring its characters to the standard height.

    Args:
        page: Ink that the components were found in.
        components: Of the page.
        chosen: (N,) those of the string, at least one.
        kind: Geometry of the field.
        settings: The standard height.

    Returns:
        The field.
    """
    box = components.box_of(chosen)
    place = np.s_[box.y : box.bottom, box.x : box.right]
    ink = components.ink_of(chosen, box)
    other = page.ink[place] & ~ink
    coverage = np.where(dilate(ink) & ~other, page.coverage[place], 0).astype(np.float32)
    scale = settings.line_height_px / _line_height(components.boxes[chosen, 3])
    size = max(1, round(box.width * scale)), max(1, round(box.height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    scaled = np.asarray(cv2.resize(coverage, size, interpolation=method), np.float32)
    solid = cv2.resize(ink.astype(np.float32), size, interpolation=method) > 0.5
    return Field(kind, box, solid, scaled, scale)


def _line_height(heights: NDArray[np.int32]) -> float:
    """Height of the tall characters of a string, from those of its components."""
    return rank_value(heights[heights >= 0.5 * heights.max()])
