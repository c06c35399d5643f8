"""A job's store of filled-in forms with readings as they are wanted, without reading anything."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
from forms import TEMPLATE, TEXTS, filled_form

from ocrdigits.batch.photos import find_photos
from ocrdigits.batch.records import Result, Status
from ocrdigits.batch.rows import page_row
from ocrdigits.batch.setup import describe_setup
from ocrdigits.batch.store import Store
from ocrdigits.batch.worker import WorkPlan
from ocrdigits.records import FieldReading, Kind, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.template.checks import check_sums, doubt, reject
from ocrdigits.template.form import load_form
from ocrdigits.values import parse_value

LEAST = 0.9


def make_form_job(home: Path, *notes: dict[str, str], confidence: float = 0.99) -> Path:
    """Photos `home/photos/0.jpg`, … of forms with these texts in place of the usual, as read."""
    photos, store_path = home / "photos", home / "r.csv.ocrdigits"
    photos.mkdir()
    form = load_form(TEMPLATE, Settings())
    for index, changed in enumerate(notes):
        cv2.imwrite(str(photos / f"{index}.jpg"), filled_form({**TEXTS, **changed}))
    setup = describe_setup(WorkPlan(photos, Settings(), form=form))
    with Store.open(store_path, job=True) as store:
        setup_id = store.begin(setup.digest, setup.facts)
        store.remember_folder(photos)
        found = list(find_photos(photos))
        store.list_photos(found, setup_id)
        pending = store.pending(setup_id)
        for it, photo_id, changed in zip(found, pending, notes, strict=True):
            reading = _reading(form.template, {**TEXTS, **changed}, confidence)
            checksum = hashlib.sha256((photos / it.path).read_bytes()).hexdigest()
            result = Result(it.stamp, checksum, Status.READ, (page_row(reading),))
            store.record(store.photo(photo_id, setup_id), setup_id, result)
    return store_path


def _reading(template, texts, confidence):
    """What `read_form` makes of fields that are read rightly."""
    strings, review = {}, []
    for field in template.fields:
        text, box = texts[field.name], field.box
        string = FieldReading(
            text=text,
            confidence=confidence if text else 1.0,
            accepted=True,
            kind=Kind.LINE,
            box=box,
            polygon=(
                (box.x, box.y),
                (box.right, box.y),
                (box.right, box.bottom),
                (box.x, box.bottom),
            ),
            value=parse_value(text, field.demands.decimal) if text else None,
            field=field.name,
        )
        reason = doubt(field, string, LEAST)
        strings[field.name] = string if reason is None else reject(string)
        review += [reason] if reason else []
    reasons, broken = check_sums(template.sums, strings)
    strings = {name: reject(it) if name in broken else it for name, it in strings.items()}
    size = {"width": template.reference.width, "height": template.reference.height}
    reading = PhotoReading(file="x", **size, strings=tuple(strings.values()))
    return replace(reading, review=(*review, *reasons))
