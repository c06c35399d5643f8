"""A date as people write it in, whether the calendar has such a day out."""

from __future__ import annotations

import datetime
import re

_YEARS = range(1500, 2200)


def is_valid(text: str) -> bool:
    """Tell a real day from digits that only look like one.

    Args:
        text: `5-5-2015`, `10/20/19`, `2015-05-05`, or 6 or 8 digits without separators.

    Returns:
        Whether day-month-year, month-day-year or, where the year comes first with four digits,
        year-month-day is a day from 1500 to 2199. 29 February needs a leap year; one with two
        digits may be of any century.
    """
    return any(_is_day(*parts) for parts in _orders(text))


def _orders(text: str) -> list[tuple[int, int, int]]:
    """All usual ways to take a text as (year, month, day)."""
    splits = [re.split("[-./]", text)]
    if len(text) in (6, 8) and text.isdecimal():
        splits = [[text[:2], text[2:4], text[4:]], [text[:4], text[4:6], text[6:]]]
    orders = []
    for split in splits:
        if len(split) != 3 or not all(part.isdecimal() for part in split):
            continue
        first, second, third = (int(part) for part in split)
        if len(split[0]) == 4:
            orders.append((first, second, third))
        else:
            year = third + 2000 if len(split[2]) == 2 else third
            orders += [(year, second, first), (year, first, second)]
    return orders


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        datetime.date(year, month, day)
    except ValueError:
        return False
    return year in _YEARS
