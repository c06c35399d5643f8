"""Numbers of neighbouring columns that were read as one."""

import pytest
from readings import field_reading

from ocrdigits.columns import divide_columns, divide_gaps, divide_text
from ocrdigits.records import Box, CharacterReading
from ocrdigits.settings import CutoutSettings
from ocrdigits.values import DecimalMark


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("47.177.4", ("47.1", "77.4")),
        ("40.871.192.9", ("40.8", "71.1", "92.9")),
        ("35,59,4", ("35,5", "9,4")),
        ("12.3445.67", ("12.34", "45.67")),
    ],
)
def test_columns_that_ran_together_are_divided_by_their_decimals(text, numbers):
    assert divide_text(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("33956/100", ("339", "56/100")),
        ("1,20000/100", ("1,200", "00/100")),
        ("27,2010", ("27", "2010")),
        ("3,1999", ("3", "1999")),
    ],
)
def test_cents_and_years_are_numbers_of_their_own(text, numbers):
    assert divide_text(text) == numbers


@pytest.mark.parametrize("text", ["56/100", "0/100", "27,20", "32,2010", "27,2210", "27.2010"])
def test_but_a_fraction_or_a_number_is_none(text):
    assert divide_text(text) == (text,)


def test_what_stands_between_two_numbers_is_part_of_neither():
    left, right = divide_columns(spaced_out("27,2010", (5,) * 6), DecimalMark.AUTO)
    assert (left.text, right.text) == ("27", "2010")
    assert left.box == Box(100, 50, 35, 40) and right.box == Box(160, 50, 75, 40)


@pytest.mark.parametrize(
    "text",
    ["47.1", "1.000.000", "12.500", "27.06.26", "3.10.2013", "06.12.34.56.78", "1.2.3", "1,234.5",
     "12/5.3.1", "120-45.1.2", "157", ""],
)  # fmt: skip
def test_numbers_and_dates_stay_whole(text):
    assert divide_text(text) == (text,)


def test_thousands_whose_mark_looks_like_a_point_stay_whole_without_a_gap():
    amount = spaced_out("4.502.59", (5,) * 7)
    assert divide_columns(amount, DecimalMark.AUTO) == (amount,)
    two = spaced_out("4.502.59", (5, 5, 5, 20, 5, 5, 5))
    assert [it.text for it in divide_columns(two, DecimalMark.AUTO)] == ["4.50", "2.59"]
    no_amount = spaced_out("47.177.4", (5,) * 7)
    assert [it.text for it in divide_columns(no_amount, DecimalMark.AUTO)] == ["47.1", "77.4"]


def test_each_number_keeps_its_characters_and_their_place():
    text = "47.177.4"
    characters = tuple(
        CharacterReading(character, 0.9, Box(100 + 20 * place, 50, 15, 40))
        for place, character in enumerate(text)
    )
    whole = field_reading(text, box=Box(100, 50, 155, 40), characters=characters)
    left, right = divide_columns(whole, DecimalMark.AUTO)
    assert (left.text, right.text) == ("47.1", "77.4")
    assert left.box == Box(100, 50, 75, 40) and right.box == Box(180, 50, 75, 40)
    assert (left.value, right.value) == (47.1, 77.4)
    assert "".join(it.text for it in right.characters) == "77.4"
    assert left.confidence == whole.confidence and left.alternatives == ()


def spaced_out(text: str, gaps: tuple[int, ...]):
    """A reading of characters 15 × 40 pixels, each so far from the one before."""
    x, characters = 100, []
    for character, gap in zip(text, (0, *gaps), strict=True):
        x += gap
        characters.append(CharacterReading(character, 0.9, Box(x, 50, 15, 40)))
        x += 15
    return field_reading(text, box=Box(100, 50, x - 100, 40), characters=tuple(characters))


@pytest.mark.parametrize(
    ("text", "gaps", "numbers"),
    [
        ("123456", (5, 5, 60, 5, 5), ["123", "456"]),
        ("12345678", (5, 60, 5, 5, 60, 5, 5), ["12", "345", "678"]),
        ("1.23456", (5, 5, 5, 60, 5, 5), ["1.23", "456"]),
    ],
)
def test_a_gap_much_wider_than_the_others_divides_numbers(text, gaps, numbers):
    found = divide_gaps(spaced_out(text, gaps), CutoutSettings(), DecimalMark.AUTO)
    assert [number.text for number in found] == numbers
    assert found[0].box.right < found[1].box.x


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("60", (60,)),  # two digits: nothing tells whether their gap is wide
        ("6789", (40, 45, 40)),  # written far apart
        ("12.34", (3, 30, 30, 3)),  # room for a decimal mark
        ("123456", (5, 5, 30, 5, 5)),
    ],
)
def test_even_and_narrow_gaps_divide_nothing(text, gaps):
    whole = spaced_out(text, gaps)
    assert divide_gaps(whole, CutoutSettings(), DecimalMark.AUTO) == (whole,)
