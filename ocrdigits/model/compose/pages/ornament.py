"""What pages carry besides text: signatures, logos, bar codes, stamps, doodles; never a digit.

Stamps are the exception: `press_plate` turns what was printed on a plate, its digits included, and
presses it onto the sheet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.hand.writer import Path, trace_spline
from ocrdigits.model.compose.pages.desk import Desk
from ocrdigits.model.compose.paper.surface import Color, make_cloud
from ocrdigits.model.compose.sheet import Sheet, as_coverage
from ocrdigits.model.compose.truth import InkClass, move_truth
from ocrdigits.records import Box, Coverage

STAMP_INKS: tuple[Color, ...] = (
    (0.25, 0.20, 0.72),
    (0.62, 0.28, 0.20),
    (0.20, 0.18, 0.18),
    (0.30, 0.42, 0.14),
    (0.55, 0.22, 0.42),
)


def blank_plate(height: int, width: int) -> Sheet:
    """A white sheet to print a stamp or label on, before it is pressed or stuck somewhere."""
    return Sheet(np.ones((height, width, 3), np.float32))


@dataclass(frozen=True, slots=True)
class Press:
    """How a plate is pressed.

    Attributes:
        x: Where the plate's middle goes, sheet frame.
        y: The same, downwards.
        turn_deg: Its turn, counter-clockwise.
        color: Of the ink.
        patchy: How much of the ink is missing in places, 0 to 1.
    """

    x: float
    y: float
    turn_deg: float
    color: Color
    patchy: float = 0.3


def press_plate(rng: np.random.Generator, sheet: Sheet, plate: Sheet, press: Press) -> None:
    """Stamp a plate onto a sheet: turned, in one ink, patchy as rubber on paper is."""
    middle = (plate.width / 2, plate.height / 2)
    turn = np.asarray(cv2.getRotationMatrix2D(middle, press.turn_deg, 1.0), np.float64)
    corners = np.array([[0, 0], [plate.width, 0], [0, plate.height], [plate.width, plate.height]])
    turned = corners @ turn[:, :2].T + turn[:, 2]
    size = np.ceil(turned.max(axis=0) - turned.min(axis=0)).astype(int)
    turn[:, 2] -= turned.min(axis=0)
    left, top = (round(press.x - size[0] / 2), round(press.y - size[1] / 2))
    ink = (1 - plate.surface.min(axis=2)).astype(np.float32)
    ink = np.asarray(cv2.warpAffine(ink, turn, size.tolist(), flags=cv2.INTER_LINEAR))
    classes = cv2.warpAffine(plate.ink, turn, size.tolist(), flags=cv2.INTER_NEAREST)
    cloud = make_cloud(rng, (int(size[1]), int(size[0])), 14)
    ink *= np.clip(0.92 - press.patchy * np.clip(cloud, 0, 1.6), 0.25, 1)
    for ink_class in (InkClass.OTHER, InkClass.RULE, InkClass.SEPARATOR, InkClass.DIGIT):
        part = np.where(_nearest(classes, ink_class), ink, 0).astype(np.float32)
        sheet.stain(part, left, top, press.color, ink_class)
    turn[:, 2] += (left, top)
    _take_truth(sheet, plate, turn)


def _take_truth(sheet: Sheet, plate: Sheet, sheet_from_plate: NDArray[np.float64]) -> None:
    def move(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return points @ sheet_from_plate[:, :2].T + sheet_from_plate[:, 2]

    sheet.strings.extend(move_truth(string, move) for string in plate.strings)


def _nearest(classes: np.ndarray, ink_class: InkClass) -> np.ndarray:
    """Pixels of a class; unmarked ones (soft edges of strokes) go with print in general."""
    wanted = classes == ink_class
    return np.asarray(
        wanted | (classes == InkClass.GROUND) if ink_class is InkClass.OTHER else wanted
    )


def stick_label(sheet: Sheet, plate: Sheet, x: int, y: int) -> None:
    """Stick a printed label onto a sheet, upright, with the thin shadow of its edge."""
    for shift, depth in ((3, 0.08), (1, 0.12)):
        box = Box(x + shift, y + shift, plate.width, plate.height)
        sheet.fill(box, (1 - depth,) * 3, InkClass.GROUND)
    sheet.surface[y : y + plate.height, x : x + plate.width] = plate.surface
    sheet.ink[y : y + plate.height, x : x + plate.width] = plate.ink
    _take_truth(sheet, plate, np.array([[1, 0, x], [0, 1, y]], np.float64))


def sign(desk: Desk, x: float, baseline: float, height_px: float) -> None:
    """A signature: tall first letters, a run of shrinking ups and downs, a last sweep."""
    path = _trace_signature(desk.rng) * 1.15 * height_px + (x, baseline)
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, [path], pen_px(desk, height_px))


def pen_px(desk: Desk, height_px: float) -> float:
    """Line width of the writer's pen where digits are so high."""
    return desk.scribe.pen.width_frac * height_px


def _trace_signature(rng: np.random.Generator) -> Path:
    count, initials = int(rng.integers(4, 13)), int(rng.integers(1, 3))
    steps = rng.uniform(0.16, 0.42, count).cumsum() + 0.5 * (initials - 1)
    tops = -rng.uniform(0.2, 0.85, count) * np.linspace(1, between(rng, 0.2, 0.9), count)
    feet = rng.normal(0, 0.08, count)
    run = np.column_stack([np.repeat(steps, 2), np.column_stack([tops, feet]).ravel()])
    run[1::2, 0] += rng.uniform(-0.2, 0.16, count)  # loops where the hand swings back
    tall = np.array([[-0.5, -0.4], [-0.2, -1.3], [-0.35, 0.1], [-0.05, -0.9], [0.1, -0.1]])
    first = np.concatenate(
        [tall * (1, between(rng, 0.8, 1.4)) + (0.5 * k, 0) for k in range(initials)]
    )
    first += rng.normal(0, 0.14, first.shape)
    sweeps = ([[1.6, -0.35], [3.0, -0.5]], [[0.8, 0.1], [-1.5, 0.45], [2.2, 0.3]], [[0.6, -0.1]])
    sweep = np.array(pick(rng, sweeps)) + np.array([steps[-1], 0])
    knots = np.concatenate([first, run, sweep])
    path = trace_spline(knots, np.zeros(len(knots), np.bool_))
    return np.column_stack([path[:, 0] - between(rng, -0.1, 0.4) * path[:, 1], path[:, 1]])


def wave(desk: Desk, left: float, right: float, y: float) -> None:
    """A stroke that fills the rest of a line so that nobody adds to it: straight or wavy."""
    x = np.linspace(left, right, 60)
    swing = pick(desk.rng, (0.0, 3.0, 6.0))
    slope = desk.between(-0.01, 0.01)
    path = np.column_stack([x, y + swing * np.sin(x / 24) + slope * (x - left)])
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, [path], pen_px(desk, 40))


def print_barcode(rng: np.random.Generator, sheet: Sheet, box: Box) -> None:
    """Black bars of one to four units."""
    unit = max(2, round(box.width / 110))
    x = box.x
    while x < box.right - 6 * unit:
        bar = unit * int(rng.integers(1, 5))
        sheet.fill(Box(x, box.y, bar, box.height), (0.12, 0.12, 0.12))
        x += bar + unit * int(rng.integers(1, 4))


def print_matrix_code(rng: np.random.Generator, sheet: Sheet, x: int, y: int, side: int) -> None:
    """A square code of black and white cells with three corner marks."""
    cells = (rng.random((25, 25)) < 0.5).astype(np.float32)
    for row, column in ((0, 0), (0, 18), (18, 0)):
        eye = np.pad(np.ones((3, 3), np.float32), 1)
        cells[row : row + 7, column : column + 7] = np.pad(eye, 1, constant_values=1)
    ink = cv2.resize(cells, (side, side), interpolation=cv2.INTER_NEAREST)
    sheet.stain(ink.astype(np.float32), x, y, (0.12, 0.12, 0.12))


def print_logo(rng: np.random.Generator, sheet: Sheet, box: Box, color: Color) -> None:
    """An invented mark: one to three simple shapes inside each other or side by side."""
    side = min(box.width, box.height) * 4
    mask = np.zeros((side, side), np.uint8)
    middle, value = side // 2, 255
    for radius in (0.48, 0.34, 0.2)[: int(rng.integers(1, 4))]:
        _LOGO_SHAPES[int(rng.integers(len(_LOGO_SHAPES)))](
            mask, middle, round(radius * side), value
        )
        value = 255 - value
    size = side // 4
    small = as_coverage(cv2.resize(mask, (size, size), interpolation=cv2.INTER_AREA))
    sheet.stain(small, box.x, box.y, color)


def _fill_polygon(mask: np.ndarray, radii: list[float], turn: float, value: int) -> None:
    angles = turn + np.linspace(0, 2 * np.pi, len(radii), endpoint=False)
    corners = np.column_stack([np.cos(angles), np.sin(angles)]) * np.array(radii)[:, None]
    cv2.fillPoly(mask, [np.rint(corners + mask.shape[0] / 2).astype(np.int32)], value, cv2.LINE_AA)


def _disc(mask: np.ndarray, middle: int, radius: int, value: int) -> None:
    cv2.circle(mask, (middle, middle), radius, value, cv2.FILLED, cv2.LINE_AA)


def _star(mask: np.ndarray, middle: int, radius: int, value: int) -> None:
    _fill_polygon(mask, [radius, 0.45 * radius] * 6, -np.pi / 2, value)


def _hexagon(mask: np.ndarray, middle: int, radius: int, value: int) -> None:
    _fill_polygon(mask, [radius] * 6, 0.0, value)


def _triangle(mask: np.ndarray, middle: int, radius: int, value: int) -> None:
    _fill_polygon(mask, [radius] * 3, -np.pi / 2, value)


def _stripes(mask: np.ndarray, middle: int, radius: int, value: int) -> None:
    for step in (-0.7, -0.1, 0.5):
        y = round(middle + step * radius)
        end = (middle + radius, y + round(0.3 * radius))
        cv2.rectangle(mask, (middle - radius, y), end, value, cv2.FILLED)


_LOGO_SHAPES: tuple[Callable[[np.ndarray, int, int, int], None], ...] = (
    _disc,
    _star,
    _hexagon,
    _triangle,
    _stripes,
)


def print_padlock(rng: np.random.Generator, sheet: Sheet, box: Box, color: Color) -> None:
    """The small lock that says a cheque is hard to copy: a bow over a body with a keyhole."""
    scale = 4
    height, width = scale * box.height, scale * box.width
    line = round(scale * between(rng, 0.05, 0.09) * box.height)
    mask = np.zeros((height, width), np.uint8)
    shoulder = round(between(rng, 0.42, 0.5) * height)
    body = ((line, shoulder), (width - line, height - line))
    radius = round(between(rng, 0.26, 0.34) * width)
    top = line + radius
    cv2.ellipse(mask, (width // 2, top), (radius, radius), 0, 180, 360, 255, line, cv2.LINE_AA)
    for x in (width // 2 - radius, width // 2 + radius):
        cv2.line(mask, (x, top), (x, shoulder), 255, line, cv2.LINE_AA)
    is_solid = toss(rng, 0.3)
    cv2.rectangle(mask, *body, 255, cv2.FILLED if is_solid else line, cv2.LINE_AA)
    hole = 0 if is_solid else 255
    middle = round(0.72 * height)
    cv2.circle(mask, (width // 2, middle), round(0.8 * line), hole, cv2.FILLED, cv2.LINE_AA)
    if toss(rng, 0.7):
        cv2.line(mask, (width // 2, middle), (width // 2, middle + 2 * line), hole, line // 2 + 1)
    small = cv2.resize(mask, (box.width, box.height), interpolation=cv2.INTER_AREA)
    sheet.stain(as_coverage(small), box.x, box.y, color)


def tick(desk: Desk, box: Box) -> None:
    """A tick or a cross in a box, somewhat beyond its edges."""
    strokes = [[[0.1, 0.5], [0.4, 0.9], [1.2, -0.35]]]
    if toss(desk.rng, 0.4):
        strokes = [[[0.0, 0.05], [1.0, 0.95]], [[1.0, 0.0], [0.05, 1.0]]]
    paths = []
    for stroke in strokes:
        knots = np.array(stroke) + desk.rng.normal(0, 0.07, (len(stroke), 2))
        paths.append(knots * (box.width, box.height) + (box.x, box.y))
    desk.sheet.draw_strokes(desk.rng, desk.scribe.pen, paths, pen_px(desk, 1.2 * box.height))


def shade_disc(radius: float) -> Coverage:
    """A filled circle with a soft edge, (2r + 3) square."""
    side = int(2 * radius) + 3
    rows, columns = np.indices((side, side), dtype=np.float32) - side / 2 + 0.5
    disc: Coverage = np.clip(radius - np.hypot(rows, columns) + 0.5, 0, 1).astype(np.float32)
    return disc
