import numpy as np
import pytest

from ocrdigits.records import Box, Room
from ocrdigits.settings import FieldSettings
from ocrdigits.vision.components import find_components
from ocrdigits.vision.lines import Walls, group_into_lines

SETTINGS = FieldSettings()


def groups_of(*boxes, shape=(200, 600)):
    """Group filled boxes (x, y, width, height); each group as the set of its boxes' numbers."""
    ink = np.zeros(shape, bool)
    for x, y, w, h in boxes:
        ink[y : y + h, x : x + w] = True
    components = find_components(ink)
    number = {(x, y): index for index, (x, y, _, _) in enumerate(boxes)}
    groups = group_into_lines(
        components, np.ones(len(boxes), bool), Walls(np.zeros(shape, bool)), shape, SETTINGS
    )
    return {
        frozenset(number[x, y] for x, y, _, _ in components.boxes[group].tolist())
        for group in groups
    }


def test_neighbours_of_one_height_are_one_string():
    assert groups_of((10, 50, 20, 40), (36, 50, 20, 40), (62, 50, 20, 40)) == {frozenset({0, 1, 2})}


def test_a_wide_gap_parts_strings():
    assert groups_of((10, 50, 20, 40), (100, 50, 20, 40)) == {frozenset({0}), frozenset({1})}


def test_lines_one_under_the_other_are_two_strings():
    assert len(groups_of((10, 20, 20, 40), (10, 80, 20, 40))) == 2


@pytest.mark.parametrize(
    "separator",
    [(38, 84, 6, 6), (38, 82, 6, 14), (34, 68, 14, 4)],
    ids=["dot", "comma", "dash"],
)
def test_a_separator_joins_what_stands_beside_it(separator):
    boxes = [(10, 50, 20, 40), separator, (56, 50, 20, 40)]
    assert groups_of(*boxes) == {frozenset({0, 1, 2})}


def test_a_dot_half_way_up_joins_nothing_far_apart():
    assert len(groups_of((10, 50, 20, 40), (46, 66, 6, 6), (70, 50, 20, 40))) >= 2


def test_a_dash_between_a_tall_and_a_low_word_joins_nothing():
    tall, dash, low = (10, 30, 30, 56), (50, 56, 14, 4), (74, 50, 14, 20)
    assert {frozenset({0}), frozenset({2})} <= groups_of(tall, dash, low)


def walls_at(*columns, shape=(200, 600)):
    rules = np.zeros(shape, bool)
    for x in columns:
        rules[:, x : x + 2] = True
    return Walls(rules)


def test_a_5_whose_cap_came_off_goes_with_the_taller_2_beside_it():
    two, cap, hook = (248, 62, 53, 98), (329, 72, 38, 20), (321, 93, 22, 47)
    assert groups_of(two, cap, hook, shape=(400, 600)) == {frozenset({0, 1, 2})}


def test_two_low_lines_beside_a_letter_that_is_only_as_high_as_one_stay_apart():
    boxes = [(10, 50, 30, 40), (56, 50, 30, 40), (56, 92, 30, 40)]
    assert groups_of(*boxes, shape=(400, 600)) == {frozenset({0, 1}), frozenset({2})}


def test_no_string_crosses_an_upright_rule():
    ink = np.zeros((200, 600), bool)
    for x in (10, 36, 70, 96):
        ink[50:90, x : x + 20] = True
    components = find_components(ink)
    every = np.ones(4, bool)
    whole = group_into_lines(components, every, walls_at(), ink.shape, SETTINGS)
    parted = group_into_lines(components, every, walls_at(62), ink.shape, SETTINGS)
    assert [group.sum() for group in whole] == [4]
    assert sorted(components.boxes[group, 0].min() for group in parted) == [10, 70]


def test_the_room_of_a_string_ends_at_the_rules_beside_it():
    box = Box(100, 50, 60, 40)
    assert walls_at(80, 200).room_around(box) == Room(83, 199, 2)
    assert walls_at(130).room_around(box) == Room(0, 280)


def test_a_short_stroke_ends_no_room():
    rules = np.zeros((200, 600), bool)
    rules[50:65, 80:82] = True
    assert Walls(rules).room_around(Box(100, 50, 60, 40)) == Room(0, 280)


def test_a_string_that_reaches_over_a_rule_ends_there():
    box = Box(100, 50, 60, 40)
    assert walls_at(103).room_around(box).start > 100
    assert walls_at(120).room_around(box) == Room(0, 280)


def test_a_leaning_rule_ends_a_room():
    rules = np.zeros((200, 600), bool)
    for row in range(200):
        rules[row, 200 + row // 15] = True
    assert 200 <= Walls(rules).room_around(Box(100, 50, 60, 40)).stop <= 206


def test_no_string_crosses_a_rule_that_its_stroke_touches():
    walls = walls_at(103)
    left, right = np.array([60.0, 50, 30, 40]), np.array([100.0, 50, 30, 40])
    assert walls.stand_between(left, right)
    assert not walls.stand_between(right, np.array([140.0, 50, 30, 40]))
