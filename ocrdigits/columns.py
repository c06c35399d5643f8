"""A reading in, the numbers that ran together in it out: 47.177.4 is 47.1 and 77.4.

In tables with narrow columns the writing of two cells may touch. No number has two decimal marks,
and a column keeps to its decimals: where each mark has as many digits behind it as the last one,
and more before the next mark, the numbers are known. On cheques, cents are often written as a
fraction right behind the amount (33956/100 is 339 and 56/100), and a year behind the day of a
month in words (27,2010). 4.502.59 is more often 4,502.59, its comma read as a point; there a wide
gap decides. Where nobody said that a picture shows one string, such a gap between two digits
divides numbers, too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from itertools import accumulate, pairwise

import numpy as np

from ocrdigits.records import Box, FieldReading
from ocrdigits.settings import CutoutSettings
from ocrdigits.values import DecimalMark, parse_value
from ocrdigits.vision.geometry import map_corners

_RUN_TOGETHER = re.compile(r"\d+([.,])\d+(?:\1\d+)*\1(\d{1,2})")
_CENTS = re.compile(r"(\d(?:[\d.,]*\d)?)(\d\d/100)")
_DAY_AND_YEAR = re.compile(r"(0?[1-9]|[12]\d|3[01]),((?:19|20)\d\d)")
_BY_THOUSANDS = re.compile(r"\d{1,3}([.,])\d{3}(?:\1\d{3})*\1\d\d")
_WIDER = 0.25  # heights that the gap between two such numbers is wider than usual
_MOST_BEFORE = 4  # digits of a number before its mark
_LEAST_TO_DIVIDE = 3  # digits: two have one gap, and nothing to tell whether it is wide
_GAP = " "


def divide_columns(string: FieldReading, decimal: DecimalMark) -> tuple[FieldReading, ...]:
    """Divide a reading of several numbers into theirs.

    Args:
        string: A reading.
        decimal: What the decimal mark is.

    Returns:
        The numbers, left to right; the reading alone if it is one.
    """
    texts = divide_text(string.text)
    if _BY_THOUSANDS.fullmatch(string.text) and not _stand_apart(string, texts):
        return (string,)
    return _divide(string, texts, decimal)


def _stand_apart(string: FieldReading, texts: Sequence[str]) -> bool:
    """Whether there is a gap wherever a string would be divided into these texts."""
    boxes = [character.box for character in string.characters]
    if len(boxes) != len(string.text):
        return False
    height = float(np.median([box.height for box in _digit_boxes(string)]))
    gaps = [after.x - before.right for before, after in pairwise(boxes)]
    ends = list(accumulate(len(text) for text in texts))[:-1]
    least = float(np.median(gaps)) + _WIDER * height
    return all(gaps[end - 1] >= least for end in ends)


def divide_gaps(
    string: FieldReading, settings: CutoutSettings, decimal: DecimalMark
) -> tuple[FieldReading, ...]:
    """Divide the reading of a line at gaps much wider than its others.

    Args:
        string: A reading.
        settings: How wide a gap is.
        decimal: What the decimal mark is.

    Returns:
        The numbers, left to right; the reading alone if it is one.
    """
    digits = _digit_boxes(string)
    if len(digits) < _LEAST_TO_DIVIDE:
        return (string,)
    height = float(np.median([box.height for box in digits]))
    usual = float(np.median([after.x - before.right for before, after in pairwise(digits)]))
    least = max(settings.least_gap * height, usual + settings.least_wider * height)
    text = ""
    for before, after in pairwise(string.characters):
        text += before.text
        is_between = before.text.isdigit() and after.text.isdigit()
        if is_between and after.box.x - before.box.right >= least:
            text += _GAP
    text += string.characters[-1].text
    return _divide(string, text.split(_GAP), decimal)


def _digit_boxes(string: FieldReading) -> list[Box]:
    return [character.box for character in string.characters if character.text.isdigit()]


def _divide(
    string: FieldReading, texts: Sequence[str], decimal: DecimalMark
) -> tuple[FieldReading, ...]:
    """The parts of a reading that have these texts; itself if it is only one."""
    if len(texts) == 1 or len(string.characters) != len(string.text):
        return (string,)
    numbers, start = [], 0
    for text in texts:
        start = string.text.index(text, start)  # what stands between two is no part of either
        characters = string.characters[start : start + len(text)]
        start += len(text)
        box = reduce(Box.union, (character.box for character in characters))
        numbers.append(
            replace(
                string,
                text=text,
                box=box,
                polygon=map_corners(box, np.eye(3)),
                characters=characters,
                alternatives=(),
                value=parse_value(text, decimal),
            )
        )
    return tuple(numbers)


def divide_text(text: str) -> tuple[str, ...]:
    """The numbers in a text; itself if it may be one number, or a date."""
    if two := _CENTS.fullmatch(text) or _DAY_AND_YEAR.fullmatch(text):
        return two.groups()
    match = _RUN_TOGETHER.fullmatch(text)
    if match is None:
        return (text,)
    mark, decimals = match.group(1), len(match.group(2))
    first, *middle, last = text.split(mark)
    if not all(decimals < len(group) <= decimals + _MOST_BEFORE for group in middle):
        return (text,)
    whole = [first, *(group[decimals:] for group in middle)]
    fractions = [*(group[:decimals] for group in middle), last]
    return tuple(f"{a}{mark}{b}" for a, b in zip(whole, fractions, strict=True))
