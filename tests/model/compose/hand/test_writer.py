from itertools import pairwise

import numpy as np
import pytest

from ocrdigits.model.compose.hand.alphabet import JOINED_SKELETONS, NUMERAL_SKELETONS, SKELETONS
from ocrdigits.model.compose.hand.habits import Hand
from ocrdigits.model.compose.hand.writer import (
    path_bounds,
    plain_hand,
    sample_hand,
    split_trace,
    trace_text,
    write_text,
)


def joined_hand(**habits) -> Hand:
    shapes = {character: forms[0] for character, forms in SKELETONS.items()}
    joined = {letter: forms[0] for letter, forms in JOINED_SKELETONS.items()}
    return Hand(shapes, joined=joined, join_share=1.0, **habits)


def rng(seed=0):
    return np.random.default_rng(seed)


def test_every_character_of_the_alphabet_can_be_written():
    text = "".join(SKELETONS)
    written = write_text(rng(), sample_hand(rng()), text)
    assert "".join(character.text for character in written) == text
    assert all(len(path) > 1 for character in written for path in character.paths)


def test_digits_stand_on_the_baseline_and_are_about_one_high():
    written = write_text(rng(), plain_hand(), "0123456789")
    for character in written:
        _, top, _, bottom = path_bounds(character.paths)
        assert -1.1 < top < -0.9
        assert -0.1 < bottom < 0.1


def test_characters_of_an_upright_hand_do_not_overlap():
    written = write_text(rng(), plain_hand(), "2718281828")
    edges = [path_bounds(character.paths) for character in written]
    assert all(left[2] < right[0] for left, right in pairwise(edges))


def test_a_writer_keeps_one_manner_for_a_digit():
    source = rng(3)
    first, second = write_text(source, sample_hand(source), "77")
    assert len(first.paths) == len(second.paths)


def test_a_writer_never_writes_a_digit_the_same_way_twice():
    source = rng(3)
    first, second = write_text(source, sample_hand(source), "88")
    sizes = [np.subtract(*path_bounds(c.paths)[2::-2]) for c in (first, second)]
    assert abs(sizes[0] - sizes[1]) > 1e-3


def test_the_same_seed_writes_the_same_line():
    lines = [trace_text(rng(5), sample_hand(rng(4)), "Anna 1,200").points for _ in range(2)]
    assert np.array_equal(*lines)


@pytest.mark.parametrize("digit", "0123456789")
def test_every_manner_of_a_digit_is_somebodys(digit):
    source = rng()
    found = {tuple(len(s.knots) for s in sample_hand(source, [digit]).shapes[digit])
             for _ in range(400)}  # fmt: skip
    for forms in NUMERAL_SKELETONS[digit].values():
        assert any(tuple(len(s.knots) for s in form) in found for form in forms)


def test_a_corner_stays_sharp():
    (path,) = write_text(rng(), plain_hand(), "L")[0].paths
    foot = path[np.argmin(np.hypot(*(path - (path[:, 0].min(), 0)).T))]
    assert np.hypot(*(foot - (path[:, 0].min(), 0))) < 0.04


def test_haste_rounds_corners():
    feet = []
    for speed in (0.0, 1.0):
        hand = Hand(plain_hand().shapes, speed=speed)
        (path,) = write_text(rng(), hand, "L")[0].paths
        feet.append(float(np.hypot(*(path - (path[:, 0].min(), 0)).T).min()))
    assert feet[1] > feet[0] + 0.01


def test_joined_letters_are_one_curve_and_dots_follow():
    trace = trace_text(rng(), joined_hand(), "min")
    assert len(trace.starts) == 2  # the word, the dot
    assert set(trace.owners[trace.starts[1] :].tolist()) == {1}


def test_a_joining_stroke_ends_where_the_next_letter_begins():
    trace = trace_text(rng(), joined_hand(), "na")
    first, second = (split_trace(trace, index) for index in (0, 1))
    assert np.array_equal(first[0][-1], second[0][0])


def test_letters_are_not_joined_over_a_space_or_to_a_digit():
    trace = trace_text(rng(), joined_hand(), "a a7a")
    assert len(trace.starts) == 4


def test_touching_zeros_may_run_into_each_other():
    loop = {"0": NUMERAL_SKELETONS["0"]["looped"][0]}
    source = rng()
    curves = [
        len(trace_text(source, Hand(plain_hand().shapes | loop, touch_share=0.3), "00").starts)
        for _ in range(40)
    ]
    assert set(curves) == {1, 2}


def test_foreign_characters_keep_their_room():
    trace = trace_text(rng(), plain_hand(), "1x1", {1: 0.7})
    assert set(trace.owners.tolist()) == {0, 2}
    assert trace.places[2, 0] - trace.places[1, 0] > 0.6


def test_an_empty_line_has_no_ink():
    trace = trace_text(rng(), plain_hand(), "  ")
    assert not len(trace.points)
    assert trace.end == 0
