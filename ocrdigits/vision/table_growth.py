"""A mesh in, the same with the outer rows and columns that its outline had missed out.

An outline that cuts off a column still gives a good mesh of the others. One cell beyond each side
a rule may stand; if the rules across go on as far as that, there is one more row or column.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.settings import TableSettings
from ocrdigits.vision.enhance import Contrast
from ocrdigits.vision.geometry import Corners, map_points
from ocrdigits.vision.rule_paths import respond_to_rules
from ocrdigits.vision.rule_pitch import look_near
from ocrdigits.vision.table_mesh import (
    TableMesh,
    flatten_outline,
    look_at_mesh,
    strips_between,
)

_BEYOND = 1.3  # cells around the table that are looked at
_REACH = 0.15  # of a cell: what lies beyond is as wide as its neighbour, nearly
_MOST_ROUNDS = 3
_WALLS = 0.4  # of the darkness of the next cells' walls: those of the outer ones are as dark


@dataclass(frozen=True, slots=True)
class _Side:
    """Above, below, left or right of a table."""

    is_upright: bool
    is_last: bool


_SIDES = tuple(
    _Side(is_upright, is_last) for is_upright in (False, True) for is_last in (False, True)
)


def grow_mesh(
    contrast: Contrast, noise: float, mesh: TableMesh, settings: TableSettings
) -> TableMesh:
    """Add rows and columns beyond a mesh.

    Args:
        contrast: (H, W) of the page.
        noise: Standard deviation of its paper.
        mesh: Of a table.
        settings: What counts as a rule.

    Returns:
        The mesh, larger where there is more of the table.
    """
    for _ in range(_MOST_ROUNDS):
        before = mesh
        for side in _promising_sides(contrast, noise, mesh, settings):
            mesh = _add_beyond(contrast, noise, mesh, side, settings)
        if mesh is before:
            return mesh
    return mesh


def _promising_sides(
    contrast: Contrast, noise: float, mesh: TableMesh, settings: TableSettings
) -> list[_Side]:
    """The sides beyond which a rule is seen."""
    rows, columns = (count - 1 for count in mesh.points.shape[:2])
    size, _ = flatten_outline(mesh.outline, (0, 0))
    margins = _BEYOND * size[0] / columns, _BEYOND * size[1] / rows
    size, flat_from_page = flatten_outline(mesh.outline, margins)
    warped = cv2.warpPerspective(contrast, flat_from_page, size, flags=cv2.INTER_LINEAR)
    flat = np.asarray(warped, np.float32)
    level = map_points(mesh.points.reshape(-1, 2), flat_from_page).reshape(mesh.points.shape)
    found = []
    for side in _SIDES:
        rules = level.transpose(1, 0, 2)[:, :, ::-1] if side.is_upright else level
        picture = np.ascontiguousarray(flat.T) if side.is_upright else flat
        if _is_rule_beyond(picture, noise, rules[::-1] if side.is_last else rules, settings):
            found.append(side)
    return found


def _is_rule_beyond(
    flat: Contrast, noise: float, rules: NDArray[np.float64], settings: TableSettings
) -> bool:
    """Whether a rule stands as far from the first level one as that from the second."""
    bounds = strips_between(*np.sort(rules[0, [0, -1], 0]))
    responses = respond_to_rules(flat, bounds, noise)
    middles = (bounds[1:] + bounds[:-1]) / 2
    first, second = (
        np.interp(middles, *rule[np.argsort(rule[:, 0])].T) for rule in (rules[0], rules[1])
    )
    reach = max(2, round(_REACH * float(np.abs(second - first).mean())))
    return look_near(2 * first - second, responses, reach).strength >= settings.sure_rule


def _add_beyond(
    contrast: Contrast, noise: float, mesh: TableMesh, side: _Side, settings: TableSettings
) -> TableMesh:
    """Look at a mesh with one row or column more; without it, if its cells have no borders."""
    shape = mesh.points.shape[0] - 1, mesh.points.shape[1] - 1
    found = look_at_mesh(contrast, noise, _widen(mesh, side), settings)
    if found is None:
        return mesh
    grown = found.points.shape[0] - 1, found.points.shape[1] - 1
    if grown != ((shape[0], shape[1] + 1) if side.is_upright else (shape[0] + 1, shape[1])):
        return mesh
    return found if _has_walls(contrast, found, side) else mesh


def _has_walls(contrast: Contrast, mesh: TableMesh, side: _Side) -> bool:
    """Whether the outer cells on a side are divided by rules as dark as the next ones are."""
    points = mesh.points.transpose(1, 0, 2) if side.is_upright else mesh.points
    points = points[::-1] if side.is_last else points
    outer, inner = (_wall_darkness(contrast, *points[first : first + 2]) for first in (0, 1))
    return outer >= _WALLS * inner


def _wall_darkness(
    contrast: Contrast, begins: NDArray[np.float64], ends: NDArray[np.float64]
) -> float:
    """How much darker the rules from some crossings to others usually are than the paper beside."""
    across = np.diff(begins, axis=0, append=2 * begins[-1:] - begins[-2:-1])
    shares = np.linspace(0.25, 0.75, 9)[:, None, None]
    points = begins + shares * (ends - begins)
    step = across / np.linalg.norm(across, axis=1, keepdims=True)
    on = np.max([_look_up(contrast, points + pixels * step) for pixels in range(-2, 3)], axis=0)
    beside = [_look_up(contrast, points + part * across) for part in (-0.25, 0.25)]
    return float(np.median(np.median(on - np.min(beside, axis=0), axis=0)))


def _look_up(contrast: Contrast, points: NDArray[np.float64]) -> NDArray[np.float32]:
    """Contrast at the pixels nearest to points, (..., 2) x and y."""
    x, y = np.rint(points).astype(np.int64).transpose(2, 0, 1)
    height, width = contrast.shape
    return np.asarray(contrast[np.clip(y, 0, height - 1), np.clip(x, 0, width - 1)], np.float32)


def _widen(mesh: TableMesh, side: _Side) -> Corners:
    """The outline with one row or column more."""
    rows, columns = (count - 1 for count in mesh.points.shape[:2])
    corners = np.array([[0, 0], [columns, 0], [columns, rows], [0, rows]], np.float32)
    page_from_cells = cv2.getPerspectiveTransform(corners, mesh.outline)
    axis = 0 if side.is_upright else 1
    outer = corners[:, axis] == (corners.max(axis=0)[axis] if side.is_last else 0)
    corners[outer, axis] += 1 if side.is_last else -1
    widened = map_points(corners.astype(np.float64), np.asarray(page_from_cells, np.float64))
    return np.asarray(widened, np.float32)
