"""One photo in, its strings out: the order of the stages, and nothing else.

Photo → Page → InkPage → Field* ─┬─ Lattice* → digit scores → paths ─┬─ texts → FieldReading*
                                 └─ LineCrop* → frame scores ────────┘
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter

import numpy as np

from ocrdigits.asking import (
    Readers,
    chance_of_number,
    fuse_place,
    fuse_sure_looks,
    lean_doubtful,
    show_lines,
    weigh_segments,
)
from ocrdigits.assemble import (
    ScoredLine,
    StringPlace,
    assemble_reading,
    move_reading,
    whole_field,
)
from ocrdigits.columns import divide_columns, divide_gaps
from ocrdigits.constraint import Constraint, make_constraint
from ocrdigits.cutouts import choose_strings
from ocrdigits.fusion import Fusion
from ocrdigits.glance import Glance, find_words
from ocrdigits.number_chance import stands_like_number
from ocrdigits.propose import find_strings
from ocrdigits.records import (
    NO_LATTICE,
    Field,
    FieldReading,
    InkPage,
    Kind,
    Layout,
    Page,
    Photo,
    PhotoReading,
    ReaderChoice,
    SegmentedPage,
    digits_of,
)
from ocrdigits.rejoin import rejoin_torn
from ocrdigits.settings import FusionSettings, Settings
from ocrdigits.stage_pictures import draw_cells, draw_fields, draw_lines
from ocrdigits.surroundings import Surroundings, survey_page
from ocrdigits.trace import NoTrace, Trace
from ocrdigits.upright import (
    CLEARLY_UPRIGHT,
    are_vouched_for,
    is_clearly_better,
    weigh_strings,
)
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import choose_layout, find_fields
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.margins import leave_out_margins
from ocrdigits.vision.panels import lighten_panels
from ocrdigits.vision.paper_rim import add_paper
from ocrdigits.vision.plain_line import FoundLine, find_comb_line, find_line
from ocrdigits.vision.rectify import gray_of, rectify_photo, turn_page
from ocrdigits.vision.segment import segment_field
from ocrdigits.vision.tints import flatten_tints

_DOUBLE = 0.5  # of a reading's box, covered by another


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known beforehand of the string in a crop.

    Attributes:
        constraint: What it must be; None where any text will do.
        may_be_empty: Whether the ink may be no number at all.
    """

    constraint: Constraint | None = None
    may_be_empty: bool = False


@dataclass(frozen=True, slots=True)
class PageReading:
    """The strings of a page that was read one way up."""

    page: Page
    layout: Layout
    strings: tuple[FieldReading, ...]

    @property
    def confidence(self) -> float:
        """Of its surest string; 0 without one."""
        return max((string.confidence for string in self.strings), default=0.0)


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
        segmented = segment_photo(photo, settings, trace, readers.glance)
        return read_page(segmented, settings, readers, trace)
    if settings.layout in (Layout.LINE, Layout.DIGIT):
        return _read_crop(photo, settings, readers, trace)
    if settings.layout is Layout.AUTO and _is_cutout(photo, settings):
        return _read_cutout(photo, settings, readers, trace)
    opened = open_photo(photo, settings, trace)
    if opened.layout is Layout.LINE:
        return _read_crop(photo, replace(settings, layout=Layout.LINE), readers, trace)
    segmented = segment_opened(opened, settings, trace, readers.glance)
    return read_page(segmented, settings, readers, trace)


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


def segment_photo(
    photo: Photo,
    settings: Settings,
    trace: Trace | None = None,
    glance: Glance | None = None,
) -> SegmentedPage:
    """Take a photo, as it stands, through all stages up to the network.

    Args:
        photo: As loaded.
        settings: Of all stages; with `AUTO` the ink decides whether it is a page or one line.
        trace: Takes a picture of every stage.
        glance: Tells words, which are left whole; None to divide every field.

    Returns:
        Fields and their lattices.
    """
    trace = trace or NoTrace()
    return segment_opened(open_photo(photo, settings, trace), settings, trace, glance)


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
        page = replace(page, gray=flatten_tints(lighten_panels(page.gray)))
    if layout is Layout.AUTO:
        ink_page = _find_page_ink(page, layout, settings)
        layout = choose_layout(ink_page, settings.field)
        if layout is Layout.LINE:
            page, ink_page = rectify_photo(photo, layout, settings.rectify), None
    trace.add("rectify", page.gray, "flat, level, grey")
    return OpenedPhoto(page, layout, ink_page)


def _find_page_ink(page: Page, layout: Layout, settings: Settings) -> InkPage:
    ink_page = find_ink(page.gray, settings.enhance_for(layout))
    is_cut = layout in (Layout.LINE, Layout.DIGIT)
    if is_cut or not _is_small(page, settings):
        return ink_page
    return leave_out_margins(ink_page, page.gray)


def _is_cutout(photo: Photo, settings: Settings) -> bool:
    """Whether a photo is as small as pictures that somebody has cut out."""
    return min(photo.width, photo.height) < settings.rectify.min_sheet_px


def _is_small(page: Page, settings: Settings) -> bool:
    """Whether somebody has cut a picture out for what stands on it."""
    photo = page.photo_gray
    return photo is not None and min(photo.shape) < settings.rectify.min_sheet_px


def find_page_fields(page: Page, settings: Settings) -> list[Field]:
    """Find the fields of a page that lies any way up.

    Args:
        page: Flat and level.
        settings: Of ink and fields.

    Returns:
        Its fields, top to bottom.
    """
    return find_fields(_find_page_ink(page, Layout.PAGE, settings), Layout.PAGE, settings.field)


def segment_opened(
    opened: OpenedPhoto,
    settings: Settings,
    trace: Trace,
    glance: Glance | None = None,
) -> SegmentedPage:
    """Find the fields of an opened photo and divide them; arguments as of `segment_photo`."""
    page, ink_page = opened.page, opened.ink_page
    if ink_page is None:
        ink_page = _find_page_ink(page, opened.layout, settings)
    return segment_page(page, ink_page, opened.layout, settings, trace, glance=glance)


def segment_page(  # noqa: PLR0913 - what is known of the page, and who looks on
    page: Page,
    ink_page: InkPage,
    layout: Layout,
    settings: Settings,
    trace: Trace,
    *,
    glance: Glance | None = None,
) -> SegmentedPage:
    """Find the fields of a page and divide each that may be a number into glyph hypotheses."""
    trace.add("enhance", ink_page.coverage, "ink, from paper (white) to darkest (black)")
    fields = find_fields(ink_page, layout, settings.field)
    trace.add(
        "fields",
        lambda: draw_fields(ink_page, fields),
        f"{layout.value}: {len(fields)} fields",
    )
    is_on_page = layout is Layout.PAGE
    words: frozenset[int] = frozenset()
    if is_on_page and glance is not None and not _is_small(page, settings):
        words = frozenset(np.flatnonzero(find_words(fields, glance, settings.glance)).tolist())
    lattices = tuple(
        NO_LATTICE
        if number in words
        else segment_field(field, settings.segment, is_on_page=is_on_page)
        for number, field in enumerate(fields)
    )
    trace.add("segment", lambda: draw_cells(lattices), "glyph hypotheses, centred for the network")
    return SegmentedPage(page, layout, tuple(fields), lattices, words)


@dataclass(frozen=True, slots=True)
class _SeenCrop:
    """A crop of one string that the string reader has looked at.

    Attributes:
        opened: The crop.
        line: Its line; None where there is no ink.
        sure: What both looks say where they are sure.
        rim: Width of the paper that was put around it, photo frame.
    """

    opened: OpenedPhoto
    line: ScoredLine | None
    sure: Fusion | None
    rim: int


def _read_cutout(photo: Photo, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a small picture as one line and, where that leaves a doubt, as a page."""
    as_crop = replace(settings, layout=Layout.LINE)
    seen = _look_at(photo, as_crop, readers, trace)
    line = _read_seen(seen, as_crop, readers, trace)
    numbers = _divide_line(line, settings)
    if seen.sure is not None:
        return numbers
    temperature = readers.calibration.temperature
    chance = chance_of_number(seen.line, settings.fusion, temperature=temperature)
    opened = open_photo(photo, replace(settings, layout=Layout.PAGE), trace)
    ink_page = _find_page_ink(opened.page, Layout.PAGE, settings)
    is_line = choose_layout(ink_page, settings.field) is Layout.LINE
    is_line = is_line and chance >= settings.cutout.least_chance
    if not is_line:
        opened = replace(opened, ink_page=ink_page)
        segmented = segment_opened(opened, settings, trace, readers.glance)
        as_page = read_page(segmented, settings, readers, trace)
        chosen = choose_strings(numbers.strings, as_page.strings, chance, settings.cutout)
        if chosen and chosen != numbers.strings:
            return replace(as_page, strings=chosen)
        numbers = replace(numbers, strings=chosen)
    seen = _look_at(photo, as_crop, readers, trace, in_paper=True)
    if seen.sure is None and not is_line:
        return numbers
    in_paper = _read_seen(seen, as_crop, readers, trace)
    if seen.sure is not None or in_paper.confidence > line.confidence:
        return _divide_line(in_paper, settings)
    return numbers


def _divide_line(line: PageReading, settings: Settings) -> PageReading:
    """The reading of a line that may be several numbers, with each of them."""
    numbers = [
        number
        for string in line.strings
        for number in divide_gaps(string, settings.cutout, settings.decimal)
    ]
    return replace(line, strings=tuple(numbers))


def _read_crop(photo: Photo, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a crop of one string; what leaves a doubt once more with paper around it.

    Of 1,219 crops held out 96.0 % were read instead of 93.4 %, and more accepted of each source:
    logbooks, the same cut tightly, single digits and drawn numbers that touch the edge.
    """
    as_cut = _look_at(photo, settings, readers, trace)
    if as_cut.sure is not None:
        return _read_seen(as_cut, settings, readers, trace)
    roomy = _look_at(photo, settings, readers, trace, in_paper=True)
    in_paper = _read_seen(roomy, settings, readers, trace)
    if roomy.sure is not None:
        return in_paper
    alone = _read_seen(as_cut, settings, readers, trace)
    return max(alone, in_paper, key=attrgetter("confidence"))


def _look_at(
    photo: Photo, settings: Settings, readers: Readers, trace: Trace, *, in_paper: bool = False
) -> _SeenCrop:
    """Show a crop of one string to the string reader, as it is cut or with paper around it."""
    rim = 0
    if in_paper:
        gray, rim = add_paper(gray_of(photo))
        photo = replace(photo, image=gray, gray=gray)
        trace.add("paper", gray, "in doubt: once more with paper around it")
    opened = open_photo(photo, settings, trace)
    whole = StringPlace(whole_field(opened.page), ())
    (line,) = _score_lines(opened.page, [whole], settings, readers)
    sure = None
    if line is not None:
        constraint = _constraint_of(settings, opened.layout)
        temperature = readers.calibration.temperature
        sure = fuse_sure_looks(line, settings.fusion, constraint, temperature=temperature)
    return _SeenCrop(opened, line, sure, rim)


def _read_seen(seen: _SeenCrop, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a crop of one string; it is cut into glyphs only where two looks leave it in doubt."""
    page, layout, line = seen.opened.page, seen.opened.layout, seen.line
    if seen.sure is not None:
        reads = [_ReadPlace(StringPlace(whole_field(page), ()), line, seen.sure)]
        _trace_lines(reads, trace)
        reading = PageReading(page, layout, tuple(_assemble(reads, page, settings, readers)))
        _trace_strings(reading.strings, page, trace)
    else:
        segmented = segment_opened(seen.opened, settings, trace, readers.glance)
        reading = read_page(segmented, settings, readers, trace, line=line)
    return _take_out_of_paper(reading, seen.rim) if seen.rim else reading


def _take_out_of_paper(reading: PageReading, rim: int) -> PageReading:
    """The reading of a crop that had paper around it, in the frame of the crop."""
    crop_from_paper = np.array([[1.0, 0.0, -rim], [0.0, 1.0, -rim], [0.0, 0.0, 1.0]])
    page = replace(reading.page, photo_from_page=crop_from_paper @ reading.page.photo_from_page)
    strings = tuple(move_reading(string, crop_from_paper) for string in reading.strings)
    return replace(reading, page=page, strings=strings)


def read_page(  # noqa: PLR0913 - the page, who reads it, and what is known beforehand
    segmented: SegmentedPage,
    settings: Settings,
    readers: Readers,
    trace: Trace,
    expected: Expected | None = None,
    *,
    line: ScoredLine | None = None,
) -> PageReading:
    """Ask each network once for all there is on a page, and fuse string by string.

    Args:
        segmented: The page.
        settings: Of decoding.
        readers: Digit reader and string reader.
        trace: Takes the last pictures.
        expected: What its strings must be; None for what settings and layout say.
        line: Of a crop, if the string reader was asked before.

    Returns:
        Its strings in reading order, boxes in the photo frame.
    """
    page, layout = segmented.page, segmented.layout
    is_page = layout is Layout.PAGE
    is_proposed = is_page and settings.reader is not ReaderChoice.SEGMENTS
    found = find_strings(segmented, settings, readers.classify)
    places = [place for place in found if not place.is_word]
    expected = expected or Expected(_constraint_of(settings, layout), is_page)
    reads = _read_places(places, segmented, settings, readers, expected, known=line)
    if is_proposed:
        parts = [read.place for read in reads], [read.fusion for read in reads]
        for index, whole in reversed(rejoin_torn(*parts)):
            reads[index:index] = _read_places([whole], segmented, settings, readers, expected)
    _trace_lines(reads, trace)
    fusions = [read.fusion for read in reads]
    around = None
    if is_page:
        words = len(found) - len(places)
        boxes = [read.place.outline for read in reads]
        around = survey_page(page.gray.shape, segmented.fields, boxes, fusions, words)
    strings = _assemble(reads, page, settings, readers, around)
    if is_proposed:
        strings = _leave_out_letters(strings, page, settings)
        if not strings and _is_small(page, settings):
            strings = _insist(reads, segmented, settings, readers, expected)
        strings = [one for string in strings for one in divide_columns(string, settings.decimal)]
    strings = without_doubles(strings)
    _trace_strings(strings, page, trace)
    return PageReading(page, layout, tuple(strings))


def _trace_lines(reads: Sequence[_ReadPlace], trace: Trace) -> None:
    lines = [read.line for read in reads]
    trace.add(
        "lines", lambda: draw_lines(lines), f"{len(lines)} places, as the string reader sees them"
    )


def _trace_strings(strings: Sequence[FieldReading], page: Page, trace: Trace) -> None:
    trace.add("decode", page.gray, " · ".join(string.text for string in strings))


def _leave_out_letters(
    strings: list[FieldReading], page: Page, settings: Settings
) -> list[FieldReading]:
    """What is likely enough to be a number; of a small picture without any, what comes closest."""
    likely = [string for string in strings if is_number(string, settings.fusion)]
    numbers = [string for string in likely if stands_like_number(string, settings.number)]
    if numbers or not _is_small(page, settings):
        return numbers
    sure = [it for it in strings if it.confidence >= settings.fusion.lone_confidence]
    return [max(sure, key=_posterior_of)] if sure else []


def _insist(
    reads: Sequence[_ReadPlace],
    segmented: SegmentedPage,
    settings: Settings,
    readers: Readers,
    expected: Expected,
) -> list[FieldReading]:
    """The likeliest number in a small picture in which the string reader sees none.

    To it a single digit rarely is a whole string. Where both readers agree on what it says if it
    is one, that is handed back, with an even chance at best.
    """
    denied = [read.place for read in reads if read.place.paths]
    insisting = replace(expected, may_be_empty=False)
    again = _read_places(denied, segmented, settings, readers, insisting) if denied else []
    agreed = [read for read in again if _is_agreed(read)]
    found = _assemble(agreed, segmented.page, settings, readers)
    chances = [
        0.5 * string.confidence * min(it.confidence for it in read.place.paths[0].digits)
        for string, read in zip(found, agreed, strict=True)
    ]
    chance, string = max(zip(chances, found, strict=True), key=itemgetter(0), default=(0.0, None))
    if string is None or chance < settings.fusion.lone_confidence:
        return []
    return [replace(string, confidence=chance, accepted=False)]


def _is_agreed(read: _ReadPlace) -> bool:
    texts, paths = read.fusion.texts, read.place.paths
    return bool(texts and texts[0].digits) and texts[0].digits == digits_of(paths[0].text)


def _posterior_of(string: FieldReading) -> float:
    return 0.0 if string.evidence is None else string.evidence.posterior


def is_number(string: FieldReading, settings: FusionSettings) -> bool:
    """Whether a reading of a page is likely enough to be one of a number.

    Args:
        string: The reading.
        settings: How likely it must be, by its confidence or, away from words, by its posterior.

    Returns:
        False for what is left out.
    """
    if string.confidence >= settings.min_confidence:
        return True
    evidence = string.evidence
    return (
        evidence is not None
        and evidence.posterior >= settings.min_posterior
        and evidence.company >= settings.least_company
    )


@dataclass(frozen=True, slots=True)
class _ReadPlace:
    """A place, its line if the string reader was asked and sees ink, and what both readers say."""

    place: StringPlace
    line: ScoredLine | None
    fusion: Fusion


def _assemble(
    reads: Sequence[_ReadPlace],
    page: Page,
    settings: Settings,
    readers: Readers,
    around: Surroundings | None = None,
) -> list[FieldReading]:
    """The readings of all places at which there are digits."""
    return [
        assemble_reading(
            read.place,
            read.fusion,
            read.line,
            page,
            settings=settings,
            calibration=readers.calibration,
            surroundings=around,
        )
        for read in reads
        if read.fusion.texts and read.fusion.texts[0].digits
    ]


def _read_places(  # noqa: PLR0913 - as of `read_page`
    places: Sequence[StringPlace],
    segmented: SegmentedPage,
    settings: Settings,
    readers: Readers,
    expected: Expected,
    *,
    known: ScoredLine | None = None,
) -> list[_ReadPlace]:
    """Ask the string reader about places, all at once, and weigh what both readers say of each.

    On a page, places at which the string reader sees no ink are left out.
    """
    layout = segmented.layout
    if known is None:
        lines = _score_lines(segmented.page, places, settings, readers)
    else:  # of a crop, which has one place
        lines = [known for _ in places]
    is_asked = readers.asks_strings(settings.reader)
    on_page = replace(settings.fusion, segments_weight=settings.fusion.page_segments_weight)
    in_comb = replace(settings.fusion, segments_weight=settings.fusion.comb_segments_weight)

    def fuse(place: StringPlace, line: ScoredLine | None) -> _ReadPlace:
        is_comb = place.field.kind is Kind.COMB
        fusing, spread = in_comb if is_comb else on_page, 1.0
        if layout is not Layout.PAGE:
            fusing, spread = weigh_segments(settings.fusion, line, segmented.page.gray.shape[0])
        constraint = expected.constraint
        if constraint is None and is_comb:
            constraint = _comb_constraint()
        fusion = fuse_place(
            place,
            line,
            settings.reader,
            fusing,
            constraint,
            temperature=spread * readers.calibration.temperature,
            may_be_empty=expected.may_be_empty,
        )
        return _ReadPlace(place, line, fusion)

    reads = [
        fuse(place, line)
        for place, line in zip(places, lines, strict=True)
        if layout is not Layout.PAGE or not is_asked or line is not None
    ]
    if layout is not Layout.PAGE or _is_small(segmented.page, settings):
        asked = [read.line for read in reads], [read.fusion for read in reads]
        for index, line in lean_doubtful(*asked, settings.fusion, readers).items():
            reads[index] = fuse(reads[index].place, line)
    return reads


def without_doubles(strings: list[FieldReading]) -> list[FieldReading]:
    """Of readings of the same ink keep the one with most digits: a digit is part of its number.

    Args:
        strings: In reading order.

    Returns:
        Those that stay, in the same order.
    """
    kept: list[FieldReading] = []
    for string in sorted(strings, key=lambda it: (-len(it.digits), -it.confidence)):
        if not any(_is_double(string, other) for other in kept):
            kept.append(string)
    return [string for string in strings if any(string is other for other in kept)]


def _is_double(string: FieldReading, other: FieldReading) -> bool:
    """Whether a reading lies on a better one, or around one that says the same."""
    if covered_share(string.box, other.box) > _DOUBLE:
        return True
    return string.digits == other.digits and covered_share(other.box, string.box) > _DOUBLE


def _constraint_of(settings: Settings, layout: Layout) -> Constraint | None:
    if layout is Layout.DIGIT and settings.pattern is None and settings.content is None:
        return make_constraint("[0-9]", None)
    return make_constraint(settings.pattern, settings.content)


def _comb_constraint() -> Constraint | None:
    """A comb has a cell for each digit, and none for separators; it may hold letters."""
    return make_constraint("[0-9]*", None)


def _score_lines(
    page: Page,
    places: Sequence[StringPlace],
    settings: Settings,
    readers: Readers,
) -> list[ScoredLine | None]:
    """Ask the string reader about every place; None where it was not, or sees no ink."""
    if not readers.asks_strings(settings.reader):
        return [None for _ in places]
    return show_lines([_find_line(page, place, settings) for place in places], readers)


def _find_line(page: Page, place: StringPlace, settings: Settings) -> FoundLine:
    """The line of a place; what lies beyond upright rules beside it belongs to others."""
    if place.box is None and page.photo_gray is not None:  # enlarging first cost 0.8 % of strings
        found = find_line(page.photo_gray, None, settings.enhance_crop)
        page_from_photo = np.asarray(np.linalg.inv(page.photo_from_page), np.float64)
        return replace(found, outer_from_gray=page_from_photo)
    if place.field.kind is Kind.COMB:
        return find_comb_line(place.field, settings.enhance_crop)
    if place.box is None or place.field.room is None:
        return find_line(page.gray, place.box, settings.enhance_crop)
    left, right = place.field.room
    left, right = min(left, place.box.x), max(right, place.box.right)
    near = replace(place.box, x=place.box.x - left)
    found = find_line(page.gray[:, left:right], near, settings.enhance_crop)
    page_from_crop = np.array([[1.0, 0.0, left], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return replace(found, outer_from_gray=page_from_crop)


def _may_be_turned(photo: Photo, reading: PageReading, settings: Settings) -> bool:
    is_large = min(photo.width, photo.height) >= settings.rectify.min_sheet_px
    if reading.layout is not Layout.PAGE or not is_large:
        return False
    return weigh_strings(reading.strings, settings.number) < CLEARLY_UPRIGHT


def _read_turned(
    upright: PageReading, settings: Settings, readers: Readers, trace: Trace
) -> PageReading:
    """Try the other three quarter turns; one of them must be clearly better."""
    enhance = settings.enhance_for(upright.layout)
    best, best_page = upright, None
    is_alone = not readers.asks_strings(settings.reader)  # its confidences are all lower
    upright_weight = best_weight = weigh_strings(upright.strings, settings.number)
    for turn_deg in (90, 180, 270):
        page = turn_page(upright.page, turn_deg)
        ink_page = find_ink(page.gray, enhance)
        segmented = segment_page(
            page, ink_page, upright.layout, settings, NoTrace(), glance=readers.glance
        )
        reading = read_page(segmented, settings, readers, NoTrace())
        weight = weigh_strings(reading.strings, settings.number)
        is_better = weight > best_weight and is_clearly_better(weight, upright_weight)
        if is_better and (is_alone or are_vouched_for(reading.strings, settings.number)):
            best, best_page, best_weight = reading, page, weight
    if best_page is not None:
        note = f"turned by {best_page.turn_deg}°: " + " · ".join(s.text for s in best.strings)
        trace.add("turn", best_page.gray, note)
    return best
