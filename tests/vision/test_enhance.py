import cv2
import numpy as np
import pytest
from pages import INK, PAPER, as_mask, page_of_lines, paper, put_text, share_of, written

from ocrdigits.records import Layout
from ocrdigits.settings import EnhanceSettings, Settings
from ocrdigits.vision.enhance import (
    background_window,
    estimate_paper,
    find_ink,
    keep_seeded,
    measure_contrast,
)
from ocrdigits.vision.line_crop import CROP_ENHANCE

SETTINGS = EnhanceSettings()


def true_ink(gray):
    """Pixels that are mostly ink on a page drawn without any damage."""
    return gray < (INK + int(gray.max())) / 2


def near(ink, reach_px: int):
    side = 2 * reach_px + 1
    return cv2.dilate(ink.astype(np.uint8), np.ones((side, side), np.uint8)) > 0


def under_shadow(gray, darkest: float = 0.45):
    """The left part in a shadow with a soft edge some 40 pixels wide."""
    columns = np.arange(gray.shape[1])
    edge = 1 / (1 + np.exp(-(columns - gray.shape[1] / 2) / 10))
    return (gray * (darkest + (1 - darkest) * edge)).astype(np.uint8)


def test_weak_ink_counts_where_it_hangs_together_with_strong_ink():
    weak = as_mask("##....##", "..#...##", "...#....")
    strong = as_mask("........", "........", "...#....")
    expected = as_mask("##......", "..#.....", "...#....")
    np.testing.assert_array_equal(keep_seeded(weak, strong), expected)


def test_without_strong_ink_nothing_is_kept():
    weak = as_mask("##..", "..##")
    assert not keep_seeded(weak, np.zeros_like(weak)).any()


@pytest.mark.parametrize("shape", [(1, 1), (1, 10_000), (64, 300), (2000, 1400)])
def test_the_window_is_odd_whatever_the_size(shape):
    window = background_window(np.zeros(shape, np.uint8), SETTINGS)
    assert window % 2 == 1 and window >= 3


def test_the_paper_is_the_page_without_its_strokes():
    gray = paper(200, 300)
    put_text(gray, "1789", (40, 120), 50)
    background = estimate_paper(gray, background_window(gray, SETTINGS))
    assert background.shape == gray.shape
    assert np.abs(background.astype(int) - 235).max() <= 5


def test_contrast_is_zero_on_clean_paper_and_high_on_ink():
    gray = paper(200, 300)
    gray[100:103, 50:250] = 35
    contrast, _ = measure_contrast(gray, 31)
    assert abs(float(np.median(contrast))) < 1
    assert contrast[101, 60:240].min() > 100


def test_the_noise_of_the_paper_is_measured():
    rng = np.random.default_rng(0)

    def noise_of(sigma: float) -> float:
        gray = np.clip(rng.normal(180, sigma, (200, 300)), 0, 255).astype(np.uint8)
        return measure_contrast(gray, 31)[1]

    quiet, loud = noise_of(3), noise_of(12)
    assert loud > 2 * quiet


@pytest.mark.parametrize("tone", [0, 60, 128, 235, 255])
def test_plain_paper_of_any_tone_is_blank(tone):
    found = find_ink(paper(150, 200, tone))
    assert not found.ink.any() and not found.coverage.any()


def test_noise_alone_leaves_next_to_no_ink():
    gray = np.clip(np.random.default_rng(1).normal(200, 6, (400, 300)), 0, 255).astype(np.uint8)
    assert find_ink(gray).ink.mean() < 0.002


def test_light_that_falls_off_leaves_no_ink():
    fall = np.tile(np.linspace(90, 240, 400).astype(np.uint8), (300, 1))
    assert not find_ink(fall).ink.any()


def test_threshold_keeps_thin_strokes():
    gray = paper(300, 400)
    cv2.line(gray, (50, 60), (350, 60), 120, 1)
    cv2.line(gray, (60, 90), (60, 280), 120, 1)
    cv2.line(gray, (120, 90), (300, 270), 120, 1)
    assert share_of(find_ink(gray).ink, gray < 200) >= 0.95


def test_strokes_do_not_grow_much():
    gray = page_of_lines()
    ink = find_ink(gray).ink
    assert not (ink & ~near(true_ink(gray), 2)).any()


def test_ink_under_a_shadow_is_found_and_the_shadow_is_not():
    clean = page_of_lines()
    truth = true_ink(clean)
    ink = find_ink(under_shadow(clean)).ink
    dark = np.s_[:, : clean.shape[1] // 2]
    assert share_of(ink[dark], truth[dark]) >= 0.95
    assert share_of(ink, truth) >= 0.95
    assert (ink & ~near(truth, 3)).mean() < 0.001


def test_ink_is_found_in_a_blurred_and_noisy_photo():
    clean = page_of_lines()
    truth = true_ink(clean)
    blurred = cv2.GaussianBlur(clean, (0, 0), 1.2).astype(float)
    noisy = blurred + np.random.default_rng(3).normal(0, 5, clean.shape)
    ink = find_ink(np.clip(noisy, 0, 255).astype(np.uint8)).ink
    assert share_of(ink, truth) >= 0.95
    assert (ink & ~near(truth, 4)).mean() < 0.002


def test_light_ink_on_dark_ground_is_ink_too():
    clean = page_of_lines()
    truth = true_ink(clean)
    found = find_ink(255 - clean)
    assert share_of(found.ink, truth) >= 0.95
    assert not (found.ink & ~near(truth, 3)).any()


def test_ink_on_dark_paper_that_is_lighter_on_one_side_is_not_taken_for_light_ink():
    gray = paper(125, 292, tone=110)
    put_text(gray, "2482", (60, 95), 60, tone=60, pen_px=6)
    ink = true_ink(gray)
    falls_off = np.exp(-np.hypot(*np.mgrid[0:125, 0:292]) / 90)
    lit = (gray * (1 + 1.0 * falls_off)).astype(np.uint8)
    found = find_ink(lit, CROP_ENHANCE).ink
    assert share_of(found, ink) > 0.8
    assert share_of(near(ink, 2), found) > 0.95


def test_faint_writing_beside_bold_print_is_found():
    gray = paper(400, 500)
    put_text(gray, "4711", (40, 100), 50, tone=10, pen_px=6)
    put_text(gray, "2083", (40, 340), 40, tone=150, pen_px=2)
    faint = np.zeros_like(gray, bool)
    faint[250:] = gray[250:] < 190
    assert share_of(find_ink(gray).ink, faint) >= 0.95


def test_faint_writing_beside_a_table_along_the_border_is_found():
    gray = paper(700, 900, tone=225)
    put_text(gray, "4838", (60, 640), 40, tone=175)
    clean = find_ink(gray).ink[590:660, 40:300]
    edge = np.linspace(672, 698, 900).round().astype(int)
    on_table = gray.copy()
    on_table[np.arange(700)[:, None] >= edge] = 20
    beside = find_ink(on_table).ink[590:660, 40:300]
    assert share_of(beside, clean) > 0.95
    assert share_of(near(clean, 1), beside) > 0.99


def faint_in_a_box(height: int, width: int):
    """Walls and writing far fainter than they are: the picture, and the ink of both."""
    gray = paper(height, width)
    cv2.rectangle(gray, (100, 150), (400, 230), 40, 5)
    walls = true_ink(gray)
    faint = np.full_like(gray, gray.max())
    put_text(faint, "470", (150, 215), 48)
    writing = true_ink(faint)
    gray[writing] = int(gray.max()) - 55
    return cv2.GaussianBlur(gray, (0, 0), 0.8), walls, writing


def test_writing_far_fainter_than_the_lines_around_it_is_found_and_the_lines_do_not_grow():
    gray, walls, writing = faint_in_a_box(600, 900)
    page = find_ink(gray, SETTINGS)
    assert page.faint is None
    assert share_of(page.ink, writing) > 0.95
    assert page.coverage[writing].mean() > 0.5
    assert share_of(near(walls | writing, 2), page.ink) == 1


def test_of_a_stroke_that_is_darker_where_it_is_level_the_rest_is_writing_too():
    gray = paper(600, 900)
    cv2.rectangle(gray, (200, 200), (700, 320), 20, 5)
    across, down = np.full_like(gray, 255), np.full_like(gray, 255)
    cv2.line(across, (300, 230), (360, 230), 0, 5)
    cv2.line(down, (358, 232), (330, 300), 0, 5)
    gray[across == 0] = PAPER - 120
    gray[down == 0] = np.minimum(gray[down == 0], PAPER - 60)
    assert share_of(find_ink(gray, SETTINGS).ink, down == 0) > 0.8


def test_in_a_small_picture_it_is_kept_apart():
    gray, walls, writing = faint_in_a_box(400, 600)
    page = find_ink(gray, SETTINGS)
    assert share_of(page.ink, writing) == 0
    assert page.faint is not None
    assert share_of(page.faint, writing) > 0.95
    assert page.coverage[page.faint & writing].mean() > 0.6
    assert not (page.faint & near(walls, 2)).any()


def test_without_dark_lines_no_ink_is_faint():
    assert find_ink(page_of_lines(), SETTINGS).faint is None


def test_in_a_crop_of_one_string_no_boxes_are_looked_for():
    gray = paper(100, 400)
    cv2.rectangle(gray, (20, 20), (380, 80), 40, 5)
    page = find_ink(gray, Settings().enhance_for(Layout.LINE))
    assert page.ink.any()
    assert page.pale is None and page.faint is None


def test_coverage_is_full_on_the_stroke_and_zero_away_from_it():
    gray = paper(200, 300)
    cv2.line(gray, (50, 100), (250, 100), 30, 5)
    found = find_ink(gray)
    assert found.coverage.min() >= 0 and found.coverage.max() <= 1
    assert found.coverage[100, 60:240].min() > 0.9
    assert not found.coverage[:80].any() and not found.coverage[120:].any()


@pytest.mark.parametrize("text", ["8", "42", "20584"])
def test_the_ink_of_a_tight_crop_is_solid(text):
    """A crop's stroke is wide against its height; its inside must not be taken for paper."""
    gray = written(text, height_px=120, margin_px=20, pen_px=14)
    settings = Settings().enhance_for(Layout.LINE)
    assert share_of(find_ink(gray, settings).ink, true_ink(gray)) >= 0.95


def test_pale_straight_lines_are_seen_beside_ink_and_are_none():
    gray = paper(400, 500)
    put_text(gray, "5842", (60, 200), 60, pen_px=5)
    cv2.line(gray, (40, 250), (400, 250), 205, 2)
    cv2.line(gray, (300, 100), (300, 350), 205, 2)
    page = find_ink(gray, SETTINGS)
    assert not page.ink[245:256, 40:400].any()
    assert page.pale[249:252, 45:395].any(axis=0).mean() > 0.95
    assert page.pale[105:345, 299:302].any(axis=1).mean() > 0.95
    np.testing.assert_array_equal(page.lined, page.ink | page.pale)


def test_the_grain_of_paper_holds_no_lines():
    gray = paper(400, 500)
    put_text(gray, "5842", (60, 200), 60, pen_px=5)
    grain = np.random.default_rng(3).normal(0, 5, gray.shape)
    page = find_ink(np.clip(gray + grain, 0, 255).astype(np.uint8), SETTINGS)
    assert (page.pale & ~near(page.ink, 3)).mean() < 1e-3


def test_the_soft_edges_of_bold_print_are_no_lines():
    gray = paper(200, 640)
    cv2.rectangle(gray, (100, 100), (250, 114), INK, cv2.FILLED)
    page = find_ink(cv2.GaussianBlur(gray, (0, 0), 2), SETTINGS)
    assert page.ink[107, 110:240].all() and not page.pale.any()
