import cv2
import numpy as np
import pytest
from pages import INK, PAPER, paper, put_text, rotated, written

from ocrdigits.records import LINE_PX, Box
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.line_crop import normalize_line
from ocrdigits.vision.line_stand import DIGIT_PX

TEXTS = ("3950", "18", "7,25", "40471", "6")


def likeness(line, other) -> float:
    """Correlation of two line images, at the best shift."""
    wide = max(line.shape[1], other.shape[1]) + 12
    fixed = np.zeros((LINE_PX + 6, wide), np.float32)
    fixed[3 : 3 + LINE_PX, 6 : 6 + line.shape[1]] = line
    best = -1.0
    for dy in range(7):
        for dx in range(wide - other.shape[1] + 1):
            moved = np.zeros_like(fixed)
            moved[dy : dy + LINE_PX, dx : dx + other.shape[1]] = other
            best = max(best, float(np.corrcoef(fixed.ravel(), moved.ravel())[0, 1]))
    return best


def framed(text: str, margins: tuple[int, int, int, int], height_px: int = 40):
    """A string with paper left, above, right and below."""
    tight = written(text, height_px, 3, pen_px=4)
    left, above, right, below = margins
    return cv2.copyMakeBorder(
        tight, above, below, left, right, cv2.BORDER_CONSTANT, value=PAPER
    )  # fmt: skip


def usual(text: str):
    return normalize_line(framed(text, (20, 20, 20, 20))).image


FRAMES = {
    "tight": (0, 0, 0, 0),
    "loose": (90, 60, 110, 70),
    "high and left": (4, 3, 120, 80),
    "low and right": (120, 80, 4, 3),
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("margins", FRAMES.values(), ids=FRAMES)
def test_framing_makes_no_difference(text, margins):
    line = normalize_line(framed(text, margins))
    assert likeness(usual(text), line.image) > 0.95


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("factor", [0.5, 2, 5])
def test_size_makes_no_difference(text, factor):
    gray = framed(text, (20, 20, 20, 20))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    line = normalize_line(cv2.resize(gray, None, fx=factor, fy=factor, interpolation=method))
    assert likeness(usual(text), line.image) > 0.9


@pytest.mark.parametrize("text", TEXTS)
def test_a_frame_makes_no_difference(text):
    gray = framed(text, (40, 30, 40, 30))
    cv2.rectangle(gray, (12, 10), (gray.shape[1] - 13, gray.shape[0] - 11), 90, 2)
    assert likeness(usual(text), normalize_line(gray).image) > 0.9


@pytest.mark.parametrize("text", TEXTS)
def test_a_page_edge_makes_no_difference(text):
    gray = framed(text, (70, 60, 40, 60))
    gray[:, :30] = 12
    assert likeness(usual(text), normalize_line(gray).image) > 0.9


@pytest.mark.parametrize("text", ["3950", "18", "40471"])
def test_a_rule_through_the_line_makes_little_difference(text):
    gray = framed(text, (60, 40, 60, 40))
    row = gray.shape[0] * 5 // 9
    gray[row : row + 2] = np.minimum(gray[row : row + 2], 150)
    assert likeness(usual(text), normalize_line(gray).image) > 0.85


def test_a_string_that_climbs_is_levelled():
    level = framed("4837096", (40, 60, 40, 60))
    line = normalize_line(rotated(level, -5))
    assert likeness(usual("4837096"), line.image) > 0.85


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_lone_1_at_the_border_is_kept(side):
    gray = paper(50, 40)
    x = 2 if side == "left" else 37
    gray[4:46, x - 2 : x + 3] = INK
    line = normalize_line(gray)
    assert not line.is_blank
    rows = np.flatnonzero(line.image.max(axis=1) > 0.5)
    assert 20 <= rows[-1] - rows[0] + 1 <= 25


@pytest.mark.parametrize("text", ["15", "51", "11"])
def test_a_1_in_a_tight_crop_is_no_side_of_a_box(text):
    gray = written(text, 40, 3, pen_px=4)
    line = normalize_line(gray)
    _, _, boxes, _ = cv2.connectedComponentsWithStats((line.image > 0.4).astype(np.uint8))
    assert (boxes[1:, cv2.CC_STAT_HEIGHT] > 17).sum() == 2


def test_digits_cut_by_the_crop_are_kept():
    gray = written("3806", 40, 20, pen_px=4)
    cut = np.ascontiguousarray(gray[22:-22, 24:-24])
    _, _, boxes, _ = cv2.connectedComponentsWithStats(
        (normalize_line(cut).image > 0.4).astype(np.uint8)
    )
    assert (boxes[1:, cv2.CC_STAT_HEIGHT] > 17).sum() == 4


def test_faint_ink_becomes_as_dark_as_any():
    gray = written("3806", 40, 20, pen_px=4).astype(np.float32)
    faint = (PAPER - (PAPER - gray) * 0.06).astype(np.uint8)
    noise = np.random.default_rng(0).normal(0, 1.5, faint.shape)
    faint = np.clip(faint + noise, 0, 255).astype(np.uint8)
    line = normalize_line(faint)
    assert np.percentile(line.image, 95) > 0.8
    assert likeness(usual("3806"), line.image) > 0.85


def test_light_ink_on_dark_ground_reads_the_same():
    gray = written("3806", 40, 20, pen_px=4)
    assert likeness(normalize_line(gray).image, normalize_line(255 - gray).image) > 0.9


def test_writing_in_a_shadow_is_not_taken_for_what_lies_beside_the_sheet():
    gray = written("3806", 40, 20, pen_px=4)
    shaded = gray.copy()
    shaded[:, : gray.shape[1] // 2] = 0.45 * gray[:, : gray.shape[1] // 2]
    line = normalize_line(shaded).image
    assert abs(line.shape[1] - normalize_line(gray).image.shape[1]) <= 8


def test_other_lines_around_are_left_out():
    gray = paper(220, 300)
    put_text(gray, "3806", (70, 130), 40, pen_px=4)
    put_text(gray, "94", (120, 60), 20, pen_px=2)
    put_text(gray, "57", (60, 205), 20, pen_px=2)
    assert likeness(usual("3806"), normalize_line(gray).image) > 0.9


def test_a_box_says_which_line_of_a_page_is_meant():
    gray = paper(300, 400)
    box = put_text(gray, "3806", (60, 100), 40, pen_px=4)
    put_text(gray, "9417", (60, 220), 60, pen_px=5)
    near = Box(box[0].x, box[0].y, box[-1].right - box[0].x, box[0].height)
    assert likeness(usual("3806"), normalize_line(gray, near).image) > 0.9


@pytest.mark.parametrize(("beside_px", "number_px"), [(20, 40), (40, 20)])
def test_a_number_is_as_high_as_any_whatever_stands_beside_it(beside_px, number_px):
    gray = paper(300, 500)
    put_text(gray, "003", (150, 150), beside_px, pen_px=2)
    box = put_text(gray, "30", (250, 150), number_px, pen_px=3)
    near = Box(box[0].x, box[0].y, box[-1].right - box[0].x, box[0].height)
    line = normalize_line(gray, near)
    ends = np.array([[near.x, near.y], [near.right, near.bottom]], np.float64)
    (_, top), (_, bottom) = map_points(ends, np.linalg.inv(line.crop_from_line))
    assert 0 < top < bottom < LINE_PX
    assert abs((bottom - top) / DIGIT_PX - 1) < 0.15


def test_places_in_the_line_lead_back_to_the_crop():
    gray = paper(150, 300)
    boxes = put_text(gray, "3806", (80, 100), 40, pen_px=4)
    line = normalize_line(gray)
    for box in boxes:
        middle = np.array([[box.x + box.width / 2, box.y + box.height / 2]])
        x, y = map_points(middle, np.linalg.inv(line.crop_from_line))[0]
        assert 0 < x < line.image.shape[1]
        assert abs(y - 15) < 2
    corners = np.array([[0.0, 15], [line.image.shape[1], 15]])
    (left, _), (right, _) = map_points(corners, line.crop_from_line)
    assert left < boxes[0].x + 2 < boxes[-1].right - 2 < right


@pytest.mark.parametrize(
    "gray", [paper(40, 60), paper(1, 1), paper(200, 3), np.zeros((30, 30), np.uint8)]
)
def test_blank_paper_is_a_blank_line(gray):
    line = normalize_line(gray)
    assert line.is_blank
    assert line.image.shape == (LINE_PX, 4)
    assert not line.image.any()


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_is_what_the_network_takes(text):
    gray = written(text, 30, 15)
    before = gray.copy()
    line = normalize_line(gray).image
    np.testing.assert_array_equal(gray, before)
    assert line.dtype == np.float32
    assert line.shape[0] == LINE_PX
    assert line.shape[1] % 4 == 0
    assert 0 <= line.min() < 0.01
    assert 0.9 < line.max() <= 1
