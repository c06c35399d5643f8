import numpy as np
import pytest

from ocrdigits.model.compose.photo.bend import Bend
from ocrdigits.model.compose.photo.warp import Pose, aim_camera, trace_box
from ocrdigits.records import Box

SHEET, PHOTO = (1300, 1000), (1600, 1200)
CURLED = Pose(
    turn_deg=4,
    pitch_deg=15,
    yaw_deg=-12,
    bend=Bend(axis_deg=20, arch_deg=8, ripple_deg=3, lift_deg=35),
    distortion=0.02,
)


def points_on_sheet(count=400):
    return np.random.default_rng(0).uniform((0, 0), SHEET[::-1], (count, 2))


def edge_in_photo(view):
    return view.move_points(trace_box(Box(0, 0, SHEET[1], SHEET[0]), 0.01))


def test_the_way_back_from_a_photo_finds_the_sheet_point_that_was_moved():
    view, points = aim_camera(SHEET, PHOTO, CURLED), points_on_sheet()
    assert np.abs(view.find_sheet_points(view.move_points(points)) - points).max() < 0.1


def test_a_flat_sheet_straight_before_the_camera_is_only_scaled():
    view = aim_camera(SHEET, PHOTO, Pose(margin_frac=0.0))
    moved = view.move_points(np.array([[0.0, 0], [1000, 0], [1000, 1300], [500, 650]]))
    scale = 1200 / 1000
    assert view.scale() == pytest.approx(scale)
    expected = np.array([[0, 20], [1200, 20], [1200, 1580], [600, 800]])
    assert np.abs(moved - expected).max() < 0.01


def test_the_sheet_fills_the_photo_up_to_the_margin():
    for margin_frac in (0.0, 0.1):
        pose = Pose(**{**_fields(CURLED), "margin_frac": margin_frac})
        edge = edge_in_photo(aim_camera(SHEET, PHOTO, pose)) / PHOTO[::-1]
        room = min((edge.min(axis=0) + 1 - edge.max(axis=0)) / 2)
        assert room == pytest.approx(margin_frac, abs=0.004)
        assert edge.min() > -0.004 and edge.max() < 1.004


def test_a_cropped_sheet_keeps_what_must_be_seen():
    inside = Box(300, 400, 500, 300)
    view = aim_camera(SHEET, PHOTO, Pose(**{**_fields(CURLED), "crop_frac": 0.9}), inside)
    kept = view.move_points(trace_box(inside))
    assert kept.min() >= 0 and (kept <= PHOTO[::-1]).all()
    assert not ((edge_in_photo(view) >= 0) & (edge_in_photo(view) <= PHOTO[::-1])).all()


def test_a_sheet_that_fills_the_photo_still_shows_what_must_be_seen():
    inside = Box(40, 500, 920, 200)
    pose = Pose(turn_deg=5, margin_frac=-0.16, shift=(0.5, 0.5))
    kept = aim_camera(SHEET, PHOTO, pose, inside).move_points(trace_box(inside))
    assert kept.min() >= 0 and (kept <= PHOTO[::-1]).all()
    free = aim_camera(SHEET, PHOTO, pose).move_points(trace_box(inside))
    assert free.min() < 0 or (free > PHOTO[::-1]).any()


def test_an_end_that_curls_up_comes_nearer_and_hides_nothing():
    flat = aim_camera(SHEET, PHOTO, Pose())
    curled = aim_camera(SHEET, PHOTO, Pose(bend=Bend(axis_deg=90, lift_deg=30)))

    def width_ratio(view):
        left, right, low_left, low_right = view.move_points(
            np.array([[0.0, 0], [1000, 0], [0, 1300], [1000, 1300]])
        )
        return np.hypot(*(low_right - low_left)) / np.hypot(*(right - left))

    assert width_ratio(flat) == pytest.approx(1)
    assert width_ratio(curled) > 1.05
    down = curled.move_points(np.column_stack([np.full(50, 500.0), np.linspace(0, 1300, 50)]))
    assert (np.diff(down[:, 1]) > 0).all()


def test_a_shadow_falls_away_from_the_lamp_where_the_sheet_is_high():
    view = aim_camera(SHEET, PHOTO, Pose(bend=Bend(axis_deg=0, lift_deg=30)))
    ends = np.array([[0.0, 650], [1000, 650]])
    below, shifted = (view.move_shadow(ends, (drift, 0.0), 0.0) for drift in (0.0, 1.0))
    moved = shifted - below
    assert moved[0, 0] == pytest.approx(0, abs=1)
    assert moved[1, 0] > 50


def _fields(pose):
    return {name: getattr(pose, name) for name in pose.__dataclass_fields__}
