"""Boxes of the characters of a drawn line."""

from __future__ import annotations

import numpy as np

from ocrdigits.records import LINE_PX, Box
from ocrdigits.vision.line_boxes import box_characters


def drawn(*boxes: Box, width: int = 80):
    line = np.zeros((LINE_PX, width), np.float32)
    for box in boxes:
        line[box.y : box.bottom, box.x : box.right] = 1.0
    return line


def test_each_character_gets_its_own_ink():
    boxes = [Box(8, 4, 10, 22), Box(24, 6, 9, 20), Box(40, 22, 3, 4)]
    assert box_characters(drawn(*boxes), [(12, 14), (27, 29), (41, 43)]) == boxes


def test_touching_characters_are_cut_where_there_is_least_ink():
    line = drawn(Box(10, 4, 12, 22), Box(26, 4, 12, 22), Box(22, 24, 4, 2))
    first, second = box_characters(line, [(14, 18), (30, 34)])
    assert 21 <= first.right <= 24 <= second.x + 2 and second.right == 38


def test_a_place_without_ink_still_has_a_box():
    (box,) = box_characters(drawn(), [(20, 22)])
    assert box.width > 0 and box.height == LINE_PX


def test_no_characters_have_no_boxes():
    assert box_characters(drawn(), []) == []
