"""Grey page in, ink out: flatten the light, judge the noise, threshold against the ink around.

Dark ink on light ground and light ink on dark ground both come out as ink.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Coverage, GrayImage, InkMask, InkPage
from ocrdigits.settings import EnhanceSettings
from ocrdigits.vision.morphology import (
    dilate,
    keep_long_runs,
    keep_seeded,
    open_ink,
    transpose,
)
from ocrdigits.vision.rank import percentiles, rank_value

_SPREAD_5_TO_25, _SPREAD_25_TO_50 = 0.970, 0.674
"""Distances between percentiles of a normal distribution, in standard deviations."""

_LARGE_PIXELS = 400_000
# In pictures smaller than this, print may be as bold as lines are long, and stains as large as
# writing.
_SMALL_PX = 500
_LONG_PX = 40  # straight ink as long is print, not writing
_EDGE_PX = 13  # around lines with their soft edges: what reaches beyond is writing
_FAINTEST = 0.5  # of the lines around: how dark writing between them is at least
_FADED = 0.18  # of the ink around: so dark are the palest parts of a stroke
_BOLD = 0.06  # of their short side: thicker is no line
_TABLE = 0.3  # of the page's grey: so much darker is a table than the sheet on it
_STRIP_PX = 7  # wider than a pen: dark along the border is table

_LIGHT_GROUND = 140  # grey level; writing on lighter ground is dark
# So far what is lighter than the ground outweighs what is darker (`_excess`) where ink is light.
# Of 400 drawn crops, inverted, 361 are turned (257 against one grey); of them as they are, one.
_LIGHT_ON_CROP = -0.5
_LIGHT_ON_SLOPE = -0.25  # beside a dark margin paper looks light, but not against a slope
_LIGHT_ON_PAGE = -1.1  # a photo's white margins and reflections make light spots too
_FIT_ROUNDS = 6

Contrast = NDArray[np.float32]
"""(H, W) float32, grey levels by which a pixel is darker than the paper around it."""


def find_ink(gray: GrayImage, settings: EnhanceSettings | None = None) -> InkPage:
    """Separate ink from paper under uneven light.

    Args:
        gray: (H, W) page or crop.
        settings: Thresholds.

    Returns:
        Mask and coverage of the same shape; both empty where the picture is blank.
    """
    settings = settings or EnhanceSettings()
    window = background_window(gray, settings)
    contrast, noise = measure_contrast(soften(dark_on_light(gray, window)), window)
    on_sheet = _without_table(contrast, gray)
    level = ink_level(on_sheet, noise, window, settings)
    ink = threshold_ink(contrast, noise, level, settings)
    page = InkPage(ink, cover_ink(contrast, ink, level))
    if not settings.boxes:
        return page
    pale = _find_pale_lines(contrast, noise, level, settings) & ~_around_bold(ink)
    lines = _around_lines(ink)
    if not lines.any():
        return replace(page, pale=pale)
    beside = np.where(lines, np.float32(0), on_sheet)
    least = np.maximum(_FAINTEST * level, level.min())  # stains are fainter
    level = np.maximum(ink_level(beside, noise, window, settings), least)
    faint = _without_edges(threshold_ink(beside, noise, level, settings), lines) & ~ink
    coverage = np.maximum(page.coverage, cover_ink(beside, faint, level))
    if min(ink.shape) < _SMALL_PX:
        return InkPage(ink, coverage, pale, faint)
    ink = np.asarray(ink | faint)
    return InkPage(ink, coverage, pale, faded=_find_faded(beside, ink, noise, level, settings))


def _find_faded(
    contrast: Contrast, ink: InkMask, noise: float, level: Contrast, settings: EnhanceSettings
) -> Coverage:
    """(H, W) how dark what is that is too pale for ink and too dark for paper; 0 elsewhere."""
    faded = contrast > np.maximum(_FADED * level, np.float32(settings.strong_sigmas * noise))
    faded &= ~ink
    return np.where(faded, cover_ink(contrast, faded, level), np.float32(0))


def background_window(gray: GrayImage, settings: EnhanceSettings) -> int:
    """Side, in pixels and odd, of the neighbourhood that tells paper from ink.

    Large against a stroke (a crop's stroke is up to a sixth of its height), small against a
    shadow.
    """
    short, long = sorted(gray.shape)
    side = min(settings.window_frac_short * short, settings.window_frac_long * long)
    return int(max(9, round(side)) | 1)


def soften(gray: GrayImage) -> NDArray[np.float32]:
    """Average a picture's grain away: (H, W) grey levels."""
    return np.asarray(cv2.GaussianBlur(gray.astype(np.float32), (0, 0), 0.8))


def measure_contrast(soft: NDArray[np.float32], window: int) -> tuple[Contrast, float]:
    """Subtract a picture from its paper.

    Args:
        soft: (H, W) from `soften`, ink darker than paper.
        window: Side of the neighbourhood that holds some paper, pixels.

    Returns:
        Contrast, 0 on clean paper, and the standard deviation of the paper's noise.
    """
    paper = estimate_paper(soft.astype(np.uint8), window)
    residual = paper.astype(np.float32) - soft
    center, deviation = measure_paper(residual)
    return residual - np.float32(center), max(deviation, 0.7)


def measure_paper(contrast: Contrast) -> tuple[float, float]:
    """Mean and standard deviation of the paper, in a picture of contrast that holds ink too."""
    # Ink may cover half of a tight crop: the lower quartile is paper all the same.
    lowest, quartile = percentiles(_sample(contrast), 5, 25)
    deviation = (quartile - lowest) / _SPREAD_5_TO_25
    return quartile + _SPREAD_25_TO_50 * deviation, deviation


def _sample(contrast: Contrast) -> Contrast:
    """Every third row and column of a whole page: as good for percentiles, and a tenth of it."""
    return contrast[::3, ::3] if contrast.size > _LARGE_PIXELS else contrast


def estimate_paper(gray: GrayImage, window: int) -> GrayImage:
    """The page without its ink: closed over the strokes, then smoothed by a median.

    Args:
        gray: (H, W), ink darker than paper.
        window: Side of the neighbourhood, pixels.

    Returns:
        (H, W) grey level of the paper.
    """
    height, width = gray.shape
    small, factor = _coarsen(gray, window)
    side = max(3, window // factor) | 1
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    closed = cv2.morphologyEx(small, cv2.MORPH_CLOSE, kernel)
    closed = cv2.medianBlur(closed, side)
    return np.asarray(cv2.resize(closed, (width, height), interpolation=cv2.INTER_LINEAR))


def ink_level(contrast: Contrast, noise: float, window: int, settings: EnhanceSettings) -> Contrast:
    """How dark the ink of each neighbourhood is.

    Args:
        contrast: (H, W) from `measure_contrast`.
        noise: Standard deviation of the paper.
        window: Side of the neighbourhood, pixels.
        settings: Floor for places without ink.

    Returns:
        (H, W) grey levels, never under a share of the darkest ink of the page: beside bold print
        faint writing still counts, stains do not.
    """
    factor = max(1, window // 8)
    height, width = contrast.shape
    size = -(-width // factor), -(-height // factor)
    beyond = size[1] * factor - height, size[0] * factor - width
    padded = cv2.copyMakeBorder(contrast, 0, beyond[0], 0, beyond[1], cv2.BORDER_CONSTANT, value=0)
    rows = padded.reshape(size[1], factor, -1).max(axis=1)
    coarse = rows.reshape(size[1], size[0], factor).max(axis=2)
    side = max(3, 2 * window // factor) | 1
    local = cv2.dilate(coarse, np.ones((side, side), np.uint8))
    local = cv2.blur(local, (side, side))
    sample = _sample(contrast)
    inked = sample[sample > settings.weak_sigmas * noise]
    darkest = percentiles(inked, 95)[0] if inked.size else 0.0
    floor = max(settings.floor_share * darkest, settings.strong_sigmas * noise)
    local = np.maximum(local, floor).astype(np.float32)
    return np.asarray(cv2.resize(local, (width, height), interpolation=cv2.INTER_LINEAR))


def threshold_ink(
    contrast: Contrast, noise: float, level: Contrast, settings: EnhanceSettings
) -> InkMask:
    """Tell ink from paper.

    Args:
        contrast: (H, W) from `measure_contrast`.
        noise: Standard deviation of the paper.
        level: (H, W) from `ink_level`.
        settings: Thresholds.

    Returns:
        (H, W), by two thresholds with hysteresis.
    """
    low = np.maximum(settings.weak_share * level, settings.weak_sigmas * noise)
    high = np.maximum(settings.strong_share * level, settings.strong_sigmas * noise)
    return keep_seeded(contrast > low, contrast > high)


def _without_table(contrast: Contrast, gray: GrayImage) -> Contrast:
    """Contrast without dark strips along the border of a page: the table that the sheet lies on.

    Taken for ink, they would be what writing near the edge of the sheet is measured against.
    """
    if min(gray.shape) < _SMALL_PX:
        return contrast
    dark = contrast > _TABLE * float(np.median(gray[::3, ::3]))
    border = np.ones_like(dark)
    border[_STRIP_PX:-_STRIP_PX, _STRIP_PX:-_STRIP_PX] = False
    along = np.asarray(dark & border)
    if not along.any():
        return contrast
    thick = open_ink(dark, _STRIP_PX, _STRIP_PX)
    strips = keep_seeded(thick, thick & border)
    strips = keep_seeded(strips | along, strips)  # where one grows thin along the border
    strips = dilate(strips, 2 * _STRIP_PX + 1, 2 * _STRIP_PX + 1)
    return np.where(strips, np.float32(0), contrast)


def _around_lines(ink: InkMask) -> InkMask:
    """(H, W) long straight lines, level or upright, and their soft edges."""
    lines = keep_long_runs(ink, _LONG_PX)
    lines |= transpose(keep_long_runs(transpose(ink), _LONG_PX))
    return dilate(lines, 5, 5)


def _without_edges(ink: InkMask, lines: InkMask) -> InkMask:
    """(H, W) ink without the soft edges of lines: what touches one and goes no further from it."""
    rim = dilate(lines)
    touching = keep_seeded(ink, ink & rim)
    far = touching & ~dilate(lines, _EDGE_PX, _EDGE_PX)
    writing = keep_seeded(touching & ~rim, far)
    return np.asarray((ink & ~touching) | writing)


def _find_pale_lines(
    contrast: Contrast, noise: float, level: Contrast, settings: EnhanceSettings
) -> InkMask:
    """(H, W) what is darker than paper and lies on a straight line, level or upright."""
    dark = contrast > np.maximum(settings.pale_share * level, settings.weak_sigmas * noise)
    tolerant = dilate(dark)  # breaks of 2 px, 2 px of skew a run
    lines = keep_long_runs(tolerant, settings.pale_run_px)
    lines |= transpose(keep_long_runs(transpose(tolerant), settings.pale_run_px))
    return np.asarray(lines & dark)


def _around_bold(ink: InkMask) -> InkMask:
    """(H, W) bold print of a small picture and its soft edges, which are as straight as lines."""
    if min(ink.shape) >= _SMALL_PX:
        return np.zeros_like(ink)
    side = max(9, round(_BOLD * min(ink.shape)))
    return dilate(open_ink(ink, side, side), side, side)


def _coarsen(gray: GrayImage, window: int) -> tuple[GrayImage, int]:
    """Shrink by a whole factor: light changes slowly, so that a coarse grid is enough for it."""
    factor = max(1, window // 9)
    size = max(1, gray.shape[1] // factor), max(1, gray.shape[0] // factor)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8), factor


def dark_on_light(gray: GrayImage, window: int) -> GrayImage:
    """Turn light ink on dark ground into dark ink on light ground.

    Args:
        gray: (H, W) page or crop.
        window: Side of the neighbourhood that tells the ground, pixels.

    Returns:
        (H, W), inverted if the ground is clearly dark; else as it was.
    """
    small, factor = _coarsen(gray, window)
    if 2 * window < min(gray.shape):
        ground = cv2.medianBlur(small, max(3, 2 * (window // factor)) | 1)
        excess = _excess(ground.astype(np.float32) - small)
        is_light = ground.mean() < _LIGHT_GROUND and excess < _LIGHT_ON_PAGE
    else:  # beyond its border a crop would be taken for what lies there, often a dark frame
        is_light = rank_value(small) < _LIGHT_GROUND and _is_light_crop(small)
    return 255 - gray if is_light else gray


def _excess(darker: NDArray[np.float32]) -> float:
    """By how much what is darker than its ground outweighs what is lighter, as a logarithm."""
    dark, light = np.maximum(darker, 0), np.maximum(-darker, 0)
    return math.log(float((dark**2).sum()) + 1) - math.log(float((light**2).sum()) + 1)


def _is_light_crop(gray: GrayImage) -> bool:
    """Whether the writing of a crop is lighter than its ground, on which light may fall unevenly.

    Either clearly so against one grey, and not because the light falls off; or against surfaces
    that bend with the light. They bend around a digit that fills its crop, too, so that they alone
    would not do.
    """
    small = gray.astype(np.float32)
    if (
        _excess(rank_value(gray) - small) < _LIGHT_ON_PAGE
        and _excess_on(small, 1) < _LIGHT_ON_SLOPE
    ):
        return True
    return all(_excess_on(small, degree) < _LIGHT_ON_CROP for degree in (2, 3))


def _excess_on(gray: NDArray[np.float32], degree: int) -> float:
    """`_excess` against a ground on which light falls unevenly."""
    return _excess(_fit_surface(gray, degree) - gray)


def _fit_surface(gray: NDArray[np.float32], degree: int) -> NDArray[np.float32]:
    """(H, W) the polynomial surface near most of a picture's grey levels (Cauchy's weights)."""
    rows = np.linspace(-1, 1, gray.shape[0], dtype=np.float32)[:, None]
    columns = np.linspace(-1, 1, gray.shape[1], dtype=np.float32)[None]
    powers = [(i, j) for i in range(degree + 1) for j in range(degree + 1 - i)]
    terms = np.stack([(rows**i * columns**j).ravel() for i, j in powers])
    levels = gray.ravel()
    weights = np.ones_like(levels)
    for _ in range(_FIT_ROUNDS):
        weighted = terms * weights
        usual = weighted @ terms.T + 1e-3 * np.eye(len(terms), dtype=np.float32)
        surface = np.linalg.solve(usual, weighted @ levels) @ terms
        off = np.abs(levels - surface)
        weights = 1 / (1 + (off / (1.48 * rank_value(off) + 1)) ** 2)
    return np.asarray(surface.reshape(gray.shape), np.float32)


def cover_ink(contrast: Contrast, ink: InkMask, level: Contrast) -> Coverage:
    """How much of each pixel the pen covered.

    Args:
        contrast: (H, W) from `measure_contrast`.
        ink: (H, W) what of it is ink.
        level: (H, W) from `ink_level`.

    Returns:
        (H, W) from 0 to 1; 0 further than a pixel from the ink.
    """
    grown = dilate(ink)
    darkest = level[grown]
    coverage = np.zeros_like(contrast)
    coverage[grown] = ((contrast[grown] - 0.12 * darkest) / (0.63 * darkest)).clip(0, 1)
    return coverage
