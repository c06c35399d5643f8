"""Numbers as results show them."""

from __future__ import annotations

_EXACT = 2.0**53


def plain_number(value: float) -> int | float:
    """Drop the `.0` of a whole number: 157, not 157.0.

    Args:
        value: A finite number.

    Returns:
        The same number.
    """
    return int(value) if value.is_integer() and abs(value) < _EXACT else value
