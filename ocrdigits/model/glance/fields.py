"""Photos whose digits' places are known in, the fields of their pages out, as the glance sees them.

The fields are those that `read` would find. A page lies in its other three turns as well, where
nothing on it is a number: `read` tries these on pages that hold none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrdigits.errors import OcrDigitsError
from ocrdigits.jobs import all_cores
from ocrdigits.model.drawn_pages import DrawnString, read_drawn_pages
from ocrdigits.model.strings.pool import map_pictures
from ocrdigits.records import Box, DigitClassifier, Field, Kind, Layout, Page
from ocrdigits.segmenting import find_page_fields, open_photo
from ocrdigits.settings import Settings
from ocrdigits.trace import NoTrace
from ocrdigits.vision.geometry import map_box
from ocrdigits.vision.load import load_photos
from ocrdigits.vision.rectify import turn_page
from ocrdigits.vision.strip import STEP_PX, Strip, make_strip

_ON_LINE = 0.6  # of a digit's height, that lies in the field
_TURNED_EVERY = 4  # pages: one is shown in all turns


@dataclass(frozen=True, slots=True)
class KnownField:
    """A field of a page whose digits are known.

    Attributes:
        strip: (24, W) uint8, 255 for the darkest ink.
        is_digit: (W / 4,) whether a digit of a number stands in these columns.
    """

    strip: NDArray[np.uint8]
    is_digit: NDArray[np.bool_]

    @property
    def ink(self) -> Strip:
        """The strip as the network sees it."""
        return np.asarray(self.strip / np.float32(255), np.float32)


def harvest_fields(folder: Path, processes: int | None = None) -> list[list[KnownField]]:
    """Find the fields of all photos in a folder.

    Args:
        folder: Photos with `truth.json`, as `synth` writes them.
        processes: That share the work, a second a photo; None for all cores.

    Returns:
        For each photo its fields that are lines, whether there is a number in them or not.

    Raises:
        InputError: If the truth is missing or damaged.
        OcrDigitsError: If a process was stopped.
    """
    pages = [
        (path, strings, number % _TURNED_EVERY == 0)
        for number, (path, strings) in enumerate(read_drawn_pages(folder).items())
    ]
    return list(map_pictures(_harvest_photo, pages, None, processes or all_cores()))


def _harvest_photo(
    photo: tuple[Path, tuple[DrawnString, ...], bool], _: DigitClassifier
) -> list[KnownField]:
    path, strings, is_turned = photo
    settings = Settings(layout=Layout.PAGE)
    try:
        opened = open_photo(
            next(iter(load_photos(path, str(path), settings.load))), settings, NoTrace()
        )
    except (OcrDigitsError, StopIteration):
        return []
    page_from_photo = np.asarray(np.linalg.inv(opened.page.photo_from_page), np.float64)
    digits = [map_box(box, page_from_photo) for it in strings for box in it.digit_boxes]
    found = list(_known_fields(opened.page, settings, digits))
    for turn_deg in (90, 180, 270) if is_turned else ():
        found += _known_fields(turn_page(opened.page, turn_deg), settings, [])
    return found


def _known_fields(page: Page, settings: Settings, digits: Sequence[Box]) -> Iterator[KnownField]:
    for field in find_page_fields(page, settings):
        if field.kind is Kind.LINE:
            strip = make_strip(field.coverage)
            columns = strip.shape[1] // STEP_PX
            whole = np.round(255 * strip).astype(np.uint8)
            yield KnownField(whole, _mark_digits(field, digits, columns))


def _mark_digits(field: Field, digits: Sequence[Box], count: int) -> NDArray[np.bool_]:
    """(count,) which columns of a field's strip are within a digit that stands in it."""
    marked = np.zeros(count, np.bool_)
    steps_per_px = count / field.box.width
    middles = np.arange(count) + 0.5
    for digit in digits:
        shared = min(digit.bottom, field.box.bottom) - max(digit.y, field.box.y)
        if shared > _ON_LINE * digit.height:
            first, last = (steps_per_px * (x - field.box.x) for x in (digit.x, digit.right))
            marked |= (middles > first) & (middles < last)
    return marked
