import dataclasses

import numpy as np
import pytest
from lattices import LINE_PX, answers, lattice_of, tall

from ocrdigits.decode import (
    decode_digit,
    decode_lattice,
    digit_confidence,
    looks_like_digits,
    split_strings,
    without_others,
)
from ocrdigits.records import Box
from ocrdigits.settings import DecodeSettings

SETTINGS = DecodeSettings(non_digit_odds=1.0)
DOT = Box(24, LINE_PX - 5, 5, 5)
COMMA = Box(24, LINE_PX - 8, 6, 15)
DASH = Box(22, 18, 16, 4)


def texts(lattice, scores, settings: DecodeSettings = SETTINGS):
    return [hypothesis.text for hypothesis in decode_lattice(lattice, scores, settings)]


def test_sure_digits_side_by_side_are_read_in_order():
    lattice = lattice_of([tall(0), tall(30), tall(60)])
    best = decode_lattice(lattice, answers("4", "0", "7"), SETTINGS)[0]
    assert best.text == "407"
    assert [c.box.x for c in best.characters] == [0, 30, 60]
    assert [c.confidence for c in best.characters] == pytest.approx([0.98] * 3)
    assert best.digits == best.characters


def test_where_much_is_no_digit_a_doubtful_glyph_is_none():
    lattice, scores = lattice_of([tall(0), tall(40)]), answers("4", ("7", 0.6))
    wary = dataclasses.replace(SETTINGS, non_digit_odds=50.0)
    assert texts(lattice, scores)[0] == "47"
    assert texts(lattice, scores, wary)[0] == "4"
    sure, warier = (decode_lattice(lattice, scores, s)[0].digits[0] for s in (SETTINGS, wary))
    assert warier.confidence < sure.confidence


def test_without_ink_there_is_nothing_to_read():
    assert decode_lattice(lattice_of([]), answers(), SETTINGS) == []


def test_two_halves_that_are_no_digits_are_read_as_the_digit_they_make():
    lattice = lattice_of([tall(0, 10), tall(12, 10)], joined=2)  # atom 0, both, atom 1
    assert texts(lattice, answers("x", "8", "x"))[0] == "8"


def test_a_whole_that_is_no_digit_is_read_as_its_two_halves():
    lattice = lattice_of([tall(0), tall(20)], joined=2, prices={1: 2.0})
    assert texts(lattice, answers("3", "x", "5"))[0] == "35"


def test_a_cut_through_ink_is_avoided_where_both_ways_are_as_sure():
    atoms = [tall(0, 10), tall(10, 10)]
    scores = answers(("1", 0.9), ("0", 0.9), ("1", 0.9))
    through_ink = lattice_of(atoms, joined=2, prices={1: 9.0})
    assert texts(through_ink, scores)[0] == "0"


def test_tall_ink_that_is_no_digit_is_kept_without_a_text():
    lattice = lattice_of([tall(0), tall(30, 60), tall(100)])
    best = decode_lattice(lattice, answers("4", "x", "7"), SETTINGS)[0]
    assert best.text == "47"
    assert [(c.text, c.box.x) for c in best.characters] == [("4", 0), ("", 30), ("7", 100)]
    assert [digit.box.x for digit in best.digits] == [0, 100]


def test_a_reading_can_do_without_what_is_no_character():
    lattice = lattice_of([tall(0), tall(30, 60), tall(100)])
    best = without_others(decode_lattice(lattice, answers("4", "x", "7"), SETTINGS)[0])
    assert best.text == "47"
    assert [c.box.x for c in best.characters] == [0, 100]


def test_low_ink_that_is_nothing_is_left_out():
    lattice = lattice_of([tall(0), Box(24, 2, 5, 5), tall(44)])
    best = decode_lattice(lattice, answers("1", "x", "2"), SETTINGS)[0]
    assert [c.text for c in best.characters] == ["1", "2"]


@pytest.mark.parametrize(
    ("mark", "text"), [(DOT, "1.2"), (COMMA, "1,2"), (DASH, "1-2")], ids=[".", ",", "-"]
)
def test_separators_are_told_by_their_size_and_place(mark, text):
    lattice = lattice_of([tall(0), mark, tall(44)])
    assert texts(lattice, answers("1", "x", "2"))[0] == text


def test_a_dot_high_up_is_no_full_stop():
    lattice = lattice_of([tall(0), Box(24, 2, 5, 5), tall(44)])
    assert texts(lattice, answers("1", "x", "2"))[0] == "12"


def test_a_dash_at_the_foot_of_the_line_is_no_minus():
    lattice = lattice_of([tall(0), Box(22, LINE_PX - 4, 16, 4), tall(44)])
    assert "-" not in texts(lattice, answers("1", "x", "2"))[0]


def test_a_dash_may_stand_before_the_number():
    lattice = lattice_of([Box(0, 18, 16, 4), tall(24), tall(54)])
    assert texts(lattice, answers("x", "1", "2"))[0] == "-12"


def test_a_dot_is_a_dot_even_if_it_looks_a_little_like_a_digit():
    lattice = lattice_of([tall(0), DOT, tall(44)])
    assert texts(lattice, answers("1", ("0", 0.6), "2"))[0] == "1.2"


def test_alternatives_are_distinct_sorted_and_no_more_than_asked_for():
    lattice = lattice_of([tall(0), tall(25), tall(50)], joined=2)
    rng = np.random.default_rng(2)
    scores = rng.dirichlet(np.full(11, 0.4), len(lattice.glyphs)).astype(np.float32)
    for count in (0, 2, 7):
        found = decode_lattice(lattice, scores, DecodeSettings(alternatives=count))
        assert 1 <= len(found) <= count + 1
        assert len({hypothesis.text for hypothesis in found}) == len(found)
        ranks = [hypothesis.score for hypothesis in found]
        assert ranks == sorted(ranks, reverse=True)


def test_the_best_reading_does_not_depend_on_how_many_are_kept():
    lattice = lattice_of([tall(20 * k) for k in range(5)], joined=3)
    scores = np.random.default_rng(4).dirichlet(np.full(11, 0.5), 12).astype(np.float32)
    best = {texts(lattice, scores, DecodeSettings(alternatives=k))[0] for k in (0, 1, 4, 12)}
    assert len(best) == 1


def test_the_second_best_digit_is_the_first_alternative():
    lattice = lattice_of([tall(0), tall(30)])
    scores = answers("4", ("1", 0.7))
    scores[1, 7] = 0.25
    scores[1, 10] = 0.05
    assert texts(lattice, scores)[:2] == ["41", "47"]


@pytest.mark.parametrize("seed", range(8))
def test_confidences_are_probabilities(seed):
    rng = np.random.default_rng(seed)
    lattice = lattice_of([tall(25 * k) for k in range(4)], joined=2)
    scores = rng.dirichlet(np.full(11, 0.3), len(lattice.glyphs)).astype(np.float32)
    hypotheses = decode_lattice(lattice, scores, SETTINGS)
    confidences = digit_confidence(hypotheses)
    assert len(confidences) == len(hypotheses)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert sum(confidences) <= 1 + 1e-6


def test_surer_digits_give_a_surer_reading():
    lattice = lattice_of([tall(0), tall(30)])

    def confidence(probability: float) -> float:
        scores = answers(("4", probability), ("7", probability))
        return digit_confidence(decode_lattice(lattice, scores, SETTINGS))[0]

    rising = [confidence(probability) for probability in (0.5, 0.8, 0.95, 0.999)]
    assert rising == sorted(rising) and len(set(rising)) == 4
    assert rising[-1] > 0.9


def test_a_close_rival_halves_the_confidence():
    lattice = lattice_of([tall(0)])
    scores = answers(("1", 0.5))
    scores[0, 7], scores[0, 10] = 0.49, 0.01
    assert digit_confidence(decode_lattice(lattice, scores, SETTINGS))[0] < 0.55


def test_no_hypotheses_have_no_confidence():
    assert digit_confidence([]) == []


def test_scores_of_zero_and_one_are_not_infinite():
    lattice = lattice_of([tall(0), tall(30)])
    scores = answers(("4", 1.0), ("x", 1.0))
    hypotheses = decode_lattice(lattice, scores, SETTINGS)
    assert all(np.isfinite(hypothesis.score) for hypothesis in hypotheses)
    assert all(np.isfinite(digit_confidence(hypotheses)))


def strings_in(atoms, scores):
    """Texts of the strings of a page's field that look like digits."""
    lattice = lattice_of(atoms)
    best = decode_lattice(lattice, scores, SETTINGS)[0]
    strings = split_strings(best, lattice.line_height_px, SETTINGS)
    return [string.text for string in strings if looks_like_digits(string, SETTINGS)]


def row(count: int, step_px: int = 24):
    return [tall(step_px * k) for k in range(count)]


def test_a_number_is_a_string_and_a_word_is_none():
    assert strings_in(row(4), answers("2", "0", "5", "8")) == ["2058"]
    assert strings_in(row(4), answers("x", "x", "x", "x")) == []


@pytest.mark.parametrize("place", range(5))
def test_a_word_with_one_letter_like_a_digit_is_no_string(place):
    scores = ["x"] * 5
    scores[place] = "0"
    assert strings_in(row(5), answers(*scores)) == []


@pytest.mark.parametrize("place", range(4))
def test_a_letter_among_digits_that_stand_close_makes_a_word(place):
    scores = ["2", "0", "5", "8"]
    scores[place] = "x"
    assert strings_in(row(4), answers(*scores)) == []


def test_a_letter_that_stands_apart_leaves_its_number_alone():
    """`$ 500` and `No 12 3`."""
    apart = [tall(0), tall(40), tall(64), tall(88)]
    assert strings_in(apart, answers("x", "5", "0", "0")) == ["500"]
    between = [tall(0), tall(24), tall(70), tall(116)]
    assert strings_in(between, answers("1", "2", "x", "3")) == ["12", "3"]


def test_a_number_after_a_word_is_a_string_and_digits_inside_the_word_are_none():
    """`Form 420`, where an o and an m were taken for digits."""
    line = [*row(4), *(tall(130 + 24 * k) for k in range(3))]
    assert strings_in(line, answers("x", "0", "x", "7", "4", "2", "0")) == ["420"]


def test_digits_far_apart_are_one_string_where_nothing_stands_between():
    apart = [tall(0), tall(40), tall(80), tall(104)]
    assert strings_in(apart, answers("9", "4", "7", "0")) == ["9470"]


def test_a_number_between_the_letters_of_a_word_is_none_however_loosely_it_is_written():
    loose = [tall(34 * k) for k in range(5)]
    assert strings_in(loose, answers("x", "0", "5", "x", "x")) == []


def test_separators_at_the_ends_of_a_string_are_taken_off_but_not_a_minus():
    dot, comma = Box(52, LINE_PX - 5, 5, 5), Box(24, LINE_PX - 8, 6, 15)
    assert strings_in([tall(0), tall(24), dot], answers("1", "2", "x")) == ["12"]
    assert strings_in([tall(0), comma, tall(34), tall(58)], answers("1", "x", "2", "0")) == ["1,20"]
    minus = [Box(0, 18, 16, 4), tall(24), tall(48)]
    assert strings_in(minus, answers("x", "1", "2")) == ["-12"]


def test_a_row_of_doubtful_digits_is_no_string():
    assert strings_in(row(4), answers(*[("6", 0.3)] * 4)) == []


def test_separators_alone_are_no_string():
    assert strings_in([DOT, DASH], answers("x", "x")) == []


def test_a_field_of_one_digit_is_read_as_a_digit_whatever_its_shape():
    flat = lattice_of([Box(0, 30, 60, 6)])
    scores = answers(("x", 0.6))
    scores[0, 3] = 0.3
    hypotheses = decode_digit(flat, scores, SETTINGS)
    assert hypotheses[0].text == "3"
    assert len({hypothesis.text for hypothesis in hypotheses}) == len(hypotheses)
    assert decode_digit(lattice_of([]), answers(), SETTINGS) == []


def with_lean(lattice, index, lean):
    glyphs = list(lattice.glyphs)
    glyphs[index] = dataclasses.replace(glyphs[index], lean=lean)
    return dataclasses.replace(lattice, glyphs=tuple(glyphs))


def test_a_leaning_stroke_that_stands_free_is_a_slash():
    lattice = with_lean(lattice_of([tall(0), tall(30), tall(60)]), 1, 0.6)
    assert texts(lattice, answers("5", ("1", 0.7), "8"))[0] == "5/8"


def test_a_leaning_stroke_cut_from_a_digit_is_none():
    lattice = with_lean(lattice_of([tall(0), tall(20), tall(60)], prices={1: 6.0}), 1, 0.6)
    assert texts(lattice, answers("5", ("1", 0.7), "8"))[0] == "518"


def test_two_numbers_with_decimals_side_by_side_are_two():
    boxes = [tall(0), Box(24, LINE_PX - 5, 5, 5), tall(34)]
    boxes += [tall(100), Box(124, LINE_PX - 5, 5, 5), tall(134)]
    assert strings_in(boxes, answers("1", "x", "2", "3", "x", "4")) == ["1.2", "3.4"]
