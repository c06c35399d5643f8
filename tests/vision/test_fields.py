import cv2
import numpy as np
import pytest
from pages import as_page, page_of_lines, paper, put_text, share_of, written

from ocrdigits.records import Box, Kind, Layout
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import (
    Walls,
    choose_layout,
    find_components,
    find_fields,
    find_page_rules,
    group_into_lines,
)

SETTINGS = FieldSettings()


def ink_of(gray):
    return gray < 130


def fields_of(gray, layout: Layout = Layout.PAGE):
    return find_fields(as_page(ink_of(gray)), layout, SETTINGS)


def around(boxes) -> Box:
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return whole


def is_near(found: Box, wanted: Box, slack_px: int = 3) -> bool:
    differences = (
        found.x - wanted.x,
        found.y - wanted.y,
        found.right - wanted.right,
        found.bottom - wanted.bottom,
    )
    return max(map(abs, differences)) <= slack_px


def comb_page(text: str = "", *, cell_px: int = 60, pen_px: int = 2):
    """A page with a comb of five cells; and the same digits on a page without the comb."""
    gray, plain = paper(500, 700), paper(500, 700)
    cells = [Box(150 + cell_px * k, 200, cell_px, round(1.2 * cell_px)) for k in range(5)]
    for cell in cells:
        cv2.rectangle(gray, (cell.x, cell.y), (cell.right, cell.bottom), 60, pen_px)
    for character, cell in zip(text, cells, strict=False):
        at = (cell.x + round(0.27 * cell_px), cell.y + round(0.93 * cell_px))
        for page in (gray, plain):
            put_text(page, character, at, round(0.68 * cell_px), pen_px=2)
    return gray, plain


def fields_of_photo(gray):
    return find_fields(find_ink(gray), Layout.PAGE, SETTINGS)


def test_cells_with_pale_walls_are_a_comb():
    gray = paper(500, 700)
    for place, character in enumerate("30418"):
        left = 150 + 60 * place
        cv2.rectangle(gray, (left, 200), (left + 60, 272), 205, 2)
        put_text(gray, character, (left + 16, 256), 40, pen_px=4)
    assert not find_ink(gray).ink[199:202, 150:450].any()
    assert [field.kind for field in fields_of_photo(gray)] == [Kind.COMB]


def pale_columns(step_px: int):
    """Level rules 50 px apart, upright ones, all pale, and a number across one of them."""
    gray = paper(500, 700)
    for y in range(20, 500, 50):
        cv2.line(gray, (0, y), (699, y), 205, 2)
    for x in range(30, 700, step_px):
        cv2.line(gray, (x, 0), (x, 499), 205, 2)
    left = 30 + step_px * (330 // step_px)
    put_text(gray, "58", (left - 42, 262), 28, pen_px=3)
    put_text(gray, "42", (left + 8, 262), 28, pen_px=3)
    return gray


def test_a_pale_column_parts_two_numbers():
    assert len(fields_of_photo(pale_columns(110))) == 2


def test_the_squares_of_graph_paper_part_nothing():
    assert len(fields_of_photo(pale_columns(50))) == 1


def test_components_are_numbered_with_their_boxes_and_areas():
    ink = np.zeros((5, 8), bool)
    ink[1, 1:4] = True
    ink[3:5, 6] = True
    components = find_components(ink)
    assert components.boxes.tolist() == [[1, 1, 3, 1], [6, 3, 1, 2]]
    assert components.areas.tolist() == [3, 2]
    assert components.box_of(np.array([True, True])) == Box(1, 1, 6, 4)
    mask = components.ink_of(np.array([False, True]), Box(5, 2, 3, 3))
    assert mask.tolist() == [[False] * 3, [False, True, False], [False, True, False]]


def test_a_blank_page_has_no_fields():
    blank = as_page(np.zeros((200, 300), bool))
    for layout in Layout:
        assert find_fields(blank, layout, SETTINGS) == []


@pytest.mark.parametrize("text", ["0", "7", "42", "1350", "90210-1234", "1,204.50"])
def test_a_crop_of_one_string_is_one_field_with_all_its_ink(text):
    gray = written(text, 60, 25, 5)
    (field,) = fields_of(gray, Layout.LINE)
    rows, columns = np.nonzero(ink_of(gray))
    wanted = Box(
        int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1
    )
    assert field.kind is Kind.LINE
    assert is_near(field.box, wanted)


def test_the_characters_of_a_field_have_the_standard_height():
    for height_px in (24, 60, 130):
        (field,) = fields_of(written("2846", height_px, 30, 4), Layout.LINE)
        rows = np.flatnonzero(field.ink.any(axis=1))
        assert np.ptp(rows) + 1 == pytest.approx(SETTINGS.line_height_px, abs=3)
        assert field.scale == pytest.approx(field.ink.shape[0] / field.box.height, rel=0.05)


def test_dirt_beside_a_string_is_left_out():
    gray = written("1350", 60, 40, 5)
    cv2.circle(gray, (6, 6), 1, 0, -1)
    cv2.circle(gray, (gray.shape[1] - 8, gray.shape[0] - 8), 1, 0, -1)
    (field,) = fields_of(gray, Layout.LINE)
    assert field.box.x > 30 and field.box.right < gray.shape[1] - 30


def test_a_neighbouring_line_cut_by_the_crop_is_left_out():
    gray = written("1350", 60, 40, 5)
    gray[:8, 40:44] = gray[:8, 90:94] = 20  # feet of the line above
    (field,) = fields_of(gray, Layout.LINE)
    assert field.box.y > 20


def test_digit_layout_makes_one_digit_field():
    (field,) = fields_of(written("5", 60, 25, 5), Layout.DIGIT)
    assert field.kind is Kind.DIGIT


def test_a_crop_is_told_from_a_page():
    assert choose_layout(as_page(ink_of(written("1350", 60, 20))), SETTINGS) is Layout.LINE
    assert choose_layout(as_page(ink_of(written("58,20", 60, 20))), SETTINGS) is Layout.LINE
    assert choose_layout(as_page(ink_of(page_of_lines())), SETTINGS) is Layout.PAGE
    assert choose_layout(as_page(np.zeros((300, 200), bool)), SETTINGS) is Layout.PAGE


@pytest.mark.parametrize("radius", [290, 330])
def test_a_dial_around_much_writing_makes_no_digit_of_a_page(radius):
    gray = paper(600, 800)
    for y in (200, 290, 380):
        put_text(gray, "20 58 9317", (250, y), 36)
    cv2.circle(gray, (400, 300), radius, 30, 16)
    assert choose_layout(as_page(ink_of(gray)), SETTINGS) is Layout.PAGE


def test_a_ring_around_a_number_is_no_part_of_it():
    gray = paper(600, 800)
    wanted = around(put_text(gray, "1703", (330, 306), 20))
    cv2.circle(gray, ((wanted.x + wanted.right) // 2, 296), 50, 30, 3)
    put_text(gray, "58", (80, 500), 40)
    boxes = [field.box for field in fields_of(gray)]
    assert any(is_near(box, wanted) for box in boxes)


def test_a_large_zero_is_no_dial():
    gray = paper(120, 160)
    cv2.ellipse(gray, (80, 60), (36, 50), 0, 0, 360, 30, 5)
    assert choose_layout(as_page(ink_of(gray)), SETTINGS) is Layout.LINE


def test_strings_of_a_page_are_found_where_they_are_and_in_reading_order():
    gray = paper(600, 800)
    places = {"1234": (80, 120), "508": (420, 118), "97210": (150, 300), "6": (600, 480)}
    wanted = [around(put_text(gray, text, at, 40)) for text, at in places.items()]
    found = [field.box for field in fields_of(gray)]
    assert len(found) == 4
    for box in wanted:
        assert any(is_near(other, box) for other in found)
    assert [box.y for box in found] == sorted(box.y for box in found)


def test_separators_belong_to_their_string():
    gray = paper(400, 700)
    wanted = around(put_text(gray, "1,250.75", (100, 200), 48))
    (field,) = fields_of(gray)
    assert is_near(field.box, wanted)


def test_a_wide_gap_parts_two_strings():
    gray = paper(400, 700)
    put_text(gray, "123", (80, 200), 40)
    put_text(gray, "456", (400, 200), 40)
    assert len(fields_of(gray)) == 2


def test_ruled_lines_are_no_strings_and_digits_on_them_stay():
    gray = paper(600, 800)
    digits = np.zeros(gray.shape, bool)
    plain = paper(600, 800)
    wanted = around(put_text(plain, "58104", (120, 297), 48))
    digits |= ink_of(plain)
    lined = np.minimum(gray, plain)
    for y in (100, 200, 300, 400, 500):
        cv2.line(lined, (20, y), (780, y), 90, 2)
    (field,) = fields_of(lined)
    assert is_near(field.box, wanted, 4)
    rules = find_page_rules(ink_of(lined), SETTINGS)
    assert share_of(~rules, digits) >= 0.95


@pytest.mark.parametrize("cell_px", [24, 34, 60])
def test_a_comb_is_one_field_with_the_digits_and_without_the_walls(cell_px):
    gray, plain = comb_page("40713", cell_px=cell_px)
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    place = np.s_[field.box.y : field.box.bottom, field.box.x : field.box.right]
    digits = ink_of(plain)
    assert digits[place].sum() >= 0.95 * digits.sum()
    wanted = cv2.resize(digits[place].astype(np.uint8), field.ink.shape[::-1]) > 0
    near = cv2.dilate(wanted.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    assert share_of(field.ink, wanted) >= 0.9
    assert not (field.ink & ~near).any()


def fade(gray, rows: slice, columns: slice, to: float):
    """A copy whose ink is left as it is at the top of `rows` and only a share `to` at the foot."""
    inside = gray[rows, columns].astype(np.float64)
    share = np.linspace(1.0, to, len(inside))[:, None]
    faded = gray.copy()
    faded[rows, columns] = (gray.max() - (gray.max() - inside) * share).round()
    return faded


def test_digits_of_a_comb_are_whole_where_the_pen_ran_dry():
    gray, _ = comb_page("40718", pen_px=4)
    (whole,) = fields_of_photo(gray)
    for within in (slice(156 + 60 * k, 205 + 60 * k) for k in range(5)):
        gray = fade(gray, slice(214, 259), within, 0.14)
    (field,) = fields_of_photo(gray)
    assert is_near(field.box, whole.box)
    assert field.coverage[-1].any()


def test_a_low_digit_in_two_pieces_stays_in_its_comb():
    gray, _ = comb_page("40 13")
    cell = np.s_[218:250, 275:325]  # its third
    gray[228:239, 286:312] = 60
    gray[241:252, 282:314] = 60
    (field,) = fields_of(gray)
    left, right = ((x - field.box.x) / field.box.width for x in (282, 314))
    columns = slice(round(left * field.ink.shape[1]), round(right * field.ink.shape[1]))
    assert field.ink[:, columns].mean() > 0.3
    gray[cell] = 255
    gray[241:252, 282:314] = 60  # one alone is a scrap
    (field,) = fields_of(gray)
    assert not field.ink[:, columns].any()


@pytest.mark.parametrize("cell_px", [24, 60])
def test_cells_left_empty_do_not_part_a_comb(cell_px):
    (field,) = fields_of(comb_page("407", cell_px=cell_px)[0])
    assert field.kind is Kind.COMB


@pytest.mark.parametrize("pen_px", [1, 2, 3])
@pytest.mark.parametrize("cell_px", [24, 34, 60])
def test_an_empty_comb_is_no_field(cell_px, pen_px):
    assert fields_of(comb_page(cell_px=cell_px, pen_px=pen_px)[0]) == []


@pytest.mark.parametrize("cell_px", [24, 60])
def test_digits_that_touch_the_walls_of_a_comb_are_kept(cell_px):
    gray = comb_page(cell_px=cell_px)[0]
    baseline = 200 + round(0.93 * cell_px)
    put_text(gray, "5", (150 + cell_px, baseline), round(0.68 * cell_px), pen_px=2)
    put_text(gray, "8", (150 + round(2.3 * cell_px), baseline), round(0.68 * cell_px), pen_px=2)
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    assert field.box.width > cell_px


def test_components_of_unlike_height_are_not_one_string():
    gray = paper(500, 700)
    put_text(gray, "4", (100, 300), 140, pen_px=8)
    put_text(gray, "27", (215, 300), 30)
    components = find_components(ink_of(gray))
    free = np.ones(len(components.boxes), bool)
    groups = group_into_lines(
        components, free, Walls(np.zeros(gray.shape, bool)), gray.shape, SETTINGS
    )
    assert sorted(int(group.sum()) for group in groups) == [1, 2]


def test_a_field_holds_no_ink_of_its_neighbours():
    gray = paper(400, 500)
    put_text(gray, "204", (100, 200), 60)
    cv2.line(gray, (60, 100), (330, 118), 20, 3)  # a stroke of the line above reaches in
    for field in fields_of(gray):
        if field.box.y > 125:
            break
    else:
        pytest.fail("204 was not found")
    plain = paper(400, 500)
    put_text(plain, "204", (100, 200), 60)
    place = np.s_[field.box.y : field.box.bottom, field.box.x : field.box.right]
    scaled = cv2.resize(ink_of(plain)[place].astype(np.float32), field.ink.shape[::-1])
    assert not (field.ink & (scaled == 0)).any()
