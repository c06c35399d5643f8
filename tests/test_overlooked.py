"""Ink right beside a number is shown with it, unless it is another number, and only once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from readings import line_of

from ocrdigits.assemble import ReadPlace, StringPlace
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.overlooked import (
    ends_of,
    follow_beyond,
    goes_on,
    is_as_sure,
    is_unbroken,
    reach_beside,
    says_more,
    shows_better,
)
from ocrdigits.records import Agreement, Box, Field, Kind

HEIGHT = 20
NOTHING = Fusion((), 0.0, Agreement.AGREED)


def fused(text: str, posterior: float = 1.0) -> Fusion:
    return Fusion((FusedText(text, posterior),), posterior, Agreement.AGREED)


def place_of(
    digits: str,
    glyphs: list[tuple[int, int, int]],
    first: int,
    *,
    scale: float = 1.0,
    kind: Kind = Kind.LINE,
    left: int = 50,
    y: int = 100,
) -> StringPlace:
    """A field with glyphs (left, right, height in the page, from `left` on) as tall as they say.

    The segments reader saw digits in those from number `first` on, one a glyph.
    """
    width = glyphs[-1][1]
    ink = np.zeros((round(HEIGHT * scale), round(width * scale)), np.bool_)
    for start, stop, height in glyphs:
        ink[: round(height * scale), round(start * scale) : round(stop * scale)] = True
    field = Field(kind, Box(left, y, width, HEIGHT), ink, ink.astype(np.float32), scale)
    seen = glyphs[first : first + len(digits)]
    characters = tuple(
        DecodedCharacter(
            digit,
            0.9,
            Box(round(a * scale), 0, round((b - a) * scale), round(height * scale)),
        )
        for digit, (a, b, height) in zip(digits, seen, strict=True)
    )
    box = Box(left + seen[0][0], y, seen[-1][1] - seen[0][0], HEIGHT)
    return StringPlace(field, (Hypothesis(digits, 5.0, characters),), box)


def digits_at(*starts: int, height: int = HEIGHT) -> list[tuple[int, int, int]]:
    return [(start, start + 12, height) for start in starts]


def reached(*places: StringPlace, text: str = "30") -> list[tuple[int, Box | None]]:
    found = reach_beside([ReadPlace(place, None, fused(text)) for place in places])
    return [(index, place.box) for index, place in found]


@pytest.mark.parametrize("scale", [1.0, 0.5, 2.0])
def test_characters_on_either_side_are_shown_with_the_number(scale):
    glyphs = digits_at(0, 16, 32, 48, 64)
    read = ReadPlace(place_of("30", glyphs, 2, scale=scale), None, fused("30"))
    ((index, place),) = reach_beside([read])
    assert index == 0
    assert place.box == Box(50, 100, 76, HEIGHT)
    assert place.paths == ()


def test_a_dot_is_crossed_but_is_no_end():
    assert reached(place_of("300", [*digits_at(0, 15, 30), (46, 49, 5), *digits_at(55)], 0)) == [
        (0, Box(50, 100, 67, HEIGHT))
    ]
    assert reached(place_of("300", [*digits_at(0, 15, 30), (46, 49, 5)], 0)) == []


def test_paper_ends_the_number():
    assert reached(place_of("30", digits_at(0, 15, 40), 0)) == []


def test_what_is_too_high_for_a_digit_ends_the_number():
    tall = place_of("30", digits_at(0, 15), 0)
    ink = np.zeros((60, 60), np.bool_)
    ink[20:40, :27] = True
    ink[:, 30:34] = True
    field = Field(Kind.LINE, Box(50, 80, 60, 60), ink, ink.astype(np.float32), 1.0)
    assert reached(StringPlace(field, tall.paths, tall.box)) == []


def test_a_number_beside_it_is_no_part_of_it():
    first = place_of("30", digits_at(0, 15, 30, 45), 0)
    second = StringPlace(first.field, first.paths, Box(80, 100, 27, HEIGHT))
    assert reached(first, second) == []
    below = place_of("4", digits_at(0), 0, left=80, y=140)
    assert reached(first, below) == [(0, Box(50, 100, 57, HEIGHT))]


def test_combs_and_places_without_a_number_are_left_alone():
    glyphs = digits_at(0, 15, 30)
    assert reached(place_of("30", glyphs, 0, kind=Kind.COMB)) == []
    assert reached(place_of("30", glyphs, 0), text="") == []
    assert reach_beside([ReadPlace(place_of("30", glyphs, 0), None, NOTHING)]) == []


def read_as(
    text: str, posterior: float = 1.0, apart: Sequence[int] | int = 8, *, kind: Kind = Kind.LINE
) -> ReadPlace:
    """Read from 59 on, its characters so many times two pixels apart; of it, 50 to 77 were seen."""
    place = place_of("30", digits_at(0, 15), 0, kind=kind)
    return ReadPlace(place, line_of(text, apart, left=50), fused(text, posterior))


def unread(fusion: Fusion, *, has_line: bool = True) -> ReadPlace:
    """Nothing was read there, or not by the string reader."""
    place = place_of("30", digits_at(0, 15), 0)
    return ReadPlace(place, line_of("300") if has_line else None, fusion)


@pytest.mark.parametrize(
    ("text", "posterior", "is_longer"),
    [
        ("300.00", 0.95, True),
        ("1300", 0.95, True),
        ("300.00", 0.85, False),  # not sure
        ("3.00", 0.99, False),  # no more digits
        ("31000", 0.99, False),  # other ones
        ("3000000", 0.99, False),  # far more than the first reader saw
    ],
)
def test_a_number_goes_on_where_the_string_reader_is_sure_of_it(text, posterior, is_longer):
    assert goes_on(read_as("300"), read_as(text, posterior)) is is_longer


def test_a_number_does_not_go_on_across_a_word():
    assert goes_on(read_as("2026"), read_as("252026"))
    assert not goes_on(read_as("2026"), read_as("252026", apart=[8, 40, 8, 8, 8]))


def test_nothing_read_is_no_longer_number():
    assert not goes_on(read_as("300"), unread(NOTHING))
    assert not goes_on(read_as("300"), unread(fused("3000"), has_line=False))


@pytest.mark.parametrize(
    ("text", "posterior", "better", "likely", "is_better"),
    [
        ("691", 0.94, "69773", 0.99, True),
        ("283", 0.84, "83", 0.99, True),  # half a letter stood at the edge of the place
        ("691", 0.94, "69773", 0.96, False),  # not sure
        ("691", 0.96, "69773", 0.99, False),  # not in doubt
        ("69", 0.80, "69", 0.99, False),  # the same
        ("69", 0.80, "69773", 0.99, False),  # far more than was seen
    ],
)
def test_a_number_in_doubt_is_what_the_ink_beside_it_shows(
    text, posterior, better, likely, is_better
):
    assert shows_better(read_as(text, posterior), read_as(better, likely)) is is_better


def test_nothing_read_corrects_no_number():
    assert not shows_better(read_as("300", 0.5), unread(NOTHING))
    assert not shows_better(read_as("300", 0.5), unread(fused("3000"), has_line=False))
    assert not shows_better(read_as("300", 0.5), unread(fused("", 0.99)))


def test_a_text_ends_in_the_middle_of_its_outermost_characters():
    first, last = ends_of(read_as("300"))
    assert first == pytest.approx(59, abs=2)
    assert last == pytest.approx(91, abs=2)


def followed(text: str, *others: StringPlace, kind: Kind = Kind.LINE) -> Box | None:
    found = follow_beyond(read_as(text, kind=kind), others)
    assert found is None or found.paths == ()
    return None if found is None else found.box


def test_a_number_is_followed_as_far_as_it_was_read():
    assert followed("30") is None
    assert followed("---") is None
    assert followed("300", kind=Kind.COMB) is None
    box = followed("3000")
    assert (box.x, box.y, box.height) == (50, 100, HEIGHT)
    assert box.right == pytest.approx(107 + 8, abs=2)


def test_it_is_not_followed_into_another():
    assert followed("3000", place_of("7", digits_at(0), 0, left=95)).right == 95
    below = place_of("7", digits_at(0), 0, left=95, y=140)
    assert followed("3000", below) == followed("3000")


def test_a_longer_number_says_more_if_it_is_one():
    assert says_more(read_as("30"), read_as("300"))
    assert not says_more(read_as("30"), read_as("3.0"))
    assert not says_more(read_as("30"), read_as("300", apart=[8, 40]))
    assert not says_more(read_as("30"), unread(NOTHING))
    assert not says_more(read_as("30"), unread(fused("300"), has_line=False))


@pytest.mark.parametrize(
    ("first", "then", "is_sure"), [(0.99, 0.96, True), (0.99, 0.9, False), (0.5, 0.6, True)]
)
def test_a_longer_number_counts_where_it_is_hardly_less_sure(first, then, is_sure):
    assert is_as_sure(read_as("30", first), read_as("300", then)) is is_sure


def test_a_gap_breaks_a_number():
    assert is_unbroken(read_as("3000"))
    assert not is_unbroken(read_as("3000", apart=[8, 40, 8]))
    assert not is_unbroken(unread(NOTHING))
    assert not is_unbroken(unread(fused("3000"), has_line=False))
