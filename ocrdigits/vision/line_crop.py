"""A grey crop of one string in, the line that `StringNet` reads out, scaled by its digits.

The ink decides the scale, not the crop's border: rules, frames, page edges and neighbours' parts
are taken out, the components of the main line vote for height and slope, and the line is resampled
from the contrast with the paper, so that faint ink keeps its grey. Training and reading both come
here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import (
    LINE_PX,
    Box,
    GrayImage,
    Homography,
    InkMask,
    LineImage,
)
from ocrdigits.settings import EnhanceSettings
from ocrdigits.vision.components import Components, find_components
from ocrdigits.vision.enhance import (
    Contrast,
    background_window,
    dark_on_light,
    ink_level,
    measure_contrast,
    soften,
    threshold_ink,
)
from ocrdigits.vision.gray_rules import find_gray_rules
from ocrdigits.vision.line_stand import DIGIT_PX, Stand, measure_stand
from ocrdigits.vision.main_line import choose_line
from ocrdigits.vision.morphology import dilate
from ocrdigits.vision.rank import rank_value

CROP_ENHANCE = EnhanceSettings(
    window_frac_short=0.65, window_frac_long=0.65, weak_share=0.27, strong_share=0.42
)
MIDDLE_PX = 15.0
"""Where digits have their middle in a line: commas and tails hang below, and need the room."""
_SIDE_PX = 5  # paper left and right of the line
_LEAST_HEIGHT_PX = 26  # lower crops are enlarged …
_MOST_AREA_PX = 40_000  # … larger ones shrunk
_WIDEST_PX = 1600
_ASTRAY = (
    0.12  # heights: so far above or below its place ink may be of a number that touches others
)


@dataclass(frozen=True, slots=True)
class LineCrop:
    """A line ready for `StringNet`.

    Attributes:
        image: (32, W) the line; digits are about 22 pixels high.
        crop_from_line: Takes points of the line to the crop that it was cut from.
        is_blank: Whether no ink was found.
        is_light: Whether its ink is lighter than the ground.
    """

    image: LineImage
    crop_from_line: Homography
    is_blank: bool = False
    is_light: bool = False

    @property
    def digit_height(self) -> float:
        """Height of its digits in the crop."""
        return DIGIT_PX * float(np.hypot(*self.crop_from_line[:2, 1]))


@dataclass(frozen=True, slots=True)
class _Patch:
    """The searched part of a crop: contrast with its paper, sharp for the eye, its noise.

    `crop_from_patch` is an offset and a scale: x, y, crop pixels per patch pixel.
    """

    contrast: Contrast
    sharp: Contrast
    noise: float
    window: int
    offset: tuple[float, float]
    step: float
    is_light: bool


def normalize_line(
    gray: GrayImage, near: Box | None = None, settings: EnhanceSettings = CROP_ENHANCE
) -> LineCrop:
    """Bring the one string of a crop to standard height, level, as ink from 0 to 1.

    Args:
        gray: (H, W) crop of a field, or a page.
        near: Where in `gray` the string lies; by default anywhere.
        settings: Thresholds of the ink.

    Returns:
        The line; blank, four columns wide, where there is no ink.
    """
    patch = _open_patch(gray, near, settings)
    target = None if near is None else _to_patch(near, patch)
    ink = _threshold(patch, patch.contrast, settings)
    if not ink.any():
        patch = _trust_faint(patch)
        ink = _threshold(patch, patch.contrast, settings)
    components = find_components(ink)
    closer = _close_in(patch, components) if target is None else None
    if closer is not None:
        patch, ink = closer, _threshold(closer, closer.contrast, settings)
    ruled = find_gray_rules(patch.contrast, ink, patch.noise)
    if ruled is not None:
        patch = replace(patch, contrast=patch.contrast - ruled, sharp=patch.sharp - ruled)
        ink = _threshold(patch, patch.contrast, settings)
    if closer is not None or ruled is not None:
        components = find_components(ink)
    if target is not None:
        components = _part_from_others(components, target)
    chosen = choose_line(components, ink.shape, target)
    if not chosen.any():
        return LineCrop(np.zeros((LINE_PX, 4), np.float32), np.eye(3), is_blank=True)
    stand = measure_stand(components, chosen, patch.sharp, target)
    clean = _erase_others(patch, components, chosen)
    return _render(patch, clean, components.ink_of(chosen), stand)


def _open_patch(gray: GrayImage, near: Box | None, settings: EnhanceSettings) -> _Patch:
    """Cut the surroundings, without what lies beside the sheet, and subtract the paper."""
    place = _inside_sheet(gray) if near is None else _around(near, gray)
    part = np.ascontiguousarray(gray[place.y : place.bottom, place.x : place.right])
    height, width = part.shape
    scale = min(1.0, math.sqrt(_MOST_AREA_PX / (height * width)))
    if height < _LEAST_HEIGHT_PX:
        scale = 2.0
    if scale != 1.0:
        size = max(4, round(width * scale)), max(4, round(height * scale))
        method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        part = np.asarray(cv2.resize(part, size, interpolation=method), np.uint8)
        scale = (size[0] / width + size[1] / height) / 2
    window = background_window(part, settings)
    dark = dark_on_light(part, window)
    is_light, part = dark is not part, dark
    soft = soften(part)
    contrast, noise = measure_contrast(soft, window)
    sharp = np.asarray(contrast + soft - part, np.float32)
    return _Patch(contrast, sharp, noise, window, (place.x, place.y), 1 / scale, is_light)


def _around(near: Box, gray: GrayImage) -> Box:
    """A box and its surroundings within a picture, as far as they are on the sheet."""
    margin = near.height // 2 + 4
    beside = near.height + 4
    left, top = max(0, near.x - beside), max(0, near.y - margin)
    right, bottom = (
        min(gray.shape[1], near.right + beside),
        min(gray.shape[0], near.bottom + margin),
    )
    if left >= right or top >= bottom:
        raise ValueError(f"{near} lies outside a picture of {gray.shape[1]} × {gray.shape[0]}")
    part = gray[top:bottom, left:right]
    dark = part < 0.7 * rank_value(part, 0.75)
    first, last = _strip_ends(dark.mean(axis=0))
    if left + first < near.x + 0.2 * near.width and left + last > near.right - 0.2 * near.width:
        left, right = left + first, left + last
    return Box(left, top, right - left, bottom - top)


def _to_patch(box: Box, patch: _Patch) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a box in the patch."""
    x, y = patch.offset
    left, right = (box.x - x) / patch.step, (box.right - x) / patch.step
    return left, (box.y - y) / patch.step, right, (box.bottom - y) / patch.step


def _inside_sheet(gray: GrayImage) -> Box:
    """Leave out dark strips along the borders: what lies beside the page.

    An upright 1 along the edge of a tight crop looks the same, but what is left beside it is as
    high as the crop.
    """
    height, width = gray.shape
    dark = gray < 0.7 * rank_value(gray[::2, ::2], 0.75)
    left, right = _strip_ends(dark.mean(axis=0))
    top, bottom = _strip_ends(dark.mean(axis=1))
    box = Box(left, top, right - left, bottom - top)
    whole = Box(0, 0, width, height)
    if box == whole or box.width < 0.25 * width or box.height < 0.25 * height:
        return whole
    inner = dark[box.y : box.bottom, box.x : box.right]
    rim = round(0.15 * box.width)
    is_low = inner[:, rim : box.width - rim].any(axis=1).mean() < 0.5
    cut = max(left, width - right) if box.width < width else max(top, height - bottom)
    if not is_low and cut < 0.3 * min(height, width):
        return whole
    return whole if _is_shadow(gray, box) else box


def _is_shadow(gray: GrayImage, lit: Box) -> bool:
    """Whether what is dark around a part of a crop is paper in a shadow: there is writing on it."""
    paper = rank_value(gray[lit.y : lit.bottom, lit.x : lit.right], 0.75)
    strips = (gray[:, : lit.x], gray[:, lit.right :], gray[: lit.y], gray[lit.bottom :])
    return any(_is_written(strip, paper) for strip in strips if strip.size)


def _is_written(strip: GrayImage, paper: float) -> bool:
    """Whether a dark strip is as bright as paper in a shadow, and has ink on it."""
    ground = rank_value(strip)
    if ground < _DARKEST_SHADOW * paper:
        return False
    ink = float((strip < _SHADED_INK * ground).mean())
    return _LEAST_WRITTEN <= ink <= _MOST_WRITTEN


_DARKEST_SHADOW = 0.25  # of the paper's grey
_SHADED_INK = 0.7  # of its ground's grey
_LEAST_WRITTEN, _MOST_WRITTEN = 0.02, 0.4  # of a strip's area


def _strip_ends(share: NDArray[np.float64]) -> tuple[int, int]:
    """First and last-but-one index that are not almost wholly dark, counted from both ends."""
    light = np.flatnonzero(share < 0.85)
    if not len(light):
        return 0, len(share)
    # The edge itself is soft and may lean.
    first = int(light[0]) + (2 if light[0] else 0)
    last = int(light[-1]) + 1 - (2 if light[-1] < len(share) - 1 else 0)
    return (first, last) if last > first else (0, len(share))


def _part_from_others(
    components: Components, target: tuple[float, float, float, float]
) -> Components:
    """Part what is meant from the lines above and below that it touches."""
    _, y, _, h = components.boxes.T
    height, width = components.labels.shape
    _, top, _, bottom = target
    margin = _ASTRAY * (bottom - top)
    is_inside = np.minimum(y + h, bottom) - np.maximum(y, top) > 0.4 * (bottom - top)
    between = np.zeros((height, width), np.bool_)
    for row, astray in (
        (math.floor(top - margin), is_inside & (y <= 0)),
        (math.ceil(bottom + margin), is_inside & (y + h >= height)),
    ):
        if 0 < row < height - 1 and astray.any():
            between[row] = components.ink_of(astray, Box(0, row, width, 1))
    return components.less(between)


def _close_in(patch: _Patch, components: Components) -> _Patch | None:
    """Where the writing is small in its crop, look at its surroundings alone."""
    height, width = shape = components.labels.shape
    x, _, w, h = components.boxes.T
    hollow = components.areas < 0.35 * w * h
    on_border = (x <= 1) | (x + w >= width - 1)
    at_side = (x < 0.15 * width) | (x + w > 0.85 * width)
    lines = (h >= 0.3 * height) & at_side & (w < 0.4 * width)
    lines &= (w < 0.25 * h) | hollow & on_border
    around = ((w >= 0.6 * width) | (h >= 0.8 * height)) & hollow
    # In an upright cell what is as large as the cell is its frame; in others it may be writing.
    frame = lines | around if height > 1.1 * width else lines
    if not len(h) or (~frame & (h >= 0.4 * height)).any():
        return None
    plain = ~frame & ((w < 7 * h) | (h > 0.1 * height)) & (h >= 4)
    chosen = choose_line(components.without(~plain), shape, None)
    if not chosen.any():
        return None
    left, top, wide, high = components.boxes[plain][chosen].T
    usual = rank_value(high[high >= 0.5 * high.max()])
    # A dot beside a 1 that fills its crop is as thick as that; digits beside a rule are not.
    if lines.any() and (components.areas[lines] > 0.35 * usual * h[lines]).all():
        return None
    reach = round(0.9 * usual) + 3
    rows = slice(max(0, int(top.min()) - reach), min(height, int((top + high).max()) + reach))
    reach = round(1.5 * usual) + 3
    columns = slice(max(0, int(left.min()) - reach), min(width, int((left + wide).max()) + reach))
    if rows.stop - rows.start > 0.75 * height:
        return None
    offset = (
        patch.offset[0] + columns.start * patch.step, patch.offset[1] + rows.start * patch.step
    )  # fmt: skip
    contrast = np.ascontiguousarray(patch.contrast[rows, columns])
    sharp = np.ascontiguousarray(patch.sharp[rows, columns])
    return replace(patch, contrast=contrast, sharp=sharp, offset=offset)


def _trust_faint(patch: _Patch) -> _Patch:
    """In a tight, blurred crop halos pass for noise; real noise differs from pixel to pixel."""
    soft = cv2.GaussianBlur(patch.sharp, (0, 0), 1.0)
    grain = 2 * rank_value(np.abs(patch.sharp - soft))
    peak = rank_value(patch.contrast, 0.98)
    if peak < max(12.0, 8 * grain):
        return patch
    return replace(patch, noise=min(patch.noise, 0.08 * peak))


def _threshold(patch: _Patch, contrast: Contrast, settings: EnhanceSettings) -> InkMask:
    level = ink_level(contrast, patch.noise, patch.window, settings)
    return threshold_ink(contrast, patch.noise, level, settings)


def _erase_others(patch: _Patch, components: Components, chosen: NDArray[np.bool_]) -> Contrast:
    """Contrast without the components of other lines; what is too faint to be one stays."""
    own = components.ink_of(chosen)
    others = (components.labels > 0) & ~own
    return np.where(dilate(others) & ~dilate(own) | others, np.float32(0), patch.sharp)


def _render(patch: _Patch, clean: Contrast, own: InkMask, stand: Stand) -> LineCrop:
    """Resample the line at its standard height and turn contrast into ink."""
    pitch = stand.height / DIGIT_PX  # patch pixels per line pixel
    inner = math.ceil((stand.right - stand.left) / pitch)
    width = min(-(-(inner + 2 * _SIDE_PX) // 4) * 4, _WIDEST_PX)
    x = (stand.left + stand.right) / 2 - width / 2 * pitch
    y = stand.middle - MIDDLE_PX * pitch
    # Pixel centres: patch = (line + ½) · pitch + corner − ½; the line climbs by its slope.
    back = np.array([[pitch, 0.0, x + 0.5 * pitch - 0.5], [0.0, pitch, 0.0]])
    back[1, 0] = stand.slope * pitch
    back[1, 2] = y + 0.5 * pitch - 0.5 + stand.slope * (back[0, 2] + 0.5)
    if pitch > 1.15:  # average first: a warp alone would skip pixels
        clean = np.asarray(cv2.GaussianBlur(clean, (0, 0), 0.42 * math.sqrt(pitch**2 - 1)))
    flags = (cv2.INTER_LINEAR if pitch > 1 else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    line = cv2.warpAffine(clean, back, (width, LINE_PX), flags=flags)
    level = rank_value(clean[own], 0.85)
    paper = max(0.1 * level, 0.8 * patch.noise)
    image = np.clip((line - paper) / max(0.85 * level - paper, 1.0), 0, 1).astype(np.float32)
    grow = np.array([
        [patch.step, 0, patch.offset[0] + 0.5 * patch.step - 0.5],
        [0, patch.step, patch.offset[1] + 0.5 * patch.step - 0.5],
        [0, 0, 1],
    ])  # fmt: skip
    crop_from_line = grow @ np.vstack([back, [0.0, 0.0, 1.0]])
    return LineCrop(image, crop_from_line, is_light=patch.is_light)
