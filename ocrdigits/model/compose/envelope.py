"""An addressed envelope: stamp, postmark, a handwritten address, the postal code boxed or free."""

from __future__ import annotations

import numpy as np

from ocrdigits.model.compose.contents import (
    sample_digits,
    sample_name,
    sample_state,
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
from ocrdigits.model.compose.paper import Color, make_cloud, make_paper
from ocrdigits.model.compose.pens import ADDRESS_PENS
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Box

_SIZE = (760, 1400)
_PAPERS: tuple[Color, ...] = (
    (0.94, 0.95, 0.95),
    (0.80, 0.90, 0.94),
    (0.55, 0.72, 0.83),
    (0.95, 0.92, 0.88),
)
_GRAY, _ORANGE = (0.42, 0.41, 0.41), (0.25, 0.50, 0.92)


def draw_envelope(rng: np.random.Generator) -> Sheet:
    """An envelope, its postal code in printed boxes or free after the town, equally often.

    Returns:
        The sheet; its truth has the house number and the postal code.
    """
    paper = _PAPERS[int(rng.integers(len(_PAPERS)))]
    sheet, scribe = Sheet(make_paper(rng, _SIZE, paper)), sample_scribe(rng, ADDRESS_PENS)
    _print_sender(rng, sheet)
    _stick_stamp(rng, sheet)
    boxed = bool(rng.random() < 0.5)
    _write_address(rng, sheet, scribe, boxed=boxed)
    if boxed:
        count = int(rng.choice([5, 6]))
        side = 66
        comb = Box(_SIZE[1] - 110 - count * (side + 12), 610, count * (side + 12) - 12, 82)
        cells = draw_comb(sheet, comb, count, _ORANGE, gap_px=12)
        write_comb(rng, sheet, scribe, sample_digits(rng, count), cells)
    return sheet


def _print_sender(rng: np.random.Generator, sheet: Sheet) -> None:
    face = choose_face("DejaVuSans", 21, _GRAY)
    print_text(sheet, sample_name(rng), face, 60, 80)
    print_text(sheet, sample_street(rng), face, 60, 110)
    print_text(sheet, sample_town(rng), face, 60, 140)


def _write_address(rng: np.random.Generator, sheet: Sheet, scribe: Scribe, *, boxed: bool) -> None:
    house, street = int(rng.integers(2, 990)), sample_street(rng)
    town = sample_town(rng)
    if boxed:
        lines = [sample_name(rng), f"{street} {house}", town]
    else:
        lines = [
            sample_name(rng),
            f"{house} {street}",
            f"{town}, {sample_state(rng)}  {sample_digits(rng, 5)}",
        ]
    height_px, x = float(rng.uniform(42, 52)), float(rng.uniform(430, 560))
    for row, line in enumerate(lines):
        baseline = 350 + row * 1.95 * height_px
        start = x + float(rng.normal(0, 8))
        write_line(rng, sheet, scribe, line, Spot(start, baseline, height_px, 1330 - start))


def _stick_stamp(rng: np.random.Generator, sheet: Sheet) -> None:
    """A perforated stamp with hills under a sky, and the waves and ring that cancel it."""
    width, height, x, y = 150, 180, _SIZE[1] - 210, 50
    sheet.fill(Box(x - 2, y - 1, width + 5, height + 5), (0.86, 0.86, 0.86))  # its own shadow
    sheet.surface[y : y + height, x : x + width] = _draw_stamp(rng, (height, width))
    for hole in range(0, max(width, height) + 1, 15):
        edge = [(x + hole, y), (x + hole, y + height)] if hole <= width else []
        edge += [(x, y + hole), (x + width, y + hole)]
        for px, py in edge:
            _punch(sheet, px, py)
    columns = np.linspace(x - 252, x + 70, 80)
    for row in range(5):
        waves = y + 50 + 22 * row + 7 * np.sin(columns / 24 + 0.3 * row)
        sheet.polyline(list(zip(columns.tolist(), waves.tolist(), strict=True)), 3, _GRAY)
    angles = np.linspace(0, 2 * np.pi, 60)
    for radius in (74, 54):
        ring = np.column_stack(
            [x - 330 + radius * np.cos(angles), y + 94 + radius * np.sin(angles)]
        )
        sheet.polyline([(px, py) for px, py in ring.tolist()], 3, _GRAY)


def _draw_stamp(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    height, width = size
    inner = (height - 28, width - 28)
    rows = np.linspace(0, 1, inner[0])[:, None]
    sky = np.array([0.78, 0.62, 0.45]) + np.array([0.1, 0.25, 0.45]) * rows[:, :, None]
    scene = np.broadcast_to(sky, (*inner, 3)).copy()
    for index, color in enumerate([(0.45, 0.5, 0.35), (0.3, 0.42, 0.25), (0.2, 0.3, 0.15)]):
        line = 0.45 + 0.17 * index + 0.06 * make_cloud(rng, (2, inner[1]), 40)[0]
        scene[rows >= line[None, :]] = color
    stamp = np.full((height, width, 3), 0.95)
    stamp[14:-14, 14:-14] = scene
    return stamp


def _punch(sheet: Sheet, x: int, y: int) -> None:
    rows, columns = np.indices((13, 13)) - 6
    hole = rows**2 + columns**2 <= 22
    beside = sheet.surface[y + 6 if y > 100 else y - 20, 900].copy()  # bare paper of the same sheet
    sheet.surface[y - 6 : y + 7, x - 6 : x + 7][hole] = beside
