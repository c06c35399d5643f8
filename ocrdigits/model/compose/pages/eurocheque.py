"""A bank cheque in the European manners: French, German, British, Swiss; commas for cents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.pens import CHEQUE_PENS
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe
from ocrdigits.model.compose.pages.contents import (
    format_amount,
    format_european,
    sample_cents,
    sample_date,
    sample_digits,
    sample_name,
    sample_payee,
    sample_street,
    sample_town,
    spell_amount,
    spell_french,
    spell_german,
)
from ocrdigits.model.compose.pages.desk import MIDDLE, RIGHT, Desk, open_desk
from ocrdigits.model.compose.pages.ornament import print_logo, sign, wave
from ocrdigits.model.compose.pages.typeset import BOLD_FACES, PLAIN_FACES, Style, sample_style
from ocrdigits.model.compose.paper.grounds import make_security_paper
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

_INKS: tuple[Color, ...] = ((0.20, 0.19, 0.19), (0.45, 0.26, 0.14), (0.25, 0.36, 0.16))
_BANKS = ("Banque du Lac", "Sparkasse Altenau", "Harbour & Wells", "Credit Rural", "Volksbank Au")
_SIGN_FACES = ("DejaVuSans-Bold", "DejaVuSerif-Bold", "DejaVuSans", "STIXGeneralBol")
_GERMAN_SIZE = (640, 1420)
_OCR_MARKS = ("<", ">", "<<", "H", "<F")


@dataclass(frozen=True, slots=True)
class _Job:
    desk: Desk
    style: Style
    cents: int
    height_px: float


def draw_eurocheque(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A European cheque, filled in by one writer.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has amount, date, and the printed numbers: cheque, account, code line.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_french(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Words first, payee below, amount at the right, place and date under it."""
    job = _start(rng, supplies, (660, 1440))
    desk, style, left = job.desk, job.style, round(between(rng, 40, 80))
    _print_bank(job, left, 70)
    desk.print("Payez contre ce cheque", style, (left, 176))
    _dotted(job, left + 240, 1390, 182)
    _dotted(job, left, 1060, 252)
    desk.print("a", style.scaled(1.2), (left, 322))
    _dotted(job, left + 30, 1060, 326)
    whole, rest = divmod(job.cents, 100)
    words = spell_french(whole) + " euros" + (f" et {spell_french(rest)}" if rest else "")
    _write_in_two(job, words, (left + 250, 172), (left + 20, 244))
    desk.write(sample_payee(rng), Spot(left + 60, 316, job.height_px, 800))
    box = Box(1100, 214, 300, round(between(rng, 70, 86)))
    _print_amount_box(job, box, ("€", "EUR", "€"))
    _write_amount(job, box, format_european(job.cents, grouped=toss(rng, 0.5)))
    _write_place_and_date(job, ("A", "le"), 960, 372)
    style = style.scaled(0.9)
    desk.print("Payable en France", style, (left, 392))
    desk.print(f"{int(rng.integers(2, 400))} {sample_street(rng)}", style, (left, 424))
    desk.print(f"{sample_digits(rng, 5)} {sample_town(rng).upper()}", style, (left, 456))
    middle = left + between(rng, 380, 460)
    desk.print(sample_name(rng).upper(), style.scaled(1.1), (middle, 424))
    desk.print(f"Compte {sample_digits(rng, 11)}", style, (middle, 460))
    desk.print(f"Cheque {sample_digits(rng, 7)}", style, (left, 520))
    sign(desk, 1090, 520, job.height_px)
    _print_code_line(job, (7, 12, 12), 610)
    return desk.sheet


def draw_german(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Amount top right, words in the middle, place and date bottom left, an OCR-B code line."""
    job = _start(rng, supplies, _GERMAN_SIZE)
    desk, style, left = job.desk, job.style, round(between(rng, 40, 80))
    _print_bank(job, left, 76)
    desk.print("Zahlen Sie gegen diesen Scheck", style, (left, 160))
    box = Box(1010, 120, 360, round(between(rng, 70, 84)))
    _print_amount_box(job, box, ("EUR", "EUR", "€"))
    _write_amount(job, box, format_european(job.cents, grouped=toss(rng, 0.6)))
    _dotted(job, left, 960, 236)
    _dotted(job, left, 1370, 310)
    desk.print("Betrag in Buchstaben", style.scaled(0.8), (left, 260))
    desk.print("an", style, (left, 380))
    _dotted(job, left + 50, 1000, 384)
    words = spell_german(job.cents // 100)
    _write_in_two(job, f"-{words}-", (left + 20, 228), (left + 20, 302))
    desk.write(sample_payee(rng), Spot(left + 90, 374, job.height_px, 800))
    _write_place_and_date(job, ("", ""), left, 480)
    _dotted(job, 860, 1370, 486)
    desk.print("Unterschrift des Ausstellers", style.scaled(0.8), (1370, 508), RIGHT)
    sign(desk, 960, 476, job.height_px)
    _print_zone(job, 530)
    _print_code_line(job, (10, 10, 8), 590)
    return desk.sheet


def draw_british(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Date top right, sort code, payee, words in two lines, a box with a pound sign."""
    job = _start(rng, supplies, (620, 1360))
    desk, style, left = job.desk, job.style, round(between(rng, 40, 70))
    _print_bank(job, left, 76)
    code = "-".join(sample_digits(rng, 2) for _ in range(3))
    desk.print(code, style.scaled(1.4), (1310, 70), RIGHT)
    desk.print("Date", style, (930, 130))
    _dotted(job, 990, 1310, 134)
    date_px = 0.9 * job.height_px
    desk.write(sample_date(rng, "/.-"), Spot(1010, 126, date_px, 290))
    desk.print("Pay", style.scaled(1.3), (left, 216))
    _dotted(job, left + 70, 960, 220)
    desk.write(sample_payee(rng), Spot(left + 90, 210, job.height_px, 760))
    box = Box(1000, 196, 310, round(between(rng, 70, 90)))
    _print_amount_box(job, box, ("£",))
    amount = format_amount(job.cents, grouped=toss(rng))
    if toss(rng, 0.3):
        amount = amount.replace(".", "-").replace(",", "")
    _write_amount(job, box, amount)
    _dotted(job, left, 960, 292)
    _dotted(job, left, 960, 366)
    pounds = spell_amount(job.cents).rpartition(" and ")[0]
    pence = job.cents % 100
    words = f"{pounds} pounds {f'and {pence:02} p' if pence else 'only'}"
    _write_in_two(job, words, (left + 20, 284), (left + 20, 358))
    desk.print(sample_name(rng).upper(), style.scaled(1.1), (1310, 340), RIGHT)
    sign(desk, 960, 470, job.height_px)
    _dotted(job, 880, 1310, 480)
    _print_code_line(job, (6, 6, 8), 570)
    return desk.sheet


def draw_swiss(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Amount in francs in a box at the left, words beside it, date above the signature."""
    job = _start(rng, supplies, (640, 1440))
    desk, style, left = job.desk, job.style, round(between(rng, 50, 80))
    _print_bank(job, left, 80)
    desk.print(f"No {sample_digits(rng, 8)}", style.scaled(1.3), (1390, 84), RIGHT)
    box = Box(left + 70, 160, 320, round(between(rng, 72, 88)))
    _print_amount_box(job, box, ("CHF", "Fr."))
    amount = format_amount(job.cents, grouped=False)
    _write_amount(job, box, amount)
    _dotted(job, box.right + 60, 1390, box.bottom)
    _dotted(job, left, 1390, 312)
    spell = pick(rng, (spell_german, spell_french))
    first = (box.right + 80, box.bottom - 8)
    _write_in_two(job, spell(job.cents // 100), first, (left + 20, 304))
    desk.print(pick(rng, ("a l'ordre de", "an die Order von")), style, (left, 384))
    _dotted(job, left + 230, 1000, 388)
    desk.write(sample_payee(rng), Spot(left + 250, 380, job.height_px, 700))
    _write_place_and_date(job, ("", ""), left, 476)
    sign(desk, 1010, 490, job.height_px)
    _dotted(job, 920, 1390, 500)
    _print_code_line(job, (9, 12, 6), 586)
    return desk.sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_french,
    draw_german,
    draw_british,
    draw_swiss,
)
"""The layouts of this kind, equally likely."""


def _start(rng: np.random.Generator, supplies: Supplies, size: tuple[int, int]) -> _Job:
    sheet = Sheet(make_security_paper(rng, size))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies, CHEQUE_PENS))
    style = sample_style(rng, between(rng, 16, 19), PLAIN_FACES[:-1], pick(rng, _INKS))
    return _Job(desk, style, sample_cents(rng), between(rng, 34, 44))


def _dotted(job: _Job, left: float, right: float, y: float) -> None:
    """A writing line: dotted, thin or dashed, the same on one cheque."""
    sheet, color = job.desk.sheet, job.style.color
    manner = round(job.height_px * 100) % 3
    if manner == 0:
        sheet.polyline([(left, y), (right, y)], 2, color)
        return
    step, ink = ((8, 3), (14, 9))[manner - 1]
    for x in np.arange(left, right, step).tolist():
        sheet.fill(Box(int(x), round(y) - 1, ink, 2), color, InkClass.RULE)


def _print_bank(job: _Job, x: float, y: float) -> None:
    desk, rng = job.desk, job.desk.rng
    color = pick(rng, _INKS)
    if toss(rng, 0.7):
        print_logo(rng, desk.sheet, Box(round(x), round(y) - 44, 62, 62), color)
        x += 80
    style = sample_style(rng, between(rng, 24, 32), BOLD_FACES, color)
    desk.print(pick(rng, _BANKS), style, (x, y))
    if toss(rng) and job.desk.sheet.width == _GERMAN_SIZE[1]:
        number = f"BIC-Stelle {sample_digits(rng, 3)}.{sample_digits(rng, 3)}"
        desk.print(number, job.style.scaled(0.95), (x, y + 36))


def _print_amount_box(job: _Job, box: Box, signs: tuple[str, ...]) -> None:
    sheet, rng = job.desk.sheet, job.desk.rng
    sheet.fill(box, (1.07, 1.07, 1.07), InkClass.GROUND)
    if toss(rng, 0.7):
        sheet.frame(box, pick(rng, (2, 3, 4)), job.style.color)
    style = sample_style(rng, between(rng, 24, 32), _SIGN_FACES, job.style.color)
    word = pick(rng, signs)
    place = (box.x - 10, box.bottom - 18) if len(word) > 1 else (box.x - 12, box.bottom - 16)
    job.desk.print(word, style, place, RIGHT)


def _write_amount(job: _Job, box: Box, amount: str) -> None:
    rng, height_px = job.desk.rng, min(job.height_px * 1.05, 0.62 * box.height)
    baseline = box.bottom - (box.height - height_px) * between(rng, 0.4, 0.6)
    if toss(rng, 0.25):
        amount = f"{amount} {pick(rng, ('--', '='))}"
    room = box.width - 30.0
    spot = Spot(box.x + box.width * between(rng, 0.46, 0.54), baseline, height_px, room)
    job.desk.write(amount, spot, MIDDLE)


def _write_in_two(
    job: _Job, words: str, first: tuple[float, float], second: tuple[float, float]
) -> None:
    """Words on one line, or broken over two where they are long; a stroke fills what is left."""
    desk, parts = job.desk, words.split()
    room = 620.0
    cut = len(parts) if len(words) < 26 else (len(parts) + 1) // 2
    spots = (first, second)
    end = 0.0
    for (x, y), line in zip(spots, (parts[:cut], parts[cut:]), strict=True):
        spot = Spot(x, y, job.height_px, room)
        end = desk.write(" ".join(line), spot) if line else x - 10
    if toss(desk.rng, 0.7):
        wave(desk, end + 20, max(end + 120, second[0] + 840), second[1] - 12)


def _write_place_and_date(job: _Job, labels: tuple[str, str], x: float, y: float) -> None:
    desk, rng = job.desk, job.desk.rng
    _dotted(job, x, x + 360, y + 6)
    small = 0.8 * job.height_px
    x = desk.print(labels[0], job.style, (x, y)) + 10
    end = desk.write(sample_town(rng), Spot(x, y, small, 170)) + 16
    end = desk.print(labels[1], job.style, (end, y)) + 10
    room = min(240.0, desk.sheet.width - 40 - end)
    desk.write(sample_date(rng, "./-"), Spot(end, y, small, room))


def _print_zone(job: _Job, y: int) -> None:
    """The white strip that only machines may print on."""
    sheet = job.desk.sheet
    strip = Box(0, y, sheet.width, sheet.height - y)
    sheet.fill(strip, (1.1, 1.1, 1.1), InkClass.GROUND)
    sheet.polyline([(0, y), (sheet.width, y)], 2, job.style.color)


def _print_code_line(job: _Job, lengths: tuple[int, ...], y: float) -> None:
    """Groups of digits with marks between them, in an even-pitched typeface."""
    rng = job.desk.rng
    style = Style("DejaVuSansMono", between(rng, 23, 28), width_frac=between(rng, 0.85, 1.0))
    x = between(rng, 60, 200)
    for length in lengths:
        x = job.desk.print(sample_digits(rng, length), style, (x, y))
        x = job.desk.print(f" {pick(rng, _OCR_MARKS)} ", style, (x, y))
