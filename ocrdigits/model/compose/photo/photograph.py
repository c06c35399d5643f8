"""Taking the picture: a sheet and a shot go in, a photo with its truth in its frame comes out.

Order of the light's way: the sheet lies on a table, lamps and shadows fall on it, a lens blurs, a
sensor adds noise, the phone smooths and sharpens. Ink and truth take the same way as the sheet.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between
from ocrdigits.model.compose.paper.surface import Plane, Size, Surface
from ocrdigits.model.compose.photo.camera import develop, focus
from ocrdigits.model.compose.photo.grid import CoarseGrid
from ocrdigits.model.compose.photo.lighting import draw_glare, light_scene
from ocrdigits.model.compose.photo.shot import Shot, ShotStyle
from ocrdigits.model.compose.photo.tabletop import make_tabletop
from ocrdigits.model.compose.photo.warp import View, aim_camera, trace_box
from ocrdigits.model.compose.photo.wear import wear_sheet
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import ComposedPhoto, move_truth, sort_for_reading
from ocrdigits.records import Box

_TABLE_FRAC = 0.7  # table texture has so many pixels a photo pixel: nobody focuses on the table
_TABLE_REACH = 0.4  # of the sheet's side, on every side; beyond it the texture is mirrored
_TABLE_PX = 1800
_PAPER_LIFT = 0.0015  # of the sheet's side: paper never lies quite on the table


def photograph(rng: np.random.Generator, sheet: Sheet, shot: Shot) -> ComposedPhoto:
    """Photograph a sheet.

    Args:
        rng: Source of chance.
        sheet: What lies on the table.
        shot: How the photo is taken.

    Returns:
        The photo, and the truth and the ink in its frame.
    """
    view = aim_camera((sheet.height, sheet.width), shot.size, shot.pose, _find_middle(sheet))
    grid = CoarseGrid(shot.size, max(8, max(shot.size) // 128))
    scene, ink = _lay_on_table(rng, sheet, shot, view, grid)
    scene = focus(rng, scene, shot.lens)
    image = develop(rng, scene, shot.sensor)
    strings = [move_truth(string, view.move_points) for string in sheet.strings]
    return ComposedPhoto(image, sort_for_reading(strings), ink, shot.jpeg_quality)


def _find_middle(sheet: Sheet) -> Box | None:
    """What every photo of the sheet shows: all its strings."""
    points = np.array([point for string in sheet.strings for point in string.polygon])
    if not len(points):
        return None
    pad = round(0.02 * max(sheet.height, sheet.width))
    low = np.maximum(points.min(axis=0) - pad, 0).tolist()
    high = np.minimum(points.max(axis=0) + pad, (sheet.width, sheet.height)).tolist()
    return Box(low[0], low[1], high[0] - low[0], high[1] - low[1])


def _lay_on_table(
    rng: np.random.Generator, sheet: Sheet, shot: Shot, view: View, grid: CoarseGrid
) -> tuple[Surface, NDArray[np.uint8]]:
    """The lit scene before the lens, and the ink in it."""
    points = grid.points()
    behind = view.find_sheet_points(points)
    rise = np.tan(view.slope_at(behind)).astype(np.float32)
    height, width = shot.size
    places = (points - (width / 2, height / 2)) / max(shot.size)
    light, relief = light_scene(rng, shot.light, places, (rise, view.axis))
    x, y = (grid.expand(behind[..., k] - 0.5) for k in range(2))
    scene = _remap_sheet(wear_sheet(rng, sheet.surface, shot.wear), (x, y), view)
    scene *= grid.expand(np.dstack([relief] * 3))
    if shot.style is ShotStyle.SCREEN:
        scene *= _draw_moire(rng, x, y, view)
    cover = _cover(x, y, view)
    if cover.min() < 1:
        table = _remap_table(rng, shot, view, grid)
        scene = np.asarray(cv2.blendLinear(scene, table, cover, 1 - cover), np.float32)
    scene *= grid.expand(light)
    if shot.light.glare:
        scene += grid.expand(draw_glare(rng, shot.light, places))[:, :, None]
    ink = cv2.remap(sheet.ink, x, y, cv2.INTER_NEAREST)
    return scene, np.asarray(ink)


def _remap_sheet(surface: Surface, maps: tuple[Plane, Plane], view: View) -> Surface:
    """The sheet as the camera sees it, without its edge."""
    scale = view.scale()
    smooth = surface
    if scale < 0.9:  # or thin strokes would be sampled here and there
        smooth = np.asarray(cv2.GaussianBlur(surface, (0, 0), 0.45 / scale))
    method = cv2.INTER_CUBIC if scale > 1.6 else cv2.INTER_LINEAR
    return np.asarray(cv2.remap(smooth, *maps, method, borderMode=cv2.BORDER_REPLICATE))


def _cover(x: Plane, y: Plane, view: View) -> Plane:
    """1 on the sheet, 0 on the table, between along the edge."""
    height, width = view.sheet_size
    inside = np.minimum(np.minimum(x, width - 1 - x), np.minimum(y, height - 1 - y))
    cover: Plane = np.clip((inside + np.float32(0.5)) * np.float32(view.scale()) + 0.5, 0, 1)
    return cover


def _remap_table(rng: np.random.Generator, shot: Shot, view: View, grid: CoarseGrid) -> Surface:
    """The table top in the same perspective, under the shadow of the sheet."""
    if shot.style is not ShotStyle.PHOTO:
        tone = between(rng, 0.75, 0.97) if shot.style is ShotStyle.SCAN else between(rng, 0.02, 0.4)
        table = np.full((*shot.size, 3), tone, np.float32)
    else:
        height, width = view.sheet_size
        reach = _TABLE_REACH * max(view.sheet_size)
        scale = min(_TABLE_FRAC * view.scale(), _TABLE_PX / (max(view.sheet_size) + 2 * reach))
        size: Size = (round((height + 2 * reach) * scale), round((width + 2 * reach) * scale))
        cm_px = scale * max(view.sheet_size) / between(rng, 18, 32)
        texture = make_tabletop(rng, size, cm_px)
        behind = (view.find_table_points(grid.points()) + reach) * scale - 0.5
        maps = (grid.expand(behind[..., 0]), grid.expand(behind[..., 1]))
        far = cv2.remap(texture, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101)
        table = np.asarray(far, np.float32)
    table *= grid.expand(np.dstack([_drop_shadow(shot, view, grid)] * 3))
    return table


def _drop_shadow(shot: Shot, view: View, grid: CoarseGrid) -> Plane:
    """How much light reaches the table beside and below the sheet."""
    height, width = view.sheet_size
    edge = trace_box(Box(0, 0, width, height), 0.02)
    shade = np.ones(grid.points().shape[:2], np.float32)
    unit = max(view.sheet_size)
    total = sum(lamp.strength for lamp in shot.light.lamps)
    shadows = [((0.0, 0.0), 0.25, 0.006)]  # paper keeps the sky away from what lies close to it
    for lamp in shot.light.lamps:
        toward = lamp.direction()
        drift = tuple((-toward[:2] / max(0.35, float(toward[2]))).tolist())
        depth = 0.9 * (1 - shot.light.sky) * lamp.strength / total
        shadows.append((drift, depth, 0.25 * shot.light.softness))
    for drift, depth, softness in shadows:
        outline = view.move_shadow(edge, (drift[0], drift[1]), _PAPER_LIFT * unit)
        mask = np.zeros(shade.shape, np.uint8)
        local = (outline / grid.step_px + 0.5) * 256
        cv2.fillPoly(mask, [np.rint(local).astype(np.int32)], 255, cv2.LINE_AA, 8)
        sigma = max(0.5, softness * max(shade.shape))
        shade *= 1 - depth * cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), sigma)
    return shade


def _draw_moire(rng: np.random.Generator, x: Plane, y: Plane, view: View) -> Surface:
    """The screen's coloured dots, sampled by the sensor's: fringes where they nearly agree."""
    pixel = between(rng, 0.93, 1.10) / view.scale()  # of the screen, in the sheet's pixels
    depth = between(rng, 0.04, 0.16)
    rows = (0.5 * depth) * np.cos(y * np.float32(2 * np.pi / pixel))
    planes = [
        1
        + depth * np.cos((x / np.float32(pixel) + np.float32(c / 3)) * np.float32(2 * np.pi))
        + rows
        for c in range(3)
    ]
    return np.asarray(cv2.merge([np.asarray(plane, np.float32) for plane in planes]))
