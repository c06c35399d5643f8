"""A bank cheque in the US manner: a bank's print, a customer's handwriting, the magnetic line."""

from __future__ import annotations

import numpy as np

from ocrdigits.model.compose.contents import (
    format_amount,
    sample_cents,
    sample_date,
    sample_digits,
    sample_name,
    sample_payee,
    sample_routing,
    sample_street,
    sample_town,
    spell_amount,
)
from ocrdigits.model.compose.lettering import (
    Scribe,
    Spot,
    choose_face,
    print_magnetic,
    print_text,
    sample_scribe,
    write_line,
)
from ocrdigits.model.compose.paper import make_security_paper
from ocrdigits.model.compose.pens import CHEQUE_PENS
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.writer import Path, trace_spline
from ocrdigits.records import Box

_SIZE = (660, 1440)  # 6 × 2¾ inches at 240 dots an inch
_BANKS = ("FIRST HARBOR BANK", "Lindenau Savings", "COUNTY & COAST BANK", "Oakridge Credit Union")
_SMALL, _RULE = 17, (0.32, 0.30, 0.30)


def draw_cheque(rng: np.random.Generator) -> Sheet:
    """A cheque, filled in by one writer.

    Returns:
        The sheet; its truth has number, date, amount, cents of the legal line, magnetic line.
    """
    sheet = Sheet(make_security_paper(rng, _SIZE))
    number = str(int(rng.integers(1001, 9999)))
    _print_blank(rng, sheet, number)
    account = sample_digits(rng, int(rng.integers(8, 11)))
    print_magnetic(sheet, f":{sample_routing(rng)}: {account}:  {number}", 90, 622, 29)
    _fill_in(rng, sheet, sample_scribe(rng, CHEQUE_PENS))
    return sheet


def _print_blank(rng: np.random.Generator, sheet: Sheet, number: str) -> None:
    bold, label = choose_face("DejaVuSerif-Bold", 26), choose_face("DejaVuSans", _SMALL, _RULE)
    sheet.frame(Box(14, 14, _SIZE[1] - 28, _SIZE[0] - 28), 2, _RULE)
    print_text(sheet, sample_name(rng).upper(), bold, 60, 76)
    print_text(sheet, sample_street(rng).upper(), label, 60, 104)
    print_text(sheet, sample_town(rng).upper(), label, 60, 130)
    print_text(sheet, number, choose_face("DejaVuSans", 38), 1270, 84)
    print_text(sheet, "DATE", label, 880, 168)
    sheet.polyline([(940, 170), (1250, 170)], 2, _RULE)
    print_text(sheet, "PAY TO THE", label, 60, 252)
    print_text(sheet, "ORDER OF", label, 60, 276)
    sheet.polyline([(180, 278), (1060, 278)], 2, _RULE)
    print_text(sheet, "$", choose_face("DejaVuSerif-Bold", 44), 1082, 276)
    sheet.fill(_courtesy_box(), (1.1, 1.1, 1.1))
    sheet.frame(_courtesy_box(), 2, _RULE)
    sheet.polyline([(60, 366), (1230, 366)], 2, _RULE)
    print_text(sheet, "DOLLARS", label, 1246, 364)
    print_text(sheet, str(rng.choice(_BANKS)), choose_face("DejaVuSerif", 30), 60, 450)
    print_text(sheet, "FOR", label, 60, 540)
    sheet.polyline([(110, 542), (560, 542)], 2, _RULE)
    sheet.polyline([(860, 542), (1380, 542)], 2, _RULE)


def _courtesy_box() -> Box:
    return Box(1118, 222, 262, 72)


def _fill_in(rng: np.random.Generator, sheet: Sheet, scribe: Scribe) -> None:
    height_px = float(rng.uniform(36, 44))
    cents = sample_cents(rng)
    amount = format_amount(cents, grouped=bool(rng.random() < 0.6))
    box = _courtesy_box()
    room = box.width - 36
    write_line(rng, sheet, scribe, sample_date(rng, "/-"), Spot(960, 160, height_px, 280))
    write_line(rng, sheet, scribe, sample_payee(rng), Spot(210, 266, height_px, 820))
    write_line(rng, sheet, scribe, amount, Spot(box.x + 18, box.bottom - 16, height_px, room))
    end = write_line(rng, sheet, scribe, spell_amount(cents), Spot(80, 356, height_px, 1080))
    if end < 1150:
        sheet.draw_strokes(rng, scribe.pen, [_wavy_line(end + 20, 1220, 346)], 3.0)
    memo = ("rent", "books", "garden work", "thank you", "repair", "lessons")
    write_line(rng, sheet, scribe, str(rng.choice(memo)), Spot(130, 532, 0.9 * height_px, 400))
    signature = _sign(rng, 930, 526, height_px)
    sheet.draw_strokes(rng, scribe.pen, [signature], scribe.pen.width_frac * height_px)


def _wavy_line(left: float, right: float, y: float) -> Path:
    x = np.linspace(left, right, 60)
    return np.column_stack([x, y + 5 * np.sin(x / 38)])


def _sign(rng: np.random.Generator, x: float, y: float, height_px: float) -> Path:
    """A signature: a tall first letter, a run of shrinking ups and downs, a last sweep."""
    count = int(rng.integers(7, 12))
    steps = rng.uniform(0.22, 0.42, count).cumsum()
    tops = -rng.uniform(0.3, 0.75, count) * np.linspace(1, 0.5, count)
    feet = rng.normal(0, 0.06, count)
    run = np.column_stack([np.repeat(steps, 2), np.column_stack([tops, feet]).ravel()])
    run[1::2, 0] += rng.uniform(-0.12, 0.16, count)  # loops where the hand swings back
    first = [[-0.5, -0.4], [-0.2, -1.3], [-0.35, 0.1], [-0.05, -0.9], [0.1, -0.1]]
    sweep = [[steps[-1] + 1.6, -0.35], [steps[-1] + 3.0, -0.5]]
    knots = np.concatenate([first + rng.normal(0, 0.12, (5, 2)), run, sweep])
    return trace_spline(knots, np.zeros(len(knots), np.bool_)) * 1.15 * height_px + (x, y)
