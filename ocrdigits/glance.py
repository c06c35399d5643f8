"""Fields of a page in, which of them are words at first glance out.

Most of what stands on a form or a cheque are words. Before a field is cut into all the glyphs that
it may hold, a small network glances at all of it: where it sees no digit of a number anywhere, the
field is a word, and neither reader is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Field, Kind
from ocrdigits.settings import GlanceSettings
from ocrdigits.vision.strip import Strip, make_strip

Glance = Callable[[Sequence[Strip]], list[NDArray[np.float32]]]
"""The network as the pipeline sees it: strips in, for each the chance of a digit in its columns."""


def find_words(
    fields: Sequence[Field], glance: Glance, settings: GlanceSettings
) -> NDArray[np.bool_]:
    """Tell the words of a page from what may be a number.

    Args:
        fields: Of the page.
        glance: The network.
        settings: What it must see.

    Returns:
        (N,) which fields are words; combs never are.
    """
    is_word = np.zeros(len(fields), np.bool_)
    lines = [place for place, field in enumerate(fields) if field.kind is Kind.LINE]
    chances = glance([make_strip(fields[place].coverage) for place in lines])
    for place, its in zip(lines, chances, strict=True):
        box = fields[place].box
        is_lone = box.width <= settings.lone_width * box.height
        least = settings.least_lone_chance if is_lone else settings.least_chance
        is_word[place] = float(its.max()) < least
    return is_word
