"""Lines on a sheet: magnetic print, handwriting, handwriting in combs; print is `typeset`'s."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ocrdigits.model.compose.hand.scribe import (
    Draft,
    Frame,
    Scribe,
    draft_text,
    ink_draft,
    sample_scribe,
)
from ocrdigits.model.compose.machine import render_machine_digit
from ocrdigits.model.compose.paper.surface import Color
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.model.compose.truth import InkClass
from ocrdigits.records import Box, Kind

__all__ = [
    "PRINT_INK",
    "Scribe",
    "Spot",
    "draw_comb",
    "print_magnetic",
    "sample_scribe",
    "write_comb",
    "write_line",
]

PRINT_INK: Color = (0.14, 0.13, 0.13)
_NOWHERE = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a string goes, sheet frame: left end of the baseline, height of a digit, room."""

    x: float
    baseline: float
    height_px: float
    room_px: float = float("inf")


def print_magnetic(sheet: Sheet, text: str, x: float, baseline: float, height_px: int) -> float:
    """Print a cheque's magnetic line: digits, spaces, and `:` for its blocky marks.

    Returns:
        Where the line ends.
    """
    pitch, boxes = height_px * 1.07, []
    for character in text:
        y, box = round(baseline) - height_px, _NOWHERE
        if character != " ":
            ink = render_machine_digit("magnetic", character, height_px)
            left, kind = round(x + pitch * 0.86) - ink.shape[1], InkClass.OTHER
            if character.isdecimal():
                box, kind = Box(left, y, ink.shape[1], height_px), InkClass.DIGIT
            sheet.stain(ink, left, y, PRINT_INK, kind)
        boxes.append(box)
        x += pitch
    sheet.keep_truth(text, boxes, Kind.LINE, is_handwritten=False)
    return x


def write_line(
    rng: np.random.Generator, sheet: Sheet, scribe: Scribe, text: str, spot: Spot
) -> float:
    """Write a line by hand.

    Args:
        rng: Source of chance.
        sheet: Gets the ink and the truth.
        scribe: Who writes.
        text: What.
        spot: Where; a string too long for its room is written smaller.

    Returns:
        Where the line ends.
    """
    draft = draft_text(rng, scribe, text)
    if rng.random() < scribe.hand.slip_share:
        draft = _slip(rng, scribe, text, spot) or draft
    height_px = min(spot.height_px, spot.room_px / draft.end)
    climb, bow = (rng.normal(0, 1, 2) * (0.008, 0.05)).tolist()  # lines rise, fall, sag a little
    frame = Frame(spot.x, spot.baseline, height_px, climb, bow, draft.end)
    width_px = scribe.pen.width_frac * spot.height_px
    boxes = ink_draft(rng, sheet, scribe, draft, (frame, width_px))
    sheet.keep_truth(text, boxes, Kind.LINE, is_handwritten=True)
    return spot.x + draft.end * height_px


def _slip(rng: np.random.Generator, scribe: Scribe, text: str, spot: Spot) -> Draft | None:
    """The line again with a word begun wrongly and struck out; None if there is no room for it."""
    begins = [k for k, c in enumerate(text) if c != " " and (k == 0 or text[k - 1] == " ")]
    if not begins:
        return None
    begin = begins[int(rng.integers(len(begins)))]
    word = text[begin:].split(" ", maxsplit=1)[0][: int(rng.integers(1, 5))]
    wrong = "".join(str(int(rng.integers(10))) if c.isdecimal() else c for c in word)
    draft = draft_text(rng, scribe, text, (begin, wrong))
    return draft if draft.end * spot.height_px <= spot.room_px else None


def write_comb(
    rng: np.random.Generator, sheet: Sheet, scribe: Scribe, text: str, cells: Sequence[Box]
) -> None:
    """Write one character into each box of a comb, never onto its edges."""
    boxes: list[Box] = []
    for character, cell in zip(text, cells, strict=True):
        draft = draft_text(rng, scribe, character)
        left, top, right, bottom = draft.bounds
        fill = float(rng.uniform(0.6, 0.72))
        scale = min(
            fill * cell.height / max(bottom - top, 0.2), 0.66 * cell.width / max(right - left, 0.2)
        )
        middle = np.array([cell.x + cell.width / 2, cell.y + cell.height / 2])
        middle += rng.uniform(-0.05, 0.05, 2) * (cell.width, cell.height)
        x, baseline = (middle - scale * np.array([left + right, top + bottom]) / 2).tolist()
        width_px = scribe.pen.width_frac * 0.66 * cell.height
        boxes += ink_draft(rng, sheet, scribe, draft, (Frame(x, baseline, scale), width_px))
    sheet.keep_truth(text, boxes, Kind.COMB, is_handwritten=True)


def draw_comb(sheet: Sheet, box: Box, count: int, color: Color, gap_px: int = 0) -> list[Box]:
    """Print the boxes of a comb.

    Args:
        sheet: Gets the print.
        box: The whole comb, sheet frame.
        count: How many boxes.
        color: Of the lines.
        gap_px: Free space between boxes; 0 for a comb whose boxes share their walls.

    Returns:
        The boxes, left to right.
    """
    pitch = (box.width + gap_px) / count
    edges = [round(box.x + pitch * k) for k in range(count + 1)]
    cells = [
        Box(edges[k], box.y, edges[k + 1] - edges[k] - gap_px, box.height) for k in range(count)
    ]
    if gap_px:
        for cell in cells:
            sheet.frame(cell, 2, color)
        return cells
    sheet.frame(box, 2, color)
    for cell in cells[1:]:
        sheet.polyline([(cell.x, box.y), (cell.x, box.bottom)], 2, color)
    return cells
