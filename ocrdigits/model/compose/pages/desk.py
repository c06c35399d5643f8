"""A sheet, its writer and the source of chance together: writing and printing with alignment."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ocrdigits.model.compose.chance import between, pick
from ocrdigits.model.compose.lettering import Scribe, Spot, write_line
from ocrdigits.model.compose.pages.typeset import Style, measure_print, print_line
from ocrdigits.model.compose.sheet import Sheet
from ocrdigits.records import Kind

LEFT, MIDDLE, RIGHT = 0.0, 0.5, 1.0
"""Which part of a line stands at its place: its left end, its middle or its right end."""
_NARROW = frozenset("1.,:;'-!|ijl()/ ")
_TRIAL = "0123456789"


@dataclass(frozen=True, slots=True)
class Desk:
    """What the drawing of a page works with.

    Attributes:
        rng: Source of chance.
        sheet: Gets ink and truth.
        scribe: Who writes on it.
        advance_frac: How wide the scribe writes a digit, gap included, in heights of a digit.
    """

    rng: np.random.Generator
    sheet: Sheet
    scribe: Scribe
    advance_frac: float

    def write(self, text: str, spot: Spot, align: float = LEFT, kind: Kind = Kind.LINE) -> float:
        """Write by hand.

        Args:
            text: What.
            spot: Where; its `x` is that of the part which `align` names.
            align: `LEFT`, `MIDDLE` or `RIGHT`, as well as people guess how long a line will be.
            kind: Geometry of its digit strings.

        Returns:
            Where the line ends.
        """
        if align:
            width = min(self.guess_width(text, spot.height_px), spot.room_px)
            room_px = min(spot.room_px, (1.25 - 0.2 * align) * width)  # little past the right end
            spot = Spot(spot.x - align * width, spot.baseline, spot.height_px, room_px)
        before = len(self.sheet.strings)
        end = write_line(self.rng, self.sheet, self.scribe, text, spot)
        if kind is not Kind.LINE:
            written = self.sheet.strings[before:]
            self.sheet.strings[before:] = [replace(string, kind=kind) for string in written]
        return end

    def guess_width(self, text: str, height_px: float) -> float:
        """About how long a line by this scribe becomes."""
        units = sum(0.55 if character in _NARROW else 1.0 for character in text)
        return units * self.advance_frac * height_px

    def print(
        self, text: str, style: Style, place: tuple[float, float], align: float = LEFT
    ) -> float:
        """Print a line.

        Args:
            text: What.
            style: How.
            place: x of the part which `align` names, and baseline.
            align: `LEFT`, `MIDDLE` or `RIGHT`.

        Returns:
            Where the line ends.
        """
        x, baseline = place
        start = x - align * measure_print(text, style) if align else x
        return print_line(self.sheet, text, style, start, baseline)

    def choose(self, *choices: str) -> str:
        """One of several words."""
        return pick(self.rng, choices)

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`."""
        return between(self.rng, low, high)


def open_desk(rng: np.random.Generator, sheet: Sheet, scribe: Scribe) -> Desk:
    """Sit down with a sheet; the scribe tries the pen elsewhere."""
    nowhere, spot = Sheet(np.ones((1, 1, 3), np.float32)), Spot(0, 0, 40.0)
    end = write_line(np.random.default_rng(0), nowhere, scribe, _TRIAL, spot)
    return Desk(rng, sheet, scribe, end / 40.0 / len(_TRIAL))
