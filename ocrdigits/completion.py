"""Numbers as they were read first in, each as far as it goes out.

The segments reader proposes places, and may stop before the end of a number, or in the middle.
The string reader is asked once more about each such number, all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ocrdigits.assemble import ReadPlace, StringPlace
from ocrdigits.overlooked import (
    follow_beyond,
    goes_on,
    is_as_sure,
    is_unbroken,
    reach_beside,
    says_more,
    shows_better,
)
from ocrdigits.rejoin import rejoin_torn

_MOST_STEPS = 8  # in which a number is followed beyond its place

Ask = Callable[[Sequence[StringPlace]], list[ReadPlace | None]]
"""Asks both readers about places, all at once; None for one at which there is no ink."""


def complete(reads: Sequence[ReadPlace], ask: Ask) -> list[ReadPlace]:
    """Ask once more about numbers that end beyond their places, or in others'.

    Args:
        reads: Of a page, in reading order.
        ask: How to read further places.

    Returns:
        The same, and what is longer, before or instead of its beginning.
    """
    places = [read.place for read in reads]
    found = _follow(reads, places, ask)
    torn = _ask_again(rejoin_torn(found), ask)
    wholes = _follow([whole for _, whole in torn], places, ask)
    for (index, _), whole in reversed(list(zip(torn, wholes, strict=True))):
        if is_unbroken(whole):
            found.insert(index, whole)
    for index, longer in reversed(_ask_again(reach_beside(found), ask)):
        if shows_better(found[index], longer):
            found[index] = longer
        elif goes_on(found[index], longer):
            found.insert(index, longer)
    return found


def _follow(reads: Sequence[ReadPlace], places: Sequence[StringPlace], ask: Ask) -> list[ReadPlace]:
    """Follow each number as far as it is read, but not into other places.

    What is less sure than its beginning is left.
    """
    kept = list(reads)
    waiting = dict(enumerate(reads))
    for _ in range(_MOST_STEPS):
        beyond = []
        for index, read in waiting.items():
            place = follow_beyond(read, places)
            if place is not None:
                beyond.append((index, place))
        again = dict(_ask_again(beyond, ask))
        waiting = {index: it for index, it in again.items() if says_more(waiting[index], it)}
        for index, longer in waiting.items():
            if is_as_sure(kept[index], longer):
                kept[index] = longer
    return kept


def _ask_again(places: Sequence[tuple[int, StringPlace]], ask: Ask) -> list[tuple[int, ReadPlace]]:
    """What is read at places that come with an index, where there is ink."""
    if not places:
        return []
    reads = ask([place for _, place in places])
    numbered = zip(places, reads, strict=True)
    return [(index, read) for (index, _), read in numbered if read is not None]
