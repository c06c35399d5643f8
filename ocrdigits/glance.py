"""Fields of a page and the digit reader in, fields that are words at first glance out.

Most of what stands on a form or a cheque are words. Before a field is cut into all the glyphs that
it may hold, the digit reader sees a few whole pieces of it: where hardly any looks like a digit,
neither all over it nor at its ends, the field is a word.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import CELL_PX, NOT_A_DIGIT, Cells, DigitClassifier, Field, Kind
from ocrdigits.settings import GlanceSettings
from ocrdigits.vision.components import find_components
from ocrdigits.vision.normalize import center_digit


def find_words(
    fields: Sequence[Field], classify: DigitClassifier, settings: GlanceSettings
) -> NDArray[np.bool_]:
    """Tell the words of a page from what may be a number.

    Args:
        fields: Of the page.
        classify: The digit reader.
        settings: How many pieces it sees, and what it must make of them.

    Returns:
        (N,) which fields are words; combs and fields of few pieces never are.
    """
    pieces = [_pieces_of(field, settings) for field in fields]
    counts = np.array([len(cells) for cells in pieces])
    likeness = np.ones(len(fields))
    if counts.sum():
        scores = classify(np.concatenate([cells for cells in pieces if len(cells)]))
        digits = scores[:, :NOT_A_DIGIT].max(axis=1)  # (cells,)
        parts = np.split(digits, np.cumsum(counts)[:-1])
        seen = np.flatnonzero(counts)
        likeness[seen] = [_likeness(parts[index]) for index in seen]
    return np.asarray(likeness < settings.least_likeness)


def _likeness(digits: NDArray[np.float32]) -> float:
    """How much a field looks like digits: all of what was seen of it, or two pieces at an end.

    A house number stands before its street, a postal code after its town.
    """
    return float(max(digits.mean(), digits[:2].min(), digits[-2:].min()))


def _pieces_of(field: Field, settings: GlanceSettings) -> Cells:
    """Some tall components of a field, two at each end, as the network sees digits."""
    nothing = np.zeros((0, CELL_PX, CELL_PX), np.float32)
    if field.kind is not Kind.LINE:
        return nothing
    components = find_components(field.ink)
    heights = components.boxes[:, 3]
    tall = np.flatnonzero(heights >= 0.45 * heights.max(initial=0))
    if len(tall) < settings.least_pieces:
        return nothing
    tall = tall[np.argsort(components.boxes[tall, 0], kind="stable")]
    if len(tall) > settings.pieces:
        between = np.linspace(1, len(tall) - 2, settings.pieces - 2).round().astype(np.int64)
        tall = tall[np.concatenate([[0], between, [len(tall) - 1]])]
    cells = []
    for index in tall:
        x, y, w, h = components.boxes[index].tolist()
        place = np.s_[y : y + h, x : x + w]
        own = components.labels[place] == index + 1
        cut = field.coverage[place] * own
        cells.append(center_digit(cut if cut.any() else own.astype(np.float32)))
    return np.stack(cells)
