"""A text in, the number it stands for out, where its separators leave no doubt."""

from __future__ import annotations

import re
from enum import Enum

_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:(?P<sep>[.,])\d{3})(?:(?P=sep)\d{3})*")
_GROUPED_IN_INDIA = re.compile(r"-?[1-9]\d?(?:,\d\d)+,\d{3}")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")
_NO_CENTS = re.compile(r"(?:/-|[.,]--?)$")


class DecimalMark(Enum):
    """Which separator stands before the decimals where a text could be two numbers."""

    AUTO = "auto"
    COMMA = ","
    POINT = "."


def parse_value(text: str, decimal: DecimalMark = DecimalMark.AUTO) -> float | None:
    """Read a text as a number.

    Args:
        text: Digits with `.` and `,` between them, perhaps after a dash; `500.-`, `500,-` and
            `500/-` say that there are no cents.
        decimal: Decides `6,800`, which is 6.8 or 6800. A text with one meaning keeps it: `12,5`
            is 12.5 whatever the mark.

    Returns:
        The number; None where it is none (`5-5-2015`), or could be two and the mark is `AUTO`.
    """
    if _NO_CENTS.search(text):
        return _parse_whole(_NO_CENTS.sub("", text))
    last = max(text.rfind("."), text.rfind(","))
    if last < 0 or text[last] in text[:last]:  # 157; 1,234,567
        return _parse_whole(text)
    whole, mark, fraction = text[:last], text[last], text[last + 1 :]
    other = "," if mark == "." else "."
    if other in whole:  # 1,234.56: both kinds, so the last one is the decimal separator
        is_number = _parse_whole(whole) is not None and fraction.isdecimal()
        return float(whole.replace(other, "") + "." + fraction) if is_number else None
    if _GROUPED.fullmatch(text) and decimal.value != mark:  # 6,800
        return _parse_whole(text) if decimal.value == other else None
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None


def _parse_whole(text: str) -> float | None:
    """A number without decimals; its separators, if any, set off groups."""
    is_grouped = _GROUPED.fullmatch(text) or _GROUPED_IN_INDIA.fullmatch(text)
    bare = re.sub("[.,]", "", text) if is_grouped else text
    return float(bare) if bare.removeprefix("-").isdecimal() else None
