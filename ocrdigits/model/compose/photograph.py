"""Taking the picture: a sheet and a camera go in, a phone photo with its truth comes out.

Order of the light's way: the sheet lies on a table, lamps and shadows fall on it, a lens blurs, a
sensor adds noise, the phone smooths and sharpens. Reflectance is handled as linear light.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ocrdigits.model.compose.paper import Color, Plane, Size, Surface, make_cloud, make_tabletop
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import ComposedPhoto, move_truth, sort_for_reading
from ocrdigits.records import ColorImage, Homography


@dataclass(frozen=True, slots=True)
class Shot:
    """How one photo is taken.

    Attributes:
        size: Height and width of the photo in pixels.
        margin_frac: Table visible around the sheet, share of the photo; negative crops the sheet.
        turn_deg: Rotation of the sheet.
        tilt_frac: How far the corners stray from a rectangle, share of the sheet.
        light_fall: How much darker the dim side is, 0 to 1.
        shadow: Depth of a hand's or phone's shadow, 0 for none.
        cast: Colour of the light, blue, green, red.
        exposure: Brightness of white where the light is strongest.
        blur_px: Standard deviation of the defocus.
        motion_px: Length of the camera's shake.
        noise: Standard deviation of the sensor's noise at mid grey.
    """

    size: Size
    margin_frac: float
    turn_deg: float
    tilt_frac: float
    light_fall: float
    shadow: float
    cast: Color
    exposure: float
    blur_px: float
    motion_px: float
    noise: float


def sample_shot(rng: np.random.Generator, size: Size, margin_frac: float) -> Shot:
    """A careful person's phone photo: readable, never perfect."""
    warmth = float(rng.normal(0.04, 0.05))
    return Shot(
        size=size,
        margin_frac=margin_frac,
        turn_deg=float(np.clip(rng.normal(0, 1.3), -3, 3)),
        tilt_frac=float(rng.uniform(0.004, 0.016)),
        light_fall=float(rng.uniform(0.1, 0.4)),
        shadow=float(rng.uniform(0.15, 0.45)) if rng.random() < 0.6 else 0.0,
        cast=(1 - 1.4 * warmth, 1 - 0.25 * warmth, 1 + 0.3 * warmth),
        exposure=float(rng.uniform(0.86, 1.0)),
        blur_px=float(rng.uniform(0.35, 0.8)),
        motion_px=float(rng.uniform(0, 1.6)),
        noise=float(rng.uniform(0.008, 0.022)),
    )


def photograph(rng: np.random.Generator, sheet: Sheet, shot: Shot) -> ComposedPhoto:
    """Photograph a sheet.

    Args:
        rng: Source of chance.
        sheet: What lies on the table.
        shot: How the photo is taken.

    Returns:
        The photo and the truth in its frame.
    """
    photo_from_sheet = _aim(rng, (sheet.height, sheet.width), shot)
    scene = _lay_on_table(rng, sheet.surface, photo_from_sheet, shot.size)
    light = _light(rng, shot)[:, :, None] * np.array(shot.cast, np.float32)
    focused = _blur(rng, scene * light, shot)
    image = _develop(rng, focused, shot)
    strings = [move_truth(string, photo_from_sheet) for string in sort_for_reading(sheet.strings)]
    return ComposedPhoto(image, tuple(strings))


def _aim(rng: np.random.Generator, sheet_size: Size, shot: Shot) -> Homography:
    """Turn, tilt and centre the sheet so that it fills the photo up to the margin."""
    height, width = sheet_size
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    turn = np.deg2rad(shot.turn_deg)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    aimed = (corners - (width / 2, height / 2)) @ rotation
    aimed += rng.normal(0, shot.tilt_frac, (4, 2)) * (width, height)
    photo_height, photo_width = shot.size
    frame = np.array([photo_width, photo_height]) * (1 - 2 * shot.margin_frac)
    extent = aimed.max(axis=0) - aimed.min(axis=0)
    fits = frame / extent
    scale = float(fits.max() if shot.margin_frac < 0 else fits.min())
    centre = (aimed.max(axis=0) + aimed.min(axis=0)) / 2
    slack = np.maximum(0, np.array([photo_width, photo_height]) - scale * extent) / 2
    placed = (aimed - centre) * scale + (photo_width / 2, photo_height / 2)
    placed += rng.uniform(-0.5, 0.5, 2) * slack
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), placed.astype(np.float32))
    homography: Homography = matrix.astype(np.float64)
    return homography


def _lay_on_table(
    rng: np.random.Generator, surface: Surface, photo_from_sheet: Homography, size: Size
) -> Surface:
    """The sheet on a table top, with the soft shadow of its own edge."""
    height, width = size
    mask = np.ones(surface.shape[:2], np.float32)
    sheet, cover = (
        cv2.warpPerspective(plane, photo_from_sheet, (width, height), flags=cv2.INTER_LINEAR)
        for plane in (surface, mask)
    )
    drop = rng.uniform(-1, 1, 2) * 6 + (0, 5)
    moved = cv2.warpAffine(cover, np.array([[1, 0, drop[0]], [0, 1, drop[1]]]), (width, height))
    contact = 1 - 0.5 * cv2.GaussianBlur(moved, (0, 0), 5)
    table = make_tabletop(rng, size) * contact[:, :, None]
    edge = cover[:, :, None]
    scene = table * (1 - edge) + sheet * (1 + 0.03 * make_cloud(rng, size, 300))[:, :, None]
    return scene.astype(np.float32)


def _light(rng: np.random.Generator, shot: Shot) -> Plane:
    """A lamp to one side, the lens's dark corners, perhaps somebody's shadow."""
    height, width = shot.size
    rows, columns = np.indices(shot.size, dtype=np.float32)
    x, y = 2 * columns / width - 1, 2 * rows / height - 1
    angle = float(rng.uniform(0, 2 * np.pi))
    across = (x * np.cos(angle) + y * np.sin(angle)) / 1.4
    light = 1 - shot.light_fall * (0.5 + 0.5 * across) - 0.07 * (x * x + y * y)
    if shot.shadow:
        light *= 1 - shot.shadow * _cast_shadow(rng, shot.size)
    plane: Plane = (light / light.max()).astype(np.float32)
    return plane


def _cast_shadow(rng: np.random.Generator, size: Size) -> Plane:
    """Something large and rounded reaches in from one side; its edge is soft."""
    height, width = size
    small_h, small_w = height // 4, width // 4
    mask = np.zeros((small_h, small_w), np.float32)
    side = float(rng.uniform(0, 2 * np.pi))
    reach = float(rng.uniform(0.95, 1.3))
    centre = (
        round(small_w / 2 * (1 + reach * np.cos(side))),
        round(small_h / 2 * (1 + reach * np.sin(side))),
    )
    axes = (round(small_w * rng.uniform(0.25, 0.5)), round(small_h * rng.uniform(0.3, 0.6)))
    cv2.ellipse(mask, centre, axes, float(rng.uniform(0, 180)), 0, 360, 1.0, cv2.FILLED)
    soft = cv2.GaussianBlur(mask, (0, 0), float(rng.uniform(0.015, 0.06)) * small_w)
    return np.asarray(cv2.resize(soft, (width, height), interpolation=cv2.INTER_LINEAR))


def _blur(rng: np.random.Generator, scene: Surface, shot: Shot) -> Surface:
    """Defocus, then the shake of the hand along one direction."""
    blurred = cv2.GaussianBlur(scene, (0, 0), shot.blur_px)
    if shot.motion_px < 1:
        return np.asarray(blurred)
    half = int(np.ceil(shot.motion_px))
    kernel = np.zeros((8 * half + 8, 8 * half + 8), np.uint8)
    angle, middle = float(rng.uniform(0, np.pi)), 4 * half + 4
    dx, dy = (round(2 * shot.motion_px * t) for t in (np.cos(angle), np.sin(angle)))
    cv2.line(kernel, (middle - dx, middle - dy), (middle + dx, middle + dy), 255, 3)
    small = cv2.resize(kernel, (2 * half + 1, 2 * half + 1), interpolation=cv2.INTER_AREA)
    weights = small.astype(np.float32) / max(1, int(small.sum()))
    return np.asarray(cv2.filter2D(blurred, -1, weights))


def _develop(rng: np.random.Generator, scene: Surface, shot: Shot) -> ColorImage:
    """Sensor noise, the phone's smoothing and sharpening, gamma, eight bits."""
    level = np.clip(scene * shot.exposure, 0.003, 1)
    fine = rng.standard_normal((*shot.size, 1), dtype=np.float32)
    blotches = cv2.resize(
        rng.standard_normal((shot.size[0] // 3 + 1, shot.size[1] // 3 + 1, 3), dtype=np.float32),
        shot.size[::-1],
    )
    noise = shot.noise * np.sqrt(level) * (fine + 0.35 * blotches)
    raw = np.clip(level + noise, 0, 1)
    smooth = cv2.GaussianBlur(raw, (0, 0), 0.55)
    sharp = smooth + 0.6 * (smooth - cv2.GaussianBlur(smooth, (0, 0), 1.6))
    toned = np.clip(sharp, 0, 1) ** (1 / 1.25)
    image: ColorImage = np.rint(255 * toned).astype(np.uint8)
    return image
