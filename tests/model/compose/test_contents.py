import numpy as np
import pytest

from ocrdigits.model.compose.contents import (
    format_amount,
    sample_cents,
    sample_date,
    sample_routing,
    spell_amount,
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
