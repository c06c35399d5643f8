"""Numbers are followed to their ends, and parts of one become one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from readings import line_of

from ocrdigits.assemble import ReadPlace, StringPlace
from ocrdigits.completion import complete
from ocrdigits.decode import DecodedCharacter, Hypothesis
from ocrdigits.fusion import FusedText, Fusion
from ocrdigits.records import Agreement, Box, Field, Kind

# From the middle of a character to the next, and of the first one from the left:
STEP, FIRST = 16, 9
SEEN_BESIDE = 20  # what the string reader sees beyond a place


class Page:
    """One line of characters, each 12 × 20 pixels."""

    def __init__(self, text: str, left: int = 200) -> None:
        self.text, self.left = text, left
        self.sureness: dict[str, float] = {}
        self.asked: list[int] = []

    def place(self, first: int, count: int) -> StringPlace:
        """Where the segments reader found some of the characters."""
        box = Box(self.left + FIRST - 6 + STEP * first, 100, STEP * count - 4, 20)
        nothing = np.zeros((20, box.width))
        field = Field(Kind.LINE, box, nothing.astype(np.bool_), nothing.astype(np.float32), 1.0)
        text = self.text[first : first + count]
        seen = [DecodedCharacter(it, 0.9, Box(STEP * k, 0, 12, 20)) for k, it in enumerate(text)]
        return StringPlace(field, (Hypothesis(text, 5.0, tuple(seen)),), box)

    def read(self, place: StringPlace) -> ReadPlace:
        """What the string reader makes of a place: all that it sees of the line."""
        start, stop = place.outline.x - SEEN_BESIDE, place.outline.right + SEEN_BESIDE
        middles = [self.left + FIRST + STEP * k for k in range(len(self.text))]
        shown = [k for k, middle in enumerate(middles) if start < middle < stop]
        text = "".join(self.text[k] for k in shown)
        sure = self.sureness.get(text, 1.0)
        line = line_of(text, left=self.left + STEP * shown[0])
        return ReadPlace(place, line, Fusion((FusedText(text, sure),), sure, Agreement.AGREED))

    def ask(self, places: Sequence[StringPlace]) -> list[ReadPlace | None]:
        self.asked.append(len(places))
        return [self.read(place) for place in places]

    def complete(self, *found: tuple[int, int]) -> list[str]:
        reads = [self.read(self.place(*some)) for some in found]
        return [read.text for read in complete(reads, self.ask)]


@pytest.mark.parametrize("found", [(0, 3), (2, 3), (5, 3)])
def test_a_number_is_followed_to_both_ends(found):
    page = Page("69458873")
    assert page.complete(found) == ["69458873"]


def test_a_number_that_was_seen_whole_is_asked_about_once():
    page = Page("69458873")
    assert page.complete((0, 8)) == ["69458873"]
    assert page.asked == []


def test_what_gets_less_sure_on_the_way_counts_as_it_was_read_first():
    page = Page("6945")
    page.sureness = {"6945": 0.6}
    assert page.complete((0, 2)) == ["694"]


def test_but_not_if_it_is_sure_again_at_the_end():
    page = Page("69458873")
    page.sureness = {"6945": 0.6, "69458": 0.7}
    assert page.complete((0, 2)) == ["69458873"]


def test_the_parts_of_a_torn_number_are_read_as_a_whole():
    assert "69458873" in Page("69458873").complete((0, 3), (5, 3))


def test_the_numbers_of_a_page_are_asked_about_all_at_once():
    page = Page("6945")
    far = Page("6945", left=900)
    reads = [page.read(page.place(0, 2)), far.read(far.place(0, 2))]
    asked = []

    def ask(places: Sequence[StringPlace]) -> list[ReadPlace | None]:
        asked.append(len(places))
        return [(page if place.outline.x < 600 else far).read(place) for place in places]

    assert [read.text for read in complete(reads, ask)] == ["6945", "6945"]
    assert asked[0] == 2


def test_a_place_without_ink_changes_nothing():
    page = Page("6945")
    read = page.read(page.place(0, 2))
    assert complete([read], lambda places: [None for _ in places]) == [read]
    silent = replace(read, line=None)
    assert complete([silent], page.ask) == [silent]
