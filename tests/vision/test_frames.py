import cv2
import numpy as np
import pytest
from pages import as_page, put_text, share_of

from ocrdigits.records import Box
from ocrdigits.vision.frames import find_frames


def frames_of(ink, max_height_px: int = 100):
    return find_frames(as_page(ink), 18, max_height_px)


def draw_box(ink, box: Box, pen_px: int = 2):
    ink[box.y : box.y + pen_px, box.x : box.right] = True
    ink[box.bottom - pen_px : box.bottom, box.x : box.right] = True
    ink[box.y : box.bottom, box.x : box.x + pen_px] = True
    ink[box.y : box.bottom, box.right - pen_px : box.right] = True


def comb(count: int = 5, gap_px: int = 0):
    """Cells of 40 × 50 pixels from (30, 20) on; apart, or sharing their walls."""
    ink = np.zeros((120, 60 + count * (40 + gap_px)), bool)
    cells = [Box(30 + k * (40 + gap_px), 20, 42 if gap_px == 0 else 40, 50) for k in range(count)]
    for cell in cells:
        draw_box(ink, cell)
    return ink, cells


def handwriting(shape, text: str, cells):
    gray = np.full(shape, 255, np.uint8)
    for character, cell in zip(text, cells, strict=True):
        put_text(gray, character, (cell.x + 12, cell.y + 40), 28, tone=0)
    return gray < 128


def whole(cells) -> Box:
    box = cells[0]
    for cell in cells[1:]:
        box = box.union(cell)
    return box


def test_a_small_box_is_a_frame_and_no_comb():
    ink = np.zeros((40, 60), bool)
    draw_box(ink, Box(5, 5, 50, 30), 1)
    frames = frames_of(ink)
    assert share_of(frames.ink, ink) >= 0.95  # the corners may stay behind as dots
    assert frames.combs == ()


@pytest.mark.parametrize("gap_px", [0, 6])
def test_cells_in_a_row_are_one_comb(gap_px):
    ink, cells = comb(5, gap_px)
    frames = frames_of(ink)
    assert len(frames.combs) == 1
    assert frames.combs[0] == whole(cells)
    assert share_of(frames.ink, ink) >= 0.95
    assert not (frames.ink & ~ink).any()


@pytest.mark.parametrize("gap_px", [0, 6])
def test_what_is_written_inside_a_comb_is_not_its_frame(gap_px):
    ink, cells = comb(5, gap_px)
    digits = handwriting(ink.shape, "80937", cells)
    frames = frames_of(ink | digits)
    assert len(frames.combs) == 1
    assert not (frames.ink & digits).any()
    assert share_of(frames.ink, ink) >= 0.95


def test_writing_that_touches_a_wall_is_kept():
    ink, cells = comb(3)
    canvas = np.zeros(ink.shape, np.uint8)
    cv2.line(canvas, (cells[1].x - 8, 60), (cells[1].x + 25, 30), 1, 3)
    stroke = canvas > 0
    frames = frames_of(ink | stroke)
    free = stroke & ~ink
    assert len(frames.combs) == 1
    assert share_of(~frames.ink, free) >= 0.95


@pytest.mark.parametrize("text", ["0", "8", "00", "608"])
def test_round_digits_are_no_frames(text):
    gray = np.full((120, 220), 255, np.uint8)
    put_text(gray, text, (20, 90), 60, tone=0, pen_px=4)
    frames = frames_of(gray < 128)
    assert not frames.ink.any() and frames.combs == ()


def test_boxes_smaller_than_asked_for_are_letters():
    ink = np.zeros((40, 40), bool)
    draw_box(ink, Box(10, 10, 14, 14), 2)
    assert not frames_of(ink).ink.any()


def test_boxes_higher_than_asked_for_are_borders():
    ink = np.zeros((200, 260), bool)
    draw_box(ink, Box(20, 20, 220, 150))
    assert not frames_of(ink, max_height_px=120).ink.any()
    assert share_of(frames_of(ink, max_height_px=160).ink, ink) >= 0.95


def test_a_filled_block_is_no_frame():
    ink = np.zeros((60, 80), bool)
    ink[10:50, 10:70] = True
    assert not frames_of(ink).ink.any()


def test_cells_that_a_rule_cuts_in_half_are_a_table():
    ink, cells = comb(3)
    box = whole(cells)
    assert frames_of(ink).combs == (box,)
    ink[box.y + 24 : box.y + 26, box.x : box.right] = True
    assert frames_of(ink).combs == ()


def test_boxes_of_two_lines_are_not_one_comb():
    ink = np.zeros((200, 200), bool)
    for y in (10, 110):
        for x in (10, 60):
            draw_box(ink, Box(x, y, 40, 50))
    combs = sorted(frames_of(ink).combs, key=lambda box: box.y)
    assert combs == [Box(10, 10, 90, 50), Box(10, 110, 90, 50)]


def test_a_blank_page_has_no_frames():
    frames = frames_of(np.zeros((50, 50), bool))
    assert not frames.ink.any() and frames.combs == ()


def narrow_row(text: str):
    """Cells of 32 × 50 pixels that stand apart, written in where `text` is no blank."""
    cells = [Box(30 + 42 * k, 20, 32, 50) for k in range(len(text))]
    ink = np.zeros((120, 60 + 42 * len(text)), bool)
    for cell in cells:
        draw_box(ink, cell)
    for character, cell in zip(text, cells, strict=True):
        if character != " ":
            gray = np.full(ink.shape, 255, np.uint8)
            put_text(gray, character, (cell.x + 7, cell.y + 40), 26, tone=0)
            ink |= gray < 128
    return ink, cells


def test_upright_cells_that_are_written_in_are_a_comb_and_empty_ones_among_them_too():
    ink, cells = narrow_row("27 35")
    found = frames_of(ink)
    assert found.combs == (whole(cells),)


def test_a_row_of_empty_upright_boxes_is_print():
    ink, _ = narrow_row("    ")
    found = frames_of(ink)
    assert found.combs == () and not found.ink.any()


def test_fat_zeros_of_a_magnetic_line_are_print():
    ink = np.zeros((60, 400), bool)
    for k in range(9):
        draw_box(ink, Box(20 + 30 * k, 20, 22, 26), pen_px=3)
    found = frames_of(ink)
    assert found.combs == () and not found.ink.any()


def aslant(ink, slope: float):
    """The same ink, sheared as a photo taken from aside shows it."""
    height, width = ink.shape
    matrix = np.array([[1.0, slope, -slope * height / 2], [slope, 1.0, -slope * width / 2]])
    return cv2.warpAffine(ink.astype(np.uint8), matrix, (width, height)) > 0


@pytest.mark.parametrize("slope", [-0.09, 0.09])
def test_cells_seen_aslant_are_a_comb(slope):
    ink, cells = comb(4, 8)
    ink = np.pad(aslant(ink | handwriting(ink.shape, "2745", cells), slope), 20)
    frames = frames_of(ink)
    assert len(frames.combs) == 1
    assert frames.combs[0].width > 150


def test_a_floor_with_ticks_says_where_its_cells_are():
    ink = np.zeros((120, 320), bool)
    ink[80:83, 40:283] = True
    for x in range(40, 300, 60):
        ink[60:83, x : x + 3] = True
    frames = frames_of(ink)
    (floor,) = frames.floors
    assert floor.pitch == pytest.approx(60, abs=1)
    assert len(floor.edges) == 5
    assert (frames.ink == ink).all()


@pytest.mark.parametrize("places", [(40, 90, 180, 280), (40, 280)])
def test_strokes_at_no_pitch_are_no_ticks(places):
    ink = np.zeros((120, 320), bool)
    ink[80:83, 40:283] = True
    for x in places:
        ink[60:83, x : x + 3] = True
    assert frames_of(ink).floors == ()
