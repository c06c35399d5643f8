"""Geometry of a photo: a bent sheet and a camera go in, the way between sheet and photo comes out.

A sheet of paper bends about one direction and stays straight along it (a cylinder in the wide
sense), so that lengths on it never change. A pinhole camera projects it, a lens bends the result.
Points are continuous: pixel (0, 0) covers 0 to 1. x goes right, y down, height towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.paper.surface import Size
from ocrdigits.model.compose.photo.bend import Bend, make_profile
from ocrdigits.records import Box

Points = NDArray[np.float64]
"""(..., 2) float64: x and y."""

_EDGE_FRAC = 0.01  # no string comes nearer to the edge of a photo
_ROUNDS = 10  # of the search for the sheet point behind a pixel; 35° of bend ends below 0.02 pixels


@dataclass(frozen=True, slots=True)
class Pose:
    """Where the camera is and how the sheet lies before it.

    Attributes:
        turn_deg: Rotation of the sheet in the photo.
        pitch_deg: Tilt about the photo's horizontal.
        yaw_deg: Tilt about its vertical.
        focal_frac: Focal length, share of the photo's longer side; a phone's is about 0.75.
        margin_frac: Table visible around the sheet, share of the photo; negative fills the photo.
        crop_frac: How much of what surrounds the strings may lie outside the photo, 0 to 1.
        shift: Where in the room that is left the sheet lies; (0, 0) is the middle, ±1 the ends.
        bend: Shape of the sheet.
        distortion: Radial distortion of the lens at mid distance; above 0 pincushion.
    """

    turn_deg: float = 0.0
    pitch_deg: float = 0.0
    yaw_deg: float = 0.0
    focal_frac: float = 0.8
    margin_frac: float = 0.03
    crop_frac: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    bend: Bend = field(default_factory=Bend)
    distortion: float = 0.0


@dataclass(frozen=True, slots=True)
class View:
    """The way from a sheet to a photo.

    Attributes:
        sheet_size: Height and width of the sheet.
        photo_size: Height and width of the photo.
        axis: Unit vector of the bend, sheet frame.
        profile: (4, K) along the axis, measured on the paper from the sheet's middle: distance on
            the paper, distance on the table, height, slope in radians.
        projection: (3, 4) takes table points with a height to the photo before the lens.
        distortion: Of the lens.
    """

    sheet_size: Size
    photo_size: Size
    axis: tuple[float, float]
    profile: NDArray[np.float64]
    projection: NDArray[np.float64]
    distortion: float

    def move_points(self, points: Points) -> Points:
        """Take sheet points to the photo."""
        return self._bend_light(self._project(*self._raise(points)))

    def move_shadow(self, points: Points, drift: tuple[float, float], rise_px: float) -> Points:
        """Take sheet points to where their shadow falls on the table, photo frame.

        Args:
            points: Sheet frame.
            drift: How far a shadow moves for each unit of height, sheet frame.
            rise_px: Further height of the whole sheet.

        Returns:
            Photo frame.
        """
        table, height = self._raise(points)
        shadow = table + np.multiply.outer(height + rise_px, np.array(drift))
        return self._bend_light(self._project(shadow, np.zeros_like(height)))

    def slope_at(self, points: Points) -> NDArray[np.float64]:
        """Slope of the sheet in radians along `axis`."""
        slope: NDArray[np.float64] = np.interp(
            self._along(points), self.profile[0], self.profile[3]
        )
        return slope

    def find_table_points(self, points: Points) -> Points:
        """Table points, in the sheet's units, behind photo points."""
        flat = np.linalg.inv(self.projection[:, [0, 1, 3]])
        return _apply(flat, self._straighten_light(points))

    def find_sheet_points(self, points: Points) -> Points:
        """Sheet points behind photo points; beyond the edge of the sheet they go on smoothly."""
        seen = self._straighten_light(points)
        flat = np.linalg.inv(self.projection[:, [0, 1, 3]])
        target = _apply(flat, seen)
        found = target.copy()
        for _ in range(_ROUNDS):  # the flat camera's answer, corrected by what it misses
            reached = _apply(flat, self._project(*self._raise(found)))
            found += target - reached
        return found

    def scale(self) -> float:
        """Photo pixels a sheet pixel, in the middle of the sheet."""
        height, width = self.sheet_size
        middle = np.array([width / 2, height / 2])
        square = np.array([[-8.0, 0], [8, 0], [0, -8], [0, 8]]) + middle
        left, right, top, bottom = self.move_points(square)
        return float(np.hypot(*(right - left)) + np.hypot(*(bottom - top))) / 32

    def _along(self, points: Points) -> NDArray[np.float64]:
        height, width = self.sheet_size
        along: NDArray[np.float64] = (points - (width / 2, height / 2)) @ np.array(self.axis)
        return along

    def _raise(self, points: Points) -> tuple[Points, NDArray[np.float64]]:
        """Where paper lies over the table, and how high."""
        along = self._along(points)
        reach = np.interp(along, self.profile[0], self.profile[1])
        height = np.interp(along, self.profile[0], self.profile[2])
        return points + np.multiply.outer(reach - along, np.array(self.axis)), height

    def _project(self, table: Points, height: NDArray[np.float64]) -> Points:
        point = np.concatenate([table, height[..., None], np.ones_like(height)[..., None]], -1)
        return _divide(point @ self.projection.T)

    def _bend_light(self, points: Points) -> Points:
        away, radius2 = self._from_middle(points)
        return points + away * (self.distortion * (radius2 - 1))[..., None]

    def _straighten_light(self, points: Points) -> Points:
        straight = points
        for _ in range(6):
            away, radius2 = self._from_middle(straight)
            straight = points - away * (self.distortion * (radius2 - 1))[..., None]
        return straight

    def _from_middle(self, points: Points) -> tuple[Points, NDArray[np.float64]]:
        """Away from the photo's middle, and the squared distance, 1 in the corners."""
        height, width = self.photo_size
        away = points - (width / 2, height / 2)
        radius2: NDArray[np.float64] = (away**2).sum(axis=-1) / (
            (width / 2) ** 2 + (height / 2) ** 2
        )
        return away, np.minimum(radius2, 1.5)


def aim_camera(sheet_size: Size, photo_size: Size, pose: Pose, inside: Box | None = None) -> View:
    """Point the camera at a sheet.

    Args:
        sheet_size: Height and width of the sheet.
        photo_size: Height and width of the photo.
        pose: How both are held.
        inside: What must lie inside the photo where the sheet is cropped, sheet frame.

    Returns:
        The view, in which the sheet, or what `pose.crop_frac` leaves of it, fills the photo up to
        the margin.
    """
    height, width = sheet_size
    angle = np.deg2rad(pose.bend.axis_deg)
    axis = (float(np.cos(angle)), float(np.sin(angle)))
    length = abs(width * axis[0]) + abs(height * axis[1])
    view = View(
        sheet_size,
        photo_size,
        axis,
        make_profile(pose.bend, length),
        _look_at(sheet_size, pose),
        pose.distortion,
    )
    frame = trace_box(_shrink(Box(0, 0, width, height), inside, pose.crop_frac), 0.05)
    for _ in range(5):  # the lens bends what is fitted, so it is fitted again
        view = _adjust(view, _fit(view.move_points(frame), photo_size, pose))
        if inside is not None and pose.margin_frac < 0:
            kept = view.move_points(trace_box(inside, 0.05))
            view = _adjust(view, _keep(kept, photo_size))
    return view


def trace_box(box: Box, step_frac: float = 0.25) -> Points:
    """Points along the edge of a box, clockwise from its top left."""
    steps = np.arange(0, 1, step_frac)[:, None]
    corners = np.array(
        [(box.x, box.y), (box.right, box.y), (box.right, box.bottom), (box.x, box.bottom)],
        np.float64,
    )
    sides = [
        a + steps * (b - a) for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True)
    ]
    return np.concatenate(sides)


def _look_at(sheet_size: Size, pose: Pose) -> NDArray[np.float64]:
    """Camera over the middle of the sheet, as far away as its focal length asks for."""
    height, width = sheet_size
    turn, pitch, yaw = np.deg2rad((pose.turn_deg, pose.pitch_deg, pose.yaw_deg))
    roll = _rotate(turn, 0, 1)
    rotation = _rotate(pitch, 1, 2) @ _rotate(yaw, 0, 2) @ roll
    distance = pose.focal_frac * max(sheet_size)
    center = np.array([width / 2, height / 2, 0])
    camera = np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, -1 / distance, 1]])
    pose_matrix = np.eye(4)
    pose_matrix[:3, :3], pose_matrix[:3, 3] = rotation, -rotation @ center
    projection: NDArray[np.float64] = camera @ pose_matrix
    return projection


def _rotate(angle: float, first: int, second: int) -> NDArray[np.float64]:
    rotation = np.eye(3)
    rotation[first, first] = rotation[second, second] = np.cos(angle)
    rotation[first, second], rotation[second, first] = -np.sin(angle), np.sin(angle)
    return rotation


def _shrink(sheet: Box, inside: Box | None, crop_frac: float) -> Box:
    """The sheet without a share of what surrounds `inside`."""
    if inside is None or crop_frac <= 0:
        return sheet
    x, y = round(crop_frac * inside.x), round(crop_frac * inside.y)
    right = round(sheet.right - crop_frac * (sheet.right - inside.right))
    bottom = round(sheet.bottom - crop_frac * (sheet.bottom - inside.bottom))
    return Box(x, y, right - x, bottom - y)


def _fit(points: Points, photo_size: Size, pose: Pose) -> NDArray[np.float64]:
    """Scale and shift that bring points into the photo up to the margin."""
    photo = np.array(photo_size[::-1], np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    scales = photo * (1 - 2 * pose.margin_frac) / (high - low)
    scale = float(scales.max() if pose.margin_frac < 0 else scales.min())
    slack = np.maximum(0, photo * (1 - pose.margin_frac) - scale * (high - low)) / 2
    shift = photo / 2 + slack * pose.shift - scale * (low + high) / 2
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])


def _keep(points: Points, photo_size: Size) -> NDArray[np.float64]:
    """Scale and shift, as little as will do, that bring points into the photo."""
    photo = np.array(photo_size[::-1], np.float64)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = min(1.0, float(((1 - 2 * _EDGE_FRAC) * photo / (high - low)).min()))
    middle = (low + high) / 2
    half = scale * (high - low) / 2 + _EDGE_FRAC * photo
    shift = np.clip(middle, half, photo - half) - scale * middle
    return np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1]])


def _adjust(view: View, photo_from_photo: NDArray[np.float64]) -> View:
    return replace(view, projection=photo_from_photo @ view.projection)


def _apply(homography: NDArray[np.floating[Any]], points: Points) -> Points:
    return _divide(points @ homography[:, :2].T + homography[:, 2])


def _divide(points: NDArray[np.float64]) -> Points:
    depth = np.maximum(points[..., 2:], 1e-3)  # what lies behind the camera stays far away
    return points[..., :2] / depth
