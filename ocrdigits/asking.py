"""The two readers as the pipeline sees them, and how what they say of one place is joined."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ocrdigits.assemble import ScoredLine, StringPlace
from ocrdigits.calibration import UNCALIBRATED, Calibration
from ocrdigits.constraint import Constraint
from ocrdigits.ctc import StringReader
from ocrdigits.fusion import Fusion, fuse_texts
from ocrdigits.records import Agreement, DigitClassifier, ReaderChoice
from ocrdigits.settings import FusionSettings


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
        None if scored is None else scored.scores,
        settings,
        constraint,
        temperature=temperature,
        may_be_empty=may_be_empty,
    )
    if asked is ReaderChoice.BOTH and fusion.agreement is not Agreement.AGREED:
        fusion = replace(fusion, agreement=Agreement.DISPUTED)  # also if one was silent
    return fusion
