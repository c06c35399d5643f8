"""What the cells of a table say of each other, in numbers small enough to check by hand."""

from __future__ import annotations

import pytest

from ocrdigits.cell_evidence import weigh_by_others, weigh_emptiness
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.records import Agreement


def fusion(**texts: float) -> Fusion:
    found = [FusedText(text.strip("_"), share) for text, share in texts.items()]
    return Fusion(tuple(found), found[0].probability, Agreement.DISPUTED)


def best(weighed):
    return [it.texts[0].text for it in weighed]


def test_in_a_table_of_single_digits_a_doubtful_cell_holds_one_too():
    others = [fusion(_4=0.99), fusion(_7=0.99), fusion(_3=0.99), fusion(_8=0.99)]
    assert best(weigh_by_others([fusion(_13=0.6, _8=0.4), *others]))[0] == "8"


def test_a_clear_number_stands_whatever_the_others_are():
    others = [fusion(_4=0.99)] * 20
    assert best(weigh_by_others([fusion(_13=0.999, _8=0.001), *others]))[0] == "13"


def test_where_lengths_differ_none_is_expected():
    others = [fusion(_41=0.99), fusion(_7=0.99), fusion(_32=0.99), fusion(_8=0.99)]
    assert best(weigh_by_others([fusion(_13=0.6, _5=0.4), *others]))[0] == "13"


def test_a_digit_that_no_other_cell_has_is_less_likely():
    others = [fusion(_6=0.99), fusion(_6=0.99), fusion(_5=0.99)]
    weighed = weigh_by_others([fusion(_0=0.55, _6=0.45), *others])[0]
    assert weighed.texts[0].text == "6" and weighed.posterior == pytest.approx(0.71, abs=0.02)


def test_one_cell_alone_stays_as_it_is():
    weighed = weigh_by_others([fusion(_13=0.6, _8=0.4)])
    assert best(weighed) == ["13"] and weighed[0].posterior == pytest.approx(0.6)


def test_in_a_full_table_ink_is_hardly_a_speck_and_in_an_emptier_one_it_may_be():
    full = weigh_emptiness([0.98, *[0.0] * 80], blank_count=0)
    half = weigh_emptiness([0.98, *[0.0] * 40], blank_count=40)
    assert full[0] < 0.5 and half[0] == pytest.approx(0.98, abs=0.005)
