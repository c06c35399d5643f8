"""Closed cells are found by the paper inside; their walls go, what is written in them stays."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pages import as_page, share_of

from ocrdigits.vision.closed_cells import find_closed_combs


def cells_aslant(count: int = 6, pen_px: int = 5, tilt_deg: float = 3.0, rows: int = 1):
    """Walls and writing, (300, 600) each: boxes of 54 × 60 pixels that nearly touch."""
    walls, writing = (np.zeros((300, 600), np.uint8) for _ in range(2))
    for row in range(rows):
        for k in range(count):
            x, y = 60 + k * 58, 80 + k * 58 * np.sin(np.radians(tilt_deg)) + row * 60
            corners = cv2.boxPoints(((x, y), (54, 60), tilt_deg)).astype(np.int32)
            cv2.polylines(walls, [corners], True, 1, pen_px)
            cv2.putText(writing, str(k), (int(x) - 14, int(y) + 18), 0, 1.4, 1, 3)
    return walls.view(np.bool_), writing.view(np.bool_)


def removed(ink, combs):
    gone = np.zeros_like(ink)
    for comb in combs:
        box = comb.box
        gone[box.y : box.bottom, box.x : box.right] |= comb.walls
    return gone


def assert_only_walls_go(walls, writing, most_writing: float):
    """One comb of six cells, whose walls are taken out, and hardly any of what is written."""
    combs = find_closed_combs(as_page(walls | writing), 18, 100)
    assert [comb.cell_count for comb in combs] == [6]
    gone = removed(walls, combs)
    assert share_of(gone, walls & ~writing) > 0.97
    assert share_of(gone, writing & ~walls) < most_writing


@pytest.mark.parametrize("pen_px", [2, 5, 8])
@pytest.mark.parametrize("tilt_deg", [0.0, 3.0, -4.0])
def test_walls_go_and_writing_stays(pen_px: int, tilt_deg: float):
    walls, writing = cells_aslant(pen_px=pen_px, tilt_deg=tilt_deg)
    assert_only_walls_go(walls, writing, 0.03)


def test_writing_that_touches_a_wall_leaves_the_cell_a_cell():
    walls, writing = cells_aslant()
    writing[90:95, 178:204] = True  # from the third digit into the wall on its right
    combs = find_closed_combs(as_page(walls | writing), 18, 100)
    assert [comb.cell_count for comb in combs] == [6]
    assert not removed(walls, combs)[90:95, 178:190].any()


@pytest.mark.parametrize("cut", [[2], [5], [4, 5], [0, 3]])
def test_cells_that_writing_cuts_up_belong_to_the_row(cut: list[int]):
    walls, writing = cells_aslant()
    for k in cut:  # from wall to wall, and from top to bottom
        x, y = 60 + k * 58, round(80 + k * 58 * np.sin(np.radians(3.0)))
        cv2.line(writing.view(np.uint8), (x - 24, y - 8), (x + 24, y + 10), 1, 4)
        cv2.line(writing.view(np.uint8), (x + 6, y - 28), (x - 6, y + 28), 1, 4)
    assert_only_walls_go(walls, writing, 0.05)


def test_a_row_does_not_go_on_where_no_walls_are():
    walls, writing = cells_aslant(count=4)
    writing[70:100, 292:320] = True
    writing[60:64, 260:330] = True
    combs = find_closed_combs(as_page(walls | writing), 18, 100)
    assert [comb.cell_count for comb in combs] == [4]


def test_two_cells_are_left_to_the_frames():
    walls, writing = cells_aslant(count=2)
    assert find_closed_combs(as_page(walls | writing), 18, 100) == []


def test_the_rows_of_a_table_are_no_combs():
    walls, writing = cells_aslant(rows=3, tilt_deg=0.0)
    assert find_closed_combs(as_page(walls | writing), 18, 100) == []


def test_round_insides_are_no_cells():
    ink = np.zeros((120, 500), np.uint8)
    for k in range(6):
        cv2.ellipse(ink, (50 + 70 * k, 60), (25, 35), 0, 0, 360, 1, 5)
    assert find_closed_combs(as_page(ink), 18, 100) == []


def test_cells_seen_from_the_side_are_a_comb():
    walls, writing = cells_aslant(tilt_deg=0.0, pen_px=3)
    lean = np.array([[1, -0.3, 30], [0, 1, 0]], np.float64)
    walls, writing = (
        cv2.warpAffine(it.astype(np.float32), lean, (600, 300)) > 0.5 for it in (walls, writing)
    )
    combs = find_closed_combs(as_page(walls | writing), 18, 100)
    assert [comb.cell_count for comb in combs] == [6]
    assert share_of(removed(walls, combs), walls & ~writing) > 0.95


def test_round_paper_is_no_cell():
    ink = np.ones((300, 600), np.uint8)
    for k in range(6):
        cv2.ellipse(ink, (60 + k * 58, 100), (20, 28), 0, 0, 360, 0, cv2.FILLED)
        ink[86:114, 58 + k * 58 : 62 + k * 58] = 1
    assert find_closed_combs(as_page(ink), 18, 100) == []
