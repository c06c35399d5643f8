"""An addressed envelope: stamp, postmark, labels, a handwritten address, the postal code."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.pens import ADDRESS_PENS
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe, write_comb
from ocrdigits.model.compose.pages.combs import print_comb, sample_comb
from ocrdigits.model.compose.pages.contents import (
    sample_digits,
    sample_name,
    sample_payee,
    sample_state,
    sample_street,
    sample_town,
)
from ocrdigits.model.compose.pages.desk import Desk, open_desk
from ocrdigits.model.compose.pages.ornament import print_logo
from ocrdigits.model.compose.pages.postage import (
    cut_window,
    press_postmark,
    press_word,
    print_airmail_border,
    scuff,
    stick_registered,
    stick_stamp,
)
from ocrdigits.model.compose.pages.typeset import PLAIN_FACES, Style, sample_style
from ocrdigits.model.compose.paper.surface import Size, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box

_PAPERS = ("white", "white", "copy", "cream", "manila", "kraft", "bluish", "pink", "recycled")
_SIZES: tuple[Size, ...] = ((760, 1400), (720, 1500), (960, 1400))


def draw_envelope(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """An envelope.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has house number, postal code, and printed numbers: sender, postmark,
        the stamp's value, the registered label's.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_free(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """House number first, the postal code free after the town, as in America."""
    desk = _open_envelope(rng, supplies)
    zip_code = sample_digits(rng, 5)
    if toss(rng, 0.3):
        zip_code += f"-{sample_digits(rng, 4)}"
    town = f"{sample_town(rng)}, {sample_state(rng)}  {zip_code}"
    street = f"{int(rng.integers(2, 9900))} {sample_street(rng)}"
    _write_address(desk, [sample_payee(rng), street, town])
    return desk.sheet


def draw_code_first(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """The postal code free before the town, as on the European continent."""
    desk = _open_envelope(rng, supplies)
    code = sample_digits(rng, pick(rng, (4, 5, 5, 6)))
    if toss(rng, 0.2):
        code = f"{sample_digits(rng, 2)}-{sample_digits(rng, 3)}"
    street = f"{sample_street(rng)} {int(rng.integers(1, 190))}"
    _write_address(desk, [sample_name(rng), street, f"{code} {sample_town(rng)}"])
    return desk.sheet


def draw_boxed(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """The postal code in printed boxes at the lower right, lower left or above the address."""
    desk = _open_envelope(rng, supplies)
    sheet, comb, count = desk.sheet, sample_comb(rng), int(rng.choice([4, 5, 6, 6]))
    side = round(between(rng, 54, 76))
    width, high = count * (side + 8), round(side * between(rng, 1.05, 1.35))
    spots = (
        (sheet.width - width - round(between(rng, 60, 130)), sheet.height - high - 60),
        (round(between(rng, 50, 90)), sheet.height - high - 60),
    )
    x, y = pick(rng, spots)
    cells = print_comb(rng, sheet, comb, Box(x, y, width, high), count)
    write_comb(rng, sheet, desk.scribe, sample_digits(rng, count), cells)
    street = f"{sample_street(rng)} {int(rng.integers(1, 190))}"
    _write_address(desk, [sample_name(rng), street, sample_town(rng)], lift=70)
    return sheet


def draw_window(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A business envelope: the printed address behind a window, a note by hand."""
    desk = _open_envelope(rng, supplies)
    sheet = desk.sheet
    box = Box(round(between(rng, 90, 180)), sheet.height - 430, 640, 300)
    cut_window(rng, sheet, box)
    style = sample_style(rng, between(rng, 19, 24), PLAIN_FACES)
    town = f"{sample_digits(rng, 5)} {sample_town(rng)}"
    lines = (sample_name(rng), f"{sample_street(rng)} {int(rng.integers(1, 190))}", town)
    for row, line in enumerate(lines):
        place = (box.x + 50, box.y + 90 + 2.1 * style.height_px * row)
        desk.print(line, style, place)
    note = pick(rng, ("return to sender", "moved", "paid", f"by {int(rng.integers(1, 29))} May"))
    spot = Spot(box.right + between(rng, 40, 90), box.y + between(rng, 80, 220), 44, 480)
    desk.write(note, spot)
    return sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_free,
    draw_code_first,
    draw_boxed,
    draw_window,
)
"""The layouts of this kind, equally likely."""


def _open_envelope(rng: np.random.Generator, supplies: Supplies) -> Desk:
    """Paper with stamp, postmark, sender and labels; the lower two thirds are free."""
    sheet = Sheet(sample_paper(rng, pick(rng, _SIZES), _PAPERS))
    scuff(rng, sheet, int(rng.integers(0, 14)))
    if toss(rng, 0.2):
        print_airmail_border(sheet, round(between(rng, 18, 30)))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies, ADDRESS_PENS))
    _add_sender(desk)
    x, y = sheet.width - round(between(rng, 200, 250)), round(between(rng, 36, 60))
    stamp = stick_stamp(rng, sheet, x, y)
    chance = rng.random()
    if chance < 0.6:
        press_postmark(rng, sheet, stamp)
    if chance > 0.8:
        stick_registered(rng, sheet, sheet.width - 640, y)
    elif chance > 0.35 and sheet.height > 900:
        press_word(rng, sheet, between(rng, 240, 420), between(rng, 300, 340))
    return desk


def _add_sender(desk: Desk) -> None:
    """Printed, with a logo at times, or by hand; or none."""
    rng, sheet, manner = desk.rng, desk.sheet, int(desk.rng.integers(5))
    lines = (
        sample_payee(rng),
        f"{sample_street(rng)} {int(rng.integers(1, 400))}",
        f"{sample_digits(rng, 5)} {sample_town(rng)}",
    )
    x, y = between(rng, 44, 76), between(rng, 66, 90)
    if manner == 0:
        return
    if manner == 1:
        _write_sender(desk, lines, x, y)
        return
    ink = pick(rng, ((0.25, 0.24, 0.24), (0.45, 0.25, 0.14), (0.25, 0.36, 0.16)))
    style: Style = sample_style(rng, between(rng, 15, 19), PLAIN_FACES, ink)
    if manner == 2:
        print_logo(rng, sheet, Box(round(x), round(y) - 26, 80, 80), ink)
        x += 100
    for row, line in enumerate(lines):
        desk.print(line, style, (x, y + 1.9 * style.height_px * row))


def _write_sender(desk: Desk, lines: tuple[str, ...], x: float, y: float) -> None:
    height_px = between(desk.rng, 26, 32)
    for row, line in enumerate(lines):
        desk.write(line, Spot(x, y + 1.6 * height_px * row, height_px, 420))


def _write_address(desk: Desk, lines: list[str], lift: float = 0.0) -> None:
    """Two to four lines in the middle or to the right, often each further in."""
    rng, sheet = desk.rng, desk.sheet
    height_px = between(rng, 40, 56)
    pitch = height_px * between(rng, 1.6, 2.0)
    if toss(rng, 0.2):
        lines = [*lines, pick(rng, ("GERMANY", "U.S.A.", "FRANCE", "Norway"))]
    bottom = sheet.height - 70 - lift
    top = min(between(rng, 350, 420), bottom - pitch * (len(lines) - 1))
    x, step = between(rng, 380, 560), pick(rng, (0.0, 0.0, between(rng, 10, 60)))
    for row, line in enumerate(lines):
        start = x + step * row + float(rng.normal(0, 8))
        room = sheet.width - 60 - start
        desk.write(line, Spot(start, top + pitch * row, height_px, room))
