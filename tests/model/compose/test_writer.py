from itertools import pairwise

import numpy as np

from ocrdigits.model.compose.alphabet import SKELETONS
from ocrdigits.model.compose.writer import path_bounds, plain_hand, sample_hand, write_text


def test_every_character_of_the_alphabet_can_be_written():
    rng = np.random.default_rng(0)
    text = "".join(SKELETONS)
    written = write_text(rng, sample_hand(rng), text)
    assert "".join(character.text for character in written) == text
    assert all(len(path) > 1 for character in written for path in character.paths)


def test_digits_stand_on_the_baseline_and_are_about_one_high():
    written = write_text(np.random.default_rng(0), plain_hand(), "0123456789")
    for character in written:
        _, top, _, bottom = path_bounds(character.paths)
        assert -1.1 < top < -0.9
        assert -0.1 < bottom < 0.1


def test_characters_of_an_upright_hand_do_not_overlap():
    written = write_text(np.random.default_rng(0), plain_hand(), "2718281828")
    edges = [path_bounds(character.paths) for character in written]
    assert all(left[2] < right[0] for left, right in pairwise(edges))


def test_a_writer_keeps_one_manner_for_a_digit():
    rng = np.random.default_rng(3)
    first, second = write_text(rng, sample_hand(rng), "77")
    assert len(first.paths) == len(second.paths)


def test_writers_differ():
    rng = np.random.default_rng(0)
    stroke_counts = {len(sample_hand(rng).shapes["7"]) for _ in range(30)}
    assert stroke_counts == {1, 2}  # without and with a bar


def test_a_corner_stays_sharp():
    hand = plain_hand()
    (path,) = write_text(np.random.default_rng(0), hand, "L")[0].paths
    foot = path[np.argmin(np.hypot(*(path - (path[:, 0].min(), 0)).T))]
    assert np.hypot(*(foot - (path[:, 0].min(), 0))) < 0.04
