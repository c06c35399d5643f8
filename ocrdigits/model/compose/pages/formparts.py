"""Parts of a printed form, each filled in as it is printed: lines, boxes, combs, tables, ticks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe, write_comb
from ocrdigits.model.compose.pages.combs import Comb, print_comb, sample_comb
from ocrdigits.model.compose.pages.contents import (
    format_amount,
    sample_cents,
    sample_date,
    sample_digits,
    sample_month,
    sample_name,
    sample_street,
    sample_town,
)
from ocrdigits.model.compose.pages.desk import MIDDLE, RIGHT, Desk, open_desk
from ocrdigits.model.compose.pages.ornament import (
    STAMP_INKS,
    Press,
    blank_plate,
    press_plate,
    print_logo,
    print_matrix_code,
    sign,
    tick,
)
from ocrdigits.model.compose.pages.prose import Area, print_paragraphs
from ocrdigits.model.compose.pages.typeset import (
    BOLD_FACES,
    PLAIN_FACES,
    TYPED_FACES,
    Style,
    measure_print,
    print_line,
    sample_style,
)
from ocrdigits.model.compose.paper.handling import handle_paper
from ocrdigits.model.compose.paper.surface import Color, Size, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box, Kind

_PAPERS = ("copy", "white", "white", "copy", "recycled", "cream", "green", "pink", "yellow")

_PRINTS: tuple[Color, ...] = (
    (0.15, 0.14, 0.14),
    (0.15, 0.14, 0.14),
    (0.42, 0.24, 0.14),
    (0.25, 0.34, 0.16),
    (0.22, 0.20, 0.50),
)

_TITLES = (
    "MEMBERSHIP",
    "DELIVERY NOTE",
    "CLINIC VISIT",
    "EXPENSE CLAIM",
    "APPLICATION",
    "Change of address",
    "Travel report",
    "Order form",
    "REGISTRATION",
)

SECTIONS = ("Your details", "Visit", "Payment", "Household", "Office use", "Items", "Declaration")

_NOTES = (
    "Please write clearly and stay inside the boxes.",
    "Use black or blue ink. Do not fold.",
    "Complete all parts in capital letters.",
    "Return this form to the address overleaf.",
    "Keep a copy for your own records.",
)

_ITEMS = ("Chairs", "Paper", "Fuel", "Meals", "Tickets", "Seeds", "Bottles", "Tiles", "Hours")

FREE_FIELDS: tuple[tuple[str, Callable[[np.random.Generator], str]], ...] = (
    ("Name", sample_name),
    ("Street", lambda rng: f"{sample_street(rng)} {int(rng.integers(1, 180))}"),
    ("Town", lambda rng: f"{sample_digits(rng, 5)} {sample_town(rng)}"),
    ("Date", sample_date),
    ("Date of birth", lambda rng: sample_date(rng, ".-/")),
    ("Amount", lambda rng: format_amount(sample_cents(rng))),
    ("Quantity", lambda rng: str(int(rng.integers(2, 980)))),
    ("Weight (kg)", lambda rng: f"{rng.uniform(1, 99):.1f}"),
    ("Telephone", lambda rng: f"{sample_digits(rng, 3)}-{sample_digits(rng, 4)}"),
    ("Month", sample_month),
    ("Persons", lambda rng: str(int(rng.integers(1, 12)))),
)

_SHORT_FIELDS = FREE_FIELDS[3:]

COMB_FIELDS = (
    ("Account no.", 8),
    ("Customer no.", 6),
    ("Postal code", 5),
    ("Reading", 7),
    ("Insurance no.", 9),
    ("Year", 4),
    ("Card no.", 10),
)


@dataclass(frozen=True, slots=True)
class Form:
    """A form under work.

    Attributes:
        desk: Its sheet and its writer.
        style: Its print.
        comb: How its combs look.
        height_px: How high the scribe writes a digit.
        left: Where labels begin, sheet frame.
        field_x: Where fields begin.
        right: Where both end.
    """

    desk: Desk
    style: Style
    comb: Comb
    height_px: float
    left: int
    field_x: int
    right: int


def open_form(rng: np.random.Generator, supplies: Supplies, size: Size) -> Form:
    """Take a sheet, a scribe, and the print and combs of one form."""
    paper = handle_paper(rng, sample_paper(rng, size, _PAPERS), has_holes=toss(rng, 0.2))
    desk = open_desk(rng, Sheet(paper), sample_scribe(rng, supplies))
    style = sample_style(rng, between(rng, 15, 19), PLAIN_FACES, pick(rng, _PRINTS))
    left, right = round(between(rng, 70, 100)), size[1] - round(between(rng, 50, 90))
    field_x = left + round(between(rng, 210, 270))
    form = Form(desk, style, sample_comb(rng), between(rng, 36, 46), left, field_x, right)
    if toss(rng, 0.15):  # stapled
        start = (between(rng, 20, 60), between(rng, 20, 50))
        metal = (start, (start[0] + 44, start[1] - between(rng, 6, 30)))
        desk.sheet.polyline(metal, 4, (0.5, 0.5, 0.5), ink_class=InkClass.OTHER)
    return form


def sample_fields(
    rng: np.random.Generator, count: int
) -> list[tuple[str, Callable[[np.random.Generator], str]]]:
    """The name and some others, each once."""
    others = sorted((rng.choice(len(FREE_FIELDS) - 1, count - 1, replace=False) + 1).tolist())
    return [FREE_FIELDS[index] for index in (0, *others)]


def _rule(form: Form, left: float, right: float, y: float) -> None:
    form.desk.sheet.polyline([(left, y), (right, y)], 2, form.style.color)


def print_head(form: Form) -> int:
    """Title on a bar, between lines or free; logo, instructions; returns the first baseline."""
    desk, rng, sheet, color = form.desk, form.desk.rng, form.desk.sheet, form.style.color
    title, manner = pick(rng, _TITLES), int(rng.integers(3))
    style = sample_style(rng, between(rng, 24, 34), BOLD_FACES, color)
    x = form.left + 20
    if manner == 0:
        sheet.fill(Box(form.left, 64, form.right - form.left, 66), color, InkClass.OTHER)
        blue, green, red = color
        style = style.tinted((1 / blue, 1 / green, 1 / red))  # bare paper again
    elif manner == 1:
        _rule(form, form.left, form.right, 60)
        _rule(form, form.left, form.right, 132)
    elif toss(rng, 0.7):
        print_logo(rng, sheet, Box(form.left, 48, 80, 80), color)
        x += 90
    desk.print(title, style, (x, 108))
    if manner != 0 and toss(rng):
        number = f"No. {sample_digits(rng, int(rng.integers(4, 8)))}"
        ink = pick(rng, (*_PRINTS, STAMP_INKS[0]))
        face = sample_style(rng, 26, (*TYPED_FACES, *BOLD_FACES), ink)
        if form.right < 1200:
            desk.print(number, face, (form.right - 8, 108), RIGHT)
    y = 172
    for note in rng.permutation(_NOTES)[: int(rng.integers(1, 3))].tolist():
        desk.print(note, form.style.scaled(0.85), (form.left, y))
        y += 30
    return y + 82


def print_section(form: Form, text: str, y: int) -> int:
    """A grey bar with a heading; returns where it ends."""
    sheet, rng = form.desk.sheet, form.desk.rng
    tint = pick(rng, ((0.82,) * 3, (0.88,) * 3, (0.93, 0.87, 0.80), (0.84, 0.92, 0.84)))
    sheet.fill(Box(form.left, y - 40, form.right - form.left, 44), tint, InkClass.GROUND)
    bold = sample_style(rng, 18, BOLD_FACES, form.style.color)
    form.desk.print(text, bold, (form.left + 14, y - 10))
    return y + 4


def add_line(form: Form, label: str, text: str, y: int) -> None:
    """A label and a line to write on, filled in."""
    desk, rng = form.desk, form.desk.rng
    desk.print(label, form.style, (form.left, y))
    _rule(form, form.field_x, form.right, y + 10)
    x = form.field_x + between(rng, 8, 60)
    desk.write(text, Spot(x, y - between(rng, -2, 6), form.height_px, form.right - x - 10))


def add_cells(form: Form, y: int) -> int:
    """A row of two to four boxes with small labels in their corners; returns where it ends."""
    desk, rng = form.desk, form.desk.rng
    high, count = round(between(rng, 88, 104)), int(rng.integers(2, 5))
    edges = np.linspace(form.left, form.right, count + 1)
    edges[1:-1] += rng.uniform(-30, 30, count - 1)
    for left, right in zip(edges[:-1].astype(int), edges[1:].astype(int), strict=True):
        box = Box(int(left), y, int(right - left), high)
        desk.sheet.frame(box, 2, form.style.color)
        label, sample = pick(rng, FREE_FIELDS if box.width > 380 else _SHORT_FIELDS)
        desk.print(label, form.style.scaled(0.8), (box.x + 8, box.y + 22))
        if toss(rng, 0.85):
            height_px = min(form.height_px, 0.45 * high)
            desk.write(sample(rng), Spot(box.x + 18, box.bottom - 16, height_px, box.width - 30))
    return y + high


def add_comb(form: Form, index: int, y: int) -> int:
    """A label and a comb beside it; returns the next baseline."""
    desk, rng = form.desk, form.desk.rng
    label, count = COMB_FIELDS[index]
    desk.print(label, form.style, (form.left, y))
    side = min(between(rng, 54, 70), (form.right - form.field_x) / count)
    high = round(side * between(rng, 1.0, 1.3))
    box = Box(form.field_x, y - high + 16, round(side * count), high)
    cells = print_comb(rng, desk.sheet, form.comb, box, count)
    used = count if toss(rng, 0.8) else int(rng.integers(2, count + 1))
    start = 0 if toss(rng) else count - used  # numbers stand left, amounts right
    text = sample_digits(rng, used)
    write_comb(rng, desk.sheet, desk.scribe, text, cells[start : start + used])
    return y + high + round(between(rng, 40, 64))


def add_word_comb(form: Form, word: str, y: int) -> None:
    """A label and a comb for a name, one letter to a box."""
    desk, rng = form.desk, form.desk.rng
    desk.print("Family name", form.style, (form.left, y))
    side = min(58, (form.right - form.field_x) // (len(word) + 2))
    box = Box(form.field_x, y - 50, side * (len(word) + 2), 66)
    cells = print_comb(rng, desk.sheet, form.comb, box, len(word) + 2)
    write_comb(rng, desk.sheet, desk.scribe, word, cells[: len(word)])


def add_table(form: Form, y: int) -> int:
    """Items, quantities, prices; returns where it ends."""
    desk, rng = form.desk, form.desk.rng
    width, row_count = form.right - form.left, int(rng.integers(4, 7))
    edges = [form.left + round(width * share) for share in (0, 0.08, 0.5, 0.66, 0.83, 1)]
    pitch = round(between(rng, 62, 76))
    for row in range(row_count + 2):
        _rule(form, form.left, form.right, y + row * pitch)
    for x in edges:
        points = [(x, y), (x, y + (row_count + 1) * pitch)]
        desk.sheet.polyline(points, 2, form.style.color)
    for column, head in enumerate(("", "Item", "Qty", "Price", "Total")):
        desk.print(head, form.style.scaled(0.9), (edges[column] + 12, y + pitch - 22))
    height_px = min(form.height_px, 0.56 * pitch)
    for row in range(1, row_count + 1):
        base = y + (row + 1) * pitch - 14
        desk.print(str(row), form.style, ((edges[0] + edges[1]) / 2, base - 4), MIDDLE)
        if row == row_count and toss(rng, 0.4):
            continue  # an empty last row
        desk.write(pick(rng, _ITEMS), Spot(edges[1] + 12, base, height_px, 300))
        count, price = int(rng.integers(1, 40)), sample_cents(rng, 1, 90)
        texts = (str(count), format_amount(price), format_amount(count * price))
        for left, right, text in zip(edges[2:], edges[3:], texts, strict=False):
            spot = Spot(right - 12, base, height_px, right - left - 20.0)
            desk.write(text, spot, RIGHT, Kind.CELL)
    return y + (row_count + 1) * pitch


def add_ticks(form: Form, y: int) -> None:
    """Small boxes with labels, one of them ticked."""
    desk, rng = form.desk, form.desk.rng
    labels = pick(rng, (("new", "changed", "closed"), ("yes", "no"), ("weekly", "monthly", "once")))
    x, ticked = float(form.left), int(rng.integers(len(labels)))
    for index, label in enumerate(labels):
        box = Box(round(x), y - 26, 30, 30)
        desk.sheet.frame(box, 2, form.style.color)
        if index == ticked:
            tick(desk, box)
        x = desk.print(label, form.style.scaled(1.1), (x + 46, y)) + 60


def add_signature(form: Form, y: int) -> None:
    """A label, a line and a signature on it."""
    form.desk.print("Signature", form.style, (form.left, y + 110))
    _rule(form, form.left + 150, form.left + 560, y + 114)
    sign(form.desk, form.left + 230, y + 100, form.height_px)


def print_terms(form: Form, y: float) -> None:
    """Small print down to the foot, without a digit."""
    style = form.style.scaled(between(form.desk.rng, 0.7, 0.85))
    bottom = form.desk.sheet.height - 190
    if y < bottom - 80 and toss(form.desk.rng, 0.7):
        print_paragraphs(form.desk, style, Area(form.left, y, form.right, bottom))


def print_foot(form: Form) -> None:
    """Form and page number; a code or a stamp where there is room."""
    desk, rng, sheet = form.desk, form.desk.rng, form.desk.sheet
    y = sheet.height - round(between(rng, 34, 60))
    style = form.style.scaled(between(rng, 1.0, 1.3))
    foot = pick(rng, (f"Form {int(rng.integers(100, 9999))}", "Thank you", "Please turn over"))
    desk.print(foot, style, (form.left, y))
    if toss(rng):
        number = int(rng.integers(1, 60))
        page = pick(rng, (f"Page {number}", str(number), "Page one"))
        desk.print(page, style, (form.right, y), RIGHT)
    if not _is_free(sheet, Box(form.right - 390, y - 240, 390, 210)):
        return
    if toss(rng, 0.3):
        print_matrix_code(rng, sheet, form.right - 110, y - 150, 104)
    elif toss(rng, 0.7):
        press_received(rng, sheet, form.right - 200, y - 130)


def _is_free(sheet: Sheet, box: Box) -> bool:
    """Whether nothing is printed or written there."""
    return not sheet.ink[box.y : box.bottom, box.x : box.right].any()


def press_received(rng: np.random.Generator, sheet: Sheet, x: float, y: float) -> None:
    """A rubber stamp with a word and a date in a frame, slightly turned."""
    plate = blank_plate(130, 330)
    word = pick(rng, ("RECEIVED", "PAID", "COPY", "ENTERED", "APPROVED"))
    style = sample_style(rng, between(rng, 22, 28), BOLD_FACES, (0.0, 0.0, 0.0))
    plate.frame(Box(6, 6, 318, 118), 4, (0.0, 0.0, 0.0))
    print_line(plate, word, style, 165 - measure_print(word, style) / 2, 56)
    day, year = int(rng.integers(1, 29)), int(rng.integers(2009, 2027))
    date = f"{day} {sample_month(rng)[:3].upper()} {year}"
    small = style.scaled(0.85)
    print_line(plate, date, small, 165 - measure_print(date, small) / 2, 106)
    turn, ink = between(rng, -14, 14), pick(rng, STAMP_INKS)
    press_plate(rng, sheet, plate, Press(x, y, turn, ink, between(rng, 0.1, 0.4)))
