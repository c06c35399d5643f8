"""Decided strings in, the error that was promised for them beside the one that people found out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ocrdigits.batch.decisions import Verdict
from ocrdigits.model.reliability import wilson_interval


@dataclass(frozen=True, slots=True)
class Checked:
    """Strings that people looked at. Shares are None where there are none.

    Attributes:
        strings: How many, without those that nobody can read.
        wrong: Those whose digits were misread, or that are no number.
        promised: Share that the confidences let expect to be wrong.
        observed: Share that was.
        low: Where the true share may lie (95 %, Wilson), …
        high: … from `low` to here.
    """

    strings: int
    wrong: int
    promised: float | None
    observed: float | None
    low: float
    high: float


def compare_checked(rows: Iterable[Mapping[str, Any]]) -> Checked:
    """Compare promise and finding.

    Args:
        rows: `read`, `confidence`, `verdict` and `text` of decided strings.
    """
    told = [row for row in rows if row["verdict"] != Verdict.UNREADABLE.value]
    wrong = sum(row["text"] is None or _digits(row["text"]) != _digits(row["read"]) for row in told)
    doubt = sum(1 - row["confidence"] for row in told)
    low, high = wilson_interval(wrong, len(told))
    count = len(told)
    return Checked(
        count, wrong, doubt / count if count else None, wrong / count if count else None, low, high
    )


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdigit())
