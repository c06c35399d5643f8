"""Characters at one pitch are one string, wherever their groups end."""

from __future__ import annotations

import numpy as np

from ocrdigits.vision.components import find_components
from ocrdigits.vision.lines import Walls
from ocrdigits.vision.spaced import join_spaced


def joined(*groups, walls=()):
    """What is joined, of groups of filled boxes (x, y, width, height), with upright rules."""
    rules = np.zeros((200, 900), bool)
    rules[:, list(walls)] = True
    ink = np.zeros((200, 900), bool)
    for x, y, w, h in (box for group in groups for box in group):
        ink[y : y + h, x : x + w] = True
    components = find_components(ink)
    masks = []
    for group in groups:
        places = {(x, y) for x, y, _, _ in group}
        masks.append(np.array([(x, y) in places for x, y, _, _ in components.boxes.tolist()]))
    return [
        sorted(
            (number for number, mask in enumerate(masks) if (string & mask).any()),
            key=lambda number: groups[number][0],
        )
        for string in join_spaced(components, masks, Walls(rules))
    ]


def box(x, width=20, y=50, height=40):
    return (x, y, width, height)


def test_single_characters_at_one_pitch_are_joined_left_to_right():
    assert joined([box(210)], [box(100)], [box(155)]) == [[1, 2, 0]]


def test_a_narrow_1_and_a_pair_fit_into_the_row():
    row = [[box(100)], [box(164, width=6)], [box(210), box(265)], [box(320)]]
    assert joined(*row) == [[0, 1, 2, 3]]


def test_one_group_whose_characters_stand_wider_than_people_write_is_a_row():
    assert joined([box(100), box(155), box(210), box(265)]) == [[0]]
    assert joined([box(100), box(140), box(180), box(220)]) == []


def test_five_that_stand_nearly_as_wide_are_a_row_unless_marks_stand_among_them():
    loose = [box(100 + 48 * k, height=48) for k in range(5)]
    mark = box(270, width=6, y=92, height=6)
    assert joined(loose) == [[0]]
    assert joined(loose[:4]) == []
    assert joined([*loose, mark]) == []


def test_low_characters_between_high_ones_keep_the_pitch():
    low = [box(190, y=65, height=22), box(280, y=66, height=23)]
    assert joined([box(100)], [low[0]], [low[1]], [box(370)]) == [[0, 1, 2, 3]]


def test_two_are_no_row():
    assert joined([box(100)], [box(155)]) == []


def test_another_pitch_height_or_line_is_another_string():
    assert joined([box(100)], [box(155)], [box(240)]) == []
    assert joined([box(100)], [box(155)], [box(210, height=90)]) == []
    assert joined([box(100)], [box(155)], [box(210, y=120)]) == []


def test_far_apart_is_no_row():
    assert joined([box(100)], [box(300)], [box(500)]) == []


def test_a_word_that_only_partly_keeps_the_pitch_is_left_alone():
    word = [box(210), box(233, width=18), box(255, width=22)]
    assert joined([box(100)], [box(155)], word) == []


def test_a_digit_in_two_pieces_is_one_character_of_the_row():
    pieces = [box(155, y=50, height=24), box(157, width=18, y=76, height=24)]
    row = [[box(100)], pieces, [box(210)], [box(265)]]
    assert joined(*row) == [[0, 1, 2, 3]]


def test_rules_between_characters_make_them_a_table():
    row = [[box(100)], [box(155)], [box(210)]]
    assert joined(*row, walls=(90, 240)) == [[0, 1, 2]]
    assert joined(*row, walls=(190,)) == []


def test_low_characters_at_the_ends_of_a_row_belong_to_it():
    row = [[box(40, y=66, height=22)], [box(95, y=66, height=22)], [box(150)], [box(205)]]
    row += [[box(260)], [box(315, y=66, height=22)], [box(370, y=66, height=22)]]
    assert joined(*row) == [[0, 1, 2, 3, 4, 5, 6]]


def test_the_edge_of_a_sheet_at_the_border_is_no_character():
    row = [[box(155)], [box(210)], [box(265)]]
    assert joined([box(100)], *row) == [[0, 1, 2, 3]]
    assert joined([box(0, width=12)], [box(52)], [box(107)], [box(162)]) == [[1, 2, 3]]


def test_the_stripes_of_a_border_are_no_characters():
    row = [[box(155)], [box(210)], [box(265)]]
    stripes = [[box(100)], [box(100, y=5)], [box(100, y=95)]]
    assert joined(*stripes, *row) == [[3, 4, 5]]
    assert joined(stripes[0], stripes[1], *row) == [[0, 2, 3, 4]]


def test_a_digit_whose_stem_broke_off_into_a_group_of_its_own_is_whole():
    loop, stem = box(155, height=22, width=38), box(176, y=73, height=18, width=6)
    row = [[box(100)], [loop], [stem], [box(230)], [box(285)]]
    assert joined(*row) == [[0, 1, 2, 3, 4]]


def test_a_letter_close_above_a_digit_and_the_rule_below_are_no_pieces_of_it():
    row = [[box(100)], [box(155)], [box(210)], [box(265)]]
    word = [box(180 + 26 * k, y=8, height=40) for k in range(5)]
    rule = box(197, y=92, width=46, height=4)
    assert joined(*row, word, [rule]) == [[0, 1, 2, 3]]


def test_a_digit_that_the_tail_of_a_word_took_goes_back_to_its_row():
    word = [box(20 + 26 * k, y=5, height=40) for k in range(2)] + [box(72, y=5, height=92)]
    row = [[box(210)], [box(265)], [box(320)]]
    assert joined([*word, box(155)], *row) == [[0, 1, 2, 3]]
    beside = box(128, width=18)  # now it may as well be a letter
    assert joined([*word, beside, box(155)], *row) == [[1, 2, 3]]


def test_the_bar_that_came_off_a_5_keeps_it_at_its_place():
    five, cap = box(140, width=18), box(160, y=48, height=6, width=24)
    row = [[box(100)], [five, cap], [box(210)], [box(265)]]
    assert joined(*row) == [[0, 1, 2, 3]]
    assert joined(row[0], [five], *row[2:]) == [[1, 2, 3]]
