"""A segmented page in, its strings out: each network is asked once for all there is on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from operator import itemgetter

import numpy as np

from ocrdigits.asking import (
    Readers,
    fuse_place,
    lean_doubtful,
    show_lines,
    weigh_segments,
)
from ocrdigits.assemble import (
    ReadPlace,
    ScoredLine,
    StringPlace,
    assemble_reading,
    whole_field,
)
from ocrdigits.columns import divide_columns
from ocrdigits.completion import complete
from ocrdigits.constraint import Constraint, make_constraint
from ocrdigits.fusion import Fusion
from ocrdigits.number_chance import is_number
from ocrdigits.propose import find_strings
from ocrdigits.records import (
    FieldReading,
    Kind,
    Layout,
    Page,
    ReaderChoice,
    SegmentedPage,
    digits_of,
)
from ocrdigits.segmenting import OpenedPhoto, is_small
from ocrdigits.settings import Settings
from ocrdigits.stage_pictures import draw_lines
from ocrdigits.surroundings import Surroundings, survey_page
from ocrdigits.trace import Trace
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.plain_line import FoundLine, find_comb_line, find_line

_DOUBLE = 0.5  # of a reading's box, covered by another


@dataclass(frozen=True, slots=True)
class Expected:
    """What is known beforehand of the string in a crop.

    Attributes:
        constraint: What it must be; None where any text will do.
        empty_share: What speaks against a number counts for: 1 where there may be none, 0 where
            there must be one.
    """

    constraint: Constraint | None = None
    empty_share: float = 0.0


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
    if expected is None:
        empty_share = 1.0 if is_page else settings.fusion.crop_empty_share
        expected = Expected(constraint_of(settings, layout), empty_share)
    asked = segmented, settings, readers, expected
    reads = _read_places(places, *asked, known=line)
    if is_proposed:
        reads = complete(reads, lambda places: _read_each(places, *asked))
    _trace_lines(reads, trace)
    around = None
    if is_page:
        boxes = [read.place.outline for read in reads]
        around = survey_page(segmented.fields, boxes, [read.fusion for read in reads])
    strings = _assemble(reads, page, settings, readers, around)
    if is_proposed:
        strings = _leave_out_letters(strings, page, settings)
        if not strings and is_small(page, settings):
            strings = _insist(reads, segmented, settings, readers, expected)
    strings = without_doubles(strings)
    if is_proposed:
        strings = [one for string in strings for one in divide_columns(string, settings.decimal)]
    _trace_strings(strings, page, trace)
    return PageReading(page, layout, tuple(strings))


def read_sure_line(  # noqa: PLR0913 - the crop, who read it, and how
    opened: OpenedPhoto,
    line: ScoredLine,
    fusion: Fusion,
    *,
    settings: Settings,
    readers: Readers,
    trace: Trace,
) -> PageReading:
    """Read a crop of one string of which the string reader alone is sure.

    Args:
        opened: The crop.
        line: Its line.
        fusion: What the string reader says of it.
        settings: Of what is accepted, and how a value is written.
        readers: With their calibration.
        trace: Takes the last pictures.

    Returns:
        Its string, boxes in the photo frame.
    """
    page = opened.page
    reads = [ReadPlace(StringPlace(whole_field(page), ()), line, fusion)]
    _trace_lines(reads, trace)
    strings = tuple(_assemble(reads, page, settings, readers))
    _trace_strings(strings, page, trace)
    return PageReading(page, opened.layout, strings)


def _assemble(
    reads: Sequence[ReadPlace],
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
        if read.fusion.has_digits
    ]


def _leave_out_letters(
    strings: list[FieldReading], page: Page, settings: Settings
) -> list[FieldReading]:
    """What is likely enough to be a number; of a small picture without any, what comes closest."""
    numbers = [string for string in strings if is_number(string, string.number_chance, settings)]
    if numbers or not is_small(page, settings):
        return numbers
    sure = [it for it in strings if it.confidence >= settings.fusion.lone_confidence]
    return [max(sure, key=_posterior_of)] if sure else []


def _insist(
    reads: Sequence[ReadPlace],
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
    insisting = replace(expected, empty_share=0.0)
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


def _is_agreed(read: ReadPlace) -> bool:
    fusion, paths = read.fusion, read.place.paths
    return fusion.has_digits and fusion.texts[0].digits == digits_of(paths[0].text)


def _posterior_of(string: FieldReading) -> float:
    return 0.0 if string.evidence is None else string.evidence.posterior


def _read_places(  # noqa: PLR0913 - as of `read_page`
    places: Sequence[StringPlace],
    segmented: SegmentedPage,
    settings: Settings,
    readers: Readers,
    expected: Expected,
    *,
    known: ScoredLine | None = None,
) -> list[ReadPlace]:
    """Ask the string reader about places, all at once, and weigh what both readers say of each.

    On a page, places at which the string reader sees no ink are left out.
    """
    layout = segmented.layout
    if known is None:
        lines = score_lines(segmented.page, places, settings, readers)
    else:  # of a crop, which has one place
        lines = [known for _ in places]
    is_asked = readers.asks_strings(settings.reader)
    on_page = replace(settings.fusion, segments_weight=settings.fusion.page_segments_weight)
    in_comb = replace(settings.fusion, segments_weight=settings.fusion.comb_segments_weight)

    def fuse(place: StringPlace, line: ScoredLine | None) -> ReadPlace:
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
            empty_share=expected.empty_share,
        )
        return ReadPlace(place, line, fusion)

    reads = [
        fuse(place, line)
        for place, line in zip(places, lines, strict=True)
        if layout is not Layout.PAGE or not is_asked or line is not None
    ]
    if layout is not Layout.PAGE or is_small(segmented.page, settings):
        asked = [read.line for read in reads], [read.fusion for read in reads]
        for index, line in lean_doubtful(*asked, settings.fusion, readers).items():
            reads[index] = fuse(reads[index].place, line)
    return reads


def _read_each(
    places: Sequence[StringPlace],
    segmented: SegmentedPage,
    settings: Settings,
    readers: Readers,
    expected: Expected,
) -> list[ReadPlace | None]:
    """As `_read_places`; None for a place that is left out."""
    reads = _read_places(places, segmented, settings, readers, expected)
    of_place = {id(read.place): read for read in reads}
    return [of_place.get(id(place)) for place in places]


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


def constraint_of(settings: Settings, layout: Layout) -> Constraint | None:
    """What every string of a photo must be: what the user asks for; for one digit, a digit."""
    if layout is Layout.DIGIT and settings.pattern is None and settings.content is None:
        return make_constraint("[0-9]", None)
    return make_constraint(settings.pattern, settings.content)


@cache
def _comb_constraint() -> Constraint | None:
    """A comb has a cell for each digit, and none for separators; it may hold letters."""
    return make_constraint("[0-9]*", None)


def score_lines(
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
    room = place.field.room
    left, right = min(room.start, place.box.x), max(room.stop, place.box.right)
    near = replace(place.box, x=place.box.x - left)
    found = find_line(page.gray[:, left:right], near, settings.enhance_crop)
    page_from_crop = np.array([[1.0, 0.0, left], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    return replace(found, outer_from_gray=page_from_crop)


def _trace_lines(reads: Sequence[ReadPlace], trace: Trace) -> None:
    lines = [read.line for read in reads]
    trace.add(
        "lines", lambda: draw_lines(lines), f"{len(lines)} places, as the string reader sees them"
    )


def _trace_strings(strings: Sequence[FieldReading], page: Page, trace: Trace) -> None:
    trace.add("decode", page.gray, " · ".join(string.text for string in strings))
