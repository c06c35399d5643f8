"""A photo of a form in, what stands in each of its fields out, with reasons to look at some."""

from __future__ import annotations

import time
from dataclasses import replace

import cv2
import numpy as np

from ocrdigits.asking import Readers
from ocrdigits.assemble import move_reading
from ocrdigits.calibration import accept_from
from ocrdigits.errors import InputError
from ocrdigits.names import printable_name
from ocrdigits.page_reading import Expected, read_page
from ocrdigits.records import (
    Agreement,
    Box,
    FieldReading,
    GrayImage,
    Kind,
    Layout,
    Photo,
    PhotoReading,
)
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.template.checks import check_sums, doubt, reject
from ocrdigits.template.document import FormField
from ocrdigits.template.form import Form
from ocrdigits.trace import NoTrace, Trace
from ocrdigits.vision.cut import FieldCut, Mark, cut_field, find_mark
from ocrdigits.vision.geometry import map_box, map_corners
from ocrdigits.vision.preprint import remove_preprint
from ocrdigits.vision.register import (
    Registration,
    agreeing_near,
    is_found,
    register_photo,
)

_LEAST_INSIDE = 0.9  # share of a field that must lie in the photo
_NEAR_CORNERS = 6  # fewer of them around a field tell nothing about it


def find_form(gray: GrayImage, photo: Photo, form: Form, settings: Settings) -> Registration:
    """Find the form in a photo.

    Args:
        gray: (H, W) the photo.
        photo: For its name.
        form: What to find.
        settings: Of registering.

    Returns:
        Where it lies.

    Raises:
        InputError: If the photo does not show it.
    """
    found = register_photo(gray, form.reference, settings.register)
    if found is not None and is_found(found, settings.register):
        return found
    name, picture = printable_name(photo.name), form.template.reference.path.name
    agreeing = 0 if found is None else found.agreeing
    fact = f"{agreeing} of {len(form.reference.corners)} features agree with {picture}"
    remedy = "photograph the whole form, sharp, or give the template of this form"
    raise InputError(f"{name}: {fact}; {remedy}")


def find_loss(
    field: FormField, cut: FieldCut, found: Registration, settings: Settings
) -> str | None:
    """Say why nothing in a field can be believed: the photo does not show it.

    Args:
        field: The field.
        cut: What the photo shows in its place.
        found: Where the form lies.
        settings: Of registering.

    Returns:
        The reason, with the field's name before it; None if the field is there.
    """
    if cut.inside < _LEAST_INSIDE:
        return f"{field.name}: outside the photo"
    agreeing, corners = agreeing_near(found, field.box)
    if corners >= _NEAR_CORNERS and agreeing < settings.register.min_near_share * corners:
        return f"{field.name}: covered or blurred, {agreeing} of {corners} features around it agree"
    return None


def read_form(
    photo: Photo, form: Form, settings: Settings, readers: Readers, trace: Trace | None = None
) -> PhotoReading:
    """Read the fields of a form.

    Args:
        photo: As loaded.
        form: Its fields.
        settings: Of all stages.
        readers: Digit reader and string reader.
        trace: Takes a picture of the photo and of each field.

    Returns:
        One string for each field of the template, in its order, "" where it is blank; `review`
        says what a person must look at.

    Raises:
        InputError: If the photo does not show the form.
    """
    started = time.perf_counter()
    trace = trace or NoTrace()
    trace.add("load", photo.image, f"{photo.width} × {photo.height} pixels")
    gray = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
    found = find_form(gray, photo, form, settings)
    strings: dict[str, FieldReading] = {}
    review: list[str] = []
    for field in form.template.fields:
        cut = cut_field(gray, found, form.preprint, field.box)
        written = remove_preprint(cut.gray, cut.preprint)
        trace.add("field", np.vstack([cut.gray, written]), field.name)
        string, reason = _read_field(field, cut, written, (settings, readers))
        reason = find_loss(field, cut, found, settings) or reason
        if reason is not None:
            string = reject(string)
            review.append(reason)
        strings[field.name] = string
    reasons, broken = check_sums(form.template.sums, strings)
    return PhotoReading(
        file=photo.name,
        page=photo.page,
        width=photo.width,
        height=photo.height,
        turn_deg=found.turn_deg,
        strings=tuple(reject(it) if name in broken else it for name, it in strings.items()),
        review=(*review, *reasons),
        seconds=time.perf_counter() - started,
    )


def _read_field(
    field: FormField, cut: FieldCut, written: GrayImage, means: tuple[Settings, Readers]
) -> tuple[FieldReading, str | None]:
    """What stands in one field, and why a person must look at it, if so."""
    settings, readers = means
    whole = Box(0, 0, cut.gray.shape[1], cut.gray.shape[0])
    blank = FieldReading(
        text="",
        confidence=1.0,
        accepted=True,
        kind=Kind.LINE,
        box=map_box(whole, cut.photo_from_cut),
        polygon=map_corners(whole, cut.photo_from_cut),
        field=field.name,
    )
    mark = find_mark(written)
    if mark is Mark.NONE:
        return blank, doubt(field, blank, 0.0)
    settings = replace(settings, layout=Layout.LINE, decimal=field.demands.decimal)
    crop = Photo(field.name, 1, np.asarray(cv2.cvtColor(written, cv2.COLOR_GRAY2BGR), np.uint8))
    expected = Expected(field.constraint, empty_share=1.0)
    reading = read_page(segment_photo(crop, settings), settings, readers, NoTrace(), expected)
    if not reading.strings and mark is Mark.FAINT:  # what was left of the print
        return blank, doubt(field, blank, 0.0)
    if not reading.strings:
        return replace(blank, confidence=0.0), f"{field.name}: written in, but not a number"
    string = replace(move_reading(reading.strings[0], cut.photo_from_cut), field=field.name)
    agreement = Agreement.DISPUTED if string.evidence is None else string.evidence.agreement
    least = accept_from(settings.decode, readers.calibration, agreement)
    return string, doubt(field, string, least)
