"""All that was asked about a page in, what the rest of it says of one of its strings out.

A letter alone often looks like a digit. That it is one of a word shows beside it, and that the
page is one of words shows in its other places.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ocrdigits.fusion import Fusion
from ocrdigits.records import Agreement, Box, Field, InkMask
from ocrdigits.vision.beside import gather_ink, room_beside

_SURE = 0.98  # posterior of a place at which both readers agree that it is a number


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What stands around the strings of a page.

    Attributes:
        ink: (H, W) ink of all fields, page frame.
        asked: Places that may be numbers.
        sure: Those of them that surely are.
    """

    ink: InkMask
    asked: int
    sure: int

    def room_of(self, box: Box) -> float:
        """Bare paper beside a box of the page, as `Evidence.room` counts it."""
        return room_beside(self.ink, box)

    def company_of(self, fusion: Fusion) -> float:
        """What the other places say, as `Evidence.company` counts it."""
        others_sure = self.sure - _is_sure(fusion)
        return math.log((others_sure + 1) / (self.asked - others_sure + 1))


def survey_page(
    shape: tuple[int, ...], fields: Iterable[Field], fusions: Sequence[Fusion], words: int = 0
) -> Surroundings:
    """Gather what stands around the strings of a page.

    Args:
        shape: (H, W) of the page.
        fields: All its fields.
        fusions: What was read at each place that was asked about.
        words: How many more might have been asked about, but are words at first glance.

    Returns:
        The surroundings.
    """
    return Surroundings(
        gather_ink(shape, fields), len(fusions) + words, sum(map(_is_sure, fusions))
    )


def _is_sure(fusion: Fusion) -> bool:
    """Whether both readers agree on a number, with hardly a doubt."""
    is_number = bool(fusion.texts) and bool(fusion.texts[0].digits)
    return is_number and fusion.agreement is Agreement.AGREED and fusion.posterior > _SURE
