"""A printed form, filled in by hand: labels, free fields on lines, comb boxes, tick boxes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.contents import (
    format_amount,
    sample_cents,
    sample_date,
    sample_digits,
    sample_name,
    sample_street,
    sample_town,
)
from ocrdigits.model.compose.lettering import (
    Scribe,
    Spot,
    choose_face,
    draw_comb,
    print_text,
    sample_scribe,
    write_comb,
    write_line,
)
from ocrdigits.model.compose.paper import Color, fold_paper, make_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box

_SIZE = (1300, 1020)
_LEFT, _FIELD, _RIGHT = 80, 340, 940
_TITLES = ("MEMBERSHIP", "DELIVERY NOTE", "CLINIC VISIT", "EXPENSE CLAIM", "METER READING")
_PRINTS: tuple[Color, ...] = ((0.15, 0.14, 0.14), (0.42, 0.24, 0.14), (0.25, 0.34, 0.16))

_FREE_FIELDS: tuple[tuple[str, Callable[[np.random.Generator], str]], ...] = (
    ("Name", sample_name),
    ("Street", lambda rng: f"{sample_street(rng)} {int(rng.integers(1, 180))}"),
    ("Town", sample_town),
    ("Date", sample_date),
    ("Amount", lambda rng: format_amount(sample_cents(rng))),
    ("Quantity", lambda rng: str(int(rng.integers(2, 980)))),
    ("Weight (kg)", lambda rng: f"{rng.uniform(1, 99):.1f}"),
    ("Telephone", lambda rng: f"{sample_digits(rng, 3)}-{sample_digits(rng, 4)}"),
)
_COMB_FIELDS = (("Account no.", 8), ("Customer no.", 6), ("Postal code", 5), ("Reading", 7))


def draw_form(rng: np.random.Generator) -> Sheet:
    """A form with four free fields and two combs.

    Returns:
        The sheet; its truth has every digit string, the printed form number included.
    """
    paper = make_paper(rng, _SIZE)
    sheet = Sheet(fold_paper(rng, paper) if rng.random() < 0.4 else paper)
    scribe = sample_scribe(rng)
    color = _PRINTS[int(rng.integers(len(_PRINTS)))]
    baseline = _print_head(rng, sheet, color)
    free = [_FREE_FIELDS[0], *(_FREE_FIELDS[k] for k in sorted(rng.choice(7, 4, False) + 1))]
    for label, sample in free:
        _print_label(sheet, label, baseline, color)
        sheet.polyline([(_FIELD, baseline + 12), (_RIGHT, baseline + 12)], 2, color)
        spot = Spot(_FIELD + 24 + rng.uniform(0, 40), baseline, rng.uniform(38, 46), 500)
        write_line(rng, sheet, scribe, sample(rng), spot)
        baseline += 112
    for index in sorted(rng.choice(len(_COMB_FIELDS), 2, replace=False).tolist()):
        _add_comb(rng, sheet, scribe, (index, baseline, color))
        baseline += 138
    _print_foot(rng, sheet, scribe, color)
    return sheet


def _print_head(rng: np.random.Generator, sheet: Sheet, color: Color) -> int:
    sheet.fill(Box(_LEFT, 70, _RIGHT - _LEFT, 66), color)
    blue, green, red = color
    white = choose_face("DejaVuSans-Bold", 34, (1 / blue, 1 / green, 1 / red))  # bare paper again
    title = _TITLES[int(rng.integers(len(_TITLES)))]
    print_text(sheet, title, white, _LEFT + 24, 115)
    note = "Please write clearly and stay inside the boxes."
    print_text(sheet, note, choose_face("DejaVuSans", 19, color), _LEFT, 186)
    return 300


def _print_label(sheet: Sheet, label: str, baseline: int, color: Color) -> None:
    print_text(sheet, label, choose_face("DejaVuSans", 27, color), _LEFT, baseline)


def _add_comb(
    rng: np.random.Generator, sheet: Sheet, scribe: Scribe, place: tuple[int, int, Color]
) -> None:
    index, baseline, color = place
    label, count = _COMB_FIELDS[index]
    _print_label(sheet, label, baseline, color)
    side = 64
    gap = 10 if index % 2 else 0
    width = count * side + (count - 1) * gap
    cells = draw_comb(sheet, Box(_FIELD, baseline - 48, width, 74), count, color, gap)
    write_comb(rng, sheet, scribe, sample_digits(rng, count), cells)


def _print_foot(rng: np.random.Generator, sheet: Sheet, scribe: Scribe, color: Color) -> None:
    small, y = choose_face("DejaVuSans", 24, color), _SIZE[0] - 150
    x = float(_LEFT)
    ticked = int(rng.integers(3))
    for index, label in enumerate(("new", "changed", "closed")):
        box = Box(round(x), y - 26, 32, 32)
        sheet.frame(box, 2, color)
        if index == ticked:
            tick = np.array([[4, 14], [13, 28], [38, -10]]) + np.array([box.x, box.y])
            sheet.draw_strokes(rng, scribe.pen, [tick], scribe.pen.width_frac * 40)
        x = print_text(sheet, label, small, x + 46, y) + 60
    number = f"Form {int(rng.integers(100, 999))}"
    print_text(sheet, number, choose_face("DejaVuSans", 34, color), _LEFT, _SIZE[0] - 70)
