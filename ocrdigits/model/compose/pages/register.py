"""Logbook pages and registers: ruled tables filled in by hand, row by row over many days."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe
from ocrdigits.model.compose.pages.contents import (
    Sample,
    choose_manner,
    format_amount,
    sample_cents,
    sample_digits,
    sample_name,
    sample_town,
)
from ocrdigits.model.compose.pages.desk import LEFT, MIDDLE, Desk, open_desk
from ocrdigits.model.compose.pages.ornament import sign
from ocrdigits.model.compose.pages.tables import (
    Book,
    Grid,
    draw_ditto,
    draw_grid,
    fill_cell,
    find_baseline,
    lay_out_table,
    print_grid,
    print_in_cell,
    space_grid,
    write_in_cell,
)
from ocrdigits.model.compose.pages.typeset import BOLD_FACES, sample_style
from ocrdigits.model.compose.paper.handling import handle_paper
from ocrdigits.model.compose.paper.surface import Size, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box, Kind

_PAPERS = ("copy", "white", "white", "cream", "recycled", "green", "blue", "manila")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOIS = ("jan", "fev", "mars", "avril", "mai", "juin", "juil", "aout", "sept", "oct", "nov", "dec")
_ITEMS = (
    "Consultations",
    "Malaria tests",
    "Vaccinations",
    "Births",
    "Referrals",
    "Bed nets",
    "ORS packets",
    "Amoxicillin",
    "Paracetamol",
    "Gloves",
    "Syringes",
    "Weighed",
    "Home visits",
    "Fever under five",
    "Antenatal",
    "Cough",
    "Diarrhoea",
    "Stock out days",
)
_TITLES = ("MONTHLY REPORT", "STOCK REGISTER", "Registre des consultations", "DAILY LOG", "RAPPORT")


def _sample_count(rng: np.random.Generator) -> str:
    return str(int(np.exp(rng.uniform(0, 6.2))) - 1)


def _sample_small(rng: np.random.Generator) -> str:
    return str(int(rng.integers(0, 100)))


def _sample_decimal(rng: np.random.Generator) -> str:
    return f"{rng.uniform(1, 140):.1f}"


def _sample_stock(rng: np.random.Generator) -> str:
    return f"{int(np.exp(rng.uniform(5, 10))):,}"


def _sample_reading(rng: np.random.Generator) -> str:
    return sample_digits(rng, int(rng.integers(4, 7)))


def _sample_money(rng: np.random.Generator) -> str:
    return format_amount(sample_cents(rng, 2, 3000))


_SAMPLES: tuple[Sample, ...] = (
    _sample_count,
    _sample_count,
    _sample_small,
    _sample_decimal,
    _sample_stock,
)


def draw_register(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A page of a logbook.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; the digit strings of its cells are of the kind `CELL`, printed heads included.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_monthly(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Landscape: printed items down the side, months or days across, a totals row at times."""
    desk = _open_page(rng, supplies, (1060, 1500))
    row_count, column_count = int(rng.integers(9, 15)), int(rng.integers(6, 13))
    labels = round(between(rng, 230, 290))
    top = round(between(rng, 130, 170))
    grid = space_grid(rng, Box(50, top, 1400, 880), (labels, column_count), row_count + 1)
    book = lay_out_table(desk, grid)
    _print_title(book, pick(rng, _TITLES))
    print_grid(book)
    heads = pick(rng, (_MONTHS, _MOIS, tuple(str(day) for day in range(1, 13))))
    for column in range(1, column_count + 1):
        print_in_cell(book, (0, column), heads[column - 1], MIDDLE)
    has_total = toss(rng)
    for row, item in zip(range(1, row_count + 1), rng.permutation(_ITEMS).tolist(), strict=False):
        is_total = has_total and row == row_count
        print_in_cell(book, (row, 0), "TOTAL" if is_total else item, LEFT)
    adopt = choose_manner(rng)
    samples = [adopt(pick(rng, _SAMPLES)) for _ in range(row_count)]
    filled = int(rng.integers(column_count // 2, column_count + 1))
    for column in range(1, filled + 1):
        for row in range(1, row_count + 1):
            fill_cell(book, (row, column), samples[row - 1], 0.15)
    return desk.sheet


def draw_ledger(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Portrait: day, words, money in and out, balance; colored lines, some double."""
    desk = _open_page(rng, supplies, (1400, 1040))
    row_count = int(rng.integers(16, 24))
    widths = (90, 360, 180, 180, 180)
    edges = np.cumsum((25, *widths)).tolist()
    top = round(between(rng, 130, 190))
    rows = tuple(np.linspace(top, 1370, row_count + 1).round().astype(int).tolist())
    book = lay_out_table(desk, Grid(tuple(edges), rows))
    _write_heading(book)
    print_grid(book)
    money = choose_manner(rng)(pick(rng, (_sample_money, _sample_stock, _sample_count)))
    words = ("seed", "fuel", "rent", "post", "wages", "milk", "repair", "tools", "feed", "sale")
    for row in range(row_count - int(rng.integers(0, 7))):
        if toss(rng, 0.85):
            write_in_cell(book, (row, 0), str(int(rng.integers(1, 31))))
        elif toss(rng):
            draw_ditto(book, (row, 0))
        cell = book.grid.cell(row, 1)
        spot = Spot(cell.x + 14, find_baseline(book, cell), book.height_px, cell.width - 28.0)
        desk.write(pick(rng, words), spot)
        write_in_cell(book, (row, 2 + int(rng.integers(2))), money(rng))
        if toss(rng, 0.7):
            write_in_cell(book, (row, 4), money(rng))
    return desk.sheet


def draw_hand_ruled(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A table drawn with pen and perhaps a ruler, its heads written by hand."""
    size = pick(rng, ((1040, 1400), (1360, 1020)))
    desk = _open_page(rng, supplies, size)
    column_count, row_count = int(rng.integers(3, 7)), int(rng.integers(7, 13))
    box = Box(60, 130, size[1] - 130, size[0] - 190)
    grid = space_grid(rng, box, (round(size[1] * 0.2), column_count), row_count + 1)
    book = lay_out_table(desk, grid)
    draw_grid(book)
    start = int(rng.integers(6))
    heads = pick(rng, (_MONTHS[start:], _MOIS[start:], ("in", "out", "left", "kg", "cm", "sum")))
    for column in range(1, column_count + 1):
        cell = grid.cell(0, column)
        spot = Spot(
            cell.x + cell.width / 2, find_baseline(book, cell), book.height_px, cell.width - 16.0
        )
        desk.write(heads[column - 1], spot, MIDDLE)
    sample = choose_manner(rng)(pick(rng, _SAMPLES))
    for row in range(1, row_count + 1):
        cell = grid.cell(row, 0)
        spot = Spot(cell.x + 10, find_baseline(book, cell), book.height_px, cell.width - 20.0)
        desk.write(sample_town(rng) if toss(rng) else sample_name(rng).split()[0], spot)
        for column in range(1, column_count + 1):
            fill_cell(book, (row, column), sample, 0.1)
    return desk.sheet


def draw_patients(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Landscape: numbered rows, names, age, weight, temperature, days; faint lines."""
    desk = _open_page(rng, supplies, (1080, 1520))
    row_count = int(rng.integers(14, 22))
    widths = (70, 330, 110, 150, 150, 150, 170, 290)
    edges = np.cumsum((40, *widths)).tolist()
    rows = tuple(np.linspace(150, 1040, row_count + 2).round().astype(int).tolist())
    book = lay_out_table(desk, Grid(tuple(edges), rows))
    _print_title(book, pick(rng, _TITLES))
    print_grid(book)
    heads = pick(rng, (_PATIENT_HEADS, _PATIENT_TETES))
    for column, head in enumerate(heads):
        print_in_cell(book, (0, column), head, MIDDLE)
    vitals = list(map(choose_manner(rng), _VITALS))
    first, is_printed = int(rng.integers(1, 400)), toss(rng)
    for row in range(1, row_count + 1 - int(rng.integers(0, 5))):
        if is_printed:
            print_in_cell(book, (row, 0), str(first + row), MIDDLE)
        else:
            write_in_cell(book, (row, 0), str(first + row))
        _write_patient(book, row, vitals)
    return desk.sheet


def draw_parish(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """One page of an old bound book: tall rows, a number in each, words, days and years."""
    size = (1480, 1080)
    desk = _open_page(rng, supplies, size, ("cream", "aged", "aged", "manila", "white"))
    edge, row_count = round(between(rng, 20, 60)), int(rng.integers(6, 11))
    _darken_spine(desk.sheet, edge, is_left=toss(rng))
    edges = np.cumsum((edge + 20, 100, 110, 330, 110, 300)).tolist()
    rows = tuple(np.linspace(130, 1440, row_count + 1).round().astype(int).tolist())
    book = lay_out_table(desk, Grid(tuple(edges), rows))
    heads = pick(
        rng, (("No.", "Day", "Name", "Year", "Place"), ("Lfd.", "Tag", "Name", "Jahr", "Ort"))
    )
    for column, head in enumerate(heads):
        place = ((edges[column] + edges[column + 1]) / 2, 108)
        desk.print(head, book.style, place, MIDDLE)
    print_grid(book)
    first = int(rng.integers(1, 120))
    for row in range(row_count - int(rng.integers(0, 3))):
        _write_entry(book, row, str(first + row))
    return desk.sheet


def _darken_spine(sheet: Sheet, width_px: int, *, is_left: bool) -> None:
    """Where the page bends into the binding, less light falls."""
    away = np.arange(sheet.width, dtype=np.float32)
    away = away if is_left else away[::-1]
    sheet.surface *= (1 - 0.55 * np.exp(-away / width_px))[None, :, None]


def _write_entry(book: Book, row: int, number: str) -> None:
    """Number and day in figures, names and a place below each other, the year or a ditto."""
    desk, rng = book.desk, book.desk.rng
    cell = book.grid.cell(row, 0)
    high, top = book.height_px, cell.y + 0.55 * cell.height
    texts = (
        (0, number),
        (1, str(int(rng.integers(1, 32)))),
        (3, str(int(rng.integers(1790, 1960)))),
    )
    for column, text in texts:
        cell = book.grid.cell(row, column)
        if column and toss(rng, 0.25):
            draw_ditto(book, (row, column))
            continue
        spot = Spot(cell.x + cell.width / 2, top, high, cell.width - 14.0)
        desk.write(text, spot, MIDDLE, Kind.CELL)
    for column, lines in ((2, (sample_name(rng), sample_name(rng))), (4, (sample_town(rng),))):
        cell = book.grid.cell(row, column)
        for line, text in enumerate(lines):
            spot = Spot(cell.x + 12, top + 1.4 * high * line, 0.85 * high, cell.width - 24.0)
            if spot.baseline < cell.bottom - 8:
                desk.write(text, spot)


_PATIENT_HEADS = ("No", "Name", "Age", "Weight", "Temp.", "Card", "Days", "Remarks")
_PATIENT_TETES = ("No", "Nom", "Age", "Poids", "T", "Fiche", "Jours", "Remarques")


def _write_patient(book: Book, row: int, vitals: Sequence[Sample]) -> None:
    desk, rng = book.desk, book.desk.rng
    cell = book.grid.cell(row, 1)
    spot = Spot(cell.x + 8, find_baseline(book, cell), 0.85 * book.height_px, cell.width - 16.0)
    desk.write(sample_name(rng), spot)
    for column, sample in zip(range(2, 7), vitals, strict=True):
        fill_cell(book, (row, column), sample, 0.12)
    cell = book.grid.cell(row, 7)
    if toss(rng, 0.5):
        words = ("ok", "fever", "back Monday", "referred", "cough", "paid")
        spot = Spot(cell.x + 8, find_baseline(book, cell), 0.85 * book.height_px, cell.width - 16.0)
        desk.write(pick(rng, words), spot)
    elif toss(rng, 0.4):
        sign(desk, cell.x + 40, find_baseline(book, cell), 0.6 * book.height_px)


def _sample_temperature(rng: np.random.Generator) -> str:
    return f"{rng.uniform(35.8, 40.4):.1f}"


_VITALS: tuple[Sample, ...] = (
    _sample_small,
    _sample_decimal,
    _sample_temperature,
    _sample_reading,
    _sample_small,
)

LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_monthly,
    draw_ledger,
    draw_hand_ruled,
    draw_patients,
    draw_parish,
)
"""The layouts of this kind, equally likely."""


def _open_page(
    rng: np.random.Generator, supplies: Supplies, size: Size, papers: Sequence[str] = _PAPERS
) -> Desk:
    paper = handle_paper(rng, sample_paper(rng, size, papers))
    return open_desk(rng, Sheet(paper), sample_scribe(rng, supplies))


def _print_title(book: Book, title: str) -> None:
    desk, rng, grid = book.desk, book.desk.rng, book.grid
    style = sample_style(rng, between(rng, 24, 32), BOLD_FACES, book.style.color)
    desk.print(title, style, (grid.columns[0], grid.rows[0] - 58))
    y, right = grid.rows[0] - 18, grid.columns[-1] - 360
    x = desk.print(pick(rng, ("Centre:", "Site:", "Village:")), book.style, (grid.columns[0], y))
    desk.write(sample_town(rng), Spot(x + 16, y - 2, 32, 260))
    x = desk.print(pick(rng, ("Year", "Annee")), book.style, (right, y))
    desk.write(str(int(rng.integers(2008, 2027))), Spot(x + 16, y - 2, 34, 200))


def _write_heading(book: Book) -> None:
    rng, top = book.desk.rng, book.grid.rows[0]
    text = f"{pick(rng, _MONTHS)} {int(rng.integers(1998, 2027))}"
    book.desk.write(text, Spot(between(rng, 120, 500), top - 22, 1.2 * book.height_px, 380))
