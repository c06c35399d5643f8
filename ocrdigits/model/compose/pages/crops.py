"""A single number close up: loosely or tightly cut, with parts of its frame or neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe, write_comb
from ocrdigits.model.compose.pages.combs import COMB_INKS, print_comb, sample_comb
from ocrdigits.model.compose.pages.contents import (
    format_european,
    sample_cents,
    sample_date,
    sample_digits,
)
from ocrdigits.model.compose.pages.desk import Desk, open_desk
from ocrdigits.model.compose.pages.numbers import sample_amount, sample_reading
from ocrdigits.model.compose.pages.ornament import pen_px
from ocrdigits.model.compose.pages.prose import make_sentence
from ocrdigits.model.compose.pages.rulings import print_ruling, sample_ruling
from ocrdigits.model.compose.pages.typeset import PLAIN_FACES, sample_style
from ocrdigits.model.compose.paper.grounds import make_security_paper
from ocrdigits.model.compose.paper.surface import Size, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

_Cut = tuple[float, tuple[float, float], tuple[float, float]]
"""Height of a digit; least and most free space at each side, and above and below, in heights."""
_PAPERS = ("white", "copy", "cream", "yellow", "recycled", "blue", "pink", "kraft", "green")


def draw_number_crop(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """One handwritten number close up.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has the number and nothing else: neighbours are cut to bits.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_loose(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Much paper around, plain or ruled."""
    text, height_px = _sample_text(rng), between(rng, 90, 150)
    desk = _cut_paper(rng, supplies, text, (height_px, (1.4, 2.0), (0.9, 1.3)))
    sheet = desk.sheet
    baseline = sheet.height / 2 + 0.5 * height_px
    if toss(rng):
        pitch = round(height_px * between(rng, 1.2, 1.9))
        print_ruling(rng, sheet, sample_ruling(rng, pitch))
    _write_middle(desk, text, height_px, baseline)
    return sheet


def draw_tight(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Cut close to the number; bits of the lines above and below reach in."""
    text, height_px = _sample_text(rng), between(rng, 110, 170)
    desk = _cut_paper(rng, supplies, text, (height_px, (0.35, 0.6), (0.35, 0.55)))
    sheet = desk.sheet
    baseline = sheet.height / 2 + between(rng, 0.45, 0.55) * height_px
    if toss(rng):
        y, color = baseline + 0.12 * height_px, pick(rng, COMB_INKS)
        sheet.polyline([(0, y), (sheet.width, y)], 3, color)
    for _ in range(int(rng.integers(0, 4))):
        _add_bit(desk, height_px)
    _write_middle(desk, text, height_px, baseline)
    return sheet


def draw_framed(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A box of a form or a cheque around it, parts of its label and of the next box."""
    text, height_px = _sample_text(rng), between(rng, 90, 140)
    desk = _cut_paper(rng, supplies, text, (height_px, (0.8, 1.3), (0.8, 1.2)))
    sheet, color = desk.sheet, pick(rng, COMB_INKS)
    inset = round(between(rng, 0.1, 0.45) * height_px)
    box = Box(inset, inset, sheet.width - 2 * inset, sheet.height - 2 * inset)
    if toss(rng, 0.3):
        sheet.fill(box, (1.06, 1.06, 1.06), InkClass.GROUND)
    width_px = pick(rng, (2, 3, 5, 8))
    for x in (box.x, box.right):
        sheet.polyline([(x, -9), (x, sheet.height + 9)], width_px, color)
    for y in (box.y, box.bottom):
        sheet.polyline([(-9, y), (sheet.width + 9, y)], width_px, color)
    label = make_sentence(rng, 1, 2)[:-1]
    style = sample_style(rng, 0.22 * height_px, PLAIN_FACES, color)
    desk.print(label, style, (box.x + 8, box.y + 0.34 * height_px))
    _write_middle(desk, text, height_px, sheet.height / 2 + between(rng, 0.48, 0.6) * height_px)
    return sheet


def draw_cell(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A cell of a table, its lines at the edges, ink of other cells in the corners."""
    text, height_px = _sample_text(rng), between(rng, 90, 130)
    desk = _cut_paper(rng, supplies, text, (height_px, (0.4, 1.0), (0.5, 0.8)))
    sheet, color = desk.sheet, pick(rng, COMB_INKS)
    width_px, tilt = pick(rng, (2, 3, 4)), between(rng, -8, 8)
    for y in (between(rng, 0, 14), sheet.height - between(rng, 2, 26)):
        if toss(rng, 0.8):
            sheet.polyline([(0, y), (sheet.width, y + tilt)], width_px, color)
    for x in (between(rng, 0, 16), sheet.width - between(rng, 2, 30)):
        if toss(rng, 0.8):
            sheet.polyline([(x, 0), (x - tilt, sheet.height)], width_px, color)
    for _ in range(int(rng.integers(1, 4))):
        _add_bit(desk, height_px)
    _write_middle(desk, text, height_px, sheet.height / 2 + between(rng, 0.42, 0.56) * height_px)
    return sheet


def draw_comb_crop(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A comb with a digit to a box."""
    count, side = int(rng.integers(3, 10)), round(between(rng, 100, 150))
    edge = round(between(rng, 0.15, 0.7) * side)
    high = round(side * between(rng, 1.0, 1.3))
    sheet = Sheet(sample_paper(rng, (high + 2 * edge, count * side + 2 * edge), _PAPERS))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies))
    cells = print_comb(rng, sheet, sample_comb(rng), Box(edge, edge, count * side, high), count)
    write_comb(rng, sheet, desk.scribe, sample_digits(rng, count), cells)
    return sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_loose,
    draw_tight,
    draw_framed,
    draw_cell,
    draw_comb_crop,
)
"""The layouts of this kind, equally likely."""


def _sample_text(rng: np.random.Generator) -> str:
    chance = rng.random()
    if chance < 0.3:
        return sample_amount(rng)
    if chance < 0.5:
        return format_european(sample_cents(rng), grouped=toss(rng))
    if chance < 0.65:
        return sample_reading(rng)
    return sample_date(rng) if chance < 0.8 else str(int(np.exp(rng.uniform(1, 8))))


def _cut_paper(rng: np.random.Generator, supplies: Supplies, text: str, cut: _Cut) -> Desk:
    """A piece of paper for a line."""
    height_px, beside, above = cut[0], between(rng, *cut[1]), between(rng, *cut[2])
    scribe = sample_scribe(rng, supplies)
    guess = open_desk(rng, Sheet(np.ones((1, 1, 3), np.float32)), scribe)
    width = round(guess.guess_width(text, height_px) + 2 * beside * height_px)
    size: Size = (round((1 + 2 * above) * height_px), max(width, round(1.6 * height_px)))
    is_cheque = toss(rng, 0.2)
    paper = make_security_paper(rng, size) if is_cheque else sample_paper(rng, size, _PAPERS)
    return Desk(rng, Sheet(paper), scribe, guess.advance_frac)


def _write_middle(desk: Desk, text: str, height_px: float, baseline: float) -> None:
    """The number between the edges, somewhat off the middle."""
    width, room = desk.guess_width(text, height_px), desk.sheet.width
    left = max(0.12 * height_px, (room - width) / 2 * between(desk.rng, 0.75, 1.15))
    desk.write(text, Spot(left, baseline, height_px, room - left - 0.25 * height_px))


def _add_bit(desk: Desk, height_px: float) -> None:
    """A bit of a neighbour's ink at an edge: a tail or a hook, too little to be read."""
    rng, sheet = desk.rng, desk.sheet
    reach = height_px * between(rng, 0.05, 0.2)
    x = between(rng, 0, sheet.width)
    y, into = (0.0, 1.0) if toss(rng) else (float(sheet.height), -1.0)
    steps = np.linspace(0, 1, 16)
    bend = between(rng, -0.4, 0.4) * height_px
    path = np.column_stack(
        [x + bend * steps**2, y + into * (reach * np.sin(np.pi * steps) * 1.2 - 6)]
    )
    sheet.draw_strokes(rng, desk.scribe.pen, [path], pen_px(desk, height_px))
