import dataclasses

import cv2
import numpy as np
import pytest

from ocrdigits.model.compose.pages.typeset import Style, print_line
from ocrdigits.model.compose.paper.surface import make_paper
from ocrdigits.model.compose.photo.bend import Bend
from ocrdigits.model.compose.photo.camera import Lens, Sensor
from ocrdigits.model.compose.photo.lighting import Lamp, Light
from ocrdigits.model.compose.photo.photograph import photograph
from ocrdigits.model.compose.photo.shot import Shot, ShotStyle
from ocrdigits.model.compose.photo.warp import Pose
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass, StringTruth, rectangle_corners
from ocrdigits.records import Box, Kind

SIZE = (300, 400)
EVEN = Light((Lamp(0, 80, 20, (1.0, 1.0, 1.0), 1.0),), sky=0.8, vignette=0.0)
CURLED = Pose(
    turn_deg=5,
    pitch_deg=14,
    yaw_deg=10,
    bend=Bend(axis_deg=75, arch_deg=9, lift_deg=35, lift_frac=0.5),
    distortion=0.02,
)


@pytest.fixture
def sheet():
    sheet = Sheet(make_paper(np.random.default_rng(0), (200, 320)))
    print_line(sheet, "58", Style("DejaVuSans-Bold", 51), 100, 130)
    return sheet


@pytest.fixture
def blocks():
    """A sheet whose digits are filled boxes, so that box and ink are the same."""
    sheet = Sheet(np.full((650, 900, 3), 0.9, np.float32))
    boxes = [Box(x, y, 40, 60) for y in (60, 290, 520) for x in range(60, 840, 110)]
    for box in boxes:
        sheet.fill(box, (0.1, 0.1, 0.1), InkClass.DIGIT)
    sheet.polyline([(0, 200), (900, 200)], 5, (0.2, 0.2, 0.2))
    sheet.strings = [
        StringTruth("0", Kind.DIGIT, rectangle_corners(box), (box,), False) for box in boxes
    ]
    return sheet


def take(sheet, seed=1, **changes):
    shot = dataclasses.replace(Shot(SIZE, light=EVEN), **changes)
    return photograph(np.random.default_rng(seed), sheet, shot)


def find_digits(ink):
    mask = (ink == InkClass.DIGIT).astype(np.uint8)
    stats = cv2.connectedComponentsWithStats(mask, connectivity=8)[2][1:]
    return {tuple(row[:4].tolist()) for row in stats}


def test_a_photo_has_its_size_and_leaves_the_sheet_alone(sheet):
    surface, ink = sheet.surface.copy(), sheet.ink.copy()
    photo = take(sheet)
    assert photo.image.shape == (*SIZE, 3) and photo.image.dtype == np.uint8
    assert photo.ink.shape == SIZE and photo.ink.dtype == np.uint8
    assert np.array_equal(sheet.surface, surface) and np.array_equal(sheet.ink, ink)


def test_the_truth_lies_on_the_ink_whatever_the_turn(sheet):
    for turn_deg in (-8.0, 0.0, 8.0):
        photo = take(sheet, pose=Pose(turn_deg=turn_deg))
        gray = photo.image.mean(axis=2)
        for box in photo.strings[0].digit_boxes:
            inside = gray[box.y : box.bottom, box.x : box.right]
            around = gray[box.y - 12 : box.y - 6, box.x : box.right]
            assert (inside < 0.6 * np.median(around)).mean() > 0.2
            assert around.min() > 0.6 * np.median(around)


def test_boxes_agree_with_the_ink_of_a_strongly_curled_and_tilted_sheet(blocks):
    photo = take(blocks, size=(1000, 1400), pose=CURLED)
    found = find_digits(photo.ink)
    assert len(found) == len(blocks.strings)
    for string in photo.strings:
        box = string.digit_boxes[0]
        edges = np.array([box.x, box.y, box.right, box.bottom])
        assert min(np.abs(edges - (x, y, x + w, y + h)).max() for x, y, w, h in found) <= 2


def test_ink_of_the_mask_is_dark_in_the_photo_and_ground_is_bright(blocks):
    photo = take(blocks, size=(1000, 1400), pose=CURLED, style=ShotStyle.SCAN)
    gray = photo.image.mean(axis=2)
    inner = cv2.erode((photo.ink == InkClass.DIGIT).astype(np.uint8), np.ones((7, 7)))
    ground = cv2.erode((photo.ink == InkClass.GROUND).astype(np.uint8), np.ones((7, 7)))
    assert gray[inner > 0].max() < 100
    assert gray[ground > 0].min() > 130
    assert (photo.ink == InkClass.RULE).any()


def test_the_table_is_ground_and_no_ink(sheet):
    photo = take(sheet, pose=Pose(margin_frac=0.2))
    assert not photo.ink[:30].any() and not photo.ink[:, :30].any()


def test_a_negative_margin_fills_the_photo_with_the_sheet(sheet):
    photo = take(sheet, pose=Pose(margin_frac=-0.16))
    edge = np.concatenate([photo.image[0], photo.image[-1], photo.image[:, 0], photo.image[:, -1]])
    assert edge.max(axis=1).min() > 120


def test_a_lifted_end_is_shaded_by_its_angle_to_the_lamp(blocks):
    lamp = Light((Lamp(0, 40, 6, (1.0, 1.0, 1.0), 1.0),), sky=0.2, vignette=0.0)
    brightness = {}
    for axis_deg in (0, 180):
        bend = Bend(axis_deg=axis_deg, lift_deg=30, lift_frac=0.5)
        image = take(blocks, light=lamp, pose=Pose(bend=bend)).image
        x = 350 if axis_deg == 0 else 50
        brightness[axis_deg] = image[120:150, x - 4 : x + 4].max()
    assert brightness[180] > brightness[0] + 25  # that end faces the lamp


def test_a_screen_shows_coloured_fringes(blocks):
    photos = [take(blocks, style=style, sensor=Sensor(noise=0)) for style in ShotStyle]
    spread = [np.ptp(photo.image[200:260, 100:300].astype(int), axis=2).mean() for photo in photos]
    assert spread[2] > 3 * max(spread[:2])


def test_a_sheet_without_strings_can_be_photographed():
    photo = take(Sheet(np.full((60, 80, 3), 0.9, np.float32)), pose=Pose(crop_frac=0.5))
    assert photo.strings == ()


def test_the_same_seed_takes_the_same_photo(sheet):
    first, second = (take(sheet, seed=2, lens=Lens(0.6, 1.2, 1.0, 3.0)) for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert np.array_equal(first.ink, second.ink)
    assert first.strings == second.strings
