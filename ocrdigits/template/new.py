"""A picture of a form in, a template for a person to edit out: the fields that can be seen."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.contents import CONTENTS
from ocrdigits.errors import UsageError
from ocrdigits.model.readers import load_readers
from ocrdigits.names import printable_name
from ocrdigits.output.atomic import write_whole
from ocrdigits.page_reading import read_page
from ocrdigits.records import Box, FieldReading, Layout, Photo
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.template.demands import CHECKSUMS
from ocrdigits.trace import NoTrace
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.form_places import FormPlace, find_form_places
from ocrdigits.vision.geometry import covered_share
from ocrdigits.vision.load import load_photos, read_file
from ocrdigits.vision.preprint import find_lines
from ocrdigits.vision.rectify import estimate_skew

_LEAST_DIGITS = 2  # a single digit among print is rather a part of it
_SKEW_DEG = 0.4


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was written.

    Attributes:
        field_count: Fields of the template.
        note: What the user should know of the picture, or "".
    """

    field_count: int
    note: str


@dataclass(frozen=True, slots=True)
class _Seen:
    """A field that can be seen: where, what it looks like, what was read in it."""

    box: Box
    shape: str
    text: str = ""


def write_proposal(
    picture: Path, target: Path, weights: Path | None, *, overwrite: bool
) -> Proposal:
    """Write a template with the fields that a picture shows.

    Args:
        picture: The reference picture.
        target: The template.
        weights: Folder with other weights than the built-in, or None.
        overwrite: Whether an older template may be replaced.

    Returns:
        What was written.

    Raises:
        UsageError: If there is a template already.
        InputError: If the picture cannot be read.
        OutputError: If the template cannot be written.
    """
    if target.exists() and not overwrite:
        raise UsageError(f"{printable_name(str(target))}: is there already; --force replaces it")
    settings = Settings(layout=Layout.PAGE)
    data = read_file(picture, str(picture))
    photo = next(load_photos(data, str(picture), settings.load))
    readers = load_readers(weights, settings.reader)
    # One way up: a reference picture is upright, and turning a blank form takes four times as long.
    segmented = segment_photo(photo, settings, readers=readers)
    strings = read_page(segmented, settings, readers, NoTrace()).strings
    seen = _see_fields(photo, strings, settings)
    file = Path(os.path.relpath(picture.resolve(), target.resolve().parent)).as_posix()
    reference = (
        f"file = {json.dumps(file, ensure_ascii=False)}  # beside this file, or a path from here",
        f"width = {photo.width}",
        f"height = {photo.height}",
        f'sha256 = "{hashlib.sha256(data).hexdigest()}"',
        f"blank = {json.dumps(not any(it.text for it in seen))}",
    )
    write_whole(target, _render(reference, seen).encode())
    return Proposal(len(seen), _note(photo))


def _see_fields(photo: Photo, strings: Sequence[FieldReading], settings: Settings) -> list[_Seen]:
    gray = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
    page = find_ink(gray, settings.enhance_page)
    places = find_form_places(page.ink, find_lines(page, settings))
    texts = {id(place): _text_in(place.box, strings) for place in places}
    seen = [
        _Seen(place.box, _shape(place), texts[id(place)])
        for place in places
        if texts[id(place)] or not place.is_inked or place.cell_count == 0
    ]
    for string in strings:
        free = not any(covered_share(string.box, place.box) > 0.3 for place in places)
        if free and string.accepted and len(string.digits) >= _LEAST_DIGITS:
            seen.append(_Seen(_around(string.box, photo), "a number", string.text))
    return seen


def _text_in(box: Box, strings: Sequence[FieldReading]) -> str:
    return " ".join(it.text for it in strings if covered_share(it.box, box) > 0.6)


def _shape(place: FormPlace) -> str:
    if place.cell_count > 1:
        return f"{place.cell_count} boxes in a row"
    return "a box" if place.cell_count else "a line to write on"


def _around(box: Box, photo: Photo) -> Box:
    """Room for other numbers than the one that stands there."""
    pad = round(0.35 * box.height)
    left, top = max(0, box.x - pad), max(0, box.y - pad)
    right, bottom = min(photo.width, box.right + 2 * pad), min(photo.height, box.bottom + pad)
    return Box(left, top, right - left, bottom - top)


def _note(photo: Photo) -> str:
    gray = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
    factor = min(1.0, 800 / max(gray.shape))
    skew_deg = estimate_skew(np.asarray(cv2.resize(gray, None, fx=factor, fy=factor), np.uint8))
    if abs(skew_deg) < _SKEW_DEG:
        return ""
    fact = f"{printable_name(photo.name)} stands {abs(skew_deg):.1f}° askew"
    return f"{fact}; fields are upright rectangles, so a straight scan serves better"


def _render(reference: Sequence[str], seen: Sequence[_Seen]) -> str:
    parts = [_HEAD, "[reference]", *reference, ""]
    for number, it in enumerate(seen, start=1):
        text = f", on the reference it says {it.text}" if it.text else ""
        box = it.box
        parts += [
            "[[fields]]",
            f'name = "field_{number}"  # {it.shape}{text}',
            f"box = [{box.x}, {box.y}, {box.width}, {box.height}]",
            "",
        ]
    return "\n".join([*parts, _TAIL])


_HEAD = f"""\
# A form template: `ocrdigits read photo.jpg --template FILE --format fields` reads these fields.
# `ocrdigits template check FILE photo.jpg --annotate DIR` draws where they land.
#
# Name each field after what it holds (letters, digits, - and _), take out those that hold no
# number, and add what you know; all of it is optional:
#   box = [x, y, width, height]    pixels of the reference picture
#   required = true                blank fields are reported
#   content = "amount"             one of: {", ".join(list(CONTENTS)[:9])}
#                                  and others, which ocrdigits read --help lists
#   pattern = '\\d{{2}}-\\d+'          instead of content: a regular expression of the whole text
#   length = 6                     digits; or [least, most]
#   range = [0, 500]               least and greatest value
#   checksum = "luhn"              one of: {", ".join(CHECKSUMS)}
#   decimal = "."                  or ",": what 6,800 means
# In [reference], blank = true says that the form on the picture is not filled in: then all print
# inside of fields is known and left out, not only lines and boxes.
"""

_TAIL = """\
# Sums that must hold among fields; blank parts count 0:
# [[sums]]
# total = "total"
# parts = ["net", "tax"]
"""
