import pytest

from ocrdigits.values import DecimalMark, parse_value


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
        ("0,800", 0.8),
        ("6800,125", 6800.125),
        ("12,34,567", 1234567.0),
        ("1,23,456.50", 123456.5),
        ("500.-", 500.0),
        ("500,-", 500.0),
        ("500.--", 500.0),
        ("6,800/-", 6800.0),
        ("1,00,000/-", 100000.0),
    ],
)
def test_a_text_with_one_meaning_is_a_number_whatever_the_mark(text, value):
    assert [parse_value(text, mark) for mark in DecimalMark] == [value] * 3


@pytest.mark.parametrize(
    ("text", "with_comma", "with_point"),
    [
        ("6,800", 6.8, 6800.0),
        ("6.800", 6800.0, 6.8),
        ("-12,345", -12.345, -12345.0),
        ("123.456", 123456.0, 123.456),
    ],
)
def test_the_decimal_mark_decides_a_text_with_two_meanings(text, with_comma, with_point):
    assert parse_value(text) is None
    assert parse_value(text, DecimalMark.AUTO) is None
    assert parse_value(text, DecimalMark.COMMA) == with_comma
    assert parse_value(text, DecimalMark.POINT) == with_point


@pytest.mark.parametrize(
    "text", ["5-5-2015", "5.5.2015", "10/20/2019", "6/6-2016", "12345-6789", "00-950", "24/100"]
)
def test_dates_and_postal_codes_have_no_value_whatever_the_mark(text):
    assert [parse_value(text, mark) for mark in DecimalMark] == [None] * 3


@pytest.mark.parametrize(
    "text",
    ["", "-", ".", ".-", "/-", ".5", "12.", "1,2.3", "1,23,45", "1,234,56", "1,234.567.8"]
    + [f"{number}{ending}" for number in ("5.00", "5-5", "1,23", "") for ending in ("/-", ".-")],
)
def test_a_text_that_is_no_number_has_no_value_whatever_the_mark(text):
    assert [parse_value(text, mark) for mark in DecimalMark] == [None] * 3
