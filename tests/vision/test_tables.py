from __future__ import annotations

import cv2
import numpy as np
import pytest
from grids import draw_table, photographed, puzzle_texts
from pages import page_of_lines, paper

from ocrdigits.settings import Settings
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.tables import find_tables

SETTINGS = Settings()
UNMOVED = np.eye(3)
BLANK = [[""] * 6 for _ in range(5)]


def tables_in(gray):
    return find_tables(gray, SETTINGS.table, SETTINGS.enhance_page)


def largest_error(mesh, xs, ys, matrix=UNMOVED):
    """Of the crossings, in pixels."""
    true = np.array([[(x, y) for x in xs] for y in ys], np.float64)
    assert mesh.points.shape == true.shape
    mapped = map_points(true.reshape(-1, 2), matrix).reshape(true.shape)
    return float(np.abs(mapped - mesh.points).max())


@pytest.mark.parametrize(
    "style",
    [{}, {"tone": 170}, {"broken": True}, {"double": True}, {"thick_every": 3}, {"pen_px": 1}],
    ids=["plain", "faint", "broken", "double", "thick and thin", "thin"],
)
def test_every_crossing_of_a_table_seen_at_an_angle_is_found(style):
    gray, xs, ys = draw_table(puzzle_texts(), **style)
    picture, matrix = photographed(gray, turn_deg=6)
    (mesh,) = tables_in(picture)
    assert largest_error(mesh, xs, ys, matrix) < (9 if "double" in style else 4)


def test_columns_need_not_be_equally_wide():
    gray, xs, ys = draw_table(BLANK, widths=[50, 180, 60, 60, 120, 240])
    (mesh,) = tables_in(gray)
    assert largest_error(mesh, xs, ys) < 3


def test_a_rule_that_is_nearly_gone_is_found_by_the_pitch_of_the_others():
    gray, xs, ys = draw_table(puzzle_texts())
    gray[ys[4] - 3 : ys[4] + 4, xs[0] : xs[-1]] = np.maximum(
        gray[ys[4] - 3 : ys[4] + 4, xs[0] : xs[-1]], 205
    )
    (mesh,) = tables_in(gray)
    assert largest_error(mesh, xs, ys) < 5


def test_curled_paper_bends_the_mesh():
    gray, xs, ys = draw_table(puzzle_texts())
    rows, columns = np.mgrid[0 : gray.shape[0], 0 : gray.shape[1]].astype(np.float32)
    bend = 14 * np.sin(columns / gray.shape[1] * np.pi)
    (mesh,) = tables_in(cv2.remap(gray, columns, rows + bend, cv2.INTER_LINEAR, borderValue=225))
    true = np.array([[(x, y - 14 * np.sin(x / gray.shape[1] * np.pi)) for x in xs] for y in ys])
    assert np.abs(true - mesh.points).max() < 4


def test_lines_of_writing_in_the_cells_are_no_rules():
    gray, xs, ys = draw_table([["mnuwr", "aeons", "vexcz"]] * 5, cell=(200, 60), tone=150)
    (mesh,) = tables_in(gray)
    assert largest_error(mesh, xs, ys) < 4


def test_of_two_tables_the_larger_comes_first():
    small, _, _ = draw_table([[""] * 4 for _ in range(5)])
    large, _, _ = draw_table(puzzle_texts())
    sheet = paper(large.shape[0], large.shape[1] + small.shape[1], 225)
    sheet[: small.shape[0], : small.shape[1]] = small
    sheet[:, small.shape[1] :] = large
    assert [mesh.points.shape[0] - 1 for mesh in tables_in(sheet)] in ([9], [9, 5])


@pytest.mark.parametrize("gray", [paper(400, 500), page_of_lines(), paper(1, 1), paper(3, 900)])
def test_where_nothing_is_ruled_there_is_no_table(gray):
    assert tables_in(gray) == []


@pytest.mark.parametrize("digit", ["1", "3", "8"])
def test_columns_of_blurred_digits_are_no_rules(digit):
    gray, xs, ys = draw_table([[digit] * 9] * 9, pen_px=1)
    (mesh,) = tables_in(cv2.GaussianBlur(gray, (0, 0), 3))
    assert largest_error(mesh, xs, ys) < 4


def test_a_column_that_hangs_together_with_no_other_belongs_to_the_table():
    gray, xs, ys = draw_table(puzzle_texts())
    for y in ys:
        gray[y - 3 : y + 4, xs[0] + 40 : xs[0] + 50] = 225
    (mesh,) = tables_in(gray)
    assert largest_error(mesh, xs, ys) < 4


def test_a_rule_that_leaves_the_photo_goes_on_beside_its_neighbour():
    gray, xs, ys = draw_table(puzzle_texts())
    turn = cv2.getRotationMatrix2D((float(xs[0]), float(ys[0])), 3, 1)
    turn[1, 2] -= 60
    matrix = np.vstack([turn, [0, 0, 1]])
    picture = cv2.warpAffine(gray, turn, gray.shape[::-1], borderValue=225)
    (mesh,) = tables_in(picture)
    assert largest_error(mesh, xs, ys, matrix) < 4
