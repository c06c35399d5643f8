import cv2
import numpy as np
import pytest
from forms import TEMPLATE, corner_error, filled_form, photographed

from ocrdigits.settings import Settings
from ocrdigits.template.form import load_form
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.register import (
    agreeing_near,
    is_found,
    local_map,
    prepare_reference,
    register_photo,
)

SETTINGS = Settings()


@pytest.fixture(scope="module")
def form():
    return load_form(TEMPLATE, SETTINGS)


@pytest.fixture(scope="module")
def sheet():
    return filled_form()


def decoded(jpeg):
    return cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)


@pytest.mark.parametrize(
    ("turns", "long_side_px", "shadow"),
    [(0, 1600, 0.0), (1, 1600, 0.6), (2, 700, 0.0), (3, 3000, 0.3)],
)
def test_fields_land_within_a_few_pixels(form, sheet, turns, long_side_px, shadow):
    jpeg, true = photographed(sheet, turns=turns, long_side_px=long_side_px, shadow=shadow)
    found = register_photo(decoded(jpeg), form.reference, SETTINGS.register)
    assert is_found(found, SETTINGS.register)
    assert found.turn_deg == -90 * turns % 360
    for field in form.template.fields:
        error = corner_error(field.box, local_map(found, field.box), true)
        assert error < 0.002 * long_side_px, field.name


def test_a_bent_sheet_is_followed(form, sheet):
    height, width = sheet.shape
    rows, columns = np.mgrid[0:height, 0:width].astype(np.float32)
    arch = 22 * np.sin(np.pi * columns / width)  # the sheet rises in the middle
    bent = cv2.remap(sheet, columns, rows + arch, cv2.INTER_LINEAR, borderValue=255)
    jpeg, true = photographed(bent)
    found = register_photo(decoded(jpeg), form.reference, SETTINGS.register)
    flat, local = [], []
    for field in form.template.fields:
        x = np.linspace(field.box.x, field.box.right, 9)
        places = np.column_stack([x, np.full(9, field.box.y + field.box.height / 2)])
        there = map_points(places - np.column_stack([0 * x, 22 * np.sin(np.pi * x / width)]), true)
        for errors, matrix in (
            (flat, found.photo_from_reference),
            (local, local_map(found, field.box)),
        ):
            errors.append(np.linalg.norm(map_points(places, matrix) - there, axis=1).mean())
    assert max(local) < 4
    assert np.mean(local) < 0.6 * np.mean(flat)


def test_a_covered_photo_is_found_and_its_lost_fields_are_known(form, sheet):
    hidden = sheet.copy()
    hidden[850:1250] = 90
    jpeg, true = photographed(hidden)
    found = register_photo(decoded(jpeg), form.reference, SETTINGS.register)
    assert is_found(found, SETTINGS.register)
    boxes = {field.name: field.box for field in form.template.fields}
    assert corner_error(boxes["customer"], local_map(found, boxes["customer"]), true) < 4
    agreeing, corners = agreeing_near(found, boxes["freight"])
    assert agreeing < 0.2 * corners


def test_another_form_is_not_found(form):
    other = np.full((1754, 1240), 255, np.uint8)
    for row in range(14):
        text = f"Row {row} of quite another list"
        at, font = (90, 150 + 110 * row), cv2.FONT_HERSHEY_SIMPLEX
        cv2.putText(other, text, at, font, 1.4, 0, 3, cv2.LINE_AA)
        cv2.rectangle(other, (800, 90 + 110 * row), (1150, 170 + 110 * row), 0, 3)
    found = register_photo(decoded(photographed(other)[0]), form.reference, SETTINGS.register)
    assert found is None or not is_found(found, SETTINGS.register)


def test_a_bare_reference_and_a_bare_photo_match_nothing(form):
    bare = np.full((800, 600), 230, np.uint8)
    assert register_photo(bare, form.reference, SETTINGS.register) is None
    reference = prepare_reference(bare, [], SETTINGS.register)
    assert register_photo(bare, reference, SETTINGS.register) is None
