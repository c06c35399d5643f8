"""A photo in, its fields out, each that may be a number divided into glyph hypotheses.

Photo → Page → InkPage → Field* → Lattice*
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ocrdigits.ahead import Ahead
from ocrdigits.asking import Readers
from ocrdigits.glance import glance_at
from ocrdigits.records import (
    NO_LATTICE,
    Field,
    Glimpse,
    InkPage,
    Lattice,
    Layout,
    Page,
    Photo,
    SegmentedPage,
)
from ocrdigits.settings import Settings
from ocrdigits.stage_pictures import draw_cells, draw_fields
from ocrdigits.trace import NoTrace, Trace
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import choose_layout, find_fields
from ocrdigits.vision.margins import leave_out_margins
from ocrdigits.vision.panels import lighten_panels
from ocrdigits.vision.rectify import rectify_photo
from ocrdigits.vision.segment import segment_field
from ocrdigits.vision.tints import flatten_tints


def segment_photo(
    photo: Photo,
    settings: Settings,
    trace: Trace | None = None,
    readers: Readers | None = None,
) -> SegmentedPage:
    """Take a photo, as it stands, through all stages up to the network.

    Args:
        photo: As loaded.
        settings: Of all stages; with `AUTO` the ink decides whether it is a page or one line.
        trace: Takes a picture of every stage.
        readers: Their glance tells words, which are left whole; None to divide every field.

    Returns:
        Fields and their lattices.
    """
    trace = trace or NoTrace()
    return segment_opened(open_photo(photo, settings, trace), settings, trace, readers)


@dataclass(frozen=True, slots=True)
class OpenedPhoto:
    """A photo before anything on it is looked for.

    Attributes:
        page: Flat, level, one way up.
        layout: What it shows; never `AUTO`.
        ink_page: Its ink, if that was needed to tell a page from a line.
    """

    page: Page
    layout: Layout
    ink_page: InkPage | None = None


def open_photo(photo: Photo, settings: Settings, trace: Trace) -> OpenedPhoto:
    """Make a photo flat and level, and tell whether it is a page or one line."""
    trace.add("load", photo.image, f"{photo.width} × {photo.height} pixels")
    layout, ink_page = settings.layout, None
    page = rectify_photo(photo, layout, settings.rectify)
    if layout in (Layout.AUTO, Layout.PAGE):
        gray, tinted = flatten_tints(lighten_panels(page.gray))
        page = replace(page, gray=gray, tinted=tinted)
    if layout is Layout.AUTO:
        ink_page = find_page_ink(page, layout, settings)
        layout = choose_layout(ink_page, settings.field)
        if layout is Layout.LINE:
            page, ink_page = rectify_photo(photo, layout, settings.rectify), None
    trace.add("rectify", page.gray, "flat, level, grey")
    return OpenedPhoto(page, layout, ink_page)


def segment_opened(
    opened: OpenedPhoto,
    settings: Settings,
    trace: Trace,
    readers: Readers | None = None,
) -> SegmentedPage:
    """Find the fields of an opened photo and divide them; arguments as of `segment_photo`."""
    page, ink_page = opened.page, opened.ink_page
    if ink_page is None:
        ink_page = find_page_ink(page, opened.layout, settings)
    return segment_page(page, ink_page, opened.layout, settings, trace, readers=readers)


def segment_page(  # noqa: PLR0913 - what is known of the page, and who looks on
    page: Page,
    ink_page: InkPage,
    layout: Layout,
    settings: Settings,
    trace: Trace,
    *,
    readers: Readers | None = None,
) -> SegmentedPage:
    """Find the fields of a page and divide each that may be a number into glyph hypotheses."""
    trace.add("enhance", ink_page.coverage, "ink, from paper (white) to darkest (black)")
    fields = find_fields(ink_page, layout, settings.field, page.tinted)
    trace.add(
        "fields",
        lambda: draw_fields(ink_page, fields),
        f"{layout.value}: {len(fields)} fields",
    )
    is_on_page = layout is Layout.PAGE
    glance = None if readers is None else readers.glance
    if is_on_page and glance is not None and not is_small(page, settings):
        glimpses = glance_at(fields, glance, settings.glance)
    else:
        glimpses = [Glimpse() for _ in fields]

    def divide(number: int) -> Lattice:
        if glimpses[number].is_word:
            return NO_LATTICE
        return segment_field(fields[number], settings.segment, is_on_page=is_on_page)

    numbers = range(len(fields))
    is_ahead = is_on_page and readers is not None and readers.has_spare_core
    lattices = Ahead(divide, numbers) if is_ahead else tuple(map(divide, numbers))
    trace.add("segment", lambda: draw_cells(lattices), "glyph hypotheses, centred for the network")
    return SegmentedPage(page, layout, tuple(fields), lattices, glimpses)


def find_page_fields(page: Page, settings: Settings) -> list[Field]:
    """Find the fields of a page that lies any way up.

    Args:
        page: Flat and level.
        settings: Of ink and fields.

    Returns:
        Its fields, top to bottom.
    """
    ink_page = find_page_ink(page, Layout.PAGE, settings)
    return find_fields(ink_page, Layout.PAGE, settings.field, page.tinted)


def find_page_ink(page: Page, layout: Layout, settings: Settings) -> InkPage:
    """Find the ink of a page; of a small picture without what lies along its borders."""
    ink_page = find_ink(page.gray, settings.enhance_for(layout))
    is_cut = layout in (Layout.LINE, Layout.DIGIT)
    if is_cut or not is_small(page, settings):
        return ink_page
    return leave_out_margins(ink_page, page.gray)


def is_small(page: Page, settings: Settings) -> bool:
    """Whether somebody has cut a picture out for what stands on it."""
    photo = page.photo_gray
    return photo is not None and min(photo.shape) < settings.rectify.min_sheet_px
