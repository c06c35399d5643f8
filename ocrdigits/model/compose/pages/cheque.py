"""A bank cheque in the US manner: a bank's print, a customer's handwriting, the magnetic line."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot
from ocrdigits.model.compose.pages.chequeprint import ChequeJob, print_blank, start_cheque
from ocrdigits.model.compose.pages.contents import (
    format_amount,
    sample_date,
    sample_long_date,
    sample_payee,
    spell_amount,
)
from ocrdigits.model.compose.pages.desk import LEFT, MIDDLE, RIGHT, Desk
from ocrdigits.model.compose.pages.ornament import pen_px, sign, wave
from ocrdigits.model.compose.pages.typeset import TYPED_FACES, sample_style
from ocrdigits.model.compose.sheet import Sheet

_MEMOS = ("rent", "books", "garden work", "thank you", "repair", "lessons", "gift", "inv. paid", "")


def draw_cheque(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A cheque, filled in by one writer or, all but the signature, by a machine.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has number, date, amount, cents of the legal line, magnetic line, and
        what is printed: addresses, the bank's fraction.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_personal(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """6 × 2¾ inches at 240 dots an inch."""
    job = start_cheque(rng, supplies, (660, 1440))
    print_blank(job)
    _write_date(job)
    _write_by_hand(job)
    return job.desk.sheet


def draw_business(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Wider, filled in by hand, with a second line for signatures at times."""
    job = start_cheque(rng, supplies, (700, 1640))
    print_blank(job)
    _write_date(job)
    _write_by_hand(job)
    return job.desk.sheet


def draw_typed(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Wide, filled in by an office printer: `**1,234.56`, only the signature by hand."""
    job = start_cheque(rng, supplies, (700, 1640))
    print_blank(job)
    desk, blank = job.desk, job.blank
    typed = sample_style(rng, between(rng, 22, 30), TYPED_FACES)
    desk.print(sample_date(rng, "/-"), typed, (blank.date_x + 20, blank.date_y - 6))
    desk.print(sample_payee(rng).upper(), typed, (blank.left + 170, blank.payee_y - 8))
    stars = pick(rng, ("", "**", "***"))
    amount = f"{stars}{format_amount(job.cents)}{stars if toss(rng) else ''}"
    small = typed.scaled(min(1.0, 26 / typed.height_px))
    desk.print(amount, small, (blank.box.right - 12, blank.box.bottom - 20), RIGHT)
    words = f"{stars}{spell_amount(job.cents)}{stars}"
    desk.print(words, small.scaled(0.85), (blank.left + 20, blank.legal_y - 8))
    desk.print(pick(rng, _MEMOS), typed.scaled(0.8), (blank.left + 90, blank.memo_y - 8))
    sign(desk, blank.width * 0.66, blank.memo_y - 12, between(rng, 34, 50))
    return desk.sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_personal,
    draw_business,
    draw_typed,
)
"""The layouts of this kind, equally likely."""


def _write_date(job: ChequeJob) -> None:
    rng, blank = job.desk.rng, job.blank
    date = sample_date(rng, "/-.") if toss(rng, 0.65) else sample_long_date(rng)
    x = blank.date_x + between(rng, 4, 40)
    spot = Spot(x, blank.date_y - between(rng, 2, 10), between(rng, 32, 44), 330)
    job.desk.write(date, spot)


def _write_by_hand(job: ChequeJob) -> None:
    desk, rng, blank = job.desk, job.desk.rng, job.blank
    height_px = between(rng, 32, 45)
    room = blank.box.x - blank.left - 260
    spot = Spot(blank.left + 150 + between(rng, 0, 60), blank.payee_y - 8, height_px, room)
    desk.write(sample_payee(rng), spot)
    _write_amount(job, min(height_px, 0.62 * blank.box.height))
    _write_legal(job, height_px)
    memo = pick(rng, _MEMOS)
    if memo:
        desk.write(memo, Spot(blank.left + 90, blank.memo_y - 8, 0.85 * height_px, 320))
    sign(desk, blank.width * between(rng, 0.62, 0.68), blank.memo_y - 10, height_px)


def _write_amount(job: ChequeJob, height_px: float) -> None:
    """`1,234.56`, `1234.56`, `1234 56/100`, `1234 —`, cents raised and underlined, `**45.00`."""
    desk, rng, box = job.desk, job.desk.rng, job.blank.box
    whole, rest = divmod(job.cents, 100)
    grouped = format_amount(job.cents)
    spot = Spot(box.x + between(rng, 8, 30), box.bottom - 0.24 * box.height, height_px)
    room = Spot(spot.x, spot.baseline, height_px, box.right - spot.x - 8)
    manner = int(rng.integers(8))
    if manner == 0:
        desk.write(f"{whole} {rest:02}/100", room)
    elif manner == 1:
        end = desk.write(str(whole), Spot(spot.x, spot.baseline, height_px, 0.65 * room.room_px))
        raised = Spot(end + 0.4 * height_px, spot.baseline - 0.42 * height_px, 0.62 * height_px)
        last = desk.write(f"{rest:02}", raised)
        line = np.array([[raised.x - 3, raised.baseline + 6], [last + 4, raised.baseline + 4]])
        desk.sheet.draw_strokes(rng, desk.scribe.pen, [line], pen_px(desk, height_px))
    elif manner == 2 and rest == 0:
        end = desk.write(f"{whole:,}", Spot(spot.x, spot.baseline, height_px, 0.6 * room.room_px))
        wave(desk, end + 0.5 * height_px, end + 2.2 * height_px, spot.baseline - 0.5 * height_px)
    elif manner == 3:
        desk.write(f"{pick(rng, ('*', '**'))}{grouped}", room)
    else:
        desk.write(grouped if toss(rng, 0.6) else format_amount(job.cents, grouped=False), room)


def _write_legal(job: ChequeJob, height_px: float) -> None:
    desk, rng, blank = job.desk, job.desk.rng, job.blank
    words, _, fraction = spell_amount(job.cents).rpartition(" ")
    if job.cents % 100 == 0:
        fraction = pick(rng, (fraction, "0/100", "no/100", "xx/100"))
    if toss(rng, 0.3):
        words = words.removesuffix(" and") + " &"
    spot = Spot(blank.left + between(rng, 6, 40), blank.legal_y - 8, height_px)
    room = blank.legal_end - 10 - spot.x
    if toss(rng, 0.75):
        whole = Spot(spot.x, spot.baseline, height_px, room)
        end = desk.write(f"{words} {fraction}", whole)
    else:
        end = desk.write(words, Spot(spot.x, spot.baseline, height_px, room - 2.5 * height_px))
        end = _write_stacked(desk, fraction, Spot(end + 0.4 * height_px, spot.baseline, height_px))
    if end < blank.legal_end - 70:
        wave(desk, end + 16, blank.legal_end - 14, blank.legal_y - 0.35 * height_px)


def _write_stacked(desk: Desk, fraction: str, spot: Spot) -> float:
    """A fraction with its parts above each other."""
    above, below = fraction.split("/")
    high = 0.52 * spot.height_px
    base = spot.baseline - 0.62 * spot.height_px
    end = desk.write(below, Spot(spot.x, spot.baseline + 0.14 * spot.height_px, high), LEFT)
    desk.write(above, Spot((spot.x + end) / 2, base + 0.04 * spot.height_px, high), MIDDLE)
    bar = np.array([[spot.x - 2, base + 10], [end + 2, base + 7]])
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, [bar], pen_px(desk, spot.height_px))
    return end
