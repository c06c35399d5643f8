import cv2
import numpy as np
import pytest
from pages import as_mask, component_count, share_of, written

from ocrdigits.vision.rules import (
    bridge_gaps,
    find_crop_frame,
    find_horizontal_rules,
    find_vertical_rules,
)


def test_a_long_level_line_is_a_rule():
    ink = as_mask(
        "....................",
        "####################",
        "....................",
    )
    np.testing.assert_array_equal(find_horizontal_rules(ink, 15), ink)


def test_a_short_dash_is_none():
    ink = as_mask(
        "....................",
        "....######..........",
        "....................",
    )
    assert not find_horizontal_rules(ink, 15).any()


def test_upright_rules_are_level_rules_turned():
    ink = np.zeros((40, 30), bool)
    ink[:, 12] = True
    np.testing.assert_array_equal(find_vertical_rules(ink, 25), ink)
    assert not find_horizontal_rules(ink, 25).any()


def test_nothing_is_no_rule():
    blank = np.zeros((20, 30), bool)
    assert not find_horizontal_rules(blank, 10).any()
    assert not find_vertical_rules(blank, 10).any()
    assert not find_crop_frame(blank).any()


def test_a_stroke_that_crosses_a_rule_stays_whole():
    ink = np.zeros((60, 200), bool)
    ink[40:42] = True
    stroke = np.zeros_like(ink)
    stroke[10:55, 90:94] = True
    rest = (ink | stroke) & ~find_horizontal_rules(ink | stroke, 120)
    assert share_of(rest, stroke) == 1
    _, labels = cv2.connectedComponents(rest.astype(np.uint8))
    assert len(np.unique(labels[stroke])) == 1
    assert share_of(rest & ~stroke, ink & ~stroke) < 0.05


def test_digits_on_a_baseline_are_kept_and_the_baseline_goes():
    gray = written("1470", 60, 20, 5)
    digits = gray < 130
    ink = digits.copy()
    ink[72:74] = True  # through their feet
    rest = ink & ~find_horizontal_rules(ink, round(0.35 * ink.shape[1]))
    assert share_of(rest, digits) >= 0.95
    assert component_count(rest) == component_count(digits)


def test_a_rule_with_breaks_and_a_little_skew_is_found():
    canvas = np.zeros((60, 400), np.uint8)
    cv2.line(canvas, (0, 28), (399, 33), 1, 2)
    canvas[:, 50::60] = 0
    canvas[:, 51::60] = 0
    ink = canvas > 0
    assert share_of(find_horizontal_rules(ink, 120), ink) >= 0.95


def test_writing_alone_is_no_rule():
    ink = written("2757", 60, 20, 5) < 130
    assert not find_horizontal_rules(ink, 120).any()
    assert not find_vertical_rules(ink, 120).any()


def boxed(text: str = "305"):
    """A crop with the four sides of a form's box around the string."""
    digits = np.pad(written(text, 50, 20, 5) < 130, ((0, 0), (25, 25)))
    frame = np.zeros_like(digits)
    frame[3:5] = frame[-5:-3] = True
    frame[3:-3, 4:6] = frame[3:-3, -6:-4] = True
    return digits, frame


def test_the_box_around_a_string_is_found_and_the_string_is_not():
    digits, frame = boxed()
    found = find_crop_frame(digits | frame)
    assert share_of(found, frame) >= 0.95
    assert not (found & digits).any()


@pytest.mark.parametrize("margin_px", [12, 30])
@pytest.mark.parametrize("text", ["0", "1", "2", "4", "5", "7", "17", "42", "725"])
def test_a_crop_without_a_box_keeps_every_stroke(text, margin_px):
    """The bar of a 7 is long beside a crop of one digit, and is no rule."""
    digits = written(text, 60, margin_px, 5) < 130
    assert share_of(~find_crop_frame(digits), digits) >= 0.95


@pytest.mark.parametrize("margin_px", [6, 14, 25])
@pytest.mark.parametrize("text", ["1081", "10.50", "281"])
def test_upright_strokes_near_the_sides_are_ones(text, margin_px):
    digits = written(text, 60, margin_px, 5) < 130
    assert not (find_crop_frame(digits) & digits).any()


def upright_pieces(*spans, x: int = 40, lean: float = 0.0):
    """(300, 100) pieces of one rule, from row to row."""
    ink = np.zeros((300, 100), bool)
    for start, stop in spans:
        for row in range(start, stop):
            at = round(x + lean * row)
            ink[row, at : at + 2] = True
    return ink


@pytest.mark.parametrize("lean", [0.0, 0.01])
def test_a_rule_goes_on_where_writing_hid_it(lean):
    pieces = upright_pieces((20, 100), (130, 200), lean=lean)
    bridged = bridge_gaps(pieces, 60)
    assert bridged[100:130].any(axis=1).all()
    assert (bridged >= pieces).all()
    assert not bridged[200:].any()


def test_pieces_far_apart_or_beside_each_other_are_two_rules():
    far = upright_pieces((20, 100), (180, 260))
    assert np.array_equal(bridge_gaps(far, 60), far)
    beside = upright_pieces((20, 100)) | upright_pieces((130, 200), x=50)
    assert np.array_equal(bridge_gaps(beside, 60), beside)


def test_a_gap_longer_than_its_rules_stays():
    strokes = upright_pieces((20, 40), (80, 100))
    assert np.array_equal(bridge_gaps(strokes, 60), strokes)
