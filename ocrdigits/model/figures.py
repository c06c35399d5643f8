"""Compared strings in, figures out: exact match, CER, read rates, losses, confusions, calibration.

A *read rate* is the share of all labelled strings whose reading is at least as sure as a
threshold; the *error* is the share of those whose digits are wrong. Strings that were missed are
never read; extra strings count in neither, but stand on their own.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compare import Comparison, Outcome, StringResult, align
from ocrdigits.model.reliability import (
    chance_calibration_error,
    equal_count_bins,
    expected_calibration_error,
)
from ocrdigits.records import PhotoReading, digits_of

MAX_ERRORS = (0.01, 0.001)
"""Error rates at which the best read rate is reported."""
NO_DIGIT = 10
"""Row of invented digits and column of dropped ones in the confusion matrix."""
DIGIT_NAMES = (*"0123456789", "none")
"""Of the confusion matrix's rows and columns."""


@dataclass(frozen=True, slots=True)
class PhotoResult:
    """One labelled photo, read and compared.

    Attributes:
        file: Its name in `labels.csv`.
        reading: What was read.
        comparison: Its labels against that.
    """

    file: str
    reading: PhotoReading
    comparison: Comparison

    @property
    def is_right(self) -> bool:
        """Whether every string's digits are right and none is extra."""
        return not self.comparison.extra and all(s.is_right for s in self.comparison.strings)


@dataclass(frozen=True, slots=True)
class ReadRate:
    """How much is read above one threshold, and how much of that is wrong.

    Attributes:
        threshold: Least confidence that counts as read; None where no single one applies.
        read: Strings read.
        wrong: Strings read whose digits are wrong.
        coverage: Strings read, as a share of all labelled strings; None without labels.
        error: Wrong strings, as a share of those read; None if none is read.
        max_error: The error the threshold was chosen for, or None if it was not.
    """

    threshold: float | None
    read: int
    wrong: int
    coverage: float | None
    error: float | None
    max_error: float | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """What one labelled folder says about a reader. Shares are None where there is nothing.

    Attributes:
        photos: Photos read.
        photos_right: Photos with every string's digits right and nothing extra.
        photos_unreadable: File → why it could not be read.
        strings: Labelled strings.
        digits_right: Strings whose digits are exactly right.
        text_right: Strings whose whole text is exactly right.
        exact_match_digits: `digits_right` as a share of `strings`.
        exact_match_text: `text_right` as a share of `strings`.
        cer: Character error rate of the digits: wrong ones per labelled one; a missed string
            counts with all its digits, an extra one not at all.
        found: Strings for which anything was read, as a share.
        missed: Strings for which nothing was read, as a share.
        extra: Readings that no label accounts for.
        extra_per_photo: The same, per photo.
        extra_accepted: Those of them that are marked accepted.
        read_rates: Best read rate on this very set at each of `MAX_ERRORS`.
        accepted: Read rate and true error of what the reader marked accepted, and the error that
            it meant to keep to.
        right_not_accepted: Right readings that are not marked accepted.
        calibration_error: Mean distance of confidence and share right, over ten bins of equally
            many strings (ECE).
        calibration_chance: The same for confidences that are true, as so few strings show some.
        losses: Cause → strings lost to it.
        separators_wrong: Strings whose digits are right and whose text is not.
        confusion: (11, 11) digits, true by read; last row invented, last column dropped.
        seconds_per_photo: Median.
    """

    photos: int
    photos_right: int
    photos_unreadable: Mapping[str, str]
    strings: int
    digits_right: int
    text_right: int
    exact_match_digits: float | None
    exact_match_text: float | None
    cer: float | None
    found: float | None
    missed: float | None
    extra: int
    extra_per_photo: float | None
    extra_accepted: int
    read_rates: tuple[ReadRate, ...]
    accepted: ReadRate
    right_not_accepted: int
    calibration_error: float | None
    calibration_chance: float | None
    losses: Mapping[str, int]
    separators_wrong: int
    confusion: tuple[tuple[int, ...], ...]
    seconds_per_photo: float | None


def measure(photos: Sequence[PhotoResult], max_error: float | None = None) -> Figures:
    """Work out all figures.

    Args:
        photos: The photos, read and compared.
        max_error: The error that the reader meant to keep to, or None if it had no such aim.

    Returns:
        The figures.
    """
    strings = [string for photo in photos for string in photo.comparison.strings]
    extra = [reading for photo in photos for reading in photo.comparison.extra]
    digits_right = sum(string.is_right for string in strings)
    text_right = sum(string.is_text_right for string in strings)
    missed = sum(string.reading is None for string in strings)
    digit_count = sum(len(digits_of(string.label)) for string in strings)
    bins = equal_count_bins(*confidences_of(strings))
    return Figures(
        photos=len(photos),
        photos_right=sum(photo.is_right for photo in photos),
        photos_unreadable={p.file: p.reading.error for p in photos if p.reading.error is not None},
        strings=len(strings),
        digits_right=digits_right,
        text_right=text_right,
        exact_match_digits=_share(digits_right, len(strings)),
        exact_match_text=_share(text_right, len(strings)),
        cer=_share(sum(string.wrong_digits for string in strings), digit_count),
        found=_share(len(strings) - missed, len(strings)),
        missed=_share(missed, len(strings)),
        extra=len(extra),
        extra_per_photo=_share(len(extra), len(photos)),
        extra_accepted=sum(reading.accepted for reading in extra),
        read_rates=tuple(best_read_rate(strings, max_error) for max_error in MAX_ERRORS),
        accepted=accepted_rate(strings, max_error),
        right_not_accepted=sum(
            s.is_right and s.reading is not None and not s.reading.accepted for s in strings
        ),
        calibration_error=expected_calibration_error(bins),
        calibration_chance=chance_calibration_error(bins),
        losses=count_losses(strings),
        separators_wrong=sum(s.is_right and not s.is_text_right for s in strings),
        confusion=tuple(tuple(map(int, row)) for row in confuse(strings)),
        seconds_per_photo=statistics.median(p.reading.seconds for p in photos) if photos else None,
    )


def risk_coverage(strings: Sequence[StringResult]) -> list[ReadRate]:
    """Read rate and error at every threshold that the confidences allow, strictest first.

    Args:
        strings: Compared strings.

    Returns:
        One entry a distinct confidence; equally sure strings are read together or not at all.
    """
    counts = Counter[float]()
    wrongs = Counter[float]()
    for string in strings:
        if string.reading is not None:
            counts[string.reading.confidence] += 1
            wrongs[string.reading.confidence] += not string.is_right
    rates, read, wrong = [], 0, 0
    for threshold in sorted(counts, reverse=True):
        read, wrong = read + counts[threshold], wrong + wrongs[threshold]
        rates.append(_rate(threshold, read, wrong, len(strings)))
    return rates


def best_read_rate(strings: Sequence[StringResult], max_error: float) -> ReadRate:
    """The lowest threshold on this very set whose error does not exceed a rate.

    Args:
        strings: Compared strings.
        max_error: Highest share of wrong strings among those read.

    Returns:
        The read rate there; nothing read, with no threshold, if none is strict enough.
    """
    best = _rate(None, 0, 0, len(strings))
    for rate in risk_coverage(strings):
        if rate.error is not None and rate.error <= max_error:
            best = rate
    return replace(best, max_error=max_error)


def accepted_rate(strings: Sequence[StringResult], max_error: float | None = None) -> ReadRate:
    """Read rate and true error of what the reader itself marked accepted."""
    accepted = [s for s in strings if s.reading is not None and s.reading.accepted]
    wrong = sum(not s.is_right for s in accepted)
    return replace(_rate(None, len(accepted), wrong, len(strings)), max_error=max_error)


def count_losses(strings: Iterable[StringResult]) -> dict[str, int]:
    """Cause → strings lost to it; every cause is there, most of them often with 0."""
    counts = Counter(string.outcome for string in strings)
    return {cause.value: counts[cause] for cause in Outcome if cause is not Outcome.RIGHT}


def confuse(strings: Iterable[StringResult]) -> NDArray[np.int64]:
    """Count which digit was read as which, over all strings read right or misread.

    Args:
        strings: Compared strings; those missed, split or merged say nothing about digits.

    Returns:
        (11, 11), true by read; the last row holds invented digits, the last column dropped ones.
    """
    matrix = np.zeros((NO_DIGIT + 1, NO_DIGIT + 1), dtype=np.int64)
    aligned = (Outcome.RIGHT, Outcome.SUBSTITUTED, Outcome.RESIZED)
    for string in strings:
        if string.reading is not None and string.outcome in aligned:
            for true, read in align(digits_of(string.label), string.reading.digits):
                matrix[_row_of(true), _row_of(read)] += 1
    return matrix


def confidences_of(strings: Iterable[StringResult]) -> tuple[list[float], list[bool]]:
    """Confidence of every string that was read, and whether its digits are right."""
    read = [(s.reading.confidence, s.is_right) for s in strings if s.reading is not None]
    return [confidence for confidence, _ in read], [right for _, right in read]


def _row_of(digit: str) -> int:
    return int(digit) if digit else NO_DIGIT


def _rate(threshold: float | None, read: int, wrong: int, total: int) -> ReadRate:
    return ReadRate(threshold, read, wrong, _share(read, total), _share(wrong, read))


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
