import pytest

from ocrdigits.values import parse_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("157", 157.0),
        ("-157", -157.0),
        ("0007", 7.0),
        ("12,5", 12.5),
        ("500.00", 500.0),
        ("-0.054", -0.054),
        ("1,234.56", 1234.56),
        ("1.234,56", 1234.56),
        ("1,234,567", 1234567.0),
        ("1.234.567,8", 1234567.8),
    ],
)
def test_a_text_with_one_meaning_is_a_number(text, value):
    assert parse_value(text) == value


@pytest.mark.parametrize(
    "text", ["6,800", "5-5-2015", "10/20/2019", "1,2.3", "1,234.567.8", "", "-", ".5", "12."]
)
def test_a_text_with_no_meaning_or_two_is_no_number(text):
    assert parse_value(text) is None
