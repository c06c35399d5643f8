import cv2
import numpy as np
import pytest
from pages import as_mask, paper, put_text, written

from ocrdigits.records import Box, Field, Kind
from ocrdigits.settings import SegmentSettings
from ocrdigits.vision.normalize import center_digit
from ocrdigits.vision.segment import (
    estimate_slant,
    find_seams,
    label_atoms,
    measure_lean,
    segment_field,
)

SETTINGS = SegmentSettings()


def field_of(gray, kind: Kind = Kind.LINE) -> Field:
    """A field at the standard scale, cut to its ink."""
    rows, columns = np.nonzero(gray < 130)
    box = Box(int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    crop = gray[box.y : box.bottom, box.x : box.right]
    coverage = ((235 - crop.astype(np.float32)) / 205).clip(0, 1)
    return Field(kind, box, crop < 130, coverage, 1.0)


def joined(left: str, right: str, overlap_px: int, height_px: int = 40):
    """Two digits that touch; the column of the joint, counted from the left end of the ink."""
    gray = paper(height_px + 40, 200)
    (first,) = put_text(gray, left, (40, height_px + 20), height_px)
    x = first.right - overlap_px + 1
    (second,) = put_text(gray, right, (x, height_px + 20), height_px)
    return gray, (first.right + second.x) / 2 - first.x


def is_similar(cell, text: str) -> bool:
    """Whether a cell looks like one digit and less like any other, give or take a pixel."""
    likeness = {digit: _correlation(cell, cell_of(digit)) for digit in "0123456789"}
    return max(likeness, key=likeness.__getitem__) == text and likeness[text] > 0.85


def _correlation(one, other) -> float:
    soft = [cv2.GaussianBlur(cell, (0, 0), 1.2).ravel() for cell in (one, other)]
    return float(np.corrcoef(*soft)[0, 1])


def cell_of(text: str):
    return center_digit(field_of(written(text, 40)).coverage)


def spans(lattice):
    return {(glyph.start, glyph.stop) for glyph in lattice.glyphs}


@pytest.mark.parametrize("slant", [-0.3, 0.0, 0.2, 0.45])
def test_the_slant_of_strokes_is_estimated(slant):
    upright = (written("141741", 60, 60, 4) < 130).astype(np.uint8)
    height, width = upright.shape
    shear = np.array([[1, -slant, slant * (height - 1)], [0, 1, 0]])
    leaning = cv2.warpAffine(upright, shear, (width, height)) > 0
    assert estimate_slant(leaning, 0.7) == pytest.approx(slant, abs=0.1)


def test_a_stroke_that_leans_right_has_a_positive_slant():
    ink = as_mask("....##", "...##.", "..##..", ".##...", "##....")
    assert estimate_slant(ink, 1.5) > 0
    assert estimate_slant(ink[:, ::-1], 1.5) < 0


def test_no_ink_and_no_leave_to_lean_are_no_slant():
    assert estimate_slant(np.zeros((10, 10), bool), 0.7) == 0
    assert estimate_slant(np.eye(10, dtype=bool), 0.0) == 0


def test_ink_between_two_seams_is_one_atom():
    ink = as_mask("#..#..#", "#..#..#", "#..#..#")
    seams = np.array([[1, 1, 1], [4, 4, 4]])
    atoms, firsts = label_atoms(ink, seams)
    assert atoms.tolist() == [[0, -1, -1, 1, -1, -1, 2]] * 3
    assert firsts.tolist() == [0, 1, 2]


def test_a_slice_without_ink_makes_no_atom():
    ink = as_mask("#.....#", "#.....#", "#.....#")
    atoms, firsts = label_atoms(ink, np.array([[2, 2, 2], [4, 4, 4]]))
    assert atoms.max() == 1
    assert len(firsts) == 2


def test_a_seam_winds_through_the_gap_between_two_digits_that_overlap():
    """The gap leans so much that no upright line fits in it."""
    coverage = np.zeros((40, 60), np.float32)
    for row in range(40):
        coverage[row, 20 + row // 3 : 23 + row // 3] = 1
        coverage[row, 29 + row // 3 : 32 + row // 3] = 1
    seams = find_seams(coverage, SETTINGS)
    prices = coverage[np.arange(40), seams].sum(axis=1)
    between = [
        seam for seam, price in zip(seams, prices, strict=True) if price == 0 and 23 <= seam[0] < 29
    ]
    assert len(between) >= 1
    assert all(22 + row // 3 < column < 29 + row // 3 for row, column in enumerate(between[0]))


def test_seams_go_from_left_to_right_and_have_no_jumps():
    coverage = field_of(written("90583", 40, 10)).coverage
    seams = find_seams(coverage, SETTINGS)
    assert (np.diff(seams[:, len(coverage) // 2]) > 0).all()
    assert np.abs(np.diff(seams, axis=1)).max() <= 1
    assert seams.min() >= 0 and seams.max() < coverage.shape[1]


@pytest.mark.parametrize("text", ["0", "10", "90583", "6174"])
def test_every_digit_of_a_loose_string_is_a_hypothesis(text):
    lattice = segment_field(field_of(written(text, 40)), SETTINGS)
    for character in text:
        assert any(is_similar(glyph.cell, character) for glyph in lattice.glyphs)


def test_a_lattice_can_be_crossed_and_its_prices_fit():
    lattice = segment_field(field_of(written("90583", 40)), SETTINGS)
    assert {(k, k + 1) for k in range(lattice.atom_count)} <= spans(lattice)
    assert all(0 <= start < stop <= lattice.atom_count for start, stop in spans(lattice))
    assert len(spans(lattice)) == len(lattice.glyphs)
    assert len(lattice.cut_prices) == lattice.atom_count + 1
    assert lattice.cut_prices[0] == 0 and lattice.cut_prices[-1] == 0
    assert min(lattice.cut_prices) >= 0


def test_a_cut_through_a_gap_is_free_and_one_through_ink_is_not():
    loose = segment_field(field_of(written("11", 40)), SETTINGS)
    assert loose.atom_count == 2 and loose.cut_prices[1] == pytest.approx(0, abs=0.01)
    gray, _ = joined("1", "7", overlap_px=2)
    touching = segment_field(field_of(gray), SETTINGS)
    assert max(touching.cut_prices) > 0.5


@pytest.mark.parametrize("pair", ["00", "35", "53", "28", "17", "60", "99"])
def test_touching_digits_are_cut_near_their_joint(pair):
    gray, joint = joined(*pair, overlap_px=1)
    field = field_of(gray)
    lattice = segment_field(field, SETTINGS)
    ends = [glyph.box.right for glyph in lattice.glyphs if glyph.start == 0]
    starts = [glyph.box.x for glyph in lattice.glyphs if glyph.stop == lattice.atom_count]
    assert min(abs(end - joint) for end in ends) <= 8
    assert min(abs(start - joint) for start in starts) <= 8


@pytest.mark.parametrize("pair", ["35", "53", "28"])
def test_both_halves_of_a_touching_pair_look_like_themselves(pair):
    gray, _ = joined(*pair, overlap_px=1)
    lattice = segment_field(field_of(gray), SETTINGS)
    for character in pair:
        assert any(is_similar(glyph.cell, character) for glyph in lattice.glyphs)


def test_the_parts_of_a_broken_digit_are_joined_in_some_hypothesis():
    gray = written("5", 40)
    broken = gray.copy()
    middle = gray.shape[1] // 2
    broken[:, middle : middle + 2] = 235
    lattice = segment_field(field_of(broken), SETTINGS)
    assert lattice.atom_count >= 2
    assert any(is_similar(glyph.cell, "5") for glyph in lattice.glyphs)


def test_the_boxes_enclose_the_slanted_ink():
    gray = written("174", 40, 60)
    height, width = gray.shape
    shear = np.array([[1, -0.35, 0.35 * (height - 1)], [0, 1, 0]])
    leaning = cv2.warpAffine(gray, shear, (width, height), borderValue=235)
    field = field_of(leaning)
    lattice = segment_field(field, SETTINGS)
    count, _, stats, _ = cv2.connectedComponentsWithStats(field.ink.astype(np.uint8))
    assert count == 4
    for x, y, w, h, _ in stats[1:]:
        enclosing = [
            glyph.box
            for glyph in lattice.glyphs
            if glyph.box.x <= x + 2
            and glyph.box.right >= x + w - 2
            and glyph.box.y <= y + 2
            and glyph.box.bottom >= y + h - 2
        ]
        assert enclosing and min(box.width for box in enclosing) <= w + 0.5 * h


def test_a_field_of_one_digit_is_one_hypothesis():
    lattice = segment_field(field_of(written("4", 40), Kind.DIGIT), SETTINGS)
    assert [(glyph.start, glyph.stop) for glyph in lattice.glyphs] == [(0, 1)]
    assert is_similar(lattice.glyphs[0].cell, "4")


def test_the_line_is_as_high_as_its_digits_whatever_the_comma():
    lattice = segment_field(field_of(written("12,80", 40)), SETTINGS)
    assert lattice.line_height_px == pytest.approx(43, abs=4)


def test_a_field_without_ink_has_an_empty_lattice():
    blank = np.zeros((40, 60), bool)
    field = Field(Kind.LINE, Box(0, 0, 60, 40), blank, blank.astype(np.float32), 1.0)
    lattice = segment_field(field, SETTINGS)
    assert lattice.atom_count == 0 and lattice.glyphs == ()


@pytest.mark.parametrize("lean", [-0.3, 0.0, 0.4, 0.8])
def test_the_lean_of_a_straight_thin_stroke_is_measured(lean):
    stroke = np.zeros((60, 80), np.uint8)
    start, stop = (round(40 - 25 * lean), 55), (round(40 + 25 * lean), 5)
    cv2.line(stroke, start, stop, 255, 3, cv2.LINE_AA)
    assert measure_lean(stroke.astype(np.float32) / 255) == pytest.approx(lean, abs=0.03)


def test_a_round_or_bent_character_has_no_lean():
    ring = np.zeros((60, 60), np.uint8)
    cv2.ellipse(ring, (30, 30), (14, 24), 0, 0, 360, 255, 3)
    bent = np.zeros((60, 60), np.uint8)
    cv2.polylines(bent, [np.array([[15, 10], [45, 10], [25, 52]])], False, 255, 3)
    assert measure_lean(ring.astype(np.float32) / 255) is None
    assert measure_lean(bent.astype(np.float32) / 255) is None


def test_on_a_page_two_characters_that_stand_apart_are_no_hypothesis():
    field = field_of(written("4830", 40))
    anywhere, on_page = (
        segment_field(field, SETTINGS),
        segment_field(field, SETTINGS, is_on_page=True),
    )
    line = anywhere.line_height_px
    left_out = [g for g in anywhere.glyphs if (g.start, g.stop) not in spans(on_page)]
    assert left_out
    assert all(g.stop - g.start > 1 and g.box.width > 0.9 * line for g in left_out)
    assert spans(on_page) < spans(anywhere)


def test_on_a_page_single_atoms_and_the_parts_of_a_broken_digit_stay():
    gray = written("8", 40)
    middle = int(np.nonzero(gray < 130)[1].mean())
    gray[:, middle - 2 : middle + 3] = 235
    field = field_of(gray)
    lattice = segment_field(field, SETTINGS, is_on_page=True)
    assert spans(lattice) == spans(segment_field(field, SETTINGS))
