import numpy as np
import pytest

from ocrdigits.model.compose.pages.contents import (
    choose_manner,
    format_amount,
    format_european,
    sample_cents,
    sample_date,
    sample_long_date,
    sample_routing,
    spell_amount,
    spell_french,
    spell_german,
)


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (500, "Five and 00/100"),
        (4205, "Forty two and 05/100"),
        (123456, "One thousand two hundred thirty four and 56/100"),
        (900010, "Nine thousand and 10/100"),
    ],
)
def test_amounts_are_spelled_as_on_cheques(cents, words):
    assert spell_amount(cents) == words


def test_amounts_are_grouped_on_request():
    assert format_amount(123456) == "1,234.56"
    assert format_amount(123456, grouped=False) == "1234.56"
    assert format_amount(905) == "9.05"


def test_sampled_amounts_stay_between_their_limits():
    rng = np.random.default_rng(0)
    assert all(800 <= sample_cents(rng) < 1_000_000 for _ in range(500))


def test_routing_numbers_have_a_right_check_digit_and_belong_to_no_bank():
    number = sample_routing(np.random.default_rng(0))
    assert number.startswith("99")
    weights = (3, 7, 1) * 3
    assert sum(int(d) * w for d, w in zip(number, weights, strict=True)) % 10 == 0


def test_dates_keep_one_separator():
    rng = np.random.default_rng(0)
    for _ in range(50):
        date = sample_date(rng)
        assert len(set(date) - set("0123456789")) == 1


def test_european_amounts_have_a_comma_before_the_cents():
    assert format_european(123456) == "1.234,56"
    assert format_european(123456, grouped=False) == "1234,56"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (21, "vingt et un"),
        (71, "soixante et onze"),
        (76, "soixante-seize"),
        (80, "quatre-vingt"),
        (93, "quatre-vingt-treize"),
        (287, "deux cent quatre-vingt-sept"),
        (1100, "mille cent"),
    ],
)
def test_french_counts_on_from_sixty_and_eighty(number, words):
    assert spell_french(number) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [(21, "einundzwanzig"), (287, "zweihundertsiebenundachtzig"), (1000, "eintausend")],
)
def test_german_says_the_ones_before_the_tens(number, words):
    assert spell_german(number) == words


def test_long_dates_hold_a_day_a_year_and_a_month_in_letters():
    rng = np.random.default_rng(0)
    for _ in range(50):
        date = sample_long_date(rng)
        assert sum(c.isdecimal() for c in date) in (5, 6)
        assert any(c.isalpha() for c in date)


def test_a_writer_puts_all_numbers_in_one_manner():
    manners = set()
    for seed in range(20):
        rng = np.random.default_rng(seed)
        adopt = choose_manner(rng)
        manners.add(tuple(adopt(lambda _rng, text=text: text)(rng) for text in ("1,234", "5.6")))
    assert manners == {("1,234", "5.6"), ("1234", "5.6"), ("1.234", "5,6"), ("1234", "5,6")}
