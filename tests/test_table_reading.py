"""Tables through the real readers and the real commands."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest
from grids import PUZZLE, draw_table, photo_of, photographed, puzzle_texts, texts_of
from pages import page_of_lines
from typer.testing import CliRunner

from ocrdigits.cli import app
from ocrdigits.model.readers import load_readers
from ocrdigits.pipeline import read_photo
from ocrdigits.records import Kind, Layout, ReaderChoice
from ocrdigits.settings import DecodeSettings, Settings
from ocrdigits.table_reading import choose_turn

SETTINGS = Settings(layout=Layout.TABLE)


@pytest.fixture(scope="module")
def readers():
    return load_readers(None, ReaderChoice.BOTH)


def read(gray, readers):
    return read_photo(photo_of(gray), SETTINGS, readers)


def right_share(reading, texts):
    pairs = [
        (read, true)
        for read_row, row in zip(texts_of(reading), texts, strict=True)
        for read, true in zip(read_row, row, strict=True)
    ]
    return sum(read == true for read, true in pairs) / len(pairs)


def test_a_grid_is_read_cell_by_cell_blank_ones_included(readers):
    picture, matrix = photographed(draw_table(puzzle_texts())[0], turn_deg=4)
    reading = read(picture, readers)
    assert right_share(reading, puzzle_texts()) >= 79 / 81
    assert len(reading.strings) == 81 and {it.kind for it in reading.strings} == {Kind.CELL}
    first = reading.strings[0]
    x, y = (matrix @ [110, 110, 1])[:2] / (matrix @ [110, 110, 1])[2]
    assert first.box.x <= x <= first.box.right and first.box.y <= y <= first.box.bottom


def test_specks_and_strokes_along_the_rules_leave_a_cell_blank(readers):
    gray, xs, ys = draw_table([[""] * 4 for _ in range(4)])
    cv2.circle(gray, (int(xs[1]) + 30, int(ys[1]) + 28), 2, 60, -1)
    cv2.line(gray, (int(xs[2]) + 4, int(ys[2])), (int(xs[2]) + 4, int(ys[3])), 60, 2)
    assert {string.text for string in read(gray, readers).strings} == {""}


def test_a_pale_stain_is_no_digit_but_a_pale_digit_is_one(readers):
    gray, xs, ys = draw_table(puzzle_texts())
    rng = np.random.default_rng(0)
    picture = gray.astype(np.float32)
    for row, column in ((0, 3), (4, 4), (7, 0)):
        x, y = (xs[column] + xs[column + 1]) // 2, (ys[row] + ys[row + 1]) // 2
        spots = cv2.GaussianBlur(rng.random((32, 24)), (0, 0), 3)
        stain = np.zeros_like(picture)
        stain[y - 16 : y + 16, x - 12 : x + 12] = spots > (spots.min() + spots.max()) / 2
        stain = cv2.GaussianBlur(stain, (0, 0), 2)
        picture -= 75 * stain / stain.max()
    pale = np.s_[ys[1] + 6 : ys[2] - 6, xs[0] + 6 : xs[1] - 6]
    picture[pale] = 225 - 0.35 * (225 - picture[pale])
    assert texts_of(read(picture.astype(np.uint8), readers)) == puzzle_texts()


def test_a_cell_may_hold_several_digits(readers):
    texts = [["1847", "25", "309"], ["", "64", "2026"], ["73", "", "58"], ["4962", "35", ""]]
    reading = read(draw_table(texts, cell=(150, 70))[0], readers)
    assert right_share(reading, texts) >= 11 / 12


def test_writing_that_hangs_on_a_rule_is_read(readers):
    texts = puzzle_texts()
    gray, xs, ys = draw_table(texts)
    x, y = int(xs[2] + xs[3]) // 2, int(ys[0])
    cv2.line(gray, (x, y), (x, y + 38), 30, 3)
    for at in (x - 24, x + 24):  # as curled paper leaves rules inside a cell
        cv2.line(gray, (at, y), (at, y + 60), 60, 2)
    cv2.line(gray, (x - 26, y + 7), (x + 26, y + 7), 60, 2)
    texts[0][2] = "1"
    assert texts_of(read(gray, readers))[0][2] == "1"


@pytest.mark.parametrize("turn_deg", [90, 180, 270])
def test_the_digits_decide_which_way_is_up(turn_deg, readers):
    gray = np.ascontiguousarray(np.rot90(draw_table(puzzle_texts())[0], turn_deg // 90))
    reading = read(gray, readers)
    assert reading.turn_deg == turn_deg
    assert right_share(reading, puzzle_texts()) >= 79 / 81


def test_a_photo_without_a_table_is_an_empty_reading(readers):
    reading = read(page_of_lines(), readers)
    assert reading.strings == () and reading.tables == () and reading.error is None


@pytest.fixture
def folder(tmp_path):
    cv2.imwrite(str(tmp_path / "grid.png"), draw_table(puzzle_texts())[0])
    cv2.imwrite(str(tmp_path / "page.png"), page_of_lines())
    rows = f"file,text\ngrid.png,{'|'.join(PUZZLE)}\n"
    (tmp_path / "labels.csv").write_text(rows, encoding="utf-8")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(app, [str(it) for it in arguments])


def test_a_grid_comes_out_as_rows_and_columns(folder):
    done = run("read", folder / "grid.png", "--layout", "table", "--format", "grid")
    rows = list(csv.reader(done.stdout.splitlines()))
    assert [len(row) for row in rows] == [9] * 9 and rows[0][:2] == ["5", "3"]


def test_each_photo_of_a_folder_has_a_grid_of_its_own(folder):
    out = folder / "grids"
    done = run("read", folder, "--layout", "table", "--format", "grid", "-o", out, "-q")
    assert done.exit_code == 0 and done.stdout == ""
    assert len((out / "grid.csv").read_text().splitlines()) == 9
    assert (out / "page.csv").read_text() == ""


def test_overlay_and_stages_show_the_grid(folder):
    places = ("--annotate", folder / "seen", "--debug-dir", folder / "stages")
    assert run("read", folder / "grid.png", "--layout", "table", *places).exit_code == 0
    assert list((folder / "seen").iterdir()) and list((folder / "stages").glob("*-tables.png"))


def test_evaluate_counts_grids_and_cells(folder):
    command = ("evaluate", folder, "--layout", "table", "-q", "--report", folder / "report")
    done = run(*command)
    assert "grids found" in done.stdout and "of 81" in done.stdout


def test_evaluate_refuses_labels_that_are_no_grid(folder):
    (folder / "labels.csv").write_text("file,text\ngrid.png,12|345\n", encoding="utf-8")
    done = run("evaluate", folder, "--layout", "table", "-q")
    assert done.exit_code == 4 and "no grid" in done.stderr


@pytest.mark.parametrize(("odds", "turn_deg"), [(1.0, 180), (9.0, 0)])
def test_doubtful_glyphs_turn_a_table_only_where_few_are_expected_to_be_none(odds, turn_deg):
    upright, doubtful = np.zeros((2, 11), np.float32)
    upright[[4, 7]] = 0.6, 0.4
    doubtful[[4, 10]] = 0.9, 0.1
    glyphs = [np.ones((20, 10), np.float32)] * 20

    def classify(cells):
        rows = np.tile(upright, (len(cells), 1))
        rows[2 * len(glyphs) : 3 * len(glyphs)] = doubtful
        return rows

    assert choose_turn(glyphs, classify, DecodeSettings(non_digit_odds=odds)) == turn_deg
