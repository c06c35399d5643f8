"""A crop of one string, or a picture that may be cut out, in; what it says out.

The string reader looks first. Only what leaves a doubt is looked at again, with paper around it,
level, cut into glyphs, or read as a page.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from operator import attrgetter

import numpy as np

from ocrdigits.asking import Readers, chance_of_number, clarity_of, fuse_sure_looks
from ocrdigits.assemble import ScoredLine, StringPlace, move_reading, whole_field
from ocrdigits.columns import divide_gaps
from ocrdigits.crop_views import in_paper, skew_of, turn_dark, without_rim
from ocrdigits.cutouts import choose_reading
from ocrdigits.fusion import Fusion
from ocrdigits.page_reading import (
    PageReading,
    constraint_of,
    read_page,
    read_sure_line,
    score_lines,
)
from ocrdigits.records import Homography, Layout, Photo
from ocrdigits.segmenting import OpenedPhoto, find_page_ink, open_photo, segment_opened
from ocrdigits.settings import Settings
from ocrdigits.trace import Trace
from ocrdigits.vision.fields import choose_layout
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.plain_line import find_line
from ocrdigits.vision.rectify import gray_of, level_crop, shrink

_COARSE_PX = 640
"""Long side at which the height of a line is measured."""

_HOW = {"paper": "with paper around it", "level": "turned level"}
"""Name of a stage → how a crop is shown again there."""

_SAME_PLACE = 0.5
"""Share of a page's number that a line covers which may be the same."""


def read_crop(photo: Photo, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a crop of one string; what leaves a doubt with paper around it and level, too.

    Of 1,219 crops held out 96.0 % were read instead of 93.4 % with paper, and more accepted of
    each source: logbooks, the same cut tightly, single digits and drawn numbers that touch the
    edge. Level, 17 more of 934 are accepted, and of 400 that were turned by 10° 25 more read.
    """
    as_cut = _look_at(photo, settings, readers, trace)
    if as_cut.sure is not None:
        return _read_seen(as_cut, settings, readers, trace)
    ways = _look_again(as_cut, settings, readers, trace)
    readings: list[PageReading] = []
    for way in sorted(ways, key=_clarity_of, reverse=True):
        readings.append(_read_seen(way, settings, readers, trace))
        if readings[-1].confidence >= settings.fusion.clear_enough:
            break
    return max(readings, key=attrgetter("confidence"))


def may_be_cut_out(photo: Photo, settings: Settings) -> bool:
    """Whether somebody may have cut a picture out: it is small, or its writing fills it.

    Args:
        photo: It may show anything.
        settings: Of the cut-outs.

    Returns:
        False for what can only be a page.
    """
    if _is_small(photo, settings):
        return True
    small, _ = shrink(gray_of(photo), _COARSE_PX)
    line = find_line(small, None, settings.enhance_crop).line
    least = settings.cutout.least_fill * small.shape[0]
    return not line.is_blank and line.digit_height >= least


def read_cutout(
    photo: Photo, settings: Settings, readers: Readers, trace: Trace
) -> PageReading | None:
    """Read a picture as one line and, where that leaves a doubt, as a page.

    Args:
        photo: What `may_be_cut_out`.
        settings: Of all stages.
        readers: Both readers.
        trace: Takes a picture of every stage.

    Returns:
        Its strings; None where it is not small, and its line hardly is a number.
    """
    if _is_small(photo, settings):
        return _read_if_cut_out(photo, settings, readers, trace, is_small=True)
    smaller, photo_from_smaller = _shrink_large(photo, settings)
    reading = _read_if_cut_out(smaller, settings, readers, trace, is_small=False)
    if reading is None or reading.layout is Layout.PAGE or not reading.strings:
        return None  # as a page it shows more at its full size
    return _move(reading, photo_from_smaller)


def read_lone(
    photo: Photo, as_page: PageReading, settings: Settings, readers: Readers, trace: Trace
) -> PageReading:
    """Read a picture as one line, too, where it was read as a page that shows hardly a number.

    Args:
        photo: It may show anything; what cannot be cut out is a page.
        as_page: Its reading as a page.
        settings: Of all stages.
        readers: Both readers.
        trace: Takes a picture of every stage.

    Returns:
        Its line, where that is likely to be a number and surer than the only one of the page,
        which it covers; or what was read of the page.
    """
    is_clear = as_page.confidence >= settings.fusion.clear_enough
    if is_clear or len(as_page.strings) > 1 or not may_be_cut_out(photo, settings):
        return as_page
    photo, photo_from_smaller = _shrink_large(photo, settings)
    seen = _look_at(photo, _as_line(settings), readers, trace)
    if seen.sure is not None:
        ways = [seen]
    elif _chance_of(seen, settings, readers) >= settings.cutout.least_lone_chance:
        ways = _look_for_number(seen, settings, readers, trace)
    else:
        return as_page
    lines = [_read_line(way, settings, readers, trace) for way in ways]
    line = _move(max(lines, key=attrgetter("confidence")), photo_from_smaller)
    is_surer = line.confidence > max(as_page.confidence, settings.fusion.lone_confidence)
    covers = all(
        any(covered_share(lone.box, string.box) > _SAME_PLACE for string in line.strings)
        for lone in as_page.strings
    )
    return line if is_surer and covers else as_page


def _read_if_cut_out(
    photo: Photo, settings: Settings, readers: Readers, trace: Trace, *, is_small: bool
) -> PageReading | None:
    """The strings of a picture; None if it is not small, and its line hardly is a number."""
    seen = _look_at(photo, _as_line(settings), readers, trace)
    if seen.sure is not None:
        return _read_line(seen, settings, readers, trace)
    chance = _chance_of(seen, settings, readers)
    if not is_small and chance < settings.cutout.least_chance:
        return None
    return _read_doubtful(photo, seen, settings, readers, trace, chance=chance)


def _read_doubtful(  # noqa: PLR0913 - the picture, what is known of it, and how it is read
    photo: Photo,
    seen: _SeenCrop,
    settings: Settings,
    readers: Readers,
    trace: Trace,
    *,
    chance: float,
) -> PageReading:
    """Read a picture that was looked at as one line with paper around it, too, and as a page.

    The line is a number at all with this chance; where it hardly is one, only the page counts.
    """
    is_number = chance >= settings.cutout.least_chance
    ways = _look_for_number(seen, settings, readers, trace) if is_number else []
    lines = [_read_line(way, settings, readers, trace) for way in ways]
    if any(way.sure is not None for way in ways):
        return lines[0]
    opened = open_photo(photo, replace(settings, layout=Layout.PAGE), trace)
    ink_page = find_page_ink(opened.page, Layout.PAGE, settings)
    if lines and choose_layout(ink_page, settings.field) is Layout.LINE:
        return max(lines, key=attrgetter("confidence"))
    opened = replace(opened, ink_page=ink_page)
    segmented = segment_opened(opened, settings, trace, readers)
    as_page = read_page(segmented, settings, readers, trace)
    return choose_reading(lines, as_page, chance, settings.cutout)


def _as_line(settings: Settings) -> Settings:
    return replace(settings, layout=Layout.LINE)


def _look_for_number(
    as_cut: _SeenCrop, settings: Settings, readers: Readers, trace: Trace
) -> list[_SeenCrop]:
    """The ways to see a picture as one line in which that is likely to be a number.

    Of 1,914 cut-outs held out or drawn, 74 are sure in paper; none read better as a page.
    """
    least = settings.cutout.least_chance
    ways = _look_again(as_cut, _as_line(settings), readers, trace)
    return [way for way in ways if way is as_cut or _chance_of(way, settings, readers) >= least]


def _shrink_large(photo: Photo, settings: Settings) -> tuple[Photo, Homography]:
    """A picture that is not small, as large as one line needs it, and what takes it back."""
    if _is_small(photo, settings):
        return photo, np.eye(3)
    gray, factor = shrink(gray_of(photo), settings.cutout.max_side_px)
    if factor == 1:
        return photo, np.eye(3)
    return replace(photo, image=gray, gray=gray), np.diag([1 / factor, 1 / factor, 1.0])


def _is_small(photo: Photo, settings: Settings) -> bool:
    """Whether a photo is as small as pictures that somebody has cut out."""
    return min(photo.width, photo.height) < settings.rectify.min_sheet_px


def _read_line(seen: _SeenCrop, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a picture as one line, which may be several numbers."""
    line = _read_seen(seen, _as_line(settings), readers, trace)
    numbers = [
        number
        for string in line.strings
        for number in divide_gaps(string, settings.cutout, settings.decimal)
    ]
    return replace(line, strings=tuple(numbers))


@dataclass(frozen=True, slots=True)
class _SeenCrop:
    """A crop of one string that the string reader has looked at.

    Attributes:
        photo: What was shown, dark on light.
        crop_from_photo: Takes its points to the crop as it was cut.
        opened: The same, opened.
        line: Its line; None where there is no ink.
        sure: What both looks say where they are sure.
    """

    photo: Photo
    crop_from_photo: Homography
    opened: OpenedPhoto
    line: ScoredLine | None
    sure: Fusion | None


def _clarity_of(seen: _SeenCrop) -> float:
    return clarity_of(seen.line)


def _chance_of(seen: _SeenCrop, settings: Settings, readers: Readers) -> float:
    """Probability that the line of a crop is a number at all, to the string reader."""
    temperature = readers.calibration.temperature
    return chance_of_number(seen.line, settings.fusion, temperature=temperature)


def _look_at(photo: Photo, settings: Settings, readers: Readers, trace: Trace) -> _SeenCrop:
    """Show a crop of one string to the string reader, as it is cut."""
    photo, crop_from_photo = without_rim(photo)
    photo = turn_dark(photo, settings.enhance_crop)
    return _show(photo, crop_from_photo, settings, readers, trace)


def _look_again(
    as_cut: _SeenCrop, settings: Settings, readers: Readers, trace: Trace
) -> list[_SeenCrop]:
    """Show a crop that leaves a doubt in other ways, too.

    Returns:
        All ways; where it is sure in one of them, that alone.
    """

    def show(how: str, photo: Photo, seen_from_photo: Homography) -> _SeenCrop:
        trace.add(how, photo.image, "in doubt: once more " + _HOW[how])
        crop_from_photo = as_cut.crop_from_photo @ seen_from_photo
        return _show(photo, crop_from_photo, settings, readers, trace)

    roomy = show("paper", *in_paper(as_cut.photo))
    if roomy.sure is not None:
        return [roomy]
    skew_deg = skew_of(as_cut.photo, max(as_cut, roomy, key=_clarity_of).line)
    if not skew_deg:
        return [as_cut, roomy]
    level = show("level", *level_crop(as_cut.photo, skew_deg))
    return [level] if level.sure is not None else [as_cut, roomy, level]


def _show(
    photo: Photo, crop_from_photo: Homography, settings: Settings, readers: Readers, trace: Trace
) -> _SeenCrop:
    opened = open_photo(photo, settings, trace)
    whole = StringPlace(whole_field(opened.page), ())
    (line,) = score_lines(opened.page, [whole], settings, readers)
    sure = None
    if line is not None:
        constraint = constraint_of(settings, opened.layout)
        temperature = readers.calibration.temperature
        sure = fuse_sure_looks(line, settings.fusion, constraint, temperature=temperature)
    return _SeenCrop(photo, crop_from_photo, opened, line, sure)


def _read_seen(seen: _SeenCrop, settings: Settings, readers: Readers, trace: Trace) -> PageReading:
    """Read a crop of one string; it is cut into glyphs only where two looks leave it in doubt."""
    opened, line = seen.opened, seen.line
    if line is not None and seen.sure is not None:
        reading = read_sure_line(
            opened, line, seen.sure, settings=settings, readers=readers, trace=trace
        )
    else:
        segmented = segment_opened(opened, settings, trace, readers)
        reading = read_page(segmented, settings, readers, trace, line=line)
    is_as_cut = np.array_equal(seen.crop_from_photo, np.eye(3))
    return reading if is_as_cut else _move(reading, seen.crop_from_photo)


def _move(reading: PageReading, outer_from_inner: Homography) -> PageReading:
    """The reading of a picture that was made of another one, in the frame of that."""
    page = replace(reading.page, photo_from_page=outer_from_inner @ reading.page.photo_from_page)
    strings = tuple(move_reading(string, outer_from_inner) for string in reading.strings)
    return replace(reading, page=page, strings=strings)
