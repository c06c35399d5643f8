"""What a form asks a person to look at, once people have decided on some of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ocrdigits.records import FieldReading, Origin
from ocrdigits.template.checks import check_sums
from ocrdigits.template.document import FormSum


def settle_review(
    review: Iterable[str],
    sums: Iterable[FormSum],
    read: Iterable[FieldReading],
    settled: Mapping[str, FieldReading | None],
) -> tuple[str, ...]:
    """Leave out what has been looked at; add sums up again.

    Args:
        review: Reasons as of the reading, each with its field before it.
        sums: The template's.
        read: All fields as read.
        settled: Field → how a person settled it, None for no number; those decided on only.

    Returns:
        The reasons that are left.
    """
    sums = tuple(sums)
    before = {string.field or "": string for string in read}
    after = before | {
        name: replace(before[name], text="", value=None) if string is None else string
        for name, string in settled.items()
    }
    were, _ = check_sums(sums, before)
    are, _ = check_sums(sums, after)
    left = [it for it in review if it not in were and it.partition(":")[0] not in settled]
    unreadable = [
        f"{name}: unreadable"
        for name, string in settled.items()
        if string is not None and string.source is Origin.UNREADABLE
    ]
    return (*left, *unreadable, *are)
