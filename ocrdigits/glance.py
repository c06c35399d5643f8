"""Fields of a page in, what shows of each at first glance out: a word, or where digits stand.

Most of what stands on a form or a cheque are words. Before a field is cut into all the glyphs that
it may hold, a small network glances at all of it: where it sees no digit of a number anywhere, the
field is a word, and neither reader is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, Field, Glimpse, Kind
from ocrdigits.settings import GlanceSettings
from ocrdigits.vision.morphology import dilate, true_runs
from ocrdigits.vision.strip import STEP_PX, STRIP_PX, Strip, make_strip

Glance = Callable[[Sequence[Strip]], list[NDArray[np.float32]]]
"""The network as the pipeline sees it: strips in, for each the chance of a digit in its columns."""


def glance_at(fields: Sequence[Field], glance: Glance, settings: GlanceSettings) -> list[Glimpse]:
    """Tell the words of a page from what may be a number, and where in it.

    Args:
        fields: Of the page.
        glance: The network.
        settings: What it must see.

    Returns:
        What shows of each; combs are not looked at, and never words.
    """
    glimpses = [Glimpse() for _ in fields]
    lines = [place for place, field in enumerate(fields) if field.kind is Kind.LINE]
    strips = [make_strip(fields[place].coverage) for place in lines]
    for place, chances in zip(lines, glance(strips), strict=True):
        box = fields[place].box
        is_lone = box.width <= settings.lone_width * box.height
        least = settings.least_lone_chance if is_lone else settings.least_chance
        is_word = float(chances.max()) < least
        glimpses[place] = Glimpse(is_word, () if is_word else _spans(box, chances, settings))
    return glimpses


def _spans(box: Box, chances: NDArray[np.float32], settings: GlanceSettings) -> tuple[Box, ...]:
    """The parts of a field in which digits are seen, as high as it is."""
    column_px = max(box.width / len(chances), box.height * STEP_PX / STRIP_PX)
    beside = round(settings.reach * box.height / column_px)
    seen = chances >= settings.seen_chance
    spans = []
    for start, stop in true_runs(dilate(seen[None], 1, 2 * beside + 1)[0]):
        if seen[start:stop].sum() * column_px >= settings.least_width * box.height:
            left, right = box.x + round(start * column_px), box.x + round(stop * column_px)
            right = min(right, box.right)
            spans.append(Box(left, box.y, max(1, right - left), box.height))
    return tuple(spans)
