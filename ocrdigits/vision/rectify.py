"""Photo in, upright flat grey page out: the sheet's corners, its skew, its size.

Each step is a transform; they are multiplied and the photo is resampled once.
"""

from __future__ import annotations

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import GrayImage, Homography, Layout, Page, Photo
from ocrdigits.settings import RectifySettings
from ocrdigits.vision.geometry import Corners
from ocrdigits.vision.morphology import dilate, open_ink
from ocrdigits.vision.sheet import find_sheet, inset_corners

_SLIGHT_DEG = 1.5
"""Skew that takes 1.3 % of a side from the corners of a photo."""


def rectify_photo(photo: Photo, layout: Layout, settings: RectifySettings) -> Page:
    """Make a photo flat, level and of a handy size.

    Args:
        photo: As loaded.
        layout: `LINE` and `DIGIT` are cut tight already: they are only scaled.
        settings: Sizes.

    Returns:
        The page, not turned yet; `turn_page` turns it.
    """
    gray = gray_of(photo)
    if layout in (Layout.LINE, Layout.DIGIT):
        return _scale(gray, _crop_scale(gray, settings))
    if min(gray.shape) < settings.min_sheet_px:
        return _scale(gray, _page_scale(max(gray.shape), settings))
    small, factor = shrink(gray, 640)
    corners = find_sheet(small)
    if corners is not None:
        corners = inset_corners(corners) / np.float32(factor)
    size, photo_from_flat = _flatten(gray.shape, corners)
    warped = cv2.warpPerspective(
        small, _scaling(factor) @ np.linalg.inv(photo_from_flat) @ _scaling(1 / factor),
        (max(1, round(size[0] * factor)), max(1, round(size[1] * factor))),
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    flat_small = np.asarray(warped, np.uint8)
    if corners is None:
        skew_deg = estimate_skew(flat_small)
        if abs(skew_deg) < settings.min_skew_deg:
            return _scale(gray, _page_scale(max(size), settings))
        level = _size_of_level(size, skew_deg) if abs(skew_deg) > _SLIGHT_DEG else size
    else:  # a stamp is often more askew than its sheet's writing, and the sheet's corners are empty
        skew_deg, level = estimate_skew(flat_small, settings.max_sheet_skew_deg), size
    photo_from_level = photo_from_flat @ _rotation(size, level, skew_deg)
    return _resample(gray, photo_from_level, level, _page_scale(max(level), settings))


def gray_of(photo: Photo) -> GrayImage:
    """The photo in grey, (H, W)."""
    if photo.gray is not None:
        return photo.gray
    return np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)


def estimate_skew(gray: GrayImage, max_deg: float = 9.0) -> float:
    """Estimate by how much lines of writing and ruling climb.

    Args:
        gray: (H, W) shrunk page.
        max_deg: Steeper pages are not straightened.

    Returns:
        Degrees, positive if lines fall towards the right (clockwise). At the right angle the
        row counts rise and fall most steeply.

    Reference:
        Postl 1986, "Detection of Linear Oblique Structures and Skew Scan in Digitized Documents".
    """
    window = max(9, round(0.04 * max(gray.shape))) | 1
    closed = cv2.morphologyEx(gray, cv2.MORPH_CLOSE, np.ones((window, window), np.uint8))
    dark = closed.astype(np.int16) - gray
    ink = np.asarray(dark > max(25, int(np.percentile(dark, 95) * 0.6)))
    ys, xs = np.nonzero(ink & ~dilate(open_ink(ink, 9, 9), 5, 5))
    if ys.size < 200:
        return 0.0
    if ys.size > 15000:
        pick = np.linspace(0, ys.size - 1, 15000).astype(np.int64)
        ys, xs = ys[pick], xs[pick]
    coarse = np.arange(-max_deg, max_deg + 0.01, 0.5)
    best = _sharpest(xs, ys, coarse)
    best = _sharpest(xs, ys, best + np.arange(-0.4, 0.41, 0.1))
    gain = _sharpness(xs, ys, best) / max(_sharpness(xs, ys, 0.0), 1.0)
    return best if gain > 1.03 and abs(best) < max_deg else 0.0


def _sharpest(xs: NDArray[np.int64], ys: NDArray[np.int64], angles: NDArray[np.float64]) -> float:
    return float(angles[int(np.argmax([_sharpness(xs, ys, float(angle)) for angle in angles]))])


def _sharpness(xs: NDArray[np.int64], ys: NDArray[np.int64], angle_deg: float) -> float:
    angle = math.radians(angle_deg)
    rows = np.round(ys * math.cos(angle) - xs * math.sin(angle)).astype(np.int64)
    counts = np.bincount(rows - rows.min(), minlength=3).astype(np.float64)
    slope = counts[2:] - counts[:-2]
    return float(slope @ slope)


def level_crop(photo: Photo, skew_deg: float) -> tuple[Photo, Homography]:
    """Turn a crop so that its writing is level; it grows so far that nothing is cut off.

    Args:
        photo: The crop.
        skew_deg: As of `estimate_skew`.

    Returns:
        The level crop, grey, and what takes its points to the crop.
    """
    gray = gray_of(photo)
    size = photo.width, photo.height
    level = _size_of_level(size, skew_deg)
    crop_from_level = _rotation(size, level, skew_deg)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    warped = cv2.warpPerspective(
        gray, crop_from_level, level, flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    turned = np.asarray(warped, np.uint8)
    return replace(photo, image=turned, gray=turned), crop_from_level


def turn_page(page: Page, turn_deg: int) -> Page:
    """Turn a page clockwise by quarter turns.

    Args:
        page: The page.
        turn_deg: 0, 90, 180 or 270.

    Returns:
        The turned page; its transform still leads to the photo.
    """
    height, width = page.gray.shape
    back = {
        0: np.eye(3),
        90: np.array([[0.0, 1, 0], [-1, 0, height - 1], [0, 0, 1]]),
        180: np.array([[-1.0, 0, width - 1], [0, -1, height - 1], [0, 0, 1]]),
        270: np.array([[0.0, -1, width - 1], [1, 0, 0], [0, 0, 1]]),
    }[turn_deg]
    gray = np.ascontiguousarray(np.rot90(page.gray, -turn_deg // 90))
    return Page(gray, page.photo_from_page @ back, (page.turn_deg + turn_deg) % 360)


def _crop_scale(gray: GrayImage, settings: RectifySettings) -> float:
    height = gray.shape[0]
    target = min(max(height, settings.min_crop_height_px), settings.max_crop_height_px)
    widest = 10 * settings.long_side_px / gray.shape[1]  # 1 × 10,000 pixels stay small
    return float(min(target / height, 6.0, max(widest, 1e-3)))


def _page_scale(long_side: int, settings: RectifySettings) -> float:
    if long_side > settings.long_side_px:
        return settings.long_side_px / long_side
    return min(max(1.0, settings.enlarge_to_px / long_side), 3.0)


def _scale(gray: GrayImage, scale: float) -> Page:
    height, width = gray.shape
    size = max(1, round(width * scale)), max(1, round(height * scale))
    resized = _resize(gray, size)
    # Pixel centres: photo = (page + ½) / scale − ½.
    sx, sy = width / size[0], height / size[1]
    matrix = np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
    return Page(resized, matrix, 0, gray)


def _resize(gray: GrayImage, size: tuple[int, int]) -> GrayImage:
    """Bring a picture to another (width, height).

    Large ones are halved first, which OpenCV does many times faster than any other shrinking; an
    odd row or column at the end is left out of that and moves nothing by more than a pixel.
    """
    height, width = gray.shape
    if size == (width, height):
        return gray
    if size[0] > width or size[1] > height:
        return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_CUBIC), np.uint8)
    while width >= 2 * size[0] and height >= 2 * size[1] and min(size) > 1:
        width, height = width // 2, height // 2
        even = gray[: 2 * height, : 2 * width]
        gray = np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)


def shrink(gray: GrayImage, long_side: int) -> tuple[GrayImage, float]:
    """Bring a picture to a long side, if it is larger; and the factor by which that shrank it."""
    factor = min(1.0, long_side / max(gray.shape))
    size = max(1, round(gray.shape[1] * factor)), max(1, round(gray.shape[0] * factor))
    return _resize(gray, size), factor


def _flatten(shape: tuple[int, ...], corners: Corners | None) -> tuple[tuple[int, int], Homography]:
    """Size of the flat sheet and the map from it to the photo."""
    if corners is None:
        return (shape[1], shape[0]), np.eye(3)
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    width, height = max(sides[0], sides[2]), max(sides[1], sides[3])
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    return (max(1, round(width)), max(1, round(height))), np.asarray(matrix)


def _scaling(factor: float) -> Homography:
    return np.diag([factor, factor, 1.0])


def _size_of_level(size: tuple[int, int], skew_deg: float) -> tuple[int, int]:
    """Width and height of the level page that has all of a skewed one."""
    angle = math.radians(abs(skew_deg))
    cos, sin = math.cos(angle), math.sin(angle)
    width, height = size
    return math.ceil(cos * width + sin * height), math.ceil(sin * width + cos * height)


def _rotation(size: tuple[int, int], level: tuple[int, int], skew_deg: float) -> Homography:
    """From the level page, of its size, to the skewed one; their middles are the same."""
    angle = math.radians(skew_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = size[0] / 2, size[1] / 2
    u, v = level[0] / 2, level[1] / 2
    return np.array(
        [[cos, -sin, x - cos * u + sin * v], [sin, cos, y - sin * u - cos * v], [0, 0, 1]]
    )


def _resample(
    gray: GrayImage, photo_from_flat: Homography, size: tuple[int, int], scale: float
) -> Page:
    photo_from_page = photo_from_flat @ _scaling(1 / scale)
    out = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    factor = 1.0
    if scale < 0.75:  # average first: a warp alone would skip pixels
        gray, factor = shrink(gray, round(max(gray.shape) * scale))
    warped = cv2.warpPerspective(
        gray, _scaling(factor) @ photo_from_page, out,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return Page(np.asarray(warped), photo_from_page, 0)
