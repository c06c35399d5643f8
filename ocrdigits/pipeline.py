"""One photo in, its strings out: the order of the stages, and nothing else.

bytes → Photo → Page → InkPage → Field* → Lattice* → scores → FieldReading* → PhotoReading
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ocrdigits.decode import (
    Hypothesis,
    decode_digit,
    decode_lattice,
    digit_confidence,
    is_digit_string,
)
from ocrdigits.records import (
    Alternative,
    Box,
    CharacterReading,
    DigitClassifier,
    DigitScores,
    Field,
    FieldReading,
    InkPage,
    Kind,
    Lattice,
    Layout,
    Page,
    Photo,
    PhotoReading,
)
from ocrdigits.settings import Settings
from ocrdigits.trace import NoTrace, Trace
from ocrdigits.values import parse_value
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import choose_layout, find_fields
from ocrdigits.vision.geometry import map_box, map_corners
from ocrdigits.vision.rectify import rectify_photo, turn_page
from ocrdigits.vision.segment import segment_field

_CLEARLY_UPRIGHT = 3.0
"""A page whose sure digits weigh this much is not tried in other turns."""


@dataclass(frozen=True, slots=True)
class PageReading:
    """The strings of a page that was read one way up."""

    page: Page
    strings: tuple[FieldReading, ...]

    @property
    def weight(self) -> float:
        """Evidence that this way is up: digits, weighted by how sure each string is."""
        return sum(len(string.digits) * string.confidence**2 for string in self.strings)


def read_photo(
    photo: Photo, settings: Settings, classify: DigitClassifier, trace: Trace | None = None
) -> PhotoReading:
    """Read every digit string of one photo.

    Args:
        photo: As loaded.
        settings: Of all stages.
        classify: The digit reader, cells to probabilities.
        trace: Takes a picture of every stage.

    Returns:
        The reading; without strings where nothing was found.
    """
    started = time.perf_counter()
    trace = trace or NoTrace()
    trace.add("load", photo.image, f"{photo.width} × {photo.height} pixels")
    page = rectify_photo(photo, settings.layout, settings.rectify)
    trace.add("rectify", page.gray, "flat, level, grey")
    best = read_page(page, settings, classify, trace)
    if _may_be_turned(photo, best, settings):
        turns = [turn_page(page, turn_deg) for turn_deg in (90, 180, 270)]
        turned = [read_page(turn, settings, classify, NoTrace()) for turn in turns]
        other = max(turned, key=lambda reading: reading.weight)
        if other.weight > 1.5 * best.weight + 1:
            best = read_page(other.page, settings, classify, trace)
    return PhotoReading(
        file=photo.name,
        page=photo.page,
        width=photo.width,
        height=photo.height,
        turn_deg=best.page.turn_deg,
        strings=best.strings,
        seconds=time.perf_counter() - started,
    )


def _may_be_turned(photo: Photo, reading: PageReading, settings: Settings) -> bool:
    is_page = settings.layout in (Layout.AUTO, Layout.PAGE)
    is_large = min(photo.width, photo.height) >= settings.rectify.min_sheet_px
    return is_page and is_large and reading.weight < _CLEARLY_UPRIGHT


def read_page(
    page: Page, settings: Settings, classify: DigitClassifier, trace: Trace
) -> PageReading:
    """Read an upright page.

    Args:
        page: Flat and level.
        settings: Of all stages.
        classify: The digit reader; called once for all cells of the page.
        trace: Takes a picture of every stage.

    Returns:
        Its strings in reading order, boxes in the photo frame.
    """
    ink_page = find_ink(page.gray, settings.enhance)
    trace.add("enhance", ink_page.coverage, "ink, from paper (white) to darkest (black)")
    layout = settings.layout
    if layout is Layout.AUTO:
        layout = choose_layout(ink_page, settings.field)
    fields = find_fields(ink_page, layout, settings.field)
    trace.add("fields", _only_fields(ink_page, fields), f"{layout.value}: {len(fields)} fields")
    lattices = [segment_field(field, settings.segment) for field in fields]
    cells = [glyph.cell for lattice in lattices for glyph in lattice.glyphs]
    trace.add("segment", _cell_sheet(cells), f"{len(cells)} glyph hypotheses")
    scores = classify(np.stack(cells)) if cells else np.zeros((0, 11), np.float32)
    strings = []
    for field, lattice, answers in _share_out(fields, lattices, scores):
        decode = decode_digit if field.kind is Kind.DIGIT else decode_lattice
        hypotheses = decode(lattice, answers, settings.decode)
        if layout is not Layout.PAGE or is_digit_string(hypotheses, lattice, settings.decode):
            reading = _field_reading(page, field, hypotheses, settings)
            strings += [reading] if reading.text else []
    trace.add("decode", page.gray, " · ".join(string.text for string in strings))
    return PageReading(page, tuple(strings))


def _share_out(
    fields: list[Field], lattices: list[Lattice], scores: DigitScores
) -> Iterator[tuple[Field, Lattice, DigitScores]]:
    """Give each field the answers to its own glyphs."""
    start = 0
    for field, lattice in zip(fields, lattices, strict=True):
        stop = start + len(lattice.glyphs)
        yield field, lattice, scores[start:stop]
        start = stop


def _field_reading(
    page: Page, field: Field, hypotheses: list[Hypothesis], settings: Settings
) -> FieldReading:
    confidences = digit_confidence(hypotheses)
    best = hypotheses[0] if hypotheses else Hypothesis("", 0.0, (), 0.0)
    boxes = [_page_box(character.box, field) for character in best.characters]
    whole = boxes[0] if boxes else field.box
    for box in boxes:
        whole = whole.union(box)
    confidence = confidences[0] if confidences else 0.0
    return FieldReading(
        text=best.text,
        confidence=confidence,
        accepted=confidence >= settings.decode.accept_confidence,
        kind=field.kind,
        box=map_box(whole, page.photo_from_page),
        polygon=map_corners(whole, page.photo_from_page),
        characters=tuple(
            CharacterReading(c.text, c.confidence, map_box(box, page.photo_from_page))
            for c, box in zip(best.characters, boxes, strict=True)
        ),
        alternatives=tuple(
            Alternative(h.text, p)
            for h, p in zip(hypotheses[1:], confidences[1:], strict=True)
            if h.text
        ),
        value=parse_value(best.text),
    )


def _page_box(box: Box, field: Field) -> Box:
    """From the field frame to the page frame, rounded outwards."""
    left, top = int(box.x / field.scale), int(box.y / field.scale)
    right, bottom = -int(-box.right / field.scale // 1), -int(-box.bottom / field.scale // 1)
    return Box(field.box.x + left, field.box.y + top, max(1, right - left), max(1, bottom - top))


def _only_fields(ink_page: InkPage, fields: list[Field]) -> np.ndarray:
    """The page's ink, fields black and everything else pale."""
    picture = ink_page.coverage * np.float32(0.25)
    for field in fields:
        place = np.s_[field.box.y : field.box.bottom, field.box.x : field.box.right]
        picture[place] = ink_page.coverage[place]
    return picture


def _cell_sheet(cells: list[np.ndarray]) -> np.ndarray:
    """The first 480 cells, 24 a row."""
    if not cells:
        return np.zeros((28, 28), np.float32)
    shown = cells[:480] + [np.zeros((28, 28), np.float32)] * (-len(cells[:480]) % 24)
    return np.vstack([np.hstack(shown[row : row + 24]) for row in range(0, len(shown), 24)])
