import pickle
from concurrent.futures import ThreadPoolExecutor
from itertools import product

import numpy as np
import pytest

from ocrdigits.constraint import CONTENTS, Constraint, make_constraint
from ocrdigits.ctc import CLASS_COUNT, encode_text, search_texts
from ocrdigits.errors import ExitCode, UsageError
from ocrdigits.records import ALPHABET

SHORT_TEXTS = ["".join(text) for length in range(6) for text in product("01-.", repeat=length)]

PATTERNS = [
    r"\d{3}",
    r"^\d{2,4}$",
    r"\d+(?:[.-]\d\d)?",
    r"0[01]-1|1{2}\.0?",
    r"(?P<first>\d)-?(?P=first)\.\d",
    r"(?=.{4}$)\d+-\d+",
    r"(?>\d+)-",
    r"(?i)1*?0{2}",
]
UNSTEERED = [r"\b\d{3}\b", r"\d(?!$)\d*", r"[01-]*?(?<=0)", r"(?r)\d+-", r"\d\B\d"]


def of_pattern(pattern: str) -> Constraint:
    constraint = make_constraint(pattern, None)
    assert constraint is not None
    return constraint


def of_content(name: str) -> Constraint:
    constraint = make_constraint(None, name)
    assert constraint is not None
    return constraint


def prefixes_of(texts):
    return {text[:length] for text in texts for length in range(len(text) + 1)}


def test_nothing_asked_for_is_no_constraint():
    assert make_constraint(None, None) is None


@pytest.mark.parametrize("pattern", [*PATTERNS, *UNSTEERED])
def test_no_prefix_of_a_text_that_matches_is_refused(pattern):
    constraint = of_pattern(pattern)
    wanted = [text for text in SHORT_TEXTS if constraint.matches(text)]
    assert wanted
    assert [prefix for prefix in prefixes_of(wanted) if not constraint.admits(prefix)] == []


@pytest.mark.parametrize("pattern", [r"\d{3}", r"0[01]-1|1{2}\.0?", r"(\d)-?\1\.\d"])
def test_a_prefix_that_becomes_no_text_is_refused(pattern):
    constraint = of_pattern(pattern)
    wanted = prefixes_of(text for text in SHORT_TEXTS if constraint.matches(text))
    assert {prefix for prefix in SHORT_TEXTS if constraint.admits(prefix)} == wanted


def test_the_whole_text_must_match():
    constraint = of_pattern(r"\d{5}(?:-\d{4})?")
    assert constraint.name == constraint.pattern == r"\d{5}(?:-\d{4})?"
    assert constraint.matches("12345") and constraint.matches("12345-6789")
    for text in ("", "1234", "123456", "12345-", "12345-678", "12345-67890"):
        assert not constraint.matches(text)
        assert not constraint.satisfies(text)


def test_without_a_check_what_matches_satisfies():
    assert of_pattern(r"\d{3}").is_valid is None
    assert of_pattern(r"\d{3}").satisfies("157")


def scores_of(rows: list[dict[str, float]]) -> np.ndarray:
    """Frames, each the probabilities of some characters; the rest is blank."""
    table = np.full((2 * len(rows), CLASS_COUNT), 1e-6, np.float32)
    table[1::2, 0] = 1.0
    for frame, row in enumerate(rows):
        for character, probability in row.items():
            table[2 * frame, encode_text(character)[0]] = probability
    return np.log(table / table.sum(axis=1, keepdims=True))


def test_the_search_finds_the_best_text_that_fits_instead_of_dropping_the_best():
    rows = [{"1": 0.9, "7": 0.1}, {"2": 0.9, "3": 0.1}, {".": 0.9, "5": 0.1}]
    scores = scores_of(rows)
    assert search_texts(scores, 1)[0].text == "12."
    found = search_texts(scores, 1, admits=of_pattern(r"[57]\d\d").admits)
    assert [hypothesis.text for hypothesis in found] == ["725"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\d{5}", False),
        (r"[0-9]{2,3}", False),
        (r"[13-5]\d+?", False),
        (r"^(?:19|20)\d\d$", False),
        (r"\b(\d)\1\b", False),
        (r"[\d]{1,}|0", False),
        (r"\d{5}(?:-\d{4})?", True),
        (r"\d+\.\d\d", True),
        (r"\d.\d", True),
        (r"[\d,]+", True),
        (r"[0-9-]+", True),
        (r"[^0]{3}", True),
        (r"\d\D\d", True),
        (r"\d\x2f\d", True),
        (r"\d\p{P}\d", True),
        (r"\d\W\d", True),
        (r"(?:\d{3}){e<=1}", True),
    ],
)
def test_separators_are_ruled_out_only_for_patterns_of_digits_alone(pattern, expected):
    assert of_pattern(pattern).has_separators is expected


def test_contents_know_their_separators():
    assert {name for name in CONTENTS if not of_content(name).has_separators} == {
        *("digits", "year", "aba", "luhn", "esr", "ean8", "upc", "ean13", "gtin", "imei"),
        *("nl-bsn", "pl-pesel", "postal-4", "postal-5", "postal-6"),
    }


EXAMPLES = {
    "digits": "0 007 11111111111111111111",
    "number": "157 -0.054 12,5 6,800 1.234,56 1,234,567.891 12,34,567.5",
    "amount": (
        "500 0.50 12,50 1,234.56 1.234,56 12,34,567.00 1,234 500.- 500,- 500.-- "
        "1,000/- 500/- 1,00,000/-"
    ),
    "date": (
        "5-5-2015 11/22/2019 22.11.2019 2019-11-22 29.2.00 6/6-2016 31121999 "
        "12311999 19991231 311299 02292000"
    ),
    "year": "1500 1879 2026 2199",
    "us-zip": "19784 19784-0123 197840123",
    "postal": (
        "101 8004 10115 110001 1234567 01310-100 00-950 114-55 100-0001 1000-205 19784-0123"
    ),
    "postal-4": "8004 0999",
    "postal-5": "10115 01067",
    "postal-6": "110001",
    "aba": "111000025 021000021 322271627",
    "luhn": "4111111111111111 378282246310005 6304000000000000",
    "esr": "210000000003139471430009017",
    "ean8": "96385074",
    "upc": "036000291452",
    "ean13": "4006381333931",
    "gtin": "96385074 036000291452 4006381333931 10614141000415",
    "isbn13": "9783161484100 978-3-16-148410-0",
    "imei": "490154203237518",
    "us-ssn": "536-90-4399 536904399",
    "ca-sin": "123-456-782 123456782",
    "gb-nhs": "943-476-5870 9434765870",
    "in-aadhaar": "234123412346 2341-2341-2346",
    "br-cpf": "390.533.447-05 39053344705",
    "nl-bsn": "111222333",
    "pl-pesel": "44051401359",
    "se-personnummer": "880320-0016 8803200016 19880320-0016",
}
"""Separated by spaces."""
SATISFYING = {name: texts.split() for name, texts in EXAMPLES.items()}


def test_every_content_has_examples_and_a_description():
    assert set(SATISFYING) == set(CONTENTS)
    assert all(kind.description and kind.pattern for kind in CONTENTS.values())


@pytest.mark.parametrize("name", CONTENTS)
def test_a_content_is_satisfied_by_its_examples_and_admits_their_prefixes(name):
    constraint = of_content(name)
    assert constraint.name == name
    assert [text for text in SATISFYING[name] if not constraint.satisfies(text)] == []
    assert [it for it in prefixes_of(SATISFYING[name]) if not constraint.admits(it)] == []


CHECKED = [name for name, kind in CONTENTS.items() if (kind.checker or "").startswith("stdnum.")]


@pytest.mark.parametrize("name", [name for name in CHECKED if name != "us-ssn"])  # has no check
def test_a_check_digit_finds_a_wrong_digit(name):
    text, constraint = SATISFYING[name][0], of_content(name)
    places = [place for place, character in enumerate(text) if character.isdigit()]
    others = [(place, digit) for place in places for digit in "0123456789" if digit != text[place]]
    wrong = [f"{text[:place]}{digit}{text[place + 1 :]}" for place, digit in others]
    missed = [it for it in wrong if constraint.satisfies(it)]
    # Brazil's remainders 10 and 0 share a digit, so two errors in a hundred pass
    assert missed == [] if name != "br-cpf" else len(missed) <= 0.02 * len(wrong)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("digits", ["", "-1", "1.5"]),
        ("number", ["1,2,3", "1.", ".5", "--1", "1,234.567.8", "5-5-2015", "10/20"]),
        (
            "amount",
            ["12.5", "1,2345", "1,234,56", "-5.00", "1.234.56", "5-", "/-", "5/-/-", "5.00/-"],
        ),
        ("date", ["31-11-2015", "29/02/2023", "29.2.1900", "13/13/2013", "0/5/2015", "5/5/5"]),
        ("date", ["5-5/2015", "2015-05.05", "5-5", "99999999", "000000", "20151301"]),
        ("date", ["5-5-1499", "5-5-2200", "05051499", "1231199"]),
        ("year", ["0999", "1499", "2200", "99", "20155"]),
        ("us-zip", ["1978", "197845", "19784-", "19784-012"]),
        ("postal", ["12", "123456789", "1-2345", "12345-12"]),
        ("aba", ["111000026", "130000002", "11100002", "1110000250"]),
        ("luhn", ["0", "00", "0" * 16, "79927398713", "4111111111111112", "4" * 20]),
        ("esr", ["210000000003139471430009016", "18"]),
        ("ean13", ["96385074", "4006381333930"]),
        ("ean8", ["96385075", "4006381333931"]),
        ("gtin", ["00000000000", "963850740"]),
        ("isbn13", ["4006381333931", "3161484100", "978-3-16-148410-1", "978-3-16-148410-0-"]),
        ("imei", ["490154203237519", "49015420323751", "4901542032375180"]),
        ("us-ssn", ["000-90-4399", "666904399", "536-00-4399", "53690-439"]),
        ("gb-nhs", ["9434765871", "943476587"]),
    ],
)
def test_a_content_is_not_satisfied_by(name, texts):
    constraint = of_content(name)
    assert [text for text in texts if constraint.satisfies(text)] == []


@pytest.mark.parametrize("name", CONTENTS)
def test_a_check_answers_every_text_that_matches(name):
    constraint = of_content(name)
    prefixes, texts = [""], []
    for _ in range(30):
        grown = [p + c for p in prefixes for c in ALPHABET if constraint.admits(p + c)]
        texts += [text for text in grown if constraint.matches(text)]
        prefixes = [*grown[:20], *grown[-20:]]
    assert texts
    assert all(constraint.satisfies(text) in (True, False) for text in texts)


def test_both_a_pattern_and_a_content_are_too_much():
    with pytest.raises(UsageError, match="both"):
        make_constraint(r"\d+", "digits")


def test_an_unknown_content_names_the_known():
    with pytest.raises(UsageError) as refusal:
        make_constraint(None, "amonut")
    assert "'amonut'" in str(refusal.value)
    assert "amount, date" in str(refusal.value)
    assert refusal.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", ["missing )", "character 2"]),
        ("12[0-9", ["unterminated character set", "character 7"]),
        ("*1", ["nothing to repeat", "character 1"]),
        ("\\", ["bad escape", "character 2"]),
        (r"\d{5,3}", ["min repeat"]),
        ("(" * 5000 + ")" * 5000, ["too deep"]),
        (r"\d{99999999999}", ["repeat"]),
    ],
    ids=["group", "set", "repeat", "escape", "order", "deep", "count"],
)
def test_what_is_no_regular_expression_is_a_usage_error_with_its_place(pattern, words):
    with pytest.raises(UsageError) as refusal:
        make_constraint(pattern, None)
    message = str(refusal.value)
    assert "\n" not in message
    for word in [pattern, "backslash", *words]:
        assert word in message


@pytest.mark.parametrize(
    "pattern", [r"\d+ kg", r"\d{3} \d{3}", r"[A-Z]\d+", r"\d{5", "", r"\s\d+", r"\d\d:\d\d"]
)
def test_a_pattern_that_matches_nothing_that_is_read_is_a_usage_error(pattern):
    with pytest.raises(UsageError, match="matches no text that is ever read"):
        make_constraint(pattern, None)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\d{3} ?\d{3}", "123456"),
        (r"(?:[A-Z]{2}-)?\d{5}", "12345"),
        (r"(?x) \d{3}  # three", "123"),
        (r"\d*1987", "001987"),
        (r"\d{35}", "1" * 35),
        (r"n/a|\d+", "7"),
    ],
)
def test_a_pattern_that_allows_more_than_is_read_is_none(pattern, text):
    assert of_pattern(pattern).satisfies(text)


def test_a_pattern_that_tries_too_many_ways_is_refused_with_the_remedy():
    with pytest.raises(UsageError) as refusal:
        make_constraint(r"(\d|\d\d)+-", None)
    message = str(refusal.value)
    assert r"(\d|\d\d)+-" in message
    assert "takes too long" in message
    assert "\n" not in message


def test_a_pattern_that_takes_too_long_only_on_some_texts_is_refused_there():
    constraint = Constraint("slow", r"(?:(?:1|2|12)*-)?\d+")
    assert constraint.admits("12")
    with pytest.raises(UsageError, match="takes too long"):
        constraint.admits("12" * 40 + "/")


def test_a_constraint_is_the_same_after_pickling_and_for_every_thread():
    for constraint in (of_content("amount"), of_content("aba"), of_pattern(r"\d{4}-\d")):
        copy = pickle.loads(pickle.dumps(constraint))
        assert copy == constraint
        assert copy.admits("1") and not copy.admits("x")
    aba = of_content("aba")
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(aba.satisfies, ["111000025", "111000026"] * 200))
    assert answers == [True, False] * 200


def test_the_same_question_gives_the_same_constraint():
    assert make_constraint(r"\d{7}", None) is make_constraint(r"\d{7}", None)
    assert make_constraint(None, "luhn") is make_constraint(None, "luhn")
