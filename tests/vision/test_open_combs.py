"""Combs without a frame: ticks, dotted walls, a floor under each digit."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pages import as_page, paper, put_text

from ocrdigits.records import Kind, Layout
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import find_fields

CELL_PX, LEFT, FLOOR = 60, 150, 300


def draw_floor(gray, manner: str, count: int):
    """The print of a comb."""
    ends = [LEFT + CELL_PX * k for k in range(count + 1)]
    if manner == "floors":
        for x in ends[:-1]:
            cv2.line(gray, (x, FLOOR), (x + CELL_PX - 10, FLOOR), 60, 2)
        return
    cv2.line(gray, (ends[0], FLOOR), (ends[-1], FLOOR), 60, 2)
    for x in ends:
        if manner == "ticks":
            cv2.line(gray, (x, FLOOR - 25), (x, FLOOR), 60, 2)
        else:
            for y in range(FLOOR - 66, FLOOR - 6, 9):
                gray[y : y + 4, x - 1 : x + 2] = 60


def write_digits(gray, text: str):
    """One digit in each cell; returns the place of each."""
    return [
        put_text(gray, digit, (LEFT + CELL_PX * k + 14, FLOOR - 12), 42)[0]
        for k, digit in enumerate(text)
        if digit != " "
    ]


def fields_of(gray):
    return find_fields(as_page(gray < 130), Layout.PAGE, FieldSettings())


@pytest.mark.parametrize("text", ["40713", "4 7 3", "20586"])
@pytest.mark.parametrize("manner", ["ticks", "dots", "floors"])
def test_an_open_comb_is_one_field_with_the_digits_alone(manner, text):
    gray = paper(500, 700)
    draw_floor(gray, manner, len(text))
    places = write_digits(gray, text)
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    digits = np.zeros(gray.shape, bool)
    for box in places:
        digits[box.y - 3 : box.bottom + 3, box.x - 3 : box.right + 3] = True
    box = field.box
    inside = cv2.resize(
        digits[box.y : box.bottom, box.x : box.right].astype(np.uint8), field.ink.shape[::-1]
    )
    assert not (field.ink & (inside == 0)).any()
    assert box.x <= places[0].x + 3 and box.right >= places[-1].right - 3


def test_a_tick_that_stands_apart_from_its_floor_is_no_digit():
    gray = paper(500, 700)
    draw_floor(gray, "ticks", 6)
    tick = LEFT + 4 * CELL_PX
    gray[FLOOR - 5 : FLOOR - 2, tick - 6 : tick + 7] = 235
    places = write_digits(gray, "205 63")
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    count, _ = cv2.connectedComponents(field.ink.astype(np.uint8))
    assert count - 1 == len(places)


@pytest.mark.parametrize("slope", [-0.12, 0.12])
def test_a_comb_that_is_not_level_is_one_field(slope):
    gray = paper(500, 700)
    draw_floor(gray, "ticks", 8)
    places = write_digits(gray, "205  341")
    aslant = np.array([[1, 0, 0], [slope, 1, -350 * slope]])
    gray = cv2.warpAffine(gray, aslant, gray.shape[::-1], borderValue=255)
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    assert field.box.x <= places[0].x and field.box.right >= places[-1].right


def test_dotted_walls_of_which_some_show_one_dot_are_walls_and_narrow_digits_are_none():
    gray = paper(500, 700)
    draw_floor(gray, "dots", 5)
    for wall in (1, 2, 4):
        x = LEFT + CELL_PX * wall
        gray[FLOOR - 70 : FLOOR - 15, x - 2 : x + 3] = 235
    places = write_digits(gray, "761 1")
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    assert field.box.x <= places[0].x + 3 and field.box.right >= places[-1].right - 3
    count, _ = cv2.connectedComponents(field.ink.astype(np.uint8))
    assert count - 1 == len(places)


def test_a_1_among_dotted_walls_is_no_tick():
    gray = paper(500, 700)
    draw_floor(gray, "dots", 5)
    for wall in range(6):  # nothing of two is left, and a long dot of the others
        x = LEFT + CELL_PX * wall
        gray[FLOOR - 70 : FLOOR - 5, x - 2 : x + 3] = 235
        if wall not in (1, 2):
            gray[FLOOR - 14 : FLOOR - 6, x - 1 : x + 2] = 60
    places = write_digits(gray, "669 9")
    one = round(LEFT + 10 / 3 * CELL_PX)
    cv2.line(gray, (one, FLOOR - 55), (one, FLOOR - 8), 60, 4)
    ink = np.zeros(gray.shape, bool)
    for field in fields_of(gray):
        ink[field.box.y : field.box.bottom, field.box.x : field.box.right] = True
    assert ink[FLOOR - 55 : FLOOR - 8, one].all()
    assert all(ink[box.y + 5, box.x + 5] for box in places)


def test_a_floor_that_a_digit_reaches_is_one_floor():
    gray = paper(500, 700)
    draw_floor(gray, "ticks", 6)
    write_digits(gray, "80591")
    cv2.ellipse(gray, (LEFT + 5 * CELL_PX + 26, FLOOR - 19), (13, 22), 0, 0, 360, 60, 5)
    (field,) = fields_of(gray)
    assert field.kind is Kind.COMB
    assert field.box.x <= LEFT + 20 and field.box.right >= LEFT + 5 * CELL_PX + 30


@pytest.mark.parametrize("manner", ["ticks", "dots", "floors"])
def test_nothing_written_is_no_comb(manner):
    gray = paper(500, 700)
    draw_floor(gray, manner, 5)
    assert all(field.kind is not Kind.COMB for field in fields_of(gray))


def test_a_word_on_a_rule_is_no_comb():
    gray = paper(500, 700)
    cv2.line(gray, (LEFT, FLOOR), (LEFT + 300, FLOOR), 60, 2)
    put_text(gray, "60718", (LEFT + 20, FLOOR - 8), 40)
    assert [field.kind for field in fields_of(gray)] == [Kind.LINE]


def test_a_row_of_a_table_is_no_comb():
    gray = paper(500, 700)
    for y in (FLOOR - 66, FLOOR, FLOOR + 66):
        for k in range(5):
            cv2.line(gray, (LEFT + CELL_PX * k, y), (LEFT + CELL_PX * k + 50, y), 60, 2)
    write_digits(gray, "4 7  ")
    assert all(field.kind is not Kind.COMB for field in fields_of(gray))


def test_a_barcode_on_a_rule_is_no_comb():
    gray = paper(500, 700)
    draw_floor(gray, "dots", 4)
    for x in range(LEFT + 8, LEFT + 4 * CELL_PX, 14):
        gray[FLOOR - 62 : FLOOR - 8, x : x + 5] = 30
    assert all(field.kind is not Kind.COMB for field in fields_of(gray))


def test_a_row_of_a_table_whose_columns_go_on_is_no_comb():
    """Its upper rule is broken off, so that no other rule is as long."""
    gray = paper(500, 700)
    cv2.line(gray, (LEFT, FLOOR), (LEFT + 300, FLOOR), 60, 2)
    cv2.line(gray, (LEFT, FLOOR - 60), (LEFT + 100, FLOOR - 60), 60, 2)
    for k in range(6):
        x = LEFT + CELL_PX * k
        cv2.line(gray, (x, FLOOR - 60), (x, FLOOR + 60), 60, 2)
    write_digits(gray, "40713")
    assert all(field.kind is not Kind.COMB for field in fields_of(gray))


@pytest.mark.parametrize("text", ["40713", "4 7 3"])
def test_ticks_and_a_floor_paler_than_ink_are_a_comb(text):
    gray = paper(500, 700)
    draw_floor(gray, "ticks", len(text))
    gray[gray < 130] = 205
    write_digits(gray, text)
    page = find_ink(gray)
    assert not page.ink[FLOOR - 5 : FLOOR + 3].any()
    (field,) = find_fields(page, Layout.PAGE, FieldSettings())
    assert field.kind is Kind.COMB


@pytest.mark.parametrize("missing", [(), (0,), (5,)])
def test_pale_ticks_need_no_floor_and_ink_may_stand_for_the_outer_ones(missing):
    gray = paper(500, 700)
    for k in range(6):
        x = LEFT + CELL_PX * k
        cv2.line(gray, (x, FLOOR - 40), (x, FLOOR), 60 if k in missing else 205, 2)
    write_digits(gray, "40513")
    kinds = [field.kind for field in find_fields(find_ink(gray), Layout.PAGE, FieldSettings())]
    assert kinds == [Kind.COMB]
