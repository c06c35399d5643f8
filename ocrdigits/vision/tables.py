"""A photo in grey in, its ruled tables out, the largest first."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import GrayImage
from ocrdigits.settings import EnhanceSettings, TableSettings
from ocrdigits.vision.enhance import (
    background_window,
    dark_on_light,
    ink_level,
    measure_contrast,
    soften,
)
from ocrdigits.vision.geometry import Corners
from ocrdigits.vision.table_growth import grow_mesh
from ocrdigits.vision.table_mesh import TableMesh, measure_mesh
from ocrdigits.vision.table_outlines import find_outlines, shared_area

_LEAST_SHARE = 0.3  # of the largest table's area
_FLAWLESS = 0.97


def find_tables(
    gray: GrayImage, settings: TableSettings, enhance: EnhanceSettings
) -> list[TableMesh]:
    """Find ruled tables.

    Args:
        gray: (H, W) photo.
        settings: What counts as a table.
        enhance: Thresholds of the ink.

    Returns:
        The tables, largest first, none inside another; points in the frame of `gray`.
    """
    factor = min(1.0, settings.long_side_px / max(gray.shape))
    size = max(1, round(gray.shape[1] * factor)), max(1, round(gray.shape[0] * factor))
    small = gray if factor == 1 else cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    small = np.asarray(small, np.uint8)
    window = background_window(small, enhance)
    contrast, noise = measure_contrast(soften(dark_on_light(small, window)), window)
    level = ink_level(contrast, noise, window, enhance)
    outlines = find_outlines(contrast, noise, level, settings)
    meshes: list[TableMesh] = []
    for corners in outlines:
        if any(_explains(mesh, corners) for mesh in meshes):
            continue
        mesh = measure_mesh(contrast, noise, corners, settings)
        if mesh is not None:
            meshes.append(mesh)
    tables: list[TableMesh] = []
    for mesh in sorted(meshes, key=_rank, reverse=True):
        if not any(_overlap(mesh, other) for other in tables):
            tables.append(grow_mesh(contrast, noise, mesh, settings))
    scale = np.array([gray.shape[1] / size[0], gray.shape[0] / size[1]])
    return [
        TableMesh((mesh.points + 0.5) * scale - 0.5, mesh.score)
        for mesh in tables
        if mesh.area >= _LEAST_SHARE * tables[0].area
    ]


def _rank(mesh: TableMesh) -> float:
    """Large tables that are inked all over come first."""
    return mesh.area * mesh.score**2


def _explains(mesh: TableMesh, corners: Corners) -> bool:
    """Whether a mesh without flaws fills an outline: nothing better will come of it."""
    return mesh.score >= _FLAWLESS and shared_area(mesh.outline, corners) > 0.8


def _overlap(one: TableMesh, other: TableMesh) -> bool:
    common, _ = cv2.intersectConvexConvex(one.outline, other.outline)
    return bool(common > 0.1 * min(one.area, other.area))
