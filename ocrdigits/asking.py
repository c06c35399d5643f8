"""The two readers as the pipeline sees them, and how what they say of one place is joined."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ocrdigits.assemble import ScoredLine, StringPlace
from ocrdigits.calibration import UNCALIBRATED, Calibration
from ocrdigits.constraint import Constraint
from ocrdigits.ctc import BLANK, FrameScores, StringReader
from ocrdigits.fusion import Fusion, fuse_texts
from ocrdigits.records import Agreement, DigitClassifier, ReaderChoice
from ocrdigits.settings import FusionSettings
from ocrdigits.vision.plain_line import FoundLine

_SURELY_NONE = math.log(0.9)
"""Log-probability of no text, above which a place of a page is not looked at again."""


@dataclass(frozen=True, slots=True)
class Readers:
    """The trained parts, as the pipeline sees them.

    Attributes:
        classify: Reads glyphs, cells to probabilities.
        read_lines: Reads lines, to scores of their frames; None to do without.
        calibration: What their evidence is worth.
    """

    classify: DigitClassifier
    read_lines: StringReader | None = None
    calibration: Calibration = UNCALIBRATED


def show_lines(found: Sequence[FoundLine], read_lines: StringReader) -> list[ScoredLine | None]:
    """Show lines to the string reader, and their places once more as they stand.

    On a page that is done only where the first look may show a number: most of what is asked
    about there is none.

    Args:
        found: The lines.
        read_lines: The string reader.

    Returns:
        One a line; None where there is no ink.
    """
    scores = read_lines([line.line.image for line in found])
    again = [
        place
        for place, (line, frames) in enumerate(zip(found, scores, strict=True))
        if not line.line.is_blank and (line.is_alone or _may_be_number(frames))
    ]
    plain = {place: found[place].plain for place in again}
    second = dict(zip(again, read_lines([plain[place].image for place in again]), strict=True))
    return [
        None
        if line.line.is_blank
        else ScoredLine(
            line.ink, frames, ScoredLine(plain[place], second[place]) if place in plain else None
        )
        for place, (line, frames) in enumerate(zip(found, scores, strict=True))
    ]


def _may_be_number(scores: FrameScores) -> bool:
    return float(scores[:, BLANK].sum()) < _SURELY_NONE


def fuse_place(  # noqa: PLR0913 - the words of both readers, and what is known beforehand
    place: StringPlace,
    scored: ScoredLine | None,
    asked: ReaderChoice,
    settings: FusionSettings,
    constraint: Constraint | None,
    *,
    temperature: float,
    may_be_empty: bool,
) -> Fusion:
    """Join what the readers say of one place.

    Args:
        place: With the paths of the segments reader.
        scored: The line of the string reader, or None if it was silent.
        asked: Which readers were asked.
        settings: What each counts for.
        constraint: What the text must be.
        temperature: What log-probabilities of the string reader are divided by.
        may_be_empty: Whether there may be no number at all.

    Returns:
        The texts; the readers agree only if both spoke.
    """
    fusion = fuse_texts(
        place.paths,
        () if scored is None else scored.looks,
        settings,
        constraint,
        temperature=temperature,
        may_be_empty=may_be_empty,
    )
    if asked is ReaderChoice.BOTH and fusion.agreement is not Agreement.AGREED:
        fusion = replace(fusion, agreement=Agreement.DISPUTED)  # also if one was silent
    return fusion
