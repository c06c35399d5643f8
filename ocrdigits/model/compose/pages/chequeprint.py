"""A US cheque before anybody writes on it: a size goes in, the bank's print comes out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.pens import CHEQUE_PENS
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, print_magnetic, sample_scribe
from ocrdigits.model.compose.pages.contents import (
    sample_cents,
    sample_digits,
    sample_name,
    sample_payee,
    sample_routing,
    sample_state,
    sample_street,
    sample_town,
)
from ocrdigits.model.compose.pages.desk import MIDDLE, RIGHT, Desk, open_desk
from ocrdigits.model.compose.pages.ornament import print_logo, print_padlock
from ocrdigits.model.compose.pages.typeset import (
    BOLD_FACES,
    PLAIN_FACES,
    TYPED_FACES,
    Style,
    sample_style,
)
from ocrdigits.model.compose.paper.grounds import make_security_paper
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

_BANKS = (
    "FIRST HARBOR BANK",
    "Lindenau Savings",
    "COUNTY & COAST BANK",
    "Oakridge Credit Union",
    "Kestrel National Bank",
    "Three Rivers Trust",
    "Bank of Milbrook",
    "MEADOW STATE BANK",
)

_SECURITY_NOTES = (
    ("Security features", "included.", "Details on back."),
    ("Security Features", "Details on Back."),
    ("SECURITY FEATURES INCLUDED", "DETAILS ON BACK"),
    ("Details on back.",),
    (),
)

_INKS: tuple[Color, ...] = ((0.32, 0.30, 0.30), (0.20, 0.19, 0.19), (0.45, 0.28, 0.16))


@dataclass(frozen=True, slots=True)
class Blank:
    """Where the parts of a cheque are, in pixels of the sheet frame.

    Attributes:
        height: Of the cheque.
        width: Of the cheque.
        date_x: Left end of the date's line.
        date_y: Baseline of the date.
        payee_y: Baseline of the payee's name.
        legal_y: Baseline of the amount in words.
        legal_end: Where its line ends.
        memo_y: Baseline of memo and signature.
        box: The courtesy amount's.
        left: Where print begins.
    """

    height: int
    width: int
    date_x: int
    date_y: int
    payee_y: int
    legal_y: int
    legal_end: int
    memo_y: int
    box: Box
    left: int


@dataclass(frozen=True, slots=True)
class ChequeJob:
    """A cheque under work.

    Attributes:
        desk: Its sheet and its writer.
        blank: Where its parts are.
        style: Its small print.
        cents: What it is made out for.
    """

    desk: Desk
    blank: Blank
    style: Style
    cents: int


def start_cheque(rng: np.random.Generator, supplies: Supplies, size: tuple[int, int]) -> ChequeJob:
    """Take security paper, a scribe, an amount, and lay out the parts.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.
        size: Height and width of the cheque in pixels.

    Returns:
        The cheque, nothing printed on it yet.
    """
    height, width = size
    sheet = Sheet(make_security_paper(rng, size))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies, CHEQUE_PENS))
    payee_y = round(height * between(rng, 0.40, 0.44))
    legal_y = payee_y + round(height * between(rng, 0.12, 0.14))
    box_width = round(between(rng, 230, 290))
    box_height = round(between(rng, 58, 78))
    box_x = width - box_width - round(between(rng, 40, 80))
    blank = Blank(
        height=height,
        width=width,
        date_x=round(width * between(rng, 0.58, 0.66)),
        date_y=round(height * between(rng, 0.25, 0.29)),
        payee_y=payee_y,
        legal_y=legal_y,
        legal_end=width - pick(_aside(rng), (190, 320)),
        memo_y=round(height * between(rng, 0.80, 0.83)),
        box=Box(box_x, payee_y - box_height + round(between(rng, 6, 16)), box_width, box_height),
        left=round(between(rng, 40, 90)),
    )
    faces = tuple(face for face in PLAIN_FACES if face != "DejaVuSansMono")
    style = sample_style(rng, between(rng, 14, 16), faces, pick(rng, _INKS))
    return ChequeJob(desk, blank, style, sample_cents(rng))


def _aside(rng: np.random.Generator) -> np.random.Generator:
    """A source of chance of its own: what it decides leaves a seed's other print as it was."""
    return rng.spawn(1)[0]


def _rule(job: ChequeJob, left: float, right: float, y: float) -> None:
    points = [(left, y), (right, y)]
    job.desk.sheet.polyline(points, pick(job.desk.rng, (1, 2, 2)), job.style.color)


def print_blank(job: ChequeJob) -> None:
    """Print all that the bank and the owner's printer put on a cheque."""
    desk, blank, small = job.desk, job.blank, job.style
    rng, left = desk.rng, blank.left
    _print_border(job)
    _print_owner(job)
    number = str(int(rng.integers(101, 99999)))
    _print_numbers(job, number)
    desk.print(pick(rng, ("DATE", "Date", "")), small, (blank.date_x - 62, blank.date_y))
    _rule(job, blank.date_x, blank.date_x + 300, blank.date_y + 2)
    if toss(rng):
        desk.print("PAY TO THE", small, (left, blank.payee_y - 22))
        desk.print("ORDER OF", small, (left, blank.payee_y))
    else:
        desk.print("Pay to the order of", small.scaled(0.85), (left, blank.payee_y - 2))
    _rule(job, left + 130, blank.box.x - 50, blank.payee_y + 2)
    _print_courtesy_box(job)
    _rule(job, left, blank.legal_end, blank.legal_y + 2)
    unit = (blank.legal_end + 14, blank.legal_y)
    unit_end = desk.print(pick(rng, ("DOLLARS", "Dollars")), small, unit)
    if unit_end < blank.width - 150:
        _print_security_note(job, unit_end)
    _print_bank(job)
    desk.print(pick(rng, ("FOR", "MEMO", "For", "Memo")), small, (left, blank.memo_y))
    _rule(job, left + 70, blank.width * 0.42, blank.memo_y + 2)
    _print_signature_lines(job)
    if toss(rng, 0.25):
        days = pick(rng, ("60", "90", "120", "180"))
        place = (blank.width * 0.62, blank.memo_y + 26)
        desk.print(f"VOID AFTER {days} DAYS", small.scaled(1.2), place)
    _print_magnetic_line(job, number)


def _print_security_note(job: ChequeJob, left: float) -> None:
    """A padlock, and beside it a few words that hardly anybody can read."""
    desk, rng, base = job.desk, _aside(job.desk.rng), job.blank.legal_y
    height_px = round(between(rng, 26, 46))
    width_px = round(between(rng, 0.62, 0.85) * height_px)
    lock = Box(round(left + between(rng, 14, 30)), base - height_px + 2, width_px, height_px)
    print_padlock(rng, desk.sheet, lock, job.style.color)
    tiny = job.style.scaled(between(rng, 0.4, 0.6))
    lines = pick(rng, _SECURITY_NOTES)
    for above, line in enumerate(reversed(lines)):
        y = base - 1.5 * tiny.height_px * above
        desk.print(line, tiny, (lock.right + 12, y))


def _print_signature_lines(job: ChequeJob) -> None:
    rng, blank = job.desk.rng, job.blank
    start, end = blank.width * 0.58, blank.width - 50
    _rule(job, start, end, blank.memo_y + 2)
    if blank.width > 1500 and toss(rng, 0.4):
        _rule(job, start, end, blank.memo_y - 72)
    note = pick(rng, ("", "AUTHORIZED SIGNATURE", "Authorized signature", "MP"))
    job.desk.print(note, job.style.scaled(0.75), (end - 8, blank.memo_y + 22), RIGHT)


def _print_border(job: ChequeJob) -> None:
    """None, a line, a double line or a row of little marks."""
    sheet, rng, manner = job.desk.sheet, job.desk.rng, int(job.desk.rng.integers(4))
    for inset in ((), (14,), (12, 20), ())[manner]:
        box = Box(inset, inset, sheet.width - 2 * inset, sheet.height - 2 * inset)
        sheet.frame(box, 2, job.style.color)
    if manner != 3:
        return
    step, depth = pick(rng, (9, 13, 18)), round(between(rng, 6, 12))
    for x in range(8, sheet.width - 8, step):
        for y in (8, sheet.height - 8 - depth):
            sheet.fill(Box(x, y, step - 3, depth), job.style.color, InkClass.RULE)


def _print_owner(job: ChequeJob) -> None:
    desk, rng = job.desk, job.desk.rng
    x, y = job.blank.left, between(rng, 52, 76)
    if toss(rng, 0.3):
        print_logo(rng, desk.sheet, Box(x, round(y) - 24, 64, 64), pick(rng, _INKS))
        x += 84
    big = sample_style(rng, between(rng, 17, 24), BOLD_FACES, job.style.color)
    owner = sample_payee(rng) if job.blank.width > 1500 else sample_name(rng)
    in_capitals = toss(rng)
    desk.print(owner.upper() if in_capitals else owner, big, (x, y))
    if toss(rng, 0.4) and job.blank.width < 1500:
        y += 1.5 * big.height_px
        partner = sample_name(rng)
        desk.print(partner.upper() if in_capitals else partner, big, (x, y))
    style = job.style.scaled(between(rng, 1.1, 1.35))
    town = f"{sample_town(rng)}, {sample_state(rng)} {sample_digits(rng, 5)}"
    for line in (f"{int(rng.integers(2, 990))} {sample_street(rng)}", town):
        y += 1.75 * style.height_px
        desk.print(line.upper() if in_capitals else line, style, (x, y))


def _print_numbers(job: ChequeJob, number: str) -> None:
    """The cheque's number, and the bank's fraction near it."""
    desk, rng = job.desk, job.desk.rng
    faces = (*TYPED_FACES, *BOLD_FACES, "DejaVuSans")
    style = sample_style(rng, between(rng, 22, 32), faces)
    y = between(rng, 62, 86)
    desk.print(number, style, (job.blank.width - between(rng, 40, 90), y), RIGHT)
    if toss(rng, 0.35):
        return
    small = job.style.scaled(between(rng, 1.05, 1.3))
    x = job.blank.width - between(rng, 280, 420)
    first, last = f"{sample_digits(rng, 2)}-{sample_digits(rng, 4)}", sample_digits(rng, 4)
    if toss(rng):
        desk.print(f"{first}/{last}", small, (x, y + between(rng, 0, 30)), MIDDLE)
        return
    desk.print(first, small, (x, y - 6), MIDDLE)
    _rule(job, x - 50, x + 50, y + 1)
    desk.print(last, small, (x, y + 8 + small.height_px), MIDDLE)


def _print_courtesy_box(job: ChequeJob) -> None:
    """A white box, a frame, a framed white box or only a line; mostly with a sign before it."""
    sheet, rng, box = job.desk.sheet, job.desk.rng, job.blank.box
    manner = int(rng.integers(4))
    if manner in (0, 2):
        sheet.fill(box, (1.08, 1.08, 1.08), InkClass.GROUND)
    if manner in (1, 2):
        sheet.frame(box, pick(rng, (2, 3)), job.style.color)
    if manner == 3:
        _rule(job, box.x, box.right, job.blank.payee_y + 2)
    if toss(rng, 0.8):
        style = sample_style(rng, between(rng, 28, 36), BOLD_FACES, job.style.color)
        job.desk.print("$", style, (box.x - 10, job.blank.payee_y - 2), RIGHT)
    else:
        spot = Spot(box.x - 8, job.blank.payee_y - 4, between(rng, 34, 42))
        job.desk.write("$", spot, RIGHT)


def _print_bank(job: ChequeJob) -> None:
    desk, rng, blank = job.desk, job.desk.rng, job.blank
    x, y = float(blank.left), blank.legal_y + blank.height * 0.11
    if blank.width > 1500 and toss(rng):
        x, y = blank.width * 0.42, between(rng, 60, 80)
    style = sample_style(rng, between(rng, 19, 25), (*BOLD_FACES, *PLAIN_FACES), pick(rng, _INKS))
    if toss(rng, 0.6):
        print_logo(rng, desk.sheet, Box(round(x), round(y) - 34, 48, 48), style.color)
        x += 62
    desk.print(pick(rng, _BANKS), style, (x, y))
    place = f"{sample_town(rng)}, {sample_state(rng)}"
    desk.print(place, job.style, (x, y + 28))


def _print_magnetic_line(job: ChequeJob, number: str) -> None:
    rng, blank = job.desk.rng, job.blank
    account = sample_digits(rng, int(rng.integers(8, 12)))
    padded = number.zfill(int(rng.integers(len(number), 7)))
    orders = (
        f":{sample_routing(rng)}: {account}:  {padded}",
        f":{padded}: :{sample_routing(rng)}: {account}:",
        f":{sample_routing(rng)}:{padded}  {account}:",
    )
    height_px = int(rng.integers(26, 31))
    y = blank.height - between(rng, 26, 44)
    print_magnetic(
        job.desk.sheet, pick(rng, orders), blank.left + between(rng, 0, 90), y, height_px
    )
