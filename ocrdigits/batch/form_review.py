"""What a form asks a person to look at, once people have decided on some of its fields."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ocrdigits.records import FieldReading, Origin
from ocrdigits.template.checks import Written, check_sum, check_sums, is_unsure
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


def failed_checks(
    review: Iterable[str],
    sums: Sequence[FormSum],
    read: Mapping[str, Written],
    settled: Mapping[str, Written],
) -> dict[str, tuple[str, ...]]:
    """Say which fields fail a check as things are now: demands, sums, or not there on the photo.

    Args:
        review: Reasons as of the reading, each with its field before it.
        sums: The template's.
        read: Field → what was read; at least those of the sums.
        settled: Field → what a person settled it as, blank for no number; those decided on only.

    Returns:
        Field → facts. What a person has decided on fails no demand of its own any more; a sum that
        does not hold fails all of its fields. That a reader was not sure enough is no failure.
    """
    before = [check_sum(it, read) for it in sums]
    were = {f"{it.total}: {fact}" for it, fact in zip(sums, before, strict=True)}
    now = [check_sum(it, {**read, **settled}) for it in sums] if settled else before
    failed: dict[str, list[str]] = {}
    for reason in review:
        name, _, fact = reason.partition(": ")
        if name not in settled and reason not in were and not is_unsure(reason):
            failed.setdefault(name, []).append(fact)
    for it, broken in zip(sums, now, strict=True):
        if broken is not None:
            for name in (it.total, *it.parts):
                failed.setdefault(name, []).append(broken)
    return {name: tuple(dict.fromkeys(facts)) for name, facts in failed.items()}
