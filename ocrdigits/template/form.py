"""A template and its picture, looked at once: ready to be found in any number of photos."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.errors import InputError, MissingExtraError, UsageError
from ocrdigits.names import printable_name
from ocrdigits.records import InkMask
from ocrdigits.settings import Settings
from ocrdigits.template.document import ReferencePicture, Template, read_template
from ocrdigits.vision.load import load_photos, read_file
from ocrdigits.vision.preprint import find_preprint
from ocrdigits.vision.register import Reference, prepare_reference


@dataclass(frozen=True, slots=True)
class Form:
    """What photos are compared with; safe to share by threads.

    Attributes:
        template: Fields and sums.
        reference: What is looked for in a photo.
        preprint: (H, W) the ink of the picture that is on every copy, reference pixels: lines and
            boxes, and all of it where the picture shows a blank form.
    """

    template: Template
    reference: Reference
    preprint: InkMask

    @property
    def field_names(self) -> tuple[str, ...]:
        """Names of the fields, in the template's order."""
        return tuple(field.name for field in self.template.fields)


def load_form(path: Path, settings: Settings) -> Form:
    """Read a template and look at its reference picture.

    Args:
        path: The template.
        settings: Of loading, registering and finding ink.

    Returns:
        The form.

    Raises:
        UsageError: If the template is wrong, or the picture is missing, damaged, or not the one
            that the fields were drawn on.
    """
    template = read_template(path)
    gray = _load_picture(template.reference, printable_name(str(path)), settings)
    boxes = [field.box for field in template.fields]
    return Form(
        template=template,
        reference=prepare_reference(gray, boxes, settings.register),
        preprint=find_preprint(gray, settings, is_blank=template.reference.blank),
    )


def _load_picture(picture: ReferencePicture, template: str, settings: Settings) -> np.ndarray:
    name = printable_name(str(picture.path))
    try:
        data = read_file(picture.path, name)
        if hashlib.sha256(data).hexdigest() != picture.sha256:
            fact = f"{template}: reference: {name} is not the picture that the fields were drawn on"
            remedy = "bring that one back, or make the template anew with ocrdigits template new"
            raise UsageError(f"{fact} (its SHA-256 is another); {remedy}")
        photo = next(load_photos(data, name, settings.load))
    except (InputError, MissingExtraError) as error:
        raise UsageError(f"{template}: reference: {error}") from None
    if (photo.width, photo.height) != (picture.width, picture.height):
        fact = f"{template}: reference: {name} has {photo.width} × {photo.height} pixels"
        raise UsageError(
            f"{fact}, not {picture.width} × {picture.height}; correct width and height"
        )
    return np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
