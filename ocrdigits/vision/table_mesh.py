"""The outline of a table in, its mesh out: where its rules cross, row by row.

The outline is flattened, the rules are traced in both directions, and where they cross is the
mesh. From its corners the table is flattened once more, better. A mesh that is not inked along
its cells' borders is no table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Homography
from ocrdigits.settings import TableSettings
from ocrdigits.vision.enhance import Contrast
from ocrdigits.vision.geometry import Corners, map_points
from ocrdigits.vision.rule_paths import RulePath, TracedRules, respond_to_rules, trace_rules
from ocrdigits.vision.rule_pitch import choose_rules, mend_rules, without_doubles
from ocrdigits.vision.rule_writing import without_writing
from ocrdigits.vision.table_outlines import size_of

_FLAT_PX = 900  # longest side of a flattened table
MARGIN_PX = 45
"""Around a flattened outline, which may be off."""
_STRIPS = 24
_APART_PX = 9  # thick rules are 16 pixels thick, the rows of dense tables 20 high
_LEAST_RULES = 3  # two rows, two columns: less is a box


@dataclass(frozen=True, slots=True)
class TableMesh:
    """Where the rules of a table cross.

    Attributes:
        points: (rows + 1, columns + 1, 2) x and y in the page frame, top left first.
        score: Share of the cells' borders that is inked, 0 to 1.
    """

    points: NDArray[np.float64]
    score: float

    @property
    def outline(self) -> Corners:
        """(4, 2) corners, clockwise from the top left."""
        corners = self.points[[0, 0, -1, -1], [0, -1, -1, 0]]
        return np.asarray(corners, np.float32)

    @property
    def area(self) -> float:
        """Of the whole table, in square pixels of the page."""
        return float(cv2.contourArea(self.outline))


def measure_mesh(
    contrast: Contrast, noise: float, corners: Corners, settings: TableSettings
) -> TableMesh | None:
    """Find the rules inside an outline and where they cross.

    Args:
        contrast: (H, W) of the page.
        noise: Standard deviation of its paper.
        corners: (4, 2) outline.
        settings: What counts as a rule and as a table.

    Returns:
        The mesh, or None if there is no table.
    """
    first = look_at_mesh(contrast, noise, corners, settings, step_px=5)
    if first is None:
        return None
    # The outline may be off; what comes of it hardly.
    mesh = look_at_mesh(contrast, noise, first.outline, settings)
    return mesh if mesh is not None and mesh.score >= settings.min_score else None


def look_at_mesh(
    contrast: Contrast, noise: float, corners: Corners, settings: TableSettings, *, step_px: int = 3
) -> TableMesh | None:
    """Find the rules inside a known outline, once.

    Args:
        contrast: (H, W) of the page.
        noise: Standard deviation of its paper.
        corners: (4, 2) outline.
        settings: What counts as a rule.
        step_px: By how much a flattened rule may climb from strip to strip.

    Returns:
        The mesh, or None if there are too few rules.
    """
    size, flat_from_page = flatten_outline(corners, (MARGIN_PX, MARGIN_PX))
    warped = cv2.warpPerspective(contrast, flat_from_page, size, flags=cv2.INTER_LINEAR)
    flat = np.asarray(warped, np.float32)
    upright_flat = np.ascontiguousarray(flat.T)
    level = _trace(flat, noise, step_px, settings)
    upright = _trace(upright_flat, noise, step_px, settings)
    if min(len(level.rules), len(upright.rules)) < _LEAST_RULES:
        return None
    level = replace(level, rules=without_writing(flat, level, upright))
    upright = replace(upright, rules=without_writing(upright_flat, upright, level))
    if min(len(level.rules), len(upright.rules)) < _LEAST_RULES:
        return None
    crossings = _cross(level, upright)
    trimmed = _trim(crossings, *_edge_inks(crossings, level, upright))
    if trimmed is None:
        return None
    crossings, score = trimmed
    page_from_flat = np.asarray(np.linalg.inv(flat_from_page), np.float64)
    points = map_points(crossings.reshape(-1, 2), page_from_flat)
    return TableMesh(points.reshape(crossings.shape), score)


def flatten_outline(
    corners: Corners, margins: tuple[float, float]
) -> tuple[tuple[int, int], Homography]:
    """Flatten a table.

    Args:
        corners: (4, 2) its outline.
        margins: Left and right, above and below, in pixels of the flattened table.

    Returns:
        Width and height of the flattened table with its margins, and the map to it.
    """
    width, height = size_of(corners)
    scale = _FLAT_PX / max(width, height)
    width, height = max(60.0, width * scale), max(60.0, height * scale)
    left, top = margins
    right, bottom = left + width, top + height
    target = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
    matrix = cv2.getPerspectiveTransform(corners.astype(np.float32), target.astype(np.float32))
    return (round(width + 2 * left), round(height + 2 * top)), np.asarray(matrix, np.float64)


def strips_between(start: float, stop: float) -> NDArray[np.int64]:
    """Where the upright strips of a flattened table begin and end, which lies between these."""
    margin = 0.1 * MARGIN_PX
    return np.linspace(start + margin, stop - margin, _STRIPS + 1).round().astype(np.int64)


def _trace(flat: Contrast, noise: float, step_px: int, settings: TableSettings) -> TracedRules:
    """The level rules of a flattened table."""
    bounds = strips_between(MARGIN_PX, flat.shape[1] - MARGIN_PX)
    responses = respond_to_rules(flat, bounds, noise)
    candidates = trace_rules(
        responses,
        max_step=step_px,
        least=settings.weak_rule,
        apart=_APART_PX,
        count=settings.max_lines,
    )
    rules = choose_rules(candidates, responses, sure=settings.sure_rule, weak=settings.weak_rule)
    rules = without_doubles(rules)
    return TracedRules(rules, responses, (bounds[1:] + bounds[:-1]) / 2)


def _smooth(rule: RulePath, middles: NDArray[np.float64]) -> np.polynomial.Polynomial:
    """A curve through a rule that follows curled paper but no single strip."""
    trust = rule.responses + 0.02
    curve = np.polynomial.Polynomial.fit(middles, rule.rows, 3, w=trust)
    off = np.abs(curve(middles) - rule.rows)
    trust = trust * (off <= 2.5 * max(float(np.median(off)), 0.6)) + 1e-3
    return np.polynomial.Polynomial.fit(middles, rule.rows, 3, w=trust)


def _cross(level: TracedRules, upright: TracedRules) -> NDArray[np.float64]:
    """(level rules, upright rules, 2) where they cross, in the flat frame."""
    curves = [_smooth(rule, level.middles) for rule in mend_rules(level.rules)]
    columns = [_smooth(rule, upright.middles) for rule in mend_rules(upright.rules)]
    points = np.empty((len(curves), len(columns), 2))
    for i, row_of in enumerate(curves):
        for j, column_of in enumerate(columns):
            y = float(np.mean(level.rules[i].rows))
            for _ in range(4):
                x = float(column_of(y))
                y = float(row_of(x))
            points[i, j] = x, y
    return points


def _edge_inks(
    crossings: NDArray[np.float64], level: TracedRules, upright: TracedRules
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How inked the cells' borders are: (rows + 1, columns) and (rows, columns + 1), 0 to 1."""
    lying = _inks_along(crossings, level)
    standing = _inks_along(crossings.transpose(1, 0, 2)[:, :, ::-1], upright).T
    return lying, standing


def _inks_along(crossings: NDArray[np.float64], direction: TracedRules) -> NDArray[np.float64]:
    """Mean response between neighbouring crossings of each rule."""
    near = cv2.dilate(direction.responses, np.ones((1, 7), np.uint8))
    steps = np.linspace(0.15, 0.85, 7)[:, None]
    begin, end = crossings[:, :-1, None], crossings[:, 1:, None]
    points = begin + steps * (end - begin)  # (rules, spans, 7, 2)
    strips = np.clip(np.searchsorted(direction.middles, points[..., 0]), 0, len(near) - 1)
    rows = np.clip(np.rint(points[..., 1]).astype(np.int64), 0, near.shape[1] - 1)
    half = (direction.middles[1] - direction.middles[0]) / 2
    along = points[..., 0]
    inside = (along >= direction.middles[0] - half) & (along <= direction.middles[-1] + half)
    return np.asarray((near[strips, rows] * inside).mean(axis=2), np.float64)


def _trim(
    crossings: NDArray[np.float64], lying: NDArray[np.float64], standing: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float] | None:
    """Take off outer rows and columns that have no walls: what lies beyond is no cell."""
    rows, columns = len(standing), lying.shape[1]
    top, bottom, left, right = 0, rows, 0, columns
    while min(bottom - top, right - left) >= _LEAST_RULES - 1:
        walls = standing[top:bottom, left : right + 1].mean(axis=1)
        floors = lying[top : bottom + 1, left:right].mean(axis=0)
        weakest = min(walls[0], walls[-1], floors[0], floors[-1])
        if weakest >= 0.4:
            kept = crossings[top : bottom + 1, left : right + 1]
            parts = (lying[top : bottom + 1, left:right], standing[top:bottom, left : right + 1])
            inked = np.concatenate([part.ravel() for part in parts])
            return kept, float((inked > 0.4).mean())
        if weakest == walls[0]:
            top += 1
        elif weakest == walls[-1]:
            bottom -= 1
        elif weakest == floors[0]:
            left += 1
        else:
            right -= 1
    return None
