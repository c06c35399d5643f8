"""Chance in, what one writer keeps through a string out; and how they set digits side by side."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.compose.hand.pens import InkPatch

_UNEVEN = 0.15
"""Share of the writers whose digits stand high and low, large and small: `21`, the 1 twice the 2.

Without them, such numbers passed for letters, or the small digit for a neighbour's."""


@dataclass(frozen=True, slots=True)
class Manner:
    """What one writer keeps through a string.

    Attributes:
        height_px: Height of a digit.
        stroke_px: Width of the pen's line.
        lean: Shift to the right per height.
        own_slant: Share of each digit's own slant that stays.
        stretch: Relative width.
        gap: Space between strokes, heights; below 0 digits touch.
        gap_spread: Its standard deviation.
        wander: How far digits stand off the line, heights.
        size_spread: Relative change of size.
        flag: Length of the flag of a 1, heights; 0 for none.
        foot: Whether a 1 has a foot.
        crossed: Whether a 7 has a bar.
        joins_zeros: Whether neighbouring zeros run into each other …
        zero_size: … and how large they are then, relative to other digits.
    """

    height_px: float
    stroke_px: float
    lean: float
    own_slant: float
    stretch: float
    gap: float
    gap_spread: float
    wander: float
    size_spread: float
    flag: float
    foot: bool
    crossed: bool
    joins_zeros: bool
    zero_size: float


def sample_manner(rng: np.random.Generator, height_px: float) -> Manner:
    """Invent a writer.

    Args:
        rng: Source of chance.
        height_px: Height of a digit.

    Returns:
        Their manner: most leave a little space, some let digits touch.
    """
    kind = float(rng.random())  # spacing: apart, usual, close, touching
    gap = (
        between(rng, 0.2, 0.55) if kind < 0.15
        else between(rng, 0.06, 0.22) if kind < 0.55
        else between(rng, 0.0, 0.08) if kind < 0.75
        else between(rng, -0.14, 0.0)
    )  # fmt: skip
    width = float(np.exp(rng.normal(math.log(0.105), 0.35)))
    is_uneven = toss(rng, _UNEVEN)
    return Manner(
        height_px=height_px,
        stroke_px=height_px * float(np.clip(width, 0.04, 0.24)),
        lean=float(np.clip(rng.normal(0.14, 0.18), -0.25, 0.55)),
        own_slant=between(rng, 0.0, 0.5),
        stretch=float(np.exp(rng.normal(0, 0.14))),
        gap=gap,
        gap_spread=between(rng, 0.01, 0.1),
        wander=between(rng, 0.05, 0.3) if is_uneven else between(rng, 0.0, 0.08),
        size_spread=between(rng, 0.1, 0.3) if is_uneven else between(rng, 0.01, 0.1),
        flag=between(rng, 0.15, 0.7) if toss(rng, 0.42) else 0.0,
        foot=toss(rng, 0.07),
        crossed=toss(rng, 0.3),
        joins_zeros=toss(rng, 0.4),
        zero_size=between(rng, 0.55, 1.0) if toss(rng, 0.6) else 1.0,
    )


class RightEdge:
    """Where the ink written so far ends in each row, so that the next character can be set to it.

    People leave space between strokes, not between boxes: a 7 reaches over its neighbour.
    """

    def __init__(self, rng: np.random.Generator, manner: Manner) -> None:
        self._rng, self._manner = rng, manner
        self._rows = round(4 * manner.height_px)
        self._zero = round(2.5 * manner.height_px)
        self._ends = np.full(self._rows, -1e6)
        self._extra = 0.0
        self._before = ""
        self._end = 0.0
        self._width = 0.0

    def space(self) -> None:
        """The next character stands apart."""
        self._extra = self._manner.height_px * between(self._rng, 0.3, 0.7)

    def place(self, patch: InkPatch, character: str) -> InkPatch:
        """Set a character to the right of the others, and remember its ink."""
        manner, rng = self._manner, self._rng
        inked = patch.coverage > 0.4
        filled = np.flatnonzero(inked.any(axis=1))
        if not len(filled):
            return patch
        rows = filled + patch.y + self._zero
        keep = (rows >= 0) & (rows < self._rows)
        filled, rows = filled[keep], rows[keep]
        lefts = inked[filled].argmax(axis=1)
        rights = inked.shape[1] - inked[filled, ::-1].argmax(axis=1)
        gap = manner.height_px * (manner.gap + float(rng.normal(0, manner.gap_spread)))
        if character in ".,-/" or self._before in ".,-/":
            gap = max(gap, manner.height_px * between(rng, 0.0, 0.16))
        if character + self._before == "00" and manner.joins_zeros:
            gap = manner.height_px * between(rng, -0.2, 0.03)
            gap = max(gap, -1.8 * manner.stroke_px)
        else:
            gap = max(gap, -1.1 * manner.stroke_px)  # joined, not written over
        slim = 0.3 * manner.height_px
        if min(self._width, float(rights.max() - lefts.min())) < slim:
            gap = max(gap, 0.04 * manner.height_px)  # two 1s upon each other would be one
        self._width = float(rights.max() - lefts.min())
        if not self._before:
            x = 0.0
        else:
            room = float((self._near_ends(rows) - lefts).max()) + gap
            # Nothing slides far under its neighbour.
            least = self._end - 0.35 * manner.height_px - float(lefts.min())
            x = max(room, least) + self._extra
        self._extra, self._before = 0.0, character
        place = round(x)
        self._ends[rows] = np.maximum(self._ends[rows], place + rights)
        self._end = max(self._end, float(place + rights.max()))
        return InkPatch(patch.coverage, place, patch.y)

    def _near_ends(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """End of the ink in these rows or a little above or below."""
        reach = max(1, round(0.12 * self._manner.height_px))
        wide = cv2.dilate(self._ends.astype(np.float32)[:, None], np.ones((2 * reach + 1, 1)))
        return np.asarray(wide[rows, 0], np.float64)
