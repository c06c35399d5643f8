"""What was read in a form's fields in, what a person must look at out: one fact for each reason."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ocrdigits.records import FieldReading
from ocrdigits.template.demands import find_fault
from ocrdigits.template.document import FormField, FormSum

_ROUNDING = 1e-6  # of binary fractions, not of cents
_UNSURE = re.compile(r"[^:]+: [0-9.]+ < [0-9.e-]+")


class Written(Protocol):
    """What stands in a field, as far as sums go: blank if the text is empty."""

    @property
    def text(self) -> str:
        """As read or settled."""

    @property
    def value(self) -> float | None:
        """The number; None if there is none, or it could be two."""


def doubt(field: FormField, reading: FieldReading, least: float) -> str | None:
    """Say why a field must be looked at.

    Args:
        field: What it must be.
        reading: What was read; blank if its text is empty.
        least: Confidence from which readings are accepted.

    Returns:
        The reason, with the field's name before it; None if there is none.
    """
    if not reading.text:
        fact = "blank but required" if field.required else None
    else:
        fact = find_fault(field.demands, reading.text) or _unsure(reading.confidence, least)
    return None if fact is None else f"{field.name}: {fact}"


def is_unsure(reason: str) -> bool:
    """Whether a reason of `doubt` only says that the reader was not sure enough."""
    return _UNSURE.fullmatch(reason) is not None


def check_sums(
    sums: Sequence[FormSum], readings: Mapping[str, Written]
) -> tuple[tuple[str, ...], frozenset[str]]:
    """Add up what must hold.

    Args:
        sums: The template's.
        readings: Field → reading; a blank part counts 0, and a sum of blanks alone is none.

    Returns:
        A reason for each sum that does not hold, and the names of the fields in those.
    """
    reasons: list[str] = []
    broken: set[str] = set()
    for it in sums:
        fact = check_sum(it, readings)
        if fact is not None:
            reasons.append(f"{it.total}: {fact}")
            broken.update((it.total, *it.parts))
    return tuple(reasons), frozenset(broken)


def check_sum(it: FormSum, readings: Mapping[str, Written]) -> str | None:
    """Say why a sum does not hold; None if it does, or none of its fields is filled in."""
    names = (it.total, *it.parts)
    written = [name for name in names if readings[name].text]
    if not written:
        return None
    for name in written:
        if readings[name].value is None:
            return f"the sum cannot be checked, {name} is {readings[name].text}"
    parts = [readings[name] for name in it.parts if readings[name].text]
    shown = " + ".join(part.text for part in parts) or "0"
    if it.total not in written:
        return f"blank, but there is {shown}"
    total = readings[it.total]
    difference = math.fsum(part.value or 0.0 for part in parts) - (total.value or 0.0)
    return None if abs(difference) < _ROUNDING else f"{shown} is not {total.text}"


def reject(reading: FieldReading) -> FieldReading:
    """The same reading, for a person to check."""
    return replace(reading, accepted=False)


def _unsure(confidence: float, least: float) -> str | None:
    """`0.71 < 0.9`, with as many decimals as it takes to see it."""
    if confidence >= least:
        return None
    for decimals in range(2, 7):
        low = math.floor(confidence * 10**decimals) / 10**decimals
        high = round(least, decimals)
        if low < high:
            break
    return f"{low:.{decimals}f} < {high:g}"
