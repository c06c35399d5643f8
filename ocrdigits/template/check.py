"""Photos in, how well each matches a template out, with pictures of where the fields land."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.errors import InputError, MissingExtraError
from ocrdigits.inputs import unique_slugs
from ocrdigits.names import printable_name
from ocrdigits.output.annotate import save_annotated
from ocrdigits.records import FieldReading, Kind, Photo, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.template.form import Form, load_form
from ocrdigits.template.reading import find_form, find_loss
from ocrdigits.vision.cut import cut_field
from ocrdigits.vision.geometry import map_box, map_corners
from ocrdigits.vision.load import load_photos
from ocrdigits.vision.register import Registration, local_map


@dataclass(frozen=True, slots=True)
class CheckedPhoto:
    """One photo, or page of one.

    Attributes:
        line: What to tell of it.
        error: Why it does not match or could not be read, or None.
    """

    line: str = ""
    error: str | None = None


def check_photos(
    template: Path, photos: Sequence[Path], annotate_dir: Path | None
) -> Iterator[CheckedPhoto]:
    """Find a form in photos, without reading its fields.

    Args:
        template: The template.
        photos: What to look at.
        annotate_dir: Where pictures go, or None.

    Yields:
        One outcome for each photo (each page of one that has several).

    Raises:
        UsageError: If the template is wrong.
        OutputError: If a picture cannot be written.
    """
    settings = Settings()
    form = load_form(template, settings)
    slugs = unique_slugs([str(path) for path in photos])
    for path, slug in zip(photos, slugs, strict=True):
        try:
            for photo in load_photos(path, str(path), settings.load):
                gray = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
                found = find_form(gray, photo, form, settings)
                drawn = _place_fields(photo, gray, form, found, settings)
                if annotate_dir is not None:
                    save_annotated(photo, drawn, annotate_dir, slug, photos)
                yield CheckedPhoto(_describe(photo, drawn, found))
        except (InputError, MissingExtraError) as error:
            yield CheckedPhoto(error=str(error))


def _place_fields(
    photo: Photo, gray: np.ndarray, form: Form, found: Registration, settings: Settings
) -> PhotoReading:
    """The fields as strings that hold nothing, accepted where the photo shows them."""
    strings, lost = [], []
    for field in form.template.fields:
        cut = cut_field(gray, found, form.preprint, field.box)
        loss = find_loss(field, cut, found, settings)
        lost += [] if loss is None else [loss]
        exact = local_map(found, field.box)
        share = found.agreeing / max(1, len(found.places))
        strings.append(
            FieldReading(
                text="",
                confidence=share,
                accepted=loss is None,
                kind=Kind.LINE,
                box=map_box(field.box, exact),
                polygon=map_corners(field.box, exact),
                field=field.name,
            )
        )
    return PhotoReading(
        photo.name,
        photo.page,
        photo.width,
        photo.height,
        strings=tuple(strings),
        review=tuple(lost),
    )


def _describe(photo: Photo, drawn: PhotoReading, found: Registration) -> str:
    name = printable_name(photo.name) + (f", page {photo.page}" if photo.page > 1 else "")
    facts = [f"{found.agreeing} of {len(found.places)} features agree"]
    if found.turn_deg:
        facts.append(f"turned, {found.turn_deg}° clockwise makes it upright")
    facts.append(f"the sheet bends by {found.bend_px:.1f} pixels of the reference")
    return f"{name}: {'; '.join([*facts, *drawn.review])}"
