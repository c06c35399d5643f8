import numpy as np

from ocrdigits.model.compose.truth import (
    StringTruth,
    move_truth,
    rectangle_corners,
    sort_for_reading,
)
from ocrdigits.records import Box, Kind


def string_at(text, x, y):
    box = Box(x, y, 40, 20)
    return StringTruth(text, Kind.LINE, rectangle_corners(box), (box,), True)


def test_a_shift_and_a_scale_move_polygon_and_boxes():
    moved = move_truth(string_at("1", 10, 20), lambda points: 2 * points + (5, 7))
    assert moved.polygon == ((25, 47), (105, 47), (105, 87), (25, 87))
    assert moved.digit_boxes == (Box(25, 47, 80, 40),)
    assert moved.text == "1"


def test_strings_are_read_row_by_row_from_the_left():
    strings = [string_at("c", 0, 50), string_at("b", 90, 0), string_at("a", 5, 6)]
    assert "".join(string.text for string in sort_for_reading(strings)) == "abc"


def test_a_box_whose_sides_bulge_holds_the_bulge():
    def bulge(points):
        return points + np.array([0, 1]) * np.sin(np.pi * (points[:, :1] - 10) / 40) * 9

    box = move_truth(string_at("1", 10, 20), bulge).digit_boxes[0]
    assert box == Box(10, 20, 40, 29)
