import pytest
from readings import field_reading

from ocrdigits.records import Box
from ocrdigits.template.checks import check_sums, doubt, is_unsure
from ocrdigits.template.demands import Demands, find_fault, make_demanded
from ocrdigits.template.document import FormField, FormSum
from ocrdigits.values import DecimalMark, parse_value


def field(*, required=False, **demands):
    return FormField("code", Box(0, 0, 10, 10), Demands(**demands), required)


def amounts(**texts):
    return {
        name: field_reading(text, field=name, value=parse_value(text) if text else None)
        for name, text in texts.items()
    }


@pytest.mark.parametrize(
    ("demands", "text", "fault"),
    [
        ({"content": "date"}, "29.2.2024", None),
        ({"content": "date"}, "31.2.2024", "31.2.2024 is not a date"),
        ({"content": "amount"}, "1.2.3", "1.2.3 is not an amount"),
        ({"pattern": r"\d{2}-\d+"}, "123", r"123 does not match \d{2}-\d+"),
        ({"length": (6, 6)}, "12345", "12345 has 5 digits, not 6"),
        ({"length": (4, 6)}, "123", "123 has 3 digits, not 4 to 6"),
        ({"checksum": "luhn"}, "79927398713", None),
        ({"checksum": "luhn"}, "79927398710", "the luhn check digit of 79927398710 is wrong"),
        ({"limits": (1.0, 500.0)}, "501", "501 is not in 1 … 500"),
        ({"limits": (1.0, 500.0)}, "6,800", "6,800 is no number, or could be two"),
        ({"limits": (1.0, 500.0), "decimal": DecimalMark.COMMA}, "6,800", None),
    ],
)
def test_a_fault_is_told_as_a_fact(demands, text, fault):
    assert find_fault(Demands(**demands), text) == fault


def test_demands_steer_the_reading():
    six = make_demanded(Demands(length=(6, 6)))
    assert six.admits("123456") and not six.admits("1234567") and not six.has_separators
    dated = make_demanded(Demands(content="date", length=(8, 8)))
    assert dated.satisfies("24.12.2026") and not dated.satisfies("1.2.26")
    assert not dated.admits("24.12.20261")
    assert make_demanded(Demands()) is None


def test_blank_is_a_fault_only_where_it_is_required():
    blank = field_reading("")
    assert doubt(field(), blank, 0.9) is None
    assert doubt(field(required=True), blank, 0.9) == "code: blank but required"


@pytest.mark.parametrize(
    ("confidence", "least", "reason"),
    [
        (0.7149, 0.9, "code: 0.71 < 0.9"),
        (0.98, 0.98, None),
        (0.9796, 0.98, "code: 0.97 < 0.98"),
        (0.98412, 0.98415, "code: 0.98412 < 0.98415"),
    ],
)
def test_too_little_confidence_is_shown_as_such(confidence, least, reason):
    assert doubt(field(), field_reading("12", confidence=confidence), least) == reason


@pytest.mark.parametrize(
    ("texts", "reasons"),
    [
        ({"net": "12.50", "tax": "3.00", "total": "15.50"}, ()),
        ({"net": "12.50", "tax": "3.00", "total": "16.50"}, ("total: 12.50 + 3.00 is not 16.50",)),
        ({"net": "12.50", "tax": "", "total": "12.50"}, ()),
        ({"net": "12.50", "tax": "", "total": ""}, ("total: blank, but there is 12.50",)),
        ({"net": "", "tax": "", "total": ""}, ()),
        ({"net": "0.10", "tax": "0.20", "total": "0.30"}, ()),
        (
            {"net": "6,800", "tax": "", "total": "1"},
            ("total: the sum cannot be checked, net is 6,800",),
        ),
    ],
)
def test_sums_must_hold(texts, reasons):
    found, broken = check_sums((FormSum("total", ("net", "tax")),), amounts(**texts))
    assert found == reasons
    assert broken == (frozenset(texts) if reasons else frozenset())


def test_of_a_doubts_reasons_only_too_little_confidence_is_no_failed_check():
    for confidence, least in ((0.7149, 0.9), (0.98999, 0.99), (0.0, 1.0), (0.0, 1e-05)):
        assert is_unsure(doubt(field(), field_reading("1", confidence=confidence), least))
    for demands, text in (({"length": (2, 2)}, "1"), ({"limits": (1.0, 2.0)}, "0.5")):
        assert not is_unsure(doubt(field(**demands), field_reading(text), 0.9))
    assert not is_unsure(doubt(field(required=True), field_reading(""), 0.9))
