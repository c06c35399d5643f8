"""Ink of a page in, places that may hold one digit string out, left to right and top to bottom.

Connected components are grouped into lines and split at wide gaps; ruled lines and frames are
taken out first. Whether a group is digits or letters is for the reader to say, not for this stage.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Field, InkMask, InkPage, Kind, Layout
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.frames import find_frames
from ocrdigits.vision.morphology import dilate
from ocrdigits.vision.rules import find_crop_frame, find_horizontal_rules, find_vertical_rules


@dataclass(frozen=True, slots=True)
class Components:
    """Connected components of ink.

    Attributes:
        labels: (H, W) int32, 0 is paper.
        boxes: (N, 4) int: x, y, width, height of component 1 … N.
        areas: (N,) int pixels.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]

    def without(self, dropped: NDArray[np.bool_]) -> Components:
        """The other components; the labels of those dropped become paper."""
        numbers = np.concatenate([[0], np.where(dropped, 0, np.cumsum(~dropped))])
        labels = numbers.astype(np.int32)[self.labels]
        return Components(labels, self.boxes[~dropped], self.areas[~dropped])

    def box_of(self, chosen: NDArray[np.bool_]) -> Box:
        """Smallest box around the chosen components."""
        return _span(self.boxes[chosen])

    def mask_of(self, chosen: NDArray[np.bool_], box: Box) -> InkMask:
        """(height, width) ink of the chosen components inside `box`."""
        labels = self.labels[box.y : box.bottom, box.x : box.right]
        return np.asarray(np.concatenate([[False], chosen])[labels])


def find_components(ink: InkMask) -> Components:
    """Label 8-connected ink."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    table = np.asarray(stats[1:], np.int32)
    return Components(np.asarray(labels, np.int32), table[:, :4], table[:, cv2.CC_STAT_AREA])


def find_fields(page: InkPage, layout: Layout, settings: FieldSettings) -> list[Field]:
    """Find the places that may hold a string.

    Args:
        page: Ink of the page or crop.
        layout: `LINE` and `DIGIT` make one field of everything that belongs together; `PAGE`
            groups components into lines; `AUTO` decides by `choose_layout`.
        settings: Geometry.

    Returns:
        Fields in reading order; none if there is no ink.
    """
    if layout is Layout.AUTO:
        layout = choose_layout(page, settings)
    if layout is Layout.PAGE:
        return _find_page_fields(page, settings)
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


def _shrink_ink(ink: InkMask, long_side: int) -> InkMask:
    """Shrink by a whole factor to about `long_side`; a pixel is ink where any of its pixels was."""
    factor = max(1, round(max(ink.shape) / long_side))
    height, width = (side // factor * factor for side in ink.shape)
    if factor == 1 or not height or not width:
        return ink
    blocks = ink[:height, :width].reshape(height // factor, factor, width // factor, factor)
    return np.asarray(blocks.any(axis=(1, 3)))


def _find_line_field(page: InkPage, kind: Kind, settings: FieldSettings) -> Field | None:
    components = find_components(page.ink & ~find_crop_frame(page.ink))
    chosen = _main_line(components, page.ink.shape, settings)
    return _cut_field(page, components, chosen, kind, settings) if chosen.any() else None


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
    margin = settings.line_margin * float(np.median(h[tall]))
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


def _find_page_fields(page: InkPage, settings: FieldSettings) -> list[Field]:
    max_side = round(settings.max_frame_frac * page.ink.shape[0])
    frames = find_frames(page.ink, settings.min_frame_px, max_side)
    ink = page.ink & ~frames.ink
    components = find_components(ink & ~find_page_rules(ink, settings))
    components = components.without(_is_broken_rule(components, page.ink.shape))
    in_comb = np.full(len(components.boxes), -1)
    for index, comb in enumerate(frames.combs):
        in_comb[_inside(components.boxes, comb)] = index
    fields = [
        _cut_field(page, components, group & (in_comb < 0), Kind.LINE, settings)
        for group in group_into_lines(components, in_comb < 0, page.ink.shape, settings)
    ]
    for index, comb in enumerate(frames.combs):
        written = _written_in(components, in_comb == index, comb)
        if written.any():
            fields.append(_cut_field(page, components, written, Kind.COMB, settings))
    return sorted(fields, key=lambda field: (field.box.y, field.box.x))


def _is_broken_rule(components: Components, shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Thin upright pieces that stand in one column over a good part of the page."""
    x, _, w, h = components.boxes.T.astype(np.float64)
    thin = (w <= max(4.0, 0.03 * shape[1])) & (w < h)
    center = x + w / 2
    order = np.flatnonzero(thin)[np.argsort(center[thin], kind="stable")]
    broken = np.zeros(len(h), dtype=bool)
    reach = 0.012 * shape[1] + 1
    for index in order:
        column = order[np.abs(center[order] - center[index]) <= reach]
        if len(column) >= 3 and h[column].sum() >= 0.3 * shape[0]:
            broken[column] = True
    return broken


def _inside(boxes: NDArray[np.int32], box: Box) -> NDArray[np.bool_]:
    """Components whose middle lies in a box."""
    x, y = boxes[:, 0] + boxes[:, 2] / 2, boxes[:, 1] + boxes[:, 3] / 2
    return np.asarray((x >= box.x) & (x < box.right) & (y >= box.y) & (y < box.bottom))


def _written_in(components: Components, chosen: NDArray[np.bool_], comb: Box) -> NDArray[np.bool_]:
    """What a hand left in a comb: scraps of the walls, low or hair-thin, are not."""
    _, _, w, h = components.boxes.T
    return np.asarray(
        chosen & (h >= 0.2 * comb.height) & (components.areas >= 1.5 * np.maximum(w, h))
    )


def find_page_rules(ink: InkMask, settings: FieldSettings) -> InkMask:
    """Mark a page's ruled lines, level and upright."""
    length = _rule_length(ink, settings)
    level = find_horizontal_rules(ink, length)
    return level | find_vertical_rules(ink & ~level, length)


def _rule_length(ink: InkMask, settings: FieldSettings) -> int:
    """Least length of a rule: well above a character's height."""
    return int(np.clip(settings.rule_frac * min(ink.shape), 40, settings.max_rule_px))


def group_into_lines(
    components: Components,
    free: NDArray[np.bool_],
    shape: tuple[int, ...],
    settings: FieldSettings,
) -> list[NDArray[np.bool_]]:
    """Chain components of like height, side by side, into strings.

    Args:
        components: Ink without rules.
        free: Which of them may be used.
        shape: (H, W) of the page.
        settings: Geometry.

    Returns:
        One mask over the components a string.
    """
    w, h = components.boxes[:, 2:].T.astype(np.float64)
    if not len(h):
        return []
    sized = free & (h >= settings.min_height_px) & (h <= settings.max_height_frac * shape[0])
    sized &= (w <= 8 * h) & (w <= settings.max_height_frac * 2 * shape[1])
    sized &= components.areas >= 0.05 * h * np.minimum(w, h)
    body = np.flatnonzero(sized & (w < 3.5 * h))
    parent = _link_neighbours(components.boxes[body].astype(np.float64), settings)
    chains = [body[parent == root] for root in np.unique(parent)]
    groups = []
    for chain in _join_over_dashes(chains, components.boxes, free, settings):
        members = np.zeros(len(h), dtype=bool)
        members[chain] = True
        groups.append(members | (free & _small_parts(components.boxes, members)))
    return [
        group
        for group in groups
        if not any(group is not other and (other | ~group).all() for other in groups)
    ]


def _join_over_dashes(
    chains: list[NDArray[np.int64]],
    boxes: NDArray[np.int32],
    free: NDArray[np.bool_],
    settings: FieldSettings,
) -> list[NDArray[np.int64]]:
    """Join what stands left and right of a dash: 27-06-26 is one string."""
    x, y, w, h = boxes.T.astype(np.float64)
    spans = [_span(boxes[chain]) for chain in chains]
    for dash in np.flatnonzero(free & (w >= 1.8 * h) & (h >= 2)):
        middle = y[dash] + h[dash] / 2
        near = [
            (index, span)
            for index, span in enumerate(spans)
            if span.height >= max(w[dash], 4 * h[dash])
            and span.y + 0.25 * span.height < middle < span.y + 0.75 * span.height
        ]
        gap = settings.gap_frac
        left = [i for i, s in near if 0 <= x[dash] + 2 - s.right <= gap * s.height + 2]
        right = [i for i, s in near if 0 <= s.x + 2 - (x + w)[dash] <= gap * s.height + 2]
        if left and right and left[0] != right[0]:
            keep, gone = left[0], right[0]
            chains[keep] = np.concatenate([chains[keep], [dash], chains[gone]])
            spans[keep] = spans[keep].union(spans[gone])
            del chains[gone], spans[gone]
    return chains


def _span(boxes: NDArray[np.int32]) -> Box:
    x, y, w, h = boxes.T
    left, top = int(x.min()), int(y.min())
    return Box(left, top, int((x + w).max()) - left, int((y + h).max()) - top)


def _link_neighbours(boxes: NDArray[np.float64], settings: FieldSettings) -> NDArray[np.int64]:
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
    for i in range(count):
        reach = right[i] + settings.gap_frac * 2 * h[i]
        stop = int(np.searchsorted(x, reach, side="right"))
        j = np.arange(i + 1, stop)
        taller, lower = np.maximum(h[j], h[i]), np.minimum(h[j], h[i])
        common = np.minimum(y[j] + h[j], y[i] + h[i]) - np.maximum(y[j], y[i])
        near = x[j] - right[i] <= settings.gap_frac * (h[j] + h[i]) / 2 + 1
        fits = near & (common >= 0.5 * lower) & (lower >= settings.min_height_ratio * taller)
        for neighbour in j[fits]:
            parent[root_of(int(order[neighbour]))] = root_of(int(order[i]))
    return np.asarray([root_of(index) for index in range(count)], dtype=np.int64)


def _small_parts(boxes: NDArray[np.int32], members: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Separators and broken-off bits that lie within a string's band."""
    x, y, w, h = boxes.T.astype(np.float64)
    left, right = x[members].min(), (x + w)[members].max()
    top, bottom = y[members].min(), (y + h)[members].max()
    tall = float(np.median(h[members]))
    center_x, center_y = x + w / 2, y + h / 2
    inside = (center_x > left - 0.3 * tall) & (center_x < right + 0.3 * tall)
    inside &= (center_y > top) & (center_y < bottom + 0.25 * tall)
    return np.asarray(inside & (h < 0.8 * tall) & (w < 1.2 * tall) & ~members)


def _cut_field(
    page: InkPage,
    components: Components,
    chosen: NDArray[np.bool_],
    kind: Kind,
    settings: FieldSettings,
) -> Field:
    """Cut one string out and bring its characters to the standard height."""
    box = components.box_of(chosen)
    place = np.s_[box.y : box.bottom, box.x : box.right]
    ink = components.mask_of(chosen, box)
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
    return float(np.median(heights[heights >= 0.5 * heights.max()]))
