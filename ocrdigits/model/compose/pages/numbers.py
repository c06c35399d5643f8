"""Handwritten numbers on note paper: columns, sums, tallies, words before and units after."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe
from ocrdigits.model.compose.pages.contents import (
    Sample,
    choose_manner,
    format_amount,
    format_european,
    sample_cents,
    sample_date,
    sample_digits,
    sample_long_date,
    sample_name,
)
from ocrdigits.model.compose.pages.desk import LEFT, RIGHT, Desk, open_desk
from ocrdigits.model.compose.pages.doodles import draw_doodle
from ocrdigits.model.compose.pages.ornament import pen_px
from ocrdigits.model.compose.pages.rulings import Ruling, print_ruling, sample_ruling
from ocrdigits.model.compose.pages.typeset import TYPED_FACES, sample_style
from ocrdigits.model.compose.paper.handling import handle_paper
from ocrdigits.model.compose.paper.surface import Size, sample_paper
from ocrdigits.model.compose.sheet import Sheet

_PAPERS = ("white", "copy", "yellow", "yellow", "cream", "recycled", "pink", "blue", "kraft")
_SIZES: tuple[Size, ...] = ((1300, 960), (1240, 900), (1000, 760), (960, 1280))


def sample_amount(rng: np.random.Generator) -> str:
    """An amount, cents after a point."""
    return format_amount(sample_cents(rng), grouped=toss(rng))


def _sample_price(rng: np.random.Generator) -> str:
    return format_amount(sample_cents(rng, 1, 60))


def _sample_count(rng: np.random.Generator) -> str:
    return str(int(np.exp(rng.uniform(0.7, 7))))


def sample_reading(rng: np.random.Generator) -> str:
    """The figures of a meter."""
    return sample_digits(rng, int(rng.integers(4, 8)))


def _sample_weight(rng: np.random.Generator) -> str:
    return f"{rng.uniform(1, 120):.1f}"


def _sample_phone(rng: np.random.Generator) -> str:
    middle = pick(rng, ("-", "/", " "))
    return f"{sample_digits(rng, 3)}{middle}{sample_digits(rng, int(rng.integers(4, 8)))}"


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PEOPLE = ("Anna", "Tom", "Lena", "Paul", "Rosa", "Karl", "Ida", "Vera", "Sam", "Emma")
_GOODS = ("milk", "bread", "fuel", "post", "tea", "soap", "rent", "wood", "eggs", "shoes")


@dataclass(frozen=True, slots=True)
class _Topic:
    """What a list is about.

    Attributes:
        heading: Its first line.
        words: What stands before the numbers, if anything.
        sample: The numbers.
        units: What may stand after them.
        is_local: Whether the writer's own decimal mark goes into the numbers.
    """

    heading: str
    words: tuple[str, ...]
    sample: Sample
    units: tuple[str, ...] = ("",)
    is_local: bool = True


_TOPICS = (
    _Topic("Visitors", _DAYS, _sample_count),
    _Topic("Eggs sold", (), _sample_count),
    _Topic("Water meter", (), sample_reading, ("", "m")),
    _Topic("Paid", _PEOPLE, sample_amount, ("", "€", "$")),
    _Topic("Kitchen", _GOODS, _sample_price, ("", "€", "£")),
    _Topic("Boxes", (), sample_reading),
    _Topic("Weights", _PEOPLE, _sample_weight, ("kg", "kg", "lb", "g")),
    _Topic("Lengths", (), _sample_weight, ("m", "cm", "mm", "ft")),
    _Topic("Phone", _PEOPLE, _sample_phone, is_local=False),
    _Topic("Births", _PEOPLE, sample_date, is_local=False),
    _Topic("Savings", (), sample_amount, ("", "EUR", "€")),
    _Topic("Shares", _PEOPLE, lambda rng: str(int(rng.integers(1, 100))), ("%", "")),
)


@dataclass(frozen=True, slots=True)
class _Pad:
    """A pad under work: the distance of its lines, how high the scribe writes, where."""

    desk: Desk
    pitch: int
    height_px: float
    left: float
    first: int


def draw_number_list(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A page of a pad with handwritten numbers.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has the numbers from the top.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_column(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A heading and a column of numbers, most with words before or units after."""
    pad = _open_pad(rng, supplies)
    topic = pick(rng, _TOPICS)
    _write_heading(pad, topic.heading)
    sample = choose_manner(rng)(topic.sample) if topic.is_local else topic.sample
    unit, align = pick(rng, topic.units), pick(rng, (LEFT, RIGHT, RIGHT))
    for row in range(_count_rows(pad, 4)):
        word = pick(rng, topic.words) if topic.words else ""
        _write_row(pad, row, (word, sample(rng), unit), align)
    return pad.desk.sheet


def draw_two_columns(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Two columns of numbers under their own headings, a line between them at times."""
    pad = _open_pad(rng, supplies)
    desk, width = pad.desk, pad.desk.sheet.width
    columns = [(pad.left, pick(rng, _TOPICS)), (width * 0.56, pick(rng, _TOPICS))]
    rows, adopt = _count_rows(pad, 4), choose_manner(rng)
    for x, topic in columns:
        sample = adopt(topic.sample) if topic.is_local else topic.sample
        room = min(0.36 * width, 0.5 * width - x) if x < 0.5 * width else 0.36 * width
        y = pad.pitch * pad.first - 0.16 * pad.pitch
        desk.write(topic.heading, Spot(x, y, pad.height_px, room))
        for row in range(rows - int(rng.integers(0, 3))):
            spot = Spot(x + float(rng.normal(0, 4)), _row_y(pad, row), pad.height_px, room)
            desk.write(sample(rng), spot)
    if toss(rng):
        x = width * 0.52
        path = np.array([[x, pad.pitch * 1.2], [x + rng.normal(0, 6), _row_y(pad, rows)]])
        desk.sheet.draw_strokes(rng, desk.scribe.pen, [path], pen_px(desk, pad.height_px))
    return desk.sheet


def draw_sum(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A sum worked out: numbers below each other, a sign, a line or two, the total."""
    pad = _open_pad(rng, supplies)
    desk, x = pad.desk, pad.left + between(rng, 300, 420)
    has_cents, form = toss(rng), pick(rng, (format_amount, format_european))
    parts = [sample_cents(rng, 2, 800) for _ in range(int(rng.integers(2, 6)))]
    texts = [form(cents, grouped=False) if has_cents else str(cents // 100) for cents in parts]
    total = sum(parts) if has_cents else sum(cents // 100 for cents in parts)
    texts.append(form(total, grouped=False) if has_cents else str(total))
    for row, text in enumerate(texts):
        desk.write(text, Spot(x, _row_y(pad, row), pad.height_px, 420), RIGHT)
    wide = max(desk.guess_width(text, pad.height_px) for text in texts)
    y = _row_y(pad, len(parts) - 1) + 0.14 * pad.pitch
    desk.write("+", Spot(x - wide - 1.6 * pad.height_px, y - 0.2 * pad.pitch, pad.height_px))
    _strike(pad, x - wide - 20, x + 16, y)
    if toss(rng, 0.3):
        below = _row_y(pad, len(parts)) + 0.16 * pad.pitch
        _strike(pad, x - wide, x + 10, below)
        _strike(pad, x - wide, x + 10, below + 9)
    for row in range(len(parts) + 2, _count_rows(pad, 0) - 1, 2):
        text = f"{pick(rng, _PEOPLE)} = {pick(rng, texts)}"
        if toss(rng, 0.7):
            desk.write(text, Spot(pad.left, _row_y(pad, row), pad.height_px, 600))
    return desk.sheet


def draw_tally(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Names, tally marks in fives, and the count behind them."""
    pad = _open_pad(rng, supplies)
    desk, width = pad.desk, pad.desk.sheet.width
    _write_heading(pad, pick(rng, ("Votes", "Games", "Birds", "Cars")))
    for row in range(min(8, _count_rows(pad, 4))):
        y, count = _row_y(pad, row), int(rng.integers(5, 18))
        word_room = 0.24 * width
        desk.write(pick(rng, _PEOPLE), Spot(pad.left, y, pad.height_px, word_room))
        _tally(pad, pad.left + 0.28 * width, y, count)
        x = min(pad.left + 0.62 * width, width - 2.4 * pad.height_px - 30)
        desk.write(str(count), Spot(x, y, pad.height_px, width - x - 24))
    return desk.sheet


def draw_receipt_back(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A long narrow thermal receipt: print with prices above, a few numbers by hand below."""
    size = (pick(rng, (1240, 1380)), pick(rng, (620, 700)))
    sheet = Sheet(handle_paper(rng, sample_paper(rng, size, ("thermal",))))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies))
    gray = between(rng, 0.25, 0.5)
    style = sample_style(rng, between(rng, 18, 21), TYPED_FACES, (gray + 0.06, gray, gray))
    y, right, items = 90.0, size[1] - 60.0, int(rng.integers(4, 9))
    shop = sample_name(rng).split()[1].upper()
    desk.print(f"{shop} MARKET", style.scaled(1.3), (60, y))
    cents = [sample_cents(rng, 1, 40) for _ in range(items)]
    for price in cents:
        y += 2.1 * style.height_px
        desk.print(pick(rng, _GOODS).upper(), style, (60, y + 20))
        desk.print(format_amount(price), style, (right, y + 20), RIGHT)
    y += 90
    sheet.polyline([(60, y - 34), (right, y - 34)], 2, style.color)
    desk.print("TOTAL", style.scaled(1.2), (60, y))
    desk.print(format_amount(sum(cents)), style.scaled(1.2), (right, y), RIGHT)
    desk.print(f"{sample_date(rng)}", style, (60, y + 60))
    height_px = between(rng, 44, 64)
    for row in range(int(rng.integers(2, 5))):
        baseline = y + 170 + row * 1.8 * height_px
        if baseline < size[0] - 40:
            text = pick(rng, (sample_amount, sample_reading))(rng)
            desk.write(text, Spot(90, baseline, height_px, 460))
    return sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_column,
    draw_column,
    draw_two_columns,
    draw_sum,
    draw_tally,
    draw_receipt_back,
)
"""The layouts of this kind; the first one, in all its topics, is twice as likely."""


def _open_pad(rng: np.random.Generator, supplies: Supplies) -> _Pad:
    size = pick(rng, _SIZES)
    sheet = Sheet(handle_paper(rng, sample_paper(rng, size, _PAPERS), has_holes=toss(rng, 0.12)))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies))
    pitch = round(between(rng, 66, 98))
    ruling = Ruling("none", pitch, 0, (1.0, 1.0, 1.0), 0, 1)
    if toss(rng, 0.75):
        ruling = sample_ruling(rng, pitch)
        print_ruling(rng, sheet, ruling)
    left = max(ruling.margin_px + 30, between(rng, 90, 190))
    if toss(rng, 0.15):
        draw_doodle(desk, size[1] - 230, size[0] - 240, between(rng, 100, 170))
    if toss(rng, 0.3):
        date = pick(rng, (sample_date, sample_long_date))(rng)
        desk.write(date, Spot(size[1] - 40, 0.75 * pitch, 0.45 * pitch, 330), RIGHT)
    return _Pad(desk, pitch, pitch * between(rng, 0.5, 0.64), left, 2)


def _count_rows(pad: _Pad, low: int) -> int:
    """As many rows as the page has, or fewer."""
    most = pad.desk.sheet.height // pad.pitch - pad.first - 1
    return int(pad.desk.rng.integers(max(1, min(low, most)), most + 1)) if low else most


def _row_y(pad: _Pad, row: int) -> float:
    stray = float(pad.desk.rng.normal(0, 0.02 * pad.pitch))
    return pad.pitch * (pad.first + 1 + row) - 0.1 * pad.pitch + stray


def _write_heading(pad: _Pad, heading: str) -> None:
    desk = pad.desk
    y = pad.pitch * pad.first - 0.12 * pad.pitch
    end = desk.write(heading, Spot(pad.left, y, 1.05 * pad.height_px, 500))
    if toss(desk.rng, 0.4):
        _strike(pad, pad.left - 6, end + 8, y + 0.2 * pad.pitch)


def _write_row(pad: _Pad, row: int, texts: tuple[str, str, str], align: float) -> None:
    """A word, a number that starts or ends at a place of its own, a unit."""
    word, number, unit = texts
    desk, y, height_px, width = pad.desk, _row_y(pad, row), pad.height_px, pad.desk.sheet.width
    x = pad.left
    if word:
        desk.write(word, Spot(x, y, height_px, 0.26 * width))
        x += 0.3 * width
    room = 0.36 * width
    place = x + room if align == RIGHT else x + float(desk.rng.normal(0, 6))
    end = desk.write(number, Spot(place, y, height_px, room), align)
    if unit:
        desk.write(unit, Spot(end + 0.45 * height_px, y, 0.9 * height_px, 0.2 * width))


def _strike(pad: _Pad, left: float, right: float, y: float) -> None:
    """A line by hand."""
    desk, rise = pad.desk, float(pad.desk.rng.normal(0, 3))
    steps = np.linspace(0, 1, 12)
    bend = desk.rng.normal(0, 0.8, 12).cumsum()
    path = np.column_stack([left + steps * (right - left), y + rise * steps + bend])
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, [path], pen_px(desk, pad.height_px))


def _tally(pad: _Pad, x: float, y: float, count: int) -> None:
    """Upright strokes, every fifth one across the last four."""
    desk, rng, high = pad.desk, pad.desk.rng, pad.height_px
    for stroke in range(count):
        place = x + (stroke // 5) * 1.5 * high + (stroke % 5) * 0.28 * high
        ends = np.array([[place, y - high], [place, y]])
        if stroke % 5 == 4:
            ends = np.array([[place - 1.25 * high, y - 0.15 * high], [place, y - 0.85 * high]])
        ends += rng.normal(0, 0.04 * high, (2, 2))
        desk.sheet.draw_strokes(rng, desk.scribe.pen, [ends], pen_px(desk, high))
