"""One photo in, its strings out: the order of the stages, and nothing else.

Photo → Page → InkPage → Field* → Lattice* → scores → FieldReading* → PhotoReading
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np

from ocrdigits.decode import (
    Hypothesis,
    decode_digit,
    decode_lattice,
    digit_confidence,
    looks_like_digits,
    split_strings,
)
from ocrdigits.records import (
    CELL_PX,
    NOT_A_DIGIT,
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
from ocrdigits.settings import DecodeSettings, Settings
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
class SegmentedPage:
    """A page on the way: everything but the network's answers.

    Attributes:
        page: Flat, level, one way up.
        layout: What it shows; never `AUTO`.
        fields: Places that may hold a string.
        lattices: Glyph hypotheses of each field.
    """

    page: Page
    layout: Layout
    fields: tuple[Field, ...]
    lattices: tuple[Lattice, ...]


@dataclass(frozen=True, slots=True)
class PageReading:
    """The strings of a page that was read one way up."""

    page: Page
    layout: Layout
    strings: tuple[FieldReading, ...]

    @property
    def weight(self) -> float:
        """Evidence that this way is up: digits, weighted by how sure each string is.

        0, 1 and 8 look alike whichever way they are turned, and so does a letter o; a single
        digit may be a letter that lies on its side.
        """
        return sum(
            sum(digit not in "018" for digit in string.digits) * string.confidence**2
            for string in self.strings
            if len(string.digits) > 1
        )


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
    best = read_page(segment_photo(photo, settings, trace), settings, classify, trace)
    if _may_be_turned(photo, best, settings):
        best = _read_turned(best, settings, classify, trace)
    return PhotoReading(
        file=photo.name,
        page=photo.page,
        width=photo.width,
        height=photo.height,
        turn_deg=best.page.turn_deg,
        strings=best.strings,
        seconds=time.perf_counter() - started,
    )


def segment_photo(photo: Photo, settings: Settings, trace: Trace | None = None) -> SegmentedPage:
    """Take a photo, as it stands, through all stages up to the network.

    Args:
        photo: As loaded.
        settings: Of all stages; with `AUTO` the ink decides whether it is a page or one line.
        trace: Takes a picture of every stage.

    Returns:
        Fields and their lattices.
    """
    trace = trace or NoTrace()
    trace.add("load", photo.image, f"{photo.width} × {photo.height} pixels")
    layout = settings.layout
    page = rectify_photo(photo, layout, settings.rectify)
    ink_page = find_ink(page.gray, settings.enhance_for(layout))
    if layout is Layout.AUTO:
        layout = choose_layout(ink_page, settings.field)
        if layout is Layout.LINE:
            page = rectify_photo(photo, layout, settings.rectify)
            ink_page = find_ink(page.gray, settings.enhance_for(layout))
    trace.add("rectify", page.gray, "flat, level, grey")
    return segment_page(page, ink_page, layout, settings, trace)


def segment_page(
    page: Page, ink_page: InkPage, layout: Layout, settings: Settings, trace: Trace
) -> SegmentedPage:
    """Find the fields of a page and divide each into glyph hypotheses."""
    trace.add("enhance", ink_page.coverage, "ink, from paper (white) to darkest (black)")
    fields = find_fields(ink_page, layout, settings.field)
    trace.add("fields", _only_fields(ink_page, fields), f"{layout.value}: {len(fields)} fields")
    lattices = tuple(segment_field(field, settings.segment) for field in fields)
    trace.add("segment", _cell_sheet(lattices), "glyph hypotheses, centred for the network")
    return SegmentedPage(page, layout, tuple(fields), lattices)


def read_page(
    segmented: SegmentedPage, settings: Settings, classify: DigitClassifier, trace: Trace
) -> PageReading:
    """Ask the network once for all cells of a page, and decode field by field.

    Args:
        segmented: The page.
        settings: Of decoding.
        classify: The digit reader.
        trace: Takes a last picture.

    Returns:
        Its strings in reading order, boxes in the photo frame.
    """
    page, layout = segmented.page, segmented.layout
    cells = [glyph.cell for lattice in segmented.lattices for glyph in lattice.glyphs]
    scores = classify(np.stack(cells)) if cells else np.zeros((0, NOT_A_DIGIT + 1), np.float32)
    strings = []
    decoding = settings.decode
    if layout is Layout.PAGE:
        decoding = replace(decoding, non_digit_odds=decoding.page_non_digit_odds)
    for field, lattice, answers in _share_out(segmented, scores):
        decode = decode_digit if field.kind is Kind.DIGIT else decode_lattice
        hypotheses = decode(lattice, answers, decoding)
        found = [hypotheses]
        if layout is Layout.PAGE:
            found = _page_strings(hypotheses, lattice, settings.decode)
        readings = (_field_reading(page, field, each, settings) for each in found)
        strings += [reading for reading in readings if reading.digits]
    trace.add("decode", page.gray, " · ".join(string.text for string in strings))
    return PageReading(page, layout, tuple(strings))


def _may_be_turned(photo: Photo, reading: PageReading, settings: Settings) -> bool:
    is_large = min(photo.width, photo.height) >= settings.rectify.min_sheet_px
    return reading.layout is Layout.PAGE and is_large and reading.weight < _CLEARLY_UPRIGHT


def _read_turned(
    upright: PageReading, settings: Settings, classify: DigitClassifier, trace: Trace
) -> PageReading:
    """Try the other three quarter turns; one of them must be clearly better."""
    enhance = settings.enhance_for(upright.layout)
    best, best_page = upright, None
    for turn_deg in (90, 180, 270):
        page = turn_page(upright.page, turn_deg)
        segmented = segment_page(
            page, find_ink(page.gray, enhance), upright.layout, settings, NoTrace()
        )
        reading = read_page(segmented, settings, classify, NoTrace())
        if reading.weight > max(best.weight, 1.5 * upright.weight + 2):
            best, best_page = reading, page
    if best_page is not None:
        note = f"turned by {best_page.turn_deg}°: " + " · ".join(s.text for s in best.strings)
        trace.add("turn", best_page.gray, note)
    return best


def _share_out(
    segmented: SegmentedPage, scores: DigitScores
) -> Iterator[tuple[Field, Lattice, DigitScores]]:
    """Give each field the answers to its own glyphs."""
    start = 0
    for field, lattice in zip(segmented.fields, segmented.lattices, strict=True):
        stop = start + len(lattice.glyphs)
        yield field, lattice, scores[start:stop]
        start = stop


def _page_strings(
    hypotheses: list[Hypothesis], lattice: Lattice, settings: DecodeSettings
) -> list[list[Hypothesis]]:
    """The strings of a page's field, each with its alternatives where it is the only one."""
    if not hypotheses:
        return []
    line_px = lattice.line_height_px
    strings = split_strings(hypotheses[0], line_px, settings)
    found = [string for string in strings if looks_like_digits(string, settings)]
    if len(found) != 1:
        return [[string] for string in found]
    others = [split_strings(other, line_px, settings) for other in hypotheses[1:]]
    return [[found[0], *(other[0] for other in others if len(other) == 1)]]


def _field_reading(
    page: Page, field: Field, hypotheses: list[Hypothesis], settings: Settings
) -> FieldReading:
    confidences = digit_confidence(hypotheses)
    best = hypotheses[0] if hypotheses else Hypothesis("", 0.0, ())
    written = [character for character in best.characters if character.text]
    boxes = [page_box(character.box, field) for character in written]
    whole = reduce(Box.union, boxes) if boxes else field.box
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
            for c, box in zip(written, boxes, strict=True)
        ),
        alternatives=tuple(
            Alternative(h.text, p)
            for h, p in zip(hypotheses[1:], confidences[1:], strict=True)
            if h.text
        ),
        value=parse_value(best.text),
    )


def page_box(box: Box, field: Field) -> Box:
    """Map a box from the field frame to the page frame, rounded outwards."""
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


def _cell_sheet(lattices: tuple[Lattice, ...]) -> np.ndarray:
    """The first 480 cells, 24 a row."""
    cells = [glyph.cell for lattice in lattices for glyph in lattice.glyphs][:480]
    blank = np.zeros((CELL_PX, CELL_PX), np.float32)
    shown = cells + [blank] * (-len(cells) % 24) if cells else [blank]
    return np.vstack([np.hstack(shown[row : row + 24]) for row in range(0, len(shown), 24)])
