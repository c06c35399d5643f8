"""Ruled tables: a grid goes in, its lines go onto the sheet, and cells are written into."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.lettering import Spot
from ocrdigits.model.compose.pages.contents import Sample
from ocrdigits.model.compose.pages.desk import LEFT, MIDDLE, RIGHT, Desk
from ocrdigits.model.compose.pages.ornament import pen_px
from ocrdigits.model.compose.pages.typeset import (
    PLAIN_FACES,
    Style,
    measure_print,
    sample_style,
)
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box, Kind

_LINES: tuple[Color, ...] = (
    (0.20, 0.19, 0.19),
    (0.45, 0.44, 0.43),
    (0.80, 0.62, 0.48),
    (0.62, 0.72, 0.48),
    (0.60, 0.62, 0.86),
    (0.72, 0.71, 0.70),
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table.

    Attributes:
        columns: x of its column edges, sheet frame.
        rows: y of its row edges.
    """

    columns: tuple[int, ...]
    rows: tuple[int, ...]

    def cell(self, row: int, column: int) -> Box:
        """One cell, lines included; rows and columns count from 0."""
        x, y = self.columns[column], self.rows[row]
        return Box(x, y, self.columns[column + 1] - x, self.rows[row + 1] - y)


@dataclass(frozen=True, slots=True)
class Book:
    """A page with a table under work.

    Attributes:
        desk: Its sheet and its writer.
        grid: The table.
        style: Its print.
        height_px: How high the scribe writes a digit.
        align: Where in a cell: `LEFT`, `MIDDLE` or `RIGHT`.
    """

    desk: Desk
    grid: Grid
    style: Style
    height_px: float
    align: float


def lay_out_table(desk: Desk, grid: Grid) -> Book:
    """Print and handwriting in proportion to the rows."""
    rng = desk.rng
    pitch = grid.rows[1] - grid.rows[0]
    style = sample_style(rng, min(22, 0.42 * pitch), PLAIN_FACES, pick(rng, _LINES[:2]))
    height_px = min(between(rng, 0.46, 0.66) * pitch, 46)
    return Book(desk, grid, style, height_px, pick(rng, (LEFT, MIDDLE, MIDDLE, RIGHT)))


def space_grid(
    rng: np.random.Generator, box: Box, columns: tuple[int, int], row_count: int
) -> Grid:
    """Even rows and columns in a box, the first column as wide as asked for."""
    first, count = columns
    pitch = (box.width - first) / count
    edges = [box.x, *(round(box.x + first + k * pitch) for k in range(count + 1))]
    bottom = box.y + min(box.height, round(row_count * between(rng, 54, 84)))
    rows = np.linspace(box.y, bottom, row_count + 1).round().astype(int).tolist()
    return Grid(tuple(edges), tuple(rows))


def print_grid(book: Book) -> None:
    """Printed lines: thick ones around, thin or double ones inside, heads and rows tinted."""
    sheet, rng, grid = book.desk.sheet, book.desk.rng, book.grid
    color, left, right = pick(rng, _LINES), grid.columns[0], grid.columns[-1]
    top, bottom = grid.rows[0], grid.rows[-1]
    if toss(rng, 0.4):
        tint = between(rng, 0.82, 0.93)
        head = Box(left, top, right - left, grid.rows[1] - top)
        sheet.fill(head, (tint, tint, tint), InkClass.GROUND)
    if toss(rng, 0.25):
        tints = ((0.97, 0.93, 0.90), (0.91, 0.96, 0.90), (0.93, 0.93, 0.93))
        tint_row = pick(rng, tints)
        for low, high in zip(grid.rows[1::2], grid.rows[2::2], strict=False):
            sheet.fill(Box(left, low, right - left, high - low), tint_row, InkClass.GROUND)
    thin = pick(rng, (1, 2, 2))
    for y in grid.rows:
        is_edge = y in (top, grid.rows[1], bottom)
        sheet.polyline([(left, y), (right, y)], 3 if is_edge and toss(rng, 0.7) else thin, color)
    doubles = set(rng.choice(grid.columns, 1).tolist()) if toss(rng, 0.4) else set()
    across = pick(rng, (color, color, pick(rng, _LINES)))
    for x in grid.columns:
        width_px = 3 if x in (left, right) and toss(rng) else thin
        sheet.polyline([(x, top), (x, bottom)], width_px, across)
        if x in doubles:
            sheet.polyline([(x + 5, top), (x + 5, bottom)], thin, across)


def draw_grid(book: Book) -> None:
    """Lines by the scribe's pen: with a ruler straight but never parallel, freehand bent."""
    desk, grid, rng = book.desk, book.grid, book.desk.rng
    bend = pick(rng, (0.3, 0.3, 2.5))
    lines = [((grid.columns[0], y), (grid.columns[-1], y)) for y in grid.rows]
    lines += [((x, grid.rows[0]), (x, grid.rows[-1])) for x in grid.columns]
    for start, end in lines:
        steps = np.linspace(0, 1, 12)[:, None]
        over = rng.normal(0, 5, (2, 2))
        path = np.array(start) + over[0] + steps * (np.array(end) + over[1] - start - over[0])
        path += rng.normal(0, bend, path.shape).cumsum(axis=0) * 0.4
        width_px = pen_px(desk, book.height_px)
        desk.sheet.draw_strokes(rng, desk.scribe.pen, [path], width_px, InkClass.RULE)


def print_in_cell(book: Book, place: tuple[int, int], text: str, align: float) -> None:
    """Print into a cell (row, column), narrowed to fit."""
    cell = book.grid.cell(*place)
    fit = (cell.width - 8) / max(1.0, measure_print(text, book.style))
    style = book.style.scaled(min(1.0, fit))
    x = cell.x + 8 if align == LEFT else cell.x + cell.width / 2
    book.desk.print(text, style, (x, cell.bottom - 0.32 * cell.height), align)


def find_baseline(book: Book, cell: Box) -> float:
    """Baseline in a cell: near its lower line, not always above it."""
    free = cell.height - book.height_px
    return cell.bottom - free * float(np.clip(book.desk.rng.normal(0.42, 0.14), 0.08, 0.8))


def write_in_cell(book: Book, place: tuple[int, int], text: str) -> None:
    """Write a number into a cell (row, column) by hand."""
    cell = book.grid.cell(*place)
    room = cell.width - 12.0
    x = cell.x + 6 + book.align * room + between(book.desk.rng, 0, 8) * (0.5 - book.align) * 2
    spot = Spot(
        x, find_baseline(book, cell), book.height_px * between(book.desk.rng, 0.92, 1.06), room
    )
    book.desk.write(text, spot, book.align, Kind.CELL)


def fill_cell(book: Book, place: tuple[int, int], sample: Sample, empty_share: float) -> None:
    """A number, or what stands for none or for the same again."""
    chance = book.desk.rng.random()
    if chance < empty_share * 0.5:
        return
    if chance < empty_share * 0.85:
        draw_dash(book, place)
    elif chance < empty_share:
        draw_ditto(book, place)
    else:
        write_in_cell(book, place, sample(book.desk.rng))


def draw_dash(book: Book, place: tuple[int, int]) -> None:
    """A stroke for none."""
    cell, desk = book.grid.cell(*place), book.desk
    y = cell.y + cell.height * desk.between(0.4, 0.65)
    half, x = cell.width * desk.between(0.12, 0.3), cell.x + cell.width * 0.5
    path = np.array([[x - half, y + desk.between(-4, 4)], [x + half, y]])
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, [path], pen_px(desk, book.height_px))


def draw_ditto(book: Book, place: tuple[int, int]) -> None:
    """Two short marks: the same as above."""
    cell, desk, high = book.grid.cell(*place), book.desk, 0.3 * book.height_px
    x, y = cell.x + cell.width * desk.between(0.35, 0.55), cell.y + 0.4 * cell.height
    paths = [
        np.array([[x + shift, y], [x + shift - 0.15 * high, y + high]]) for shift in (0, 0.7 * high)
    ]
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, paths, pen_px(desk, book.height_px))
