"""A reading of a page and how it stands there in, how likely it is a number at all out.

The readers tell which number a piece of ink is, if it is one. A letter o, a word made of shapes
that digits have too, a part of a word: that these are none shows less in their ink than in what
they stand among. A logistic map weighs both. It knows nothing of the calibrated confidence, which
tells how likely all digits are right and builds on it.
"""

from __future__ import annotations

import math

from ocrdigits.records import Agreement, Evidence, FieldReading, Kind
from ocrdigits.settings import NumberSettings, Settings

_BOTH = (Agreement.AGREED, Agreement.DISPUTED)
_LEAST = 1e-4  # probabilities nearer to 0 or 1 say no more than this

FEATURES = (
    "bias",
    "posterior",
    "weakest",
    "agreed",
    "digits",
    "only_01",
    "letters_beside",
    "letters_elsewhere",
    "height",
    "share",
    "column",
    "walls",
)
"""Settings that count for the features of `traits_of`, in their order."""


def traits_of(evidence: Evidence, digits: str) -> tuple[float, ...] | None:
    """What tells a number from letters.

    Args:
        evidence: What is known about a reading …
        digits: … and its digits.

    Returns:
        One value for each of `FEATURES`; None for what was not read on a page, by both readers.
    """
    if evidence.standing is None or evidence.agreement not in _BOTH:
        return None
    standing = evidence.standing
    return (
        1.0,
        _log_odds(evidence.posterior),
        _log_odds(evidence.weakest),
        float(evidence.agreement is Agreement.AGREED),
        math.log(max(evidence.digit_count, 1)),
        float(set(digits) <= set("01")),
        standing.letters_beside,
        standing.letters_elsewhere,
        standing.height,
        standing.share,
        standing.column,
        float(standing.walls),
    )


def number_chance(evidence: Evidence, digits: str, settings: NumberSettings) -> float:
    """How likely a reading is one of a number.

    Args:
        evidence: What is known about a reading …
        digits: … and its digits.
        settings: What each of its traits counts for.

    Returns:
        0 to 1; 1 where its traits are not known.
    """
    traits = traits_of(evidence, digits)
    if traits is None:
        return 1.0
    weights = (getattr(settings, name) for name in FEATURES)
    log_odds = sum(weight * trait for weight, trait in zip(weights, traits, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def is_number(string: FieldReading, chance: float, settings: Settings) -> bool:
    """Whether a reading is likely enough to be one of a number, and to be right.

    Args:
        string: The reading.
        chance: Its `number_chance`.
        settings: How likely both must be; what surely is a number may be more doubtful.

    Returns:
        False for what is left out.
    """
    fusion, number = settings.fusion, settings.number
    posterior = 1.0 if string.evidence is None else string.evidence.posterior
    if chance < number.least_chance or posterior < fusion.least_posterior:
        return False
    is_comb = string.kind is Kind.COMB
    if string.confidence >= (fusion.min_comb_confidence if is_comb else fusion.min_confidence):
        return True
    return (
        string.evidence is not None
        and posterior >= fusion.min_posterior
        and string.confidence >= fusion.least_confidence
        and chance >= number.sure_chance
    )


def _log_odds(probability: float) -> float:
    clipped = min(max(probability, _LEAST), 1 - _LEAST)
    return math.log(clipped) - math.log1p(-clipped)
