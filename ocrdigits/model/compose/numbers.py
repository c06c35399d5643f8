"""Handwritten numbers: a column on ruled paper, and a single one close up."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ocrdigits.model.compose.contents import format_amount, sample_cents, sample_digits
from ocrdigits.model.compose.lettering import Spot, sample_scribe, write_line
from ocrdigits.model.compose.paper import Color, make_paper
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.writer import path_bounds, write_text

_SIZE = (1300, 960)
_LINE: Color = (0.88, 0.76, 0.66)
_MARGIN: Color = (0.66, 0.62, 0.90)
_PITCH = 92

_Sample = Callable[[np.random.Generator], str]


def _sample_amount(rng: np.random.Generator) -> str:
    return format_amount(sample_cents(rng))


def _sample_price(rng: np.random.Generator) -> str:
    return format_amount(sample_cents(rng, 1, 60))


def _sample_count(rng: np.random.Generator) -> str:
    return str(int(np.exp(rng.uniform(0.7, 7))))


def _sample_reading(rng: np.random.Generator) -> str:
    return sample_digits(rng, 5)


_PADS: tuple[tuple[str, tuple[str, ...], _Sample], ...] = (
    ("Visitors", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), _sample_count),
    ("Eggs sold", (), _sample_count),
    ("Water meter", (), _sample_reading),
    ("Paid", ("Anna", "Tom", "Lena", "Paul", "Rosa", "Karl", "Ida"), _sample_amount),
    ("Kitchen", ("milk", "bread", "fuel", "post", "tea", "soap"), _sample_price),
    ("Boxes", (), _sample_reading),
)
"""Heading, words before the numbers (if any), the numbers."""


def draw_number_list(rng: np.random.Generator) -> Sheet:
    """A page of a ruled pad with a heading and a column of numbers, some with a word before.

    Returns:
        The sheet; its truth has the numbers from the top.
    """
    sheet, scribe = Sheet(make_paper(rng, _SIZE)), sample_scribe(rng)
    _print_rules(sheet)
    height_px = float(rng.uniform(46, 54))
    heading, words, sample = _PADS[int(rng.integers(len(_PADS)))]
    write_line(rng, sheet, scribe, heading, Spot(200, 196, 1.05 * height_px, 600))
    right = float(rng.uniform(620, 760))
    for row in range(len(words) or int(rng.integers(7, 11))):
        baseline = 200 + _PITCH * (row + 1) - 8 + float(rng.normal(0, 2))
        if words:
            write_line(rng, sheet, scribe, words[row], Spot(200, baseline, height_px, 200))
        text = sample(rng)
        end = max(path_bounds(c.paths)[2] for c in write_text(rng, scribe.hand, text))
        start = right - end * height_px + float(rng.normal(0, 8))  # people align on the right
        write_line(rng, sheet, scribe, text, Spot(start, baseline, height_px))
    return sheet


def _print_rules(sheet: Sheet) -> None:
    for y in range(200, _SIZE[0] - 30, _PITCH):
        sheet.polyline([(0, y), (_SIZE[1], y)], 2, _LINE)
    sheet.polyline([(150, 0), (150, _SIZE[0])], 2, _MARGIN)


def draw_number_crop(rng: np.random.Generator) -> Sheet:
    """One handwritten number on plain or ruled paper, nothing else.

    Returns:
        The sheet; its truth has the number.
    """
    height_px = float(rng.uniform(100, 150))
    scribe = sample_scribe(rng)
    text = (_sample_amount, _sample_reading)[int(rng.integers(2))](rng)
    end = max(path_bounds(c.paths)[2] for c in write_text(rng, scribe.hand, text))
    width = round((end + 3.4) * height_px)
    size = (max(round(3.0 * height_px), round(0.42 * width)), width)
    sheet = Sheet(make_paper(rng, size))
    baseline = size[0] / 2 + 0.45 * height_px
    if rng.random() < 0.5:
        y = round(baseline + 0.12 * height_px)
        sheet.polyline([(0, y), (size[1], y)], 3, _LINE)
    write_line(rng, sheet, scribe, text, Spot(1.7 * height_px, baseline, height_px))
    return sheet
