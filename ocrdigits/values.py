"""A text in, the number it stands for out, where its separators leave no doubt."""

from __future__ import annotations

import re

_GROUPED = re.compile(r"-?[1-9]\d{0,2}(?:(?P<sep>[.,])\d{3})(?:(?P=sep)\d{3})*")
_DECIMAL = re.compile(r"-?\d+[.,]\d+")


def parse_value(text: str) -> float | None:
    """Read a text as a number.

    Args:
        text: Digits with `.` and `,` between them, perhaps after a dash.

    Returns:
        The number; None where it is none (`5-5-2015`), or could be two (`6,800`).
    """
    if text.removeprefix("-").isdecimal():
        return float(text)
    last = max(text.rfind("."), text.rfind(","))
    whole, fraction = text[:last], text[last + 1 :]
    other = "," if text[last : last + 1] == "." else "."
    if other in whole:  # 1,234.56: both kinds, so the last one is the decimal separator
        if _GROUPED.fullmatch(whole) and text[last] not in whole and fraction.isdecimal():
            return float(whole.replace(other, "") + "." + fraction)
        return None
    if _GROUPED.fullmatch(text):  # 1,234,567 is grouped; 6,800 may be a decimal
        return float(re.sub("[.,]", "", text)) if re.search("[.,]", whole) else None
    return float(text.replace(",", ".")) if _DECIMAL.fullmatch(text) else None
