"""One photo in, its strings out: the order of the stages, and nothing else.

Photo → Page → InkPage → Field* ─┬─ Lattice* → digit scores → paths ─┬─ texts → FieldReading*
                                 └─ LineCrop* → frame scores ────────┘
"""

from __future__ import annotations

import time
from dataclasses import replace

from ocrdigits.asking import Readers
from ocrdigits.crop_reading import may_be_cut_out, read_crop, read_cutout, read_lone
from ocrdigits.page_reading import PageReading, read_page
from ocrdigits.records import Layout, Photo, PhotoReading
from ocrdigits.segmenting import open_photo, segment_opened, segment_page, segment_photo
from ocrdigits.settings import Settings
from ocrdigits.trace import NoTrace, Trace
from ocrdigits.upright import (
    CLEARLY_UPRIGHT,
    are_vouched_for,
    is_clearly_better,
    weigh_strings,
)
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.rectify import gray_of, turn_page


def read_photo(
    photo: Photo, settings: Settings, readers: Readers, trace: Trace | None = None
) -> PhotoReading:
    """Read every digit string of one photo.

    Args:
        photo: As loaded.
        settings: Of all stages.
        readers: Digit reader and string reader.
        trace: Takes a picture of every stage.

    Returns:
        The reading; without strings where nothing was found.
    """
    started = time.perf_counter()
    trace = trace or NoTrace()
    if settings.layout is Layout.TABLE:
        return _read_table_photo(photo, settings, readers, trace)
    best = _read_upright(photo, settings, readers, trace)
    if _may_be_turned(photo, best, settings):
        best = _read_turned(best, settings, readers, trace)
    return PhotoReading(
        file=photo.name,
        page=photo.page,
        width=photo.width,
        height=photo.height,
        turn_deg=best.page.turn_deg,
        strings=best.strings,
        seconds=time.perf_counter() - started,
    )


def _read_upright(photo: Photo, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a photo as it stands, whatever it shows."""
    if not readers.looks_twice(settings.reader):
        segmented = segment_photo(photo, settings, trace, readers)
        return read_page(segmented, settings, readers, trace)
    if settings.layout in (Layout.LINE, Layout.DIGIT):
        return read_crop(photo, settings, readers, trace)
    is_page = settings.layout is Layout.AUTO and not may_be_cut_out(photo, settings)
    if is_page:
        settings = replace(settings, layout=Layout.PAGE)
    if settings.layout is Layout.AUTO:
        cutout = read_cutout(photo, settings, readers, trace)
        if cutout is not None:
            return cutout
    opened = open_photo(photo, settings, trace)
    if opened.layout is Layout.LINE:
        return read_crop(photo, replace(settings, layout=Layout.LINE), readers, trace)
    segmented = segment_opened(opened, settings, trace, readers)
    as_page = read_page(segmented, settings, readers, trace)
    return as_page if is_page else read_lone(photo, as_page, settings, readers, trace)


def _read_table_photo(
    photo: Photo, settings: Settings, readers: Readers, trace: Trace
) -> PhotoReading:
    """Read the ruled tables of a photo and nothing else; the largest one says which way is up."""
    from ocrdigits.table_reading import read_tables  # a sixth of what is imported here

    started = time.perf_counter()
    trace.add("load", photo.image, f"{photo.width} × {photo.height} pixels")
    tables = read_tables(gray_of(photo), settings, readers, trace)
    return PhotoReading(
        file=photo.name,
        page=photo.page,
        width=photo.width,
        height=photo.height,
        turn_deg=tables[0].turn_deg if tables else 0,
        strings=tuple(cell for table in tables for cell in table.cells),
        tables=tuple(table.grid for table in tables),
        seconds=time.perf_counter() - started,
    )


def _may_be_turned(photo: Photo, reading: PageReading, settings: Settings) -> bool:
    is_large = min(photo.width, photo.height) >= settings.rectify.min_sheet_px
    if reading.layout is not Layout.PAGE or not is_large:
        return False
    return weigh_strings(reading.strings) < CLEARLY_UPRIGHT


def _read_turned(
    upright: PageReading, settings: Settings, readers: Readers, trace: Trace
) -> PageReading:
    """Try the other three quarter turns; one of them must be clearly better."""
    enhance = settings.enhance_for(upright.layout)
    best, best_page = upright, None
    is_alone = not readers.asks_strings(settings.reader)  # its confidences are all lower
    upright_weight = best_weight = weigh_strings(upright.strings)
    for turn_deg in (90, 180, 270):
        page = turn_page(upright.page, turn_deg)
        ink_page = find_ink(page.gray, enhance)
        segmented = segment_page(
            page, ink_page, upright.layout, settings, NoTrace(), readers=readers
        )
        reading = read_page(segmented, settings, readers, NoTrace())
        weight = weigh_strings(reading.strings)
        is_better = weight > best_weight and is_clearly_better(weight, upright_weight)
        if is_better and (is_alone or are_vouched_for(reading.strings)):
            best, best_page, best_weight = reading, page, weight
    if best_page is not None:
        note = f"turned by {best_page.turn_deg}°: " + " · ".join(s.text for s in best.strings)
        trace.add("turn", best_page.gray, note)
    return best
