"""Photo in, upright flat grey page out: the sheet's corners, its skew, its size.

Each step is a transform; they are multiplied and the photo is resampled once.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import GrayImage, Homography, Layout, Page, Photo
from ocrdigits.settings import RectifySettings
from ocrdigits.vision.morphology import close_ink, dilate, open_ink

Corners = NDArray[np.float32]
"""(4, 2) float32: top left, top right, bottom right, bottom left, as (x, y)."""


def rectify_photo(photo: Photo, layout: Layout, settings: RectifySettings) -> Page:
    """Make a photo flat, level and of a handy size.

    Args:
        photo: As loaded.
        layout: `LINE` and `DIGIT` are cut tight already: they are only scaled.
        settings: Sizes.

    Returns:
        The page, not turned yet; `turn_page` turns it.
    """
    gray = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
    if layout in (Layout.LINE, Layout.DIGIT):
        return _scale(gray, _crop_scale(gray, settings))
    if min(gray.shape) < settings.min_sheet_px:
        return _scale(gray, _page_scale(max(gray.shape), settings))
    small, factor = _shrink(gray, 640)
    corners = find_sheet(small)
    if corners is not None:
        corners = _inset(corners) / np.float32(factor)
    size, photo_from_flat = _flatten(gray.shape, corners)
    flat_small = cv2.warpPerspective(
        small, _scaling(factor) @ np.linalg.inv(photo_from_flat) @ _scaling(1 / factor),
        (max(1, round(size[0] * factor)), max(1, round(size[1] * factor))),
        borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    skew_deg = estimate_skew(np.asarray(flat_small, np.uint8))
    scale = _page_scale(max(size), settings)
    if corners is None and abs(skew_deg) < settings.min_skew_deg:
        return _scale(gray, scale)
    return _resample(gray, photo_from_flat @ _rotation(size, skew_deg), size, scale)


def _inset(corners: Corners) -> Corners:
    """Move corners inwards by 0.8 %, so that no table shows at the rim."""
    center = corners.mean(axis=0)
    return np.asarray(center + np.float32(0.992) * (corners - center), np.float32)


def find_sheet(gray: GrayImage) -> Corners | None:
    """Find a sheet of paper that lies on something darker.

    Args:
        gray: (H, W) shrunk photo, some 640 pixels long.

    Returns:
        Its corners, or None if the sheet fills the picture or cannot be told from the table.
    """
    smooth = np.asarray(cv2.GaussianBlur(gray, (0, 0), 1.5), np.uint8)
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    found = []
    for share in (0.6, 0.75, 0.9, 1.0, 1.1):  # a shadow on the sheet needs a lower threshold
        corners = _bright_quadrilateral(smooth, share * otsu)
        if corners is not None and _is_sheet(corners, smooth):
            found.append(corners)
    return max(found, key=cv2.contourArea, default=None)


def _bright_quadrilateral(gray: GrayImage, threshold: float) -> Corners | None:
    """The largest bright area, if it has four corners."""
    bright = open_ink(close_ink(np.asarray(gray > threshold), 15, 15), 15, 15)
    contours, _ = cv2.findContours(
        bright.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )
    if not contours:
        return None
    contour = cv2.convexHull(max(contours, key=cv2.contourArea))
    for tolerance in (0.015, 0.02, 0.03, 0.05):
        polygon = cv2.approxPolyDP(contour, tolerance * cv2.arcLength(contour, True), True)
        if len(polygon) == 4:
            corners = _order_corners(polygon[:, 0].astype(np.float32))
            fits = cv2.contourArea(corners) >= 0.93 * cv2.contourArea(contour)
            return corners if fits else None
    return None


def _is_sheet(corners: Corners, gray: GrayImage) -> bool:
    """Large, nearly a rectangle, and with a sharp edge to something darker on every side."""
    share = cv2.contourArea(corners) / (gray.shape[0] * gray.shape[1])
    if not 0.2 <= share <= 0.985:
        return False
    sides = np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1)
    if min(sides[0], sides[2]) < 0.7 * max(sides[0], sides[2]):
        return False
    if min(sides[1], sides[3]) < 0.7 * max(sides[1], sides[3]):
        return False
    edges = [
        _edge_share(gray, start, stop)
        for start, stop in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return min(edges) > 0.5 and float(np.mean(edges)) > 0.75


def _edge_share(gray: GrayImage, start: Corners, stop: Corners) -> float:
    """Share of a side where the picture drops within a few pixels; soft shadows do not.

    A side that runs along the picture's border counts as an edge.
    """
    steps = np.linspace(0.05, 0.95, 60)[:, None]
    points = start + steps * (stop - start)
    direction = (stop - start) / max(float(np.linalg.norm(stop - start)), 1e-6)
    outward = np.array([direction[1], -direction[0]])  # corners run clockwise
    height, width = gray.shape

    def at(offset: float) -> NDArray[np.float32]:
        place = np.round(points + offset * outward).astype(np.int64)
        x, y = place[:, 0].clip(0, width - 1), place[:, 1].clip(0, height - 1)
        return np.asarray(gray[y, x], np.float32)

    drop = np.maximum(at(-4), at(-6)) - np.minimum(at(4), at(6))
    beyond = points + 6 * outward
    border = (beyond[:, 0] < 0) | (beyond[:, 1] < 0)
    border |= (beyond[:, 0] >= width) | (beyond[:, 1] >= height)
    return float(((drop > 14) | border).mean())


def _order_corners(points: Corners) -> Corners:
    """Clockwise from the top left, as the picture stands."""
    center = points.mean(axis=0)
    angles = np.arctan2(points[:, 1] - center[1], points[:, 0] - center[0])
    ordered = points[np.argsort(angles)]
    first = int(np.argmin(ordered.sum(axis=1)))
    return np.asarray(np.roll(ordered, -first, axis=0), np.float32)


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
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = gray if size == (width, height) else cv2.resize(gray, size, interpolation=method)
    # Pixel centres: photo = (page + ½) / scale − ½.
    sx, sy = width / size[0], height / size[1]
    matrix = np.array([[sx, 0, (sx - 1) / 2], [0, sy, (sy - 1) / 2], [0, 0, 1]])
    return Page(np.asarray(resized), matrix, 0)


def _shrink(gray: GrayImage, long_side: int) -> tuple[GrayImage, float]:
    factor = min(1.0, long_side / max(gray.shape))
    size = max(1, round(gray.shape[1] * factor)), max(1, round(gray.shape[0] * factor))
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA)), factor


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


def _rotation(size: tuple[int, int], skew_deg: float) -> Homography:
    """From the level page to the skewed one, about the middle."""
    angle = math.radians(skew_deg)
    cos, sin = math.cos(angle), math.sin(angle)
    x, y = size[0] / 2, size[1] / 2
    return np.array(
        [[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y], [0, 0, 1]]
    )


def _resample(
    gray: GrayImage, photo_from_flat: Homography, size: tuple[int, int], scale: float
) -> Page:
    photo_from_page = photo_from_flat @ _scaling(1 / scale)
    out = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    shrink = 1.0
    if scale < 0.75:  # average first: a warp alone would skip pixels
        gray, shrink = _shrink(gray, round(max(gray.shape) * scale))
    warped = cv2.warpPerspective(
        gray, _scaling(shrink) @ photo_from_page, out,
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE,
    )  # fmt: skip
    return Page(np.asarray(warped), photo_from_page, 0)
