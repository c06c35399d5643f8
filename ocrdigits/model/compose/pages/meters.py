"""Utility meters: rollers behind glass, liquid crystal displays, and the card for the reading."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.fonts import bundled_typeface, render_character
from ocrdigits.model.compose.hand.supplies import Supplies
from ocrdigits.model.compose.lettering import Spot, sample_scribe, write_comb
from ocrdigits.model.compose.machine import render_machine_digit
from ocrdigits.model.compose.pages.combs import print_comb, sample_comb
from ocrdigits.model.compose.pages.contents import (
    sample_date,
    sample_digits,
    sample_name,
    sample_street,
)
from ocrdigits.model.compose.pages.desk import MIDDLE, RIGHT, Desk, open_desk
from ocrdigits.model.compose.pages.ornament import print_barcode, print_logo, sign
from ocrdigits.model.compose.pages.typeset import BOLD_FACES, PLAIN_FACES, sample_style
from ocrdigits.model.compose.paper.handling import handle_paper
from ocrdigits.model.compose.paper.surface import Color, make_cloud, sample_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box, Coverage, Kind

_UNITS = ("kWh", "kWh", "m", "MWh", "Cubic metres", "GAL")
_MAKERS = ("NORDLUX", "Aquafer", "Voltana", "METRIK", "Hydral", "Elmeter")
_WHITE: Color = (0.86, 0.88, 0.88)
_ROLLER_FACES = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono-Bold", "cmss10", "STIXGeneralBol")


def draw_meter(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A meter's face, or a card with its reading.

    Args:
        rng: Source of chance.
        supplies: Sources of handwriting.

    Returns:
        The sheet; its truth has the reading and the printed numbers.
    """
    return pick(rng, LAYOUTS)(rng, supplies)


def draw_rollers(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A meter with mechanical rollers, the last ones red."""
    desk = _open_face(rng, supplies)
    sheet, count = desk.sheet, int(rng.integers(5, 9))
    side = round(between(rng, 76, 104))
    high, pitch = round(side * between(rng, 1.25, 1.5)), round(side * between(rng, 1.0, 1.2))
    x = (sheet.width - count * pitch) // 2
    y = round(sheet.height * between(rng, 0.26, 0.42))
    frame = Box(x - 22, y - 22, count * pitch + 44, high + 44)
    _paint_box(sheet, frame, pick(rng, ((0.08,) * 3, (0.3,) * 3, (0.85,) * 3)))
    red = int(rng.integers(0, 4))
    is_dark = toss(rng, 0.75)
    face = pick(rng, _ROLLER_FACES)
    text, boxes = sample_digits(rng, count), []
    for index, digit in enumerate(text):
        is_red = index >= count - red
        colors = _roller_colors(is_dark=is_dark, is_red=is_red)
        window = Box(x + index * pitch, y, side, high)
        roll = 0.0 if index < count - 1 or toss(rng) else between(rng, -0.16, 0.16)
        boxes.append(_paint_roller(sheet, window, (digit, face), colors, roll))
    sheet.keep_truth(text, boxes, Kind.LINE, is_handwritten=False)
    unit = sample_style(rng, 30, BOLD_FACES, (0.2, 0.2, 0.2))
    desk.print(pick(rng, _UNITS), unit, (sheet.width / 2, frame.bottom + 62), MIDDLE)
    _print_plate(desk, frame.bottom + 110)
    _shine(rng, sheet)
    return sheet


def draw_display(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """An electronic meter: seven segments or dots on a greenish display."""
    desk = _open_face(rng, supplies)
    sheet, count = desk.sheet, int(rng.integers(5, 9))
    high = round(between(rng, 90, 130))
    pitch = round(high * between(rng, 0.68, 0.78))
    width = count * pitch + 120
    x, y = (sheet.width - width) // 2, round(sheet.height * between(rng, 0.24, 0.38))
    grounds = ((0.50, 0.62, 0.58), (0.60, 0.66, 0.62), (0.42, 0.70, 0.60), (0.12, 0.12, 0.12))
    ground = pick(rng, grounds)
    ink = (0.10, 0.13, 0.12) if ground[0] > 0.2 else pick(rng, ((0.3, 0.9, 0.4), (0.2, 0.3, 0.95)))
    _paint_box(sheet, Box(x - 14, y - 14, width + 28, high + 98), (0.12, 0.12, 0.12))
    _paint_box(sheet, Box(x, y, width, high + 70), ground)
    style, text = pick(rng, ("segments", "segments", "dots")), sample_digits(rng, count)
    point = count - int(rng.integers(1, 4)) if toss(rng, 0.5) else count
    boxes, left = [], x + 40
    for digit in text:
        mask = render_machine_digit(style, digit, high)
        cell = Box(left + pitch - mask.shape[1] - 10, y + 34, mask.shape[1], high)
        if style == "segments":
            eight = render_machine_digit(style, "8", high) * np.float32(0.06)  # unlit, still seen
            _paint(sheet, eight, (left + pitch - eight.shape[1] - 10, cell.y), ink)
        _paint(sheet, mask, (cell.x, cell.y), ink, InkClass.DIGIT)
        boxes.append(cell)
        left += pitch
    if point < count:
        dot = Box(x + 40 + point * pitch - 8, y + 34 + high - 10, 10, 10)
        _paint_box(sheet, dot, ink, InkClass.SEPARATOR)
        text, boxes = f"{text[:point]}.{text[point:]}", [*boxes[:point], dot, *boxes[point:]]
    sheet.keep_truth(text, boxes, Kind.LINE, is_handwritten=False)
    small = sample_style(rng, 22, BOLD_FACES, ink)
    desk.print(pick(rng, ("kWh", "kW", "V", "MWh")), small, (x + width - 14, y + high + 62), RIGHT)
    _print_plate(desk, y + high + 130)
    _shine(rng, sheet)
    return sheet


def draw_card(rng: np.random.Generator, supplies: Supplies) -> Sheet:
    """A card to post back: printed meter number, a comb for the reading, date and signature."""
    papers = ("copy", "white", "yellow", "green", "blue", "manila")
    sheet = Sheet(handle_paper(rng, sample_paper(rng, (900, 1400), papers)))
    desk = open_desk(rng, sheet, sample_scribe(rng, supplies))
    color = pick(rng, ((0.15, 0.14, 0.14), (0.45, 0.25, 0.14), (0.25, 0.36, 0.16)))
    style, left = sample_style(rng, between(rng, 18, 22), PLAIN_FACES, color), 80
    print_logo(rng, sheet, Box(left, 50, 80, 80), color)
    head = pick(rng, ("METER READING CARD", "Your meter", "Ablesekarte", "Releve du compteur"))
    desk.print(head, sample_style(rng, 32, BOLD_FACES, color), (left + 110, 108))
    lines = (
        sample_name(rng),
        f"{sample_street(rng)} {int(rng.integers(1, 190))}",
        f"Meter no. {sample_digits(rng, int(rng.integers(6, 11)))}",
    )
    for row, line in enumerate(lines):
        desk.print(line, style, (left, 210 + 44 * row))
    count = int(rng.integers(5, 8))
    side = round(between(rng, 74, 100))
    high = round(side * between(rng, 1.05, 1.35))
    y = round(between(rng, 380, 450))
    desk.print(pick(rng, ("Reading", "New reading", "Stand", "Index")), style, (left, y + 60))
    comb = Box(330, y, count * side, high)
    cells = print_comb(rng, sheet, sample_comb(rng), comb, count)
    write_comb(rng, sheet, desk.scribe, sample_digits(rng, count), cells)
    desk.print(pick(rng, _UNITS[:2]), style, (comb.right + 30, y + high - 16))
    base = y + high + round(between(rng, 110, 150))
    desk.print("Date", style, (left, base))
    sheet.polyline([(left + 90, base + 8), (620, base + 8)], 2, color)
    desk.write(sample_date(rng), Spot(left + 110, base - 2, between(rng, 40, 52), 400))
    desk.print("Signature", style, (680, base))
    sheet.polyline([(820, base + 8), (1330, base + 8)], 2, color)
    sign(desk, 880, base - 4, 46)
    if toss(rng):
        print_barcode(rng, sheet, Box(960, 170, 360, 100))
    return sheet


LAYOUTS: tuple[Callable[[np.random.Generator, Supplies], Sheet], ...] = (
    draw_rollers,
    draw_display,
    draw_card,
)
"""The layouts of this kind, equally likely."""


def _open_face(rng: np.random.Generator, supplies: Supplies) -> Desk:
    """The meter's face: enamel, plastic or grey metal; a round plate on it at times."""
    size = pick(rng, ((1000, 1300), (1060, 1160), (900, 1400)))
    tone = np.array(pick(rng, ((0.86, 0.88, 0.88), (0.70, 0.71, 0.71), (0.30, 0.30, 0.29))))
    shade = 1 + 0.02 * make_cloud(rng, size, 90) + 0.004 * make_cloud(rng, size, 2)
    surface = np.asarray(cv2.merge([shade * np.float32(v) for v in tone]), np.float32)
    sheet = Sheet(surface)
    if toss(rng, 0.5):
        middle, radius = (size[1] // 2, size[0] // 2), round(0.49 * size[0])
        cv2.circle(sheet.surface, middle, radius, (0.22, 0.22, 0.22), 22, cv2.LINE_AA)
        cv2.circle(sheet.surface, middle, radius - 11, _WHITE, cv2.FILLED, cv2.LINE_AA)
    else:
        edge = Box(30, 30, size[1] - 60, size[0] - 60)
        _paint_box(sheet, edge, _WHITE)
        sheet.frame(edge, 4, (0.55, 0.55, 0.55))
    return open_desk(rng, sheet, sample_scribe(rng, supplies))


def _print_plate(desk: Desk, y: float) -> None:
    """What the maker prints: name, number, year, a bar code."""
    rng, middle = desk.rng, desk.sheet.width / 2
    ink = (0.2, 0.2, 0.2)
    style = sample_style(rng, between(rng, 22, 28), PLAIN_FACES, ink)
    desk.print(pick(rng, _MAKERS), sample_style(rng, 40, BOLD_FACES, ink), (middle, y + 60), MIDDLE)
    number = f"No. {sample_digits(rng, int(rng.integers(6, 10)))}"
    desk.print(number, style, (middle, y + 120), MIDDLE)
    detail = pick(rng, ("3 x 230 V", "50 Hz", f"Type {pick(rng, _MAKERS)}", "Class B", "10 bar"))
    desk.print(detail, style, (middle, y + 170), MIDDLE)
    if toss(rng, 0.5) and y + 290 < desk.sheet.height:
        print_barcode(rng, desk.sheet, Box(round(middle) - 170, round(y) + 195, 340, 60))


def _roller_colors(*, is_dark: bool, is_red: bool) -> tuple[Color, Color]:
    """Of a roller's ground and its digit."""
    if is_red:
        red = (0.12, 0.10, 0.62)
        return (red, _WHITE) if is_dark else (_WHITE, red)
    dark = (0.07, 0.07, 0.07)
    return (dark, _WHITE) if is_dark else (_WHITE, dark)


def _paint_roller(
    sheet: Sheet, window: Box, digit: tuple[str, str], colors: tuple[Color, Color], roll: float
) -> Box:
    """One roller in its window, rounded by its own shade; a little of the next digit may show."""
    text, face = digit
    ground, ink = colors
    _paint_box(sheet, window, ground)
    size_px = round(window.height * 0.86)
    mask = render_character(bundled_typeface(face), text, size_px)
    if mask is None:
        raise ValueError(f"typeface {face} has no {text}")
    x = window.x + (window.width - mask.shape[1]) // 2
    y = window.y + (window.height - mask.shape[0]) // 2 + round(roll * window.height)
    y = min(max(y, window.y + 1), window.bottom - mask.shape[0] - 1)
    _paint(sheet, mask, (x, y), ink, InkClass.DIGIT)
    rows = np.linspace(-1, 1, window.height, dtype=np.float32)[:, None, None]
    part = sheet.surface[window.y : window.bottom, window.x : window.right]
    part *= 1 - 0.55 * np.abs(rows) ** 3
    sheet.frame(window, 3, (0.35, 0.35, 0.35))
    return Box(x, y, mask.shape[1], mask.shape[0])


def _shine(rng: np.random.Generator, sheet: Sheet) -> None:
    """The glass: a broad slanted reflection, faint enough to read through."""
    if toss(rng, 0.4):
        return
    height, width = sheet.height, sheet.width
    mask = np.zeros((height // 4, width // 4), np.float32)
    x, slant = between(rng, 0, width / 4), between(rng, -90, 90)
    wide = between(rng, 20, 70)
    corners = [[x, 0], [x + wide, 0], [x + wide + slant, height / 4], [x + slant, height / 4]]
    cv2.fillPoly(mask, [np.array(corners, np.int32)], 1.0)
    soft = cv2.resize(cv2.GaussianBlur(mask, (0, 0), 5), (width, height))
    sheet.surface += np.float32(between(rng, 0.04, 0.16)) * soft[:, :, None]


def _paint_box(sheet: Sheet, box: Box, color: Color, ink_class: InkClass = InkClass.GROUND) -> None:
    _paint(sheet, np.ones((box.height, box.width), np.float32), (box.x, box.y), color, ink_class)


def _paint(
    sheet: Sheet,
    coverage: Coverage,
    corner: tuple[int, int],
    color: Color,
    ink_class: InkClass = InkClass.GROUND,
) -> None:
    """Cover what is there, as paint does."""
    (x, y), (height, width) = corner, coverage.shape
    cover = coverage[:, :, None]
    part = sheet.surface[y : y + height, x : x + width]
    part[...] = part * (1 - cover) + cover * np.array(color, np.float32)
    sheet.ink[y : y + height, x : x + width][coverage > 0.4] = ink_class
