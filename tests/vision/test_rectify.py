import math

import cv2
import numpy as np
import pytest
from pages import PAPER, page_of_lines, paper, put_text, rotated, written

from ocrdigits.records import Layout, Page, Photo
from ocrdigits.settings import RectifySettings
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.rectify import estimate_skew, find_sheet, rectify_photo, turn_page

SETTINGS = RectifySettings()
TABLE = 70
SHEET_CORNERS = np.array([[110, 60], [500, 90], [530, 400], [80, 420]], np.float32)


def as_photo(gray) -> Photo:
    return Photo("a.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))


def on_a_table(sheet, corners, table: int = TABLE):
    """A photo of a sheet whose corners lie at `corners`."""
    h, w = sheet.shape
    flat = np.array([[0, 0], [w, 0], [w, h], [0, h]], np.float32)
    photo_from_sheet = cv2.getPerspectiveTransform(flat, corners.astype(np.float32))
    scene = np.full((480, 640), table, np.uint8)
    cv2.warpPerspective(
        sheet,
        photo_from_sheet,
        (640, 480),
        dst=scene,
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_TRANSPARENT,
    )
    return cv2.GaussianBlur(scene, (0, 0), 0.8)


def blot_center(gray):
    """Middle (x, y) of the one dark blot of a page."""
    rows, columns = np.nonzero(gray < 120)
    return np.array([[columns.mean(), rows.mean()]])


def corner_error(found) -> float:
    return float(np.linalg.norm(found - SHEET_CORNERS, axis=1).max())


def test_the_corners_of_a_sheet_are_found_within_a_hundredth_of_the_photo():
    photo = on_a_table(page_of_lines(), SHEET_CORNERS)
    corners = find_sheet(photo)
    assert corners is not None
    assert corner_error(corners) <= 0.01 * 640


def test_the_corners_are_found_under_a_shadow():
    photo = on_a_table(page_of_lines(), SHEET_CORNERS)
    edge = 1 / (1 + np.exp(-(np.arange(640) - 300) / 25))
    corners = find_sheet((photo * (0.65 + 0.35 * edge)).astype(np.uint8))
    assert corners is not None
    assert corner_error(corners) <= 0.01 * 640


@pytest.mark.parametrize("table", [130, 150, 170])
def test_the_corners_are_found_where_the_table_is_brighter_than_the_shaded_sheet(table):
    photo = on_a_table(page_of_lines(), SHEET_CORNERS, table)
    edge = 1 / (1 + np.exp(-(np.arange(640) - 330) / 25))
    corners = find_sheet((photo * (0.4 + 0.6 * edge)).astype(np.uint8))
    assert corners is not None
    assert corner_error(corners) <= 0.01 * 640


def test_the_corners_are_found_on_a_newspaper():
    photo = on_a_table(page_of_lines(), SHEET_CORNERS, 0)
    rows, columns = np.mgrid[:480, :640]
    print_ = (rows % 9 < 5) & (np.sin(columns * 1.7 + rows // 9 * 2.3) > -0.2)
    news = cv2.GaussianBlur(np.where(print_, 90, 225).astype(np.uint8), (0, 0), 0.8)
    corners = find_sheet(np.where(photo > 0, photo, news))
    assert corners is not None
    assert corner_error(corners) <= 0.012 * 640


def test_a_window_of_an_envelope_is_no_sheet():
    envelope = paper(480, 640, 190)
    envelope[250:400, 70:340] = PAPER
    assert find_sheet(cv2.GaussianBlur(envelope, (0, 0), 1)) is None


@pytest.mark.parametrize("thick_px", [3, 5])
def test_cells_of_a_table_are_no_sheet(thick_px):
    page = paper(480, 640)
    for x in range(70, 571, 100):
        page[20:460, x : x + thick_px] = 60
    for y in range(20, 461, 88):
        page[y : y + thick_px, 70:570] = 60
    corners = find_sheet(cv2.GaussianBlur(page, (0, 0), 1))
    if corners is not None:  # the table's own outline cuts nothing off
        assert corners[:, 0].min() < 80 and corners[:, 0].max() > 560
        assert corners[:, 1].min() < 30 and corners[:, 1].max() > 450


def test_a_part_of_a_sheet_below_a_printed_band_is_no_sheet():
    sheet = paper(560, 460)
    sheet[150:200] = 150
    corners = find_sheet(on_a_table(sheet, np.array([[150, 1], [480, 1], [490, 440], [140, 440]])))
    assert corners is None or corners[:, 1].min() < 20


def test_stripes_along_the_edge_of_an_envelope_hide_no_side():
    sheet = page_of_lines(600, 800)
    for edge in (np.s_[:18], np.s_[-18:], np.s_[:, :22], np.s_[:, -22:]):
        part = sheet[edge]
        part[(np.indices(part.shape).sum(0) // 30) % 2 == 0] = TABLE
    corners = find_sheet(on_a_table(sheet, SHEET_CORNERS))
    np.testing.assert_allclose(corners, SHEET_CORNERS, atol=6)


def test_a_sheet_with_bent_sides_and_round_corners_is_found():
    scene = np.full((480, 640), TABLE, np.uint8)
    angles = np.linspace(0, 2 * np.pi, 400)
    power = 0.35  # a rectangle would have 0
    across = np.sign(np.cos(angles)) * np.abs(np.cos(angles)) ** power
    down = np.sign(np.sin(angles)) * np.abs(np.sin(angles)) ** power
    outline = np.stack([320 + 220 * across, 240 + 160 * down], axis=1)
    cv2.fillPoly(scene, [outline.round().astype(np.int32)], PAPER)
    corners = find_sheet(cv2.GaussianBlur(scene, (0, 0), 1))
    expected = np.array([[100, 80], [540, 80], [540, 400], [100, 400]])
    np.testing.assert_allclose(corners, expected, atol=12)


def test_a_page_that_fills_the_photo_is_no_sheet():
    assert find_sheet(page_of_lines()) is None
    assert find_sheet(paper(480, 640)) is None


def test_a_light_spot_is_no_sheet():
    scene = np.full((480, 640), TABLE, np.uint8)
    cv2.circle(scene, (320, 240), 170, PAPER, -1)
    assert find_sheet(cv2.GaussianBlur(scene, (0, 0), 1)) is None


def test_a_soft_shadow_on_a_page_is_no_sheet():
    rows, columns = np.mgrid[:480, :640]
    light = np.exp(-((rows - 240) ** 2 + (columns - 320) ** 2) / (2 * 160**2))
    assert find_sheet((120 + 120 * light).astype(np.uint8)) is None


@pytest.mark.parametrize("skew_deg", [-6.3, -3, -1.2, 0, 0.8, 2.5, 5, 7])
def test_the_skew_is_estimated_within_half_a_degree(skew_deg):
    assert estimate_skew(rotated(page_of_lines(), skew_deg)) == pytest.approx(skew_deg, abs=0.5)


def test_the_skew_of_ruled_lines_is_found():
    gray = paper(600, 500)
    for y in range(60, 560, 40):
        cv2.line(gray, (40, y), (460, y), 120, 2)
    assert estimate_skew(rotated(gray, -4)) == pytest.approx(-4, abs=0.5)


def test_the_skew_is_found_in_a_blurred_and_noisy_photo():
    gray = cv2.GaussianBlur(rotated(page_of_lines(), 3), (0, 0), 1.2).astype(float)
    noisy = np.clip(gray + np.random.default_rng(0).normal(0, 6, gray.shape), 0, 255)
    assert estimate_skew(noisy.astype(np.uint8)) == pytest.approx(3, abs=0.5)


def test_blank_paper_has_no_skew():
    assert estimate_skew(paper(400, 300)) == 0


@pytest.mark.parametrize("skew_deg", [-5, 3])
def test_a_skewed_page_comes_out_level(skew_deg):
    page = rectify_photo(as_photo(rotated(page_of_lines(), skew_deg)), Layout.PAGE, SETTINGS)
    assert abs(estimate_skew(page.gray)) <= 0.5


def test_nothing_in_the_corners_of_a_skewed_page_is_lost():
    gray = rotated(page_of_lines(600, 900), 6)
    height, width = gray.shape
    marks = [(30, 30), (width - 30, 30), (width - 30, height - 30), (30, height - 30)]
    for mark in marks:
        cv2.circle(gray, mark, 9, 0, -1)
    page = rectify_photo(as_photo(gray), Layout.PAGE, SETTINGS)
    found = map_points(np.array(marks, float), np.linalg.inv(page.photo_from_page))
    for x, y in found.round().astype(int):
        assert page.gray[y, x] < 60


def test_a_stamp_askew_does_not_turn_a_sheet():
    sheet = np.full((600, 800), PAPER, np.uint8)
    for y in (300, 360):
        put_text(sheet, "Port-Amel 140", (250, y), 30)
    for offset in range(0, 120, 20):
        cv2.line(sheet, (120, 80 + offset), (720, 143 + offset), 60, 5)
    assert abs(estimate_skew(sheet)) > 5
    page = rectify_photo(as_photo(on_a_table(sheet, SHEET_CORNERS)), Layout.PAGE, SETTINGS)
    (left, top), (right, other) = map_points(
        np.array([[0.0, 0.0], [page.gray.shape[1], 0.0]]), page.photo_from_page
    )
    across, down = (SHEET_CORNERS[1] - SHEET_CORNERS[0]).tolist()
    turned = math.atan2(other - top, right - left) - math.atan2(down, across)
    assert abs(math.degrees(turned)) < 4.5


def test_a_level_page_is_not_resampled():
    gray = page_of_lines(900, 700)
    np.testing.assert_array_equal(rectify_photo(as_photo(gray), Layout.PAGE, SETTINGS).gray, gray)


def test_a_sheet_comes_out_flat_and_alone():
    photo = on_a_table(page_of_lines(600, 800), SHEET_CORNERS)
    page = rectify_photo(as_photo(photo), Layout.PAGE, SETTINGS)
    rim = np.concatenate([page.gray[8], page.gray[-8], page.gray[:, 8], page.gray[:, -8]])
    assert (rim > 180).mean() > 0.95
    assert abs(estimate_skew(page.gray)) <= 0.5


@pytest.mark.parametrize("layout", [Layout.PAGE, Layout.AUTO, Layout.LINE, Layout.DIGIT])
@pytest.mark.parametrize(
    "scene", ["small", "level", "large", "skewed", "sheet"], ids=lambda scene: scene
)
def test_the_transform_leads_from_the_page_to_the_photo(layout, scene):
    if scene == "small":
        photo = paper(60, 90)
        cv2.circle(photo, (20, 40), 4, 0, -1)
    elif scene == "large":
        photo = paper(2400, 3000)
        cv2.circle(photo, (1500, 400), 25, 0, -1)
    elif scene == "sheet":
        sheet = paper(600, 800)
        cv2.circle(sheet, (200, 450), 20, 0, -1)
        photo = on_a_table(sheet, SHEET_CORNERS, table=150)  # lighter than the blot
    else:
        photo = page_of_lines()
        photo[photo < 200] = 150  # writing, lighter than the blot
        cv2.circle(photo, (120, 600), 12, 0, -1)
        photo = rotated(photo, 4) if scene == "skewed" else photo
    page = rectify_photo(as_photo(photo), layout, SETTINGS)
    mapped = map_points(blot_center(page.gray), page.photo_from_page)
    tolerance = 1 if scene != "sheet" else 2
    np.testing.assert_allclose(mapped, blot_center(photo), atol=tolerance)


def test_low_crops_are_enlarged_and_high_ones_shrunk():
    low = rectify_photo(as_photo(written("12", 20, 6)), Layout.LINE, SETTINGS)
    high = rectify_photo(as_photo(written("12", 900, 60, 60)), Layout.LINE, SETTINGS)
    assert low.gray.shape[0] == SETTINGS.min_crop_height_px
    assert high.gray.shape[0] == SETTINGS.max_crop_height_px


def test_large_pages_are_shrunk_to_the_long_side():
    page = rectify_photo(as_photo(paper(3000, 1500)), Layout.PAGE, SETTINGS)
    assert page.gray.shape == (SETTINGS.long_side_px, SETTINGS.long_side_px // 2)


@pytest.mark.parametrize("layout", list(Layout))
def test_a_strip_of_one_row_stays_small(layout):
    for gray in (paper(1, 10_000), paper(10_000, 1)):
        page = rectify_photo(as_photo(gray), layout, SETTINGS)
        assert page.gray.size <= 4_000_000


def numbered_page() -> Page:
    """3 × 4 pixels, each of its own grey, in a photo of twice the size."""
    gray = np.arange(12, dtype=np.uint8).reshape(3, 4)
    return Page(gray, np.array([[2.0, 0, 0.5], [0, 2, 0.5], [0, 0, 1]]), 0)


@pytest.mark.parametrize("turn_deg", [0, 90, 180, 270])
def test_a_turned_page_still_leads_to_its_photo(turn_deg):
    page = numbered_page()
    turned = turn_page(page, turn_deg)
    assert turned.turn_deg == turn_deg
    for y, x in np.ndindex(*turned.gray.shape):
        (in_photo,) = map_points(np.array([[x, y]], float), turned.photo_from_page)
        column, row = (in_photo - 0.5) / 2
        assert page.gray[round(row), round(column)] == turned.gray[y, x]


def test_a_quarter_turn_is_clockwise():
    turned = turn_page(numbered_page(), 90)
    np.testing.assert_array_equal(turned.gray, [[8, 4, 0], [9, 5, 1], [10, 6, 2], [11, 7, 3]])


def test_four_quarter_turns_are_none():
    page = numbered_page()
    turned = page
    for _ in range(4):
        turned = turn_page(turned, 90)
    np.testing.assert_array_equal(turned.gray, page.gray)
    np.testing.assert_allclose(turned.photo_from_page, page.photo_from_page)
    assert turned.turn_deg == 0


def test_a_picture_of_a_line_is_not_straightened():
    gray = rotated(np.pad(written("1234567", 60, 40), 150, constant_values=PAPER), 4)
    page = rectify_photo(as_photo(gray), Layout.LINE, SETTINGS)
    assert abs(page.photo_from_page[0, 1]) < 1e-9 and abs(page.photo_from_page[1, 0]) < 1e-9


def test_a_number_alone_on_a_page_is_no_reason_to_tilt_it():
    gray = paper(600, 450)
    put_text(gray, "7", (200, 320), 60)
    assert abs(estimate_skew(gray)) <= 9
