"""Labels and readings of one photo in, what became of each label out: exact, missed, split, ….

Digits are compared as strings by Levenshtein's distance; several strings of a photo are compared
as multisets, whatever their order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from ocrdigits.records import FieldReading, PhotoReading, digits_of

Pairs = list[tuple[str, str]]
"""An alignment: (true, read) characters; "" where one side has none."""

_LONGEST_SPLIT = 5  # parts; a string torn into more is called missed or misread


class Outcome(Enum):
    """What became of a labelled string."""

    RIGHT = "digits right"
    UNREADABLE = "photo unreadable"
    MISSED = "field missed"
    SPLIT = "split into several"
    MERGED = "merged with other ink"
    SUBSTITUTED = "misread, right length"
    RESIZED = "misread, wrong length"


@dataclass(frozen=True, slots=True)
class StringResult:
    """One labelled string and what was read for it.

    Attributes:
        label: What it says.
        reading: What was read there, right or wrong; None if nothing was.
        outcome: Right, or where the loss arose.
    """

    label: str
    reading: FieldReading | None
    outcome: Outcome

    @property
    def is_right(self) -> bool:
        """Whether all its digits are exactly right."""
        return self.outcome is Outcome.RIGHT

    @property
    def is_text_right(self) -> bool:
        """Whether the whole text is, separators included."""
        return self.reading is not None and self.reading.text.strip() == self.label.strip()

    @property
    def wrong_digits(self) -> int:
        """Digits to change, add or take out until the reading's digits are the label's."""
        return edit_distance(digits_of(self.label), self.reading.digits if self.reading else "")


@dataclass(frozen=True, slots=True)
class Comparison:
    """All labels of a photo against all its readings.

    Attributes:
        strings: One result a label, in the order of the labels.
        extra: Readings that no label accounts for.
    """

    strings: tuple[StringResult, ...]
    extra: tuple[FieldReading, ...]


def align(true: str, read: str) -> Pairs:
    """Pair the characters of two strings so that as few as possible differ.

    Args:
        true: What it says.
        read: What was read.

    Returns:
        (true, read) characters from left to right; "" where a character was dropped or invented.
    """
    costs = _edit_costs(true, read)
    row, column = len(true), len(read)
    pairs: Pairs = []
    while row or column:
        here = costs[row][column]
        if (
            row
            and column
            and here == costs[row - 1][column - 1] + (true[row - 1] != read[column - 1])
        ):
            row, column = row - 1, column - 1
            pairs.append((true[row], read[column]))
        elif row and here == costs[row - 1][column] + 1:
            row -= 1
            pairs.append((true[row], ""))
        else:
            column -= 1
            pairs.append(("", read[column]))
    return pairs[::-1]


def edit_distance(true: str, read: str) -> int:
    """Levenshtein's distance: changes, additions and removals from one string to the other."""
    return _edit_costs(true, read)[-1][-1]


def _edit_costs(true: str, read: str) -> list[list[int]]:
    costs = [list(range(len(read) + 1))]
    for row, character in enumerate(true, start=1):
        line = [row]
        for column, other in enumerate(read, start=1):
            changed = costs[-1][column - 1] + (character != other)
            line.append(min(changed, costs[-1][column] + 1, line[-1] + 1))
        costs.append(line)
    return costs


def compare_photo(labels: Sequence[str], reading: PhotoReading) -> Comparison:
    """Find out what became of each labelled string of one photo, readable or not.

    Args:
        labels: What the photo says.
        reading: What was read, or why nothing was.

    Returns:
        As `compare_strings`; if the photo could not be read, every label is lost to that.
    """
    if reading.error is not None:
        lost = tuple(StringResult(label, None, Outcome.UNREADABLE) for label in labels)
        return Comparison(lost, reading.strings)
    return compare_strings(labels, reading.strings)


def compare_strings(labels: Sequence[str], readings: Sequence[FieldReading]) -> Comparison:
    """Find out what became of each labelled string of one photo.

    Equal texts are paired first, then equal digits; then a label that lies whole in a longer
    reading was merged, one that neighbouring readings hold together was split, and the rest is
    misread where a left-over reading is near (half of the digits right, or the photo's only label).

    Args:
        labels: What the photo says.
        readings: What was read, in reading order.

    Returns:
        One result a label, and the readings left over.
    """
    matching = _Matching(labels, readings)
    matching.pair_equal(str.strip)
    matching.pair_equal(digits_of)
    matching.find_merged()
    matching.find_split()
    matching.pair_nearest()
    return matching.result()


class _Matching:
    """Labels without a result yet, and readings without a label yet."""

    def __init__(self, labels: Sequence[str], readings: Sequence[FieldReading]) -> None:
        self._labels = labels
        self._readings = readings
        self._results: dict[int, StringResult] = {}
        self._used: set[int] = set()

    def _open(self) -> Iterator[tuple[int, str]]:
        return ((i, text) for i, text in enumerate(self._labels) if i not in self._results)

    def _free(self) -> list[int]:
        return [i for i in range(len(self._readings)) if i not in self._used]

    def _settle(self, label: int, outcome: Outcome, *readings: int) -> None:
        """Give a label its result; of several readings the one nearest to it stands for them."""
        wanted = digits_of(self._labels[label])
        near = [self._readings[i] for i in readings]
        best = min(near, key=lambda r: edit_distance(wanted, r.digits), default=None)
        self._results[label] = StringResult(self._labels[label], best, outcome)

    def pair_equal(self, view: Callable[[str], str]) -> None:
        for label, text in self._open():
            for reading in self._free():
                if view(text) == view(self._readings[reading].text):
                    self._used.add(reading)
                    self._settle(label, Outcome.RIGHT, reading)
                    break

    def find_merged(self) -> None:
        free, merged = self._free(), set()
        for label, text in list(self._open()):
            for reading in free:
                if digits_of(text) and digits_of(text) in self._readings[reading].digits:
                    self._settle(label, Outcome.MERGED, reading)
                    merged.add(reading)  # another label may lie in the same reading
                    break
        self._used |= merged

    def find_split(self) -> None:
        for label, text in list(self._open()):
            run = self._shortest_run(digits_of(text))
            if run:
                self._used.update(run)
                self._settle(label, Outcome.SPLIT, *run)

    def _shortest_run(self, wanted: str) -> list[int]:
        """Neighbouring free readings that together hold the digits wanted."""
        free = self._free()
        for length in range(2, _LONGEST_SPLIT + 1):
            for start in range(len(free) - length + 1):
                run = free[start : start + length]
                together = "".join(self._readings[i].digits for i in run)
                if wanted and wanted in together and all(b - a == 1 for a, b in pairwise(run)):
                    return run
        return []

    def pair_nearest(self) -> None:
        candidates = sorted(
            (edit_distance(digits_of(text), self._readings[i].digits), label, i)
            for label, text in self._open()
            for i in self._free()
        )
        for distance, label, reading in candidates:
            wanted, read = digits_of(self._labels[label]), self._readings[reading].digits
            is_near = 2 * distance <= max(len(wanted), len(read)) or len(self._labels) == 1
            if label not in self._results and reading not in self._used and is_near:
                same = len(wanted) == len(read)
                self._used.add(reading)
                self._settle(label, Outcome.SUBSTITUTED if same else Outcome.RESIZED, reading)

    def result(self) -> Comparison:
        for label, _ in list(self._open()):
            self._settle(label, Outcome.MISSED)
        strings = tuple(self._results[label] for label in range(len(self._labels)))
        return Comparison(strings, tuple(self._readings[i] for i in self._free()))
