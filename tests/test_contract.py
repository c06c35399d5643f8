"""What every stage owes the others: dtypes, shapes, its input unchanged, the same answer twice."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from pages import page_of_lines, paper, written

from ocrdigits.decode import decode_digit, decode_lattice
from ocrdigits.records import Kind, Layout, Photo
from ocrdigits.settings import Settings
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import choose_layout, find_fields
from ocrdigits.vision.normalize import center_digit
from ocrdigits.vision.rectify import estimate_skew, find_sheet, rectify_photo, turn_page
from ocrdigits.vision.segment import segment_field

SETTINGS = Settings()
NOISE = np.random.default_rng(0).integers(0, 256, (90, 130), dtype=np.uint8)
PICTURES = {
    "blank": paper(120, 200),
    "black": paper(120, 200, 0),
    "1 × 1": paper(1, 1),
    "1 × 10000": paper(1, 10_000),
    "10000 × 1": paper(10_000, 1),
    "2 × 2": np.array([[0, 255], [255, 0]], np.uint8),
    "noise": NOISE,
    "digit": written("8", 50, 15),
    "line": written("1,350-7", 50, 15),
    "page": page_of_lines(),
}
EMPTY = ("blank", "black", "1 × 1", "1 × 10000", "10000 × 1")
every_picture = pytest.mark.parametrize("name", PICTURES)
every_layout = pytest.mark.parametrize("layout", list(Layout), ids=lambda layout: layout.value)


def photo_of(name: str) -> Photo:
    return Photo(name, 1, cv2.cvtColor(PICTURES[name], cv2.COLOR_GRAY2BGR))


def parts_of(value) -> Iterator[object]:
    """Everything that a record is made of, arrays last."""
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            yield from parts_of(getattr(value, field.name))
    elif isinstance(value, list | tuple):
        yield len(value)
        for entry in value:
            yield from parts_of(entry)
    else:
        yield value


def are_equal(one, other) -> bool:
    pairs = zip(parts_of(one), parts_of(other), strict=True)
    return all(
        np.array_equal(a, b) if isinstance(a, np.ndarray) else type(a) is type(b) and a == b
        for a, b in pairs
    )


def called_twice(stage, value, *rest):
    """The stage's answer, once it is shown to be the same twice and to leave its input alone."""
    before = copy.deepcopy(value)
    answer = stage(value, *rest)
    again = stage(value, *rest)
    assert are_equal(answer, again)
    assert are_equal(value, before)
    return answer


def assert_coverage(array, shape):
    assert array.dtype == np.float32 and array.shape == shape
    assert np.isfinite(array).all() and array.min() >= 0 and array.max() <= 1 + 1e-5


def through_the_stages(name: str, layout: Layout):
    page = rectify_photo(photo_of(name), layout, SETTINGS.rectify)
    ink = find_ink(page.gray, SETTINGS.enhance_for(layout))
    fields = find_fields(ink, layout, SETTINGS.field)
    return page, ink, fields, [segment_field(field, SETTINGS.segment) for field in fields]


def test_the_comparison_sees_a_change_of_one_pixel():
    page = rectify_photo(photo_of("line"), Layout.LINE, SETTINGS.rectify)
    changed = copy.deepcopy(page)
    changed.gray[3, 3] ^= 1
    assert are_equal(page, copy.deepcopy(page)) and not are_equal(page, changed)


@every_picture
@every_layout
def test_rectify_gives_a_grey_page_and_a_map_to_the_photo(name, layout):
    page = called_twice(rectify_photo, photo_of(name), layout, SETTINGS.rectify)
    assert page.gray.dtype == np.uint8 and page.gray.ndim == 2 and page.gray.size > 0
    assert page.photo_from_page.shape == (3, 3) and page.photo_from_page.dtype == np.float64
    assert abs(np.linalg.det(page.photo_from_page)) > 1e-9
    assert page.turn_deg == 0


@every_picture
def test_turning_gives_a_page_with_the_same_pixels(name):
    page = rectify_photo(photo_of(name), Layout.PAGE, SETTINGS.rectify)
    for turn_deg in (0, 90, 180, 270):
        turned = called_twice(turn_page, page, turn_deg)
        assert turned.gray.dtype == np.uint8 and turned.turn_deg == turn_deg
        assert np.bincount(turned.gray.ravel()).tolist() == np.bincount(page.gray.ravel()).tolist()


@every_picture
def test_estimates_of_sheet_and_skew_are_finite_and_leave_the_photo_alone(name):
    corners = called_twice(lambda gray: (find_sheet(gray),), PICTURES[name])[0]
    assert corners is None or (corners.shape == (4, 2) and np.isfinite(corners).all())
    assert np.isfinite(called_twice(estimate_skew, PICTURES[name]))


@every_picture
@every_layout
def test_enhance_gives_ink_and_coverage_of_the_pages_shape(name, layout):
    gray = PICTURES[name]
    found = called_twice(find_ink, gray, SETTINGS.enhance_for(layout))
    assert found.ink.dtype == np.bool_ and found.ink.shape == gray.shape
    assert_coverage(found.coverage, gray.shape)
    assert (found.coverage[found.ink] > 0).mean() > 0.9 if found.ink.any() else True


@every_picture
@every_layout
def test_fields_lie_on_the_page_and_hold_ink(name, layout):
    page = rectify_photo(photo_of(name), layout, SETTINGS.rectify)
    ink = find_ink(page.gray, SETTINGS.enhance_for(layout))
    height, width = page.gray.shape
    for field in called_twice(find_fields, ink, layout, SETTINGS.field):
        box = field.box
        assert 0 <= box.x < box.right <= width and 0 <= box.y < box.bottom <= height
        assert field.ink.dtype == np.bool_ and field.ink.any()
        assert_coverage(field.coverage, field.ink.shape)
        assert field.scale > 0 and isinstance(field.kind, Kind)
    assert called_twice(choose_layout, ink, SETTINGS.field) in (Layout.LINE, Layout.PAGE)


@every_picture
@every_layout
def test_lattices_can_be_crossed_and_their_cells_fit_the_network(name, layout):
    for field in through_the_stages(name, layout)[2]:
        lattice = called_twice(segment_field, field, SETTINGS.segment)
        assert len(lattice.cut_prices) == lattice.atom_count + 1
        assert {(glyph.start, glyph.stop) for glyph in lattice.glyphs} >= {
            (k, k + 1) for k in range(lattice.atom_count)
        }
        for glyph in lattice.glyphs:
            assert_coverage(glyph.cell, (28, 28))
            assert glyph.cell.max() > 0.5 and glyph.box.width > 0 and glyph.box.height > 0


@every_picture
@every_layout
def test_decoding_gives_texts_of_digits_and_separators(name, layout):
    _, _, fields, lattices = through_the_stages(name, layout)
    rng = np.random.default_rng(5)
    for field, lattice in zip(fields, lattices, strict=True):
        scores = rng.dirichlet(np.ones(11), len(lattice.glyphs)).astype(np.float32)
        decode = decode_digit if field.kind is Kind.DIGIT else decode_lattice
        before = scores.copy()
        hypotheses = called_twice(decode, lattice, scores, SETTINGS.decode)
        np.testing.assert_array_equal(scores, before)
        for hypothesis in hypotheses:
            assert set(hypothesis.text) <= set("0123456789.,-/")
            assert hypothesis.text == "".join(c.text for c in hypothesis.characters)


def test_centring_leaves_its_input_alone():
    ink = (PICTURES["digit"] < 130).astype(np.float32)
    assert_coverage(called_twice(center_digit, ink), (28, 28))


@pytest.mark.parametrize("name", EMPTY)
@every_layout
def test_on_an_empty_picture_there_is_nothing(name, layout):
    _, ink, fields, _ = through_the_stages(name, layout)
    assert not ink.ink.any() and not ink.coverage.any()
    assert fields == []
