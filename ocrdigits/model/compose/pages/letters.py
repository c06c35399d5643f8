"""Pages without a single digit: letters, print, drawings; what a reader must leave alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe
from ocrdigits.model.compose.pages.contents import (
    sample_name,
    sample_payee,
    sample_town,
    split_words,
)
from ocrdigits.model.compose.pages.desk import MIDDLE, Desk, open_desk
from ocrdigits.model.compose.pages.doodles import draw_doodle
from ocrdigits.model.compose.pages.ornament import (
    STAMP_INKS,
    Press,
    blank_plate,
    press_plate,
    print_barcode,
    print_logo,
    print_matrix_code,
    sign,
    tick,
)
from ocrdigits.model.compose.pages.prose import (
    Area,
    make_sentence,
    print_paragraphs,
    write_paragraph,
)
from ocrdigits.model.compose.pages.rulings import print_ruling, sample_ruling
from ocrdigits.model.compose.pages.typeset import (
    BOLD_FACES,
    ITALIC_FACES,
    PLAIN_FACES,
    TYPED_FACES,
    print_line,
    sample_style,
)
from ocrdigits.model.compose.paper.handling import handle_paper
from ocrdigits.model.compose.paper.surface import Color, Size, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box

_PAPERS = ("copy", "white", "cream", "recycled", "yellow", "blue", "pink")
_INKS: tuple[Color, ...] = ((0.14, 0.13, 0.13), (0.14, 0.13, 0.13), (0.45, 0.25, 0.14))
_GREETINGS = ("Dear", "Hello", "Hi", "Dear friend", "My dear", "Good morning")
_PARTINGS = ("Yours", "Best wishes", "Love", "Kind regards", "See you soon", "Thank you")
_GOODS = split_words(
    "milk bread butter eggs apples rice tea soap onions cheese pasta coffee candles flour salt "
    "honey lemons matches stamps batteries"
)


def draw_letters(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A page without digits.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth is empty.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_written_letter(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A handwritten letter: greeting, text, parting, signature."""
    desk = _open_page(rng, supplies, (1340, 1000))
    pitch = round(between(rng, 62, 92))
    if toss(rng, 0.6):
        print_ruling(rng, desk.sheet, sample_ruling(rng, pitch))
    height_px = pitch * between(rng, 0.46, 0.6)
    greeting = f"{pick(rng, _GREETINGS)} {sample_name(rng).split()[0]},"
    desk.write(greeting, Spot(between(rng, 90, 160), 2 * pitch, height_px, 700))
    area = Area(between(rng, 80, 130), 2.4 * pitch, between(rng, 900, 960), between(rng, 700, 1000))
    y = write_paragraph(desk, area, height_px, pitch) + 0.4 * pitch
    x = between(rng, 200, 560)
    desk.write(pick(rng, _PARTINGS), Spot(x, y, height_px, 380))
    sign(desk, x + 60, y + 1.4 * pitch, height_px)
    return desk.sheet


def draw_printed_page(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Head, paragraphs in one or two columns, in any typeface."""
    desk = _open_page(rng, supplies, (1380, 1040))
    color = pick(rng, _INKS)
    style = sample_style(rng, between(rng, 15, 22), (*PLAIN_FACES, *ITALIC_FACES), color)
    head = sample_style(rng, between(rng, 26, 40), BOLD_FACES, color)
    print_logo(rng, desk.sheet, Box(90, 60, 84, 84), pick(rng, (*_INKS, *STAMP_INKS)))
    desk.print(make_sentence(rng, 2, 3)[:-1], head, (200, 130))
    bottom = between(rng, 900, 1180)
    if toss(rng):
        print_paragraphs(desk, style, Area(90, 190, 950, bottom))
    else:
        print_paragraphs(desk, style, Area(90, 190, 500, bottom))
        print_paragraphs(desk, style, Area(550, 190, 950, bottom))
    sign(desk, 140, bottom + 110, 44)
    if toss(rng, 0.4):
        print_barcode(rng, desk.sheet, Box(620, round(bottom) + 60, 320, 90))
    return desk.sheet


def draw_shopping_list(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Words below each other, with dashes, boxes or nothing before them, some crossed out."""
    desk = _open_page(rng, supplies, pick(rng, ((1200, 840), (1240, 900))))
    pitch = round(between(rng, 76, 100))
    if toss(rng, 0.7):
        print_ruling(rng, desk.sheet, sample_ruling(rng, pitch))
    height_px, left = pitch * between(rng, 0.5, 0.64), between(rng, 120, 240)
    heading = pick(rng, ("Shopping", "To buy", "List", "Market"))
    desk.write(heading, Spot(left, 2 * pitch, height_px))
    for row, word in enumerate(rng.permutation(_GOODS)[: int(rng.integers(6, 11))].tolist()):
        y = (3 + row) * pitch
        if toss(rng, 0.4):
            side = round(0.6 * height_px)
            box = Box(round(left), round(y) - side, side, side)
            desk.sheet.frame(box, 2, desk.scribe.pen.color)
            if toss(rng):
                tick(desk, box)
        end = desk.write(word, Spot(left + 70, y, height_px, 500))
        if toss(rng, 0.2):
            path = np.array([[left + 64, y - 0.3 * height_px], [end + 8, y - 0.36 * height_px]])
            desk.sheet.draw_strokes(rng, desk.scribe.pen, [path], 4.0)
    for _ in range(int(rng.integers(0, 3))):
        draw_doodle(desk, between(rng, 500, 660), between(rng, 300, 1000), between(rng, 90, 160))
    return desk.sheet


def draw_doodle_page(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Drawings and a few words all over."""
    desk = _open_page(rng, supplies, pick(rng, ((1000, 1340), (1300, 1000))))
    if toss(rng, 0.4):
        print_ruling(rng, desk.sheet, sample_ruling(rng, 54))
    width, height = desk.sheet.width, desk.sheet.height
    for x in np.arange(60, width - 220, 250).tolist():
        for y in np.arange(60, height - 220, 230).tolist():
            chance = rng.random()
            if chance < 0.55:
                side = between(rng, 90, 180)
                draw_doodle(desk, x + between(rng, 0, 50), y + between(rng, 0, 30), side)
            elif chance < 0.8:
                desk.write(pick(rng, _GOODS), Spot(x, y + 100, between(rng, 36, 60), 230))
    return desk.sheet


def draw_poster(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A notice: large print in the middle, a code to scan, a rubber stamp, a note by hand."""
    desk = _open_page(rng, supplies, (1360, 1000))
    color, y = pick(rng, (*_INKS, *STAMP_INKS)), between(rng, 150, 260)
    for _ in range(int(rng.integers(3, 6))):
        faces = (*BOLD_FACES, *PLAIN_FACES, *ITALIC_FACES, *TYPED_FACES)
        style = sample_style(rng, between(rng, 26, 52), faces, color)
        desk.print(make_sentence(rng, 1, 3), style, (500, y), MIDDLE)
        y += style.height_px * 2.2
    plain = sample_style(rng, 19, PLAIN_FACES, color)
    y = print_paragraphs(desk, plain, Area(180, y, 820, y + 240))
    print_matrix_code(rng, desk.sheet, 400, round(y) + 20, 200)
    desk.write(sample_town(rng), Spot(160, min(y + 330, 1300), between(rng, 44, 64), 500))
    plate = blank_plate(110, 300)
    bold = sample_style(rng, 30, BOLD_FACES, (0.0, 0.0, 0.0))
    print_line(plate, pick(rng, ("CANCELLED", "COPY", "DRAFT", "APPROVED")), bold, 20, 72)
    plate.frame(Box(5, 5, 290, 100), 4, (0.0, 0.0, 0.0))
    press = Press(740, y + 160, between(rng, -25, 25), pick(rng, STAMP_INKS))
    press_plate(rng, desk.sheet, plate, press)
    return desk.sheet


def draw_form_of_words(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """Labels with lines, filled in with names and words only."""
    desk = _open_page(rng, supplies, (1300, 1000))
    style = sample_style(rng, between(rng, 17, 21), PLAIN_FACES, pick(rng, _INKS))
    desk.print(make_sentence(rng, 2, 3)[:-1].upper(), style.scaled(1.6), (90, 130))
    labels = ("Name", "Town", "Company", "Country", "Remarks", "Reason", "Contact", "Language")
    y = 260.0
    for label in rng.permutation(labels)[: int(rng.integers(5, 8))].tolist():
        desk.print(label, style, (90, y))
        desk.sheet.polyline([(300, y + 10), (930, y + 10)], 2, style.color)
        words = pick(rng, (sample_name, sample_town, sample_payee))(rng)
        desk.write(words, Spot(between(rng, 310, 380), y, between(rng, 38, 46), 540))
        y += between(rng, 104, 126)
    sign(desk, 560, min(y + 60, 1250), 46)
    return desk.sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_written_letter,
    draw_printed_page,
    draw_shopping_list,
    draw_doodle_page,
    draw_poster,
    draw_form_of_words,
)
"""The layouts of this kind, equally likely."""


def _open_page(rng: np.random.Generator, supplies: Supplies, size: Size) -> Desk:
    paper = handle_paper(rng, sample_paper(rng, size, _PAPERS), has_holes=toss(rng, 0.15))
    return open_desk(rng, Sheet(paper), sample_scribe(rng, supplies))
