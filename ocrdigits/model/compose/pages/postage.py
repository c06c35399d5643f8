"""What a post office leaves on an envelope: stamps, postmarks, labels; printed dates are truth."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.pages.contents import sample_digits, sample_month, sample_town
from ocrdigits.model.compose.pages.ornament import (
    STAMP_INKS,
    Press,
    blank_plate,
    press_plate,
    print_barcode,
    shade_disc,
    stick_label,
)
from ocrdigits.model.compose.pages.typeset import (
    BOLD_FACES,
    measure_print,
    print_line,
    sample_style,
)
from ocrdigits.model.compose.paper.surface import Color, Surface, make_cloud
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box

_BLACK: Color = (0.0, 0.0, 0.0)
_SKIES = ((0.78, 0.62, 0.45), (0.55, 0.70, 0.92), (0.70, 0.75, 0.78), (0.45, 0.40, 0.75))
_HILLS = (
    ((0.45, 0.5, 0.35), (0.3, 0.42, 0.25), (0.2, 0.3, 0.15)),
    ((0.6, 0.45, 0.4), (0.5, 0.3, 0.3), (0.3, 0.2, 0.2)),
    ((0.4, 0.45, 0.6), (0.25, 0.3, 0.5), (0.15, 0.18, 0.35)),
)


def stick_stamp(rng: np.random.Generator, sheet: Sheet, x: int, y: int) -> Box:
    """Stick a perforated stamp, its value printed in a corner.

    Args:
        rng: Source of chance.
        sheet: The envelope.
        x: Its left edge, sheet frame.
        y: Its top edge.

    Returns:
        Where it sticks.
    """
    height, width = pick(rng, ((180, 150), (150, 180), (160, 130)))
    plate = Sheet(np.full((height, width, 3), 0.95, np.float32))
    plate.surface[14:-14, 14:-14] = _draw_scene(rng, (height - 28, width - 28))
    value = pick(rng, (str(int(rng.integers(20, 99))), f"{rng.uniform(0.5, 3):.2f}", ""))
    color = pick(rng, ((0.1, 0.1, 0.1), (2.0, 2.0, 2.0)))
    style = sample_style(rng, between(rng, 18, 24), BOLD_FACES, color)
    print_line(plate, value, style, 22, 42)
    under = sheet.surface[y : y + height, x : x + width].copy()
    stick_label(sheet, plate, x, y)
    _perforate(sheet, Box(x, y, width, height), under)
    return Box(x, y, width, height)


def _draw_scene(rng: np.random.Generator, size: tuple[int, int]) -> Surface:
    """Hills under a sky, or one plain shape on a ground."""
    rows = np.linspace(0, 1, size[0], dtype=np.float32)[:, None]
    fade = np.array([0.1, 0.25, 0.2], np.float32) * rows[:, :, None]
    sky = np.array(pick(rng, _SKIES), np.float32) + fade
    scene = np.ascontiguousarray(np.broadcast_to(sky, (*size, 3)), np.float32)
    hills = pick(rng, _HILLS)
    if toss(rng, 0.6):
        for index, color in enumerate(hills):
            line = 0.45 + 0.17 * index + 0.06 * make_cloud(rng, (2, size[1]), 40)[0]
            scene[rows >= line[None, :]] = color
    else:
        middle, radius = (size[1] // 2, round(0.58 * size[0])), size[1] // 4
        cv2.circle(scene, middle, radius, hills[1], cv2.FILLED, cv2.LINE_AA)
        cv2.ellipse(scene, (middle[0], size[0]), (radius * 2, radius), 0, 180, 360, hills[2], -1)
    return scene


def _perforate(sheet: Sheet, box: Box, under: Surface) -> None:
    """Round bites out of the edges show the envelope again."""
    bites = np.zeros((box.height, box.width), np.uint8)
    for x in range(0, box.width + 8, 14):
        for y in (0, box.height - 1):
            cv2.circle(bites, (x, y), 4, 255, cv2.FILLED, cv2.LINE_AA)
    for y in range(0, box.height + 8, 14):
        for x in (0, box.width - 1):
            cv2.circle(bites, (x, y), 4, 255, cv2.FILLED, cv2.LINE_AA)
    bare = (bites.astype(np.float32) / 255)[:, :, None]
    part = sheet.surface[box.y : box.bottom, box.x : box.right]
    part[...] = part * (1 - bare) + under * bare


def press_postmark(rng: np.random.Generator, sheet: Sheet, stamp: Box) -> None:
    """Cancel a stamp: waves or bars over it, a ring with town and date to its left."""
    ink = pick(rng, ((0.25, 0.24, 0.24), (0.38, 0.36, 0.36), STAMP_INKS[0]))
    turn = between(rng, -12, 12)
    x, y = stamp.x - between(rng, 130, 190), stamp.y + stamp.height * between(rng, 0.4, 0.7)
    _press_waves(rng, sheet, stamp, ink)
    radius = round(between(rng, 74, 92))
    plate = blank_plate(2 * radius + 12, 2 * radius + 12)
    angles = np.linspace(0, 2 * np.pi, 80)
    for ring in pick(rng, ((1.0,), (1.0, 0.93), (1.0, 0.8))):
        circle = np.column_stack([np.cos(angles), np.sin(angles)]) * ring * radius + radius + 6
        plate.polyline([(px, py) for px, py in circle.tolist()], 3, _BLACK)
    _print_date(rng, plate, radius)
    press_plate(rng, sheet, plate, Press(x, y, turn, ink, between(rng, 0.05, 0.3)))


def _print_date(rng: np.random.Generator, plate: Sheet, radius: int) -> None:
    """Town above, date in the middle, in one or two lines."""
    day, year = int(rng.integers(1, 29)), int(rng.integers(1995, 2027))
    lines = pick(
        rng,
        (
            [f"{day:02}.{int(rng.integers(1, 13)):02}.{year % 100:02}"],
            [f"{day} {sample_month(rng)[:3].upper()}", str(year)],
            [f"{day:02}-{int(rng.integers(1, 13)):02}", str(year)],
        ),
    )
    style = sample_style(rng, between(rng, 18, 21), BOLD_FACES, _BLACK)
    pitch = 1.55 * style.height_px
    baseline = plate.height / 2 + 0.5 * style.height_px - (len(lines) - 1) * pitch / 2
    for row, line in enumerate(lines):
        x = plate.width / 2 - measure_print(line, style) / 2
        print_line(plate, line, style, x, baseline + row * pitch)
    town = sample_town(rng).upper()[:8]
    small = style.scaled(0.7)
    top = plate.height / 2 - 0.58 * radius
    print_line(plate, town, small, plate.width / 2 - measure_print(town, small) / 2, top)


def _press_waves(rng: np.random.Generator, sheet: Sheet, stamp: Box, ink: Color) -> None:
    columns = np.linspace(stamp.x - between(rng, 20, 60), stamp.right - 10, 80)
    swing, count = pick(rng, (0.0, 6.0, 9.0)), int(rng.integers(4, 8))
    for row in range(count):
        y = stamp.y + stamp.height * (0.36 + 0.55 * row / count)
        wave = y + swing * np.sin(columns / 22 + 0.3 * row)
        points = list(zip(columns.tolist(), wave.tolist(), strict=True))
        sheet.polyline(points, 3, ink, ink_class=InkClass.OTHER)


def stick_registered(rng: np.random.Generator, sheet: Sheet, x: int, y: int) -> None:
    """A label with a bar code and its number below, as registered mail has it."""
    plate = Sheet(np.full((150, 340, 3), 0.95, np.float32))
    plate.frame(Box(3, 3, 334, 144), 3, pick(rng, (STAMP_INKS[0], (0.2, 0.2, 0.2))))
    style = sample_style(rng, 20, BOLD_FACES)
    print_line(plate, pick(rng, ("REGISTERED", "Recommande", "Einschreiben")), style, 16, 32)
    print_barcode(rng, plate, Box(20, 44, 300, 60))
    print_line(plate, sample_digits(rng, int(rng.integers(9, 12))), style, 60, 136)
    stick_label(sheet, plate, x, y)


def press_word(rng: np.random.Generator, sheet: Sheet, x: float, y: float) -> None:
    """A large rubber stamp with a warning."""
    word = pick(rng, ("FRAGILE", "URGENT", "PRIORITY", "DO NOT BEND", "PRINTED MATTER"))
    style = sample_style(rng, 34, BOLD_FACES, _BLACK)
    width = round(measure_print(word, style))
    plate = blank_plate(80, width + 50)
    print_line(plate, word, style, 24, 58)
    if toss(rng, 0.7):
        plate.frame(Box(5, 5, width + 40, 70), 4, _BLACK)
    turn, ink = between(rng, -18, 18), pick(rng, STAMP_INKS)
    press_plate(rng, sheet, plate, Press(x, y, turn, ink, between(rng, 0.1, 0.45)))


def print_airmail_border(sheet: Sheet, width_px: int) -> None:
    """Slanted red and blue stripes along all edges."""
    height, width = sheet.height, sheet.width
    rows, columns = np.indices((height, width), dtype=np.int32)
    edge = np.minimum(np.minimum(rows, height - 1 - rows), np.minimum(columns, width - 1 - columns))
    stripe = (rows + columns) // (width_px + 12) % 4
    for index, color in ((0, (0.25, 0.22, 0.80)), (2, (0.60, 0.28, 0.16))):
        mask = ((edge < width_px) & (stripe == index)).astype(np.float32)
        sheet.stain(mask, 0, 0, color)


def cut_window(rng: np.random.Generator, sheet: Sheet, box: Box) -> None:
    """A film window: the letter behind it, a little darker, with a shine on its edge."""
    plate = Sheet(np.full((box.height, box.width, 3), 0.88, np.float32))
    plate.surface *= 1 + 0.015 * make_cloud(rng, (box.height, box.width), 40)[:, :, None]
    stick_label(sheet, plate, box.x, box.y)
    sheet.frame(box, 2, (0.82, 0.82, 0.82))


def scuff(rng: np.random.Generator, sheet: Sheet, count: int) -> None:
    """Small dark specks of transport."""
    for _ in range(count):
        disc = shade_disc(between(rng, 1.0, 2.6)) * np.float32(0.35)
        x, y = int(rng.integers(sheet.width)), int(rng.integers(sheet.height))
        sheet.stain(disc, x, y, (0.3, 0.3, 0.3), InkClass.GROUND)
