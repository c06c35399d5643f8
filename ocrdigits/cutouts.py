"""A small picture that may show anything: what a line and a page say of it in, its strings out.

Its ink does not tell whether it is one number or a piece of a page: thick strokes that fill it
look like rules, a small number beside the edge of its page like one of many. What the readers make
of it tells more.
"""

from __future__ import annotations

from collections.abc import Sequence

from ocrdigits.records import FieldReading
from ocrdigits.settings import CutoutSettings


def choose_strings(
    line: Sequence[FieldReading],
    page: Sequence[FieldReading],
    chance: float,
    settings: CutoutSettings,
) -> tuple[FieldReading, ...]:
    """Choose between the strings of a picture that was read both ways.

    Args:
        line: Its string, read as one line; there may be none.
        page: Its strings, read as a page.
        chance: Probability that the line is a number at all.
        settings: What decides.

    Returns:
        The strings.
    """
    surest = max((string.confidence for string in page), default=0.0)
    if chance >= settings.least_chance:
        if any(string.confidence >= settings.surer * surest for string in line):
            return tuple(line)
        return tuple(page)
    least = settings.least_confidence if chance < settings.least_page_chance else 0.0
    return tuple(string for string in page if string.confidence >= least)
