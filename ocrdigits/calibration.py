"""What is known about a reading in, the probability that it is right out: a fitted monotone map.

Two readers' scores say which text is likelier, not how often such a text is right. That is learnt
from strings which trained nothing: a logistic map for each way the readers can agree, apart for
crops and for strings found on pages, and a table of how much is read, and how much of that is
wrong, above each confidence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field
from pathlib import Path
from typing import Any

from ocrdigits.errors import InputError
from ocrdigits.records import Agreement, Evidence
from ocrdigits.settings import UNCALIBRATED_ACCEPT, DecodeSettings

NEVER = math.inf
"""A least confidence that no string reaches."""

_FORMAT = "ocrdigits calibration 2"
_LEAST = 1e-6  # probabilities nearer to 0 or 1 say no more than this
_SURELY = 9.2  # log odds, one in ten thousand: more does not make it more of a number


@dataclass(frozen=True, slots=True)
class GroupMap:
    """The map of one `Agreement`, in log odds.

    Attributes:
        bias: Log odds where nothing else speaks.
        slope: What the log odds of the posterior count for; not below 0.
        weakest_slope: What those of the weakest digit count for; not below 0.
        per_digit: What the logarithm of the number of digits counts for.
        number: What the log odds to be a number at all count for; not below 0.
        neighbour: What a number right beside it takes from it; not below 0.
        gap: What a height that a gap in it is too wide takes from it; not below 0.
    """

    bias: float = 0.0
    slope: float = 1.0
    weakest_slope: float = 0.0
    per_digit: float = 0.0
    number: float = 0.0
    neighbour: float = 0.0
    gap: float = 0.0

    def __post_init__(self) -> None:
        if not all(isinstance(it, int | float) and math.isfinite(it) for it in self.weights):
            raise ValueError("a map is finite numbers")
        if min(self.slope, self.weakest_slope, self.number, self.neighbour, self.gap) < 0:
            raise ValueError("slopes, number, neighbour and gap must not be below 0")

    @property
    def weights(self) -> tuple[float, ...]:
        """What the features of `features_of` count for, in their order."""
        return astuple(self)

    def confidence(self, evidence: Evidence) -> float:
        """Probability, above 0 and below 1, that a string with this evidence is right."""
        terms = zip(self.weights, features_of(evidence), strict=True)
        log_odds = sum(weight * feature for weight, feature in terms)
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


def features_of(evidence: Evidence) -> tuple[float, ...]:
    """What a map weighs, in the order of its fields; a crop's string surely is one number."""
    standing = evidence.standing
    return (
        1.0,
        log_odds_of(evidence.posterior),
        log_odds_of(evidence.weakest),
        math.log(max(evidence.digit_count, 1)),
        min(log_odds_of(evidence.number_chance), _SURELY) - _SURELY,
        0.0 if standing is None else -standing.neighbour,
        0.0 if standing is None else -standing.gap,
    )


def log_odds_of(probability: float) -> float:
    """Natural logarithm of p / (1 - p); certainties are taken for one in a million."""
    clipped = _clip(probability)
    return math.log(clipped) - math.log1p(-clipped)


def _clip(probability: float) -> float:
    return min(max(probability, _LEAST), 1 - _LEAST)


@dataclass(frozen=True, slots=True)
class RiskRow:
    """What was read above one confidence, of strings that had no part in its map.

    Attributes:
        threshold: Least confidence.
        coverage: Strings at least so sure, as a share of all that were read.
        error: Wrong ones, as a share of these.
        bound: What the error may be elsewhere, given how few strings stand behind it.
    """

    threshold: float
    coverage: float
    error: float
    bound: float

    def __post_init__(self) -> None:
        numbers = (self.threshold, self.coverage, self.error, self.bound)
        if not all(isinstance(it, int | float) and 0 <= it <= 1 for it in numbers):
            raise ValueError("a row of the risk-coverage table is four shares from 0 to 1")


@dataclass(frozen=True, slots=True)
class Calibration:
    """From evidence to confidence, and from a tolerable error to a least confidence.

    Attributes:
        groups: Maps of crops by `Agreement`; where one is missing, the confidence is the
            posterior.
        page_groups: The same of strings that were found on pages.
        risk_coverage: Tables by the readers asked (`readers_asked`), strictest row first.
        fitted_on: (name, strings) of the sets it was fitted on.
        temperature: What log-probabilities of the string reader are divided by.
    """

    groups: Mapping[Agreement, GroupMap] = field(default_factory=dict)
    page_groups: Mapping[Agreement, GroupMap] = field(default_factory=dict)
    risk_coverage: Mapping[str, tuple[RiskRow, ...]] = field(default_factory=dict)
    fitted_on: tuple[tuple[str, int], ...] = ()
    temperature: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature > 0):
            raise ValueError("temperature must be above 0")

    @property
    def is_fitted(self) -> bool:
        """Whether there is a map; else a confidence is the posterior as it is."""
        return bool(self.groups)

    def confidence(self, evidence: Evidence) -> float:
        """Probability that a string with this evidence is right; above 0, below 1."""
        groups = self.groups if evidence.standing is None else self.page_groups
        group = groups.get(self._known(evidence.agreement))
        return _clip(evidence.posterior) if group is None else group.confidence(evidence)

    def least_confidence(self, max_error: float, agreement: Agreement = Agreement.AGREED) -> float:
        """The lowest confidence above which the error stays within a rate.

        Args:
            max_error: Highest share of wrong strings among those accepted.
            agreement: Says which readers were asked; each choice of readers has its own table.

        Returns:
            A confidence; `NEVER`, above 1, if too few strings are known to promise that error,
            and 0.9 where nothing was fitted.
        """
        if not self.is_fitted:
            return UNCALIBRATED_ACCEPT
        rows = self.risk_coverage.get(readers_asked(self._known(agreement)), ())
        return min((row.threshold for row in rows if row.bound <= max_error), default=NEVER)

    def _known(self, agreement: Agreement) -> Agreement:
        """What the maps and tables know it as: some were fitted before there were sure looks."""
        is_new = agreement is Agreement.LOOKS and agreement not in self.groups
        return Agreement.AGREED if is_new else agreement

    def to_json(self) -> dict[str, Any]:
        """As plain lists, numbers and strings; `from_json` reads it."""
        return {
            "format": _FORMAT,
            "temperature": self.temperature,
            "groups": _maps_to_json(self.groups),
            "page_groups": _maps_to_json(self.page_groups),
            "risk_coverage": {
                readers: [[row.threshold, row.coverage, row.error, row.bound] for row in rows]
                for readers, rows in self.risk_coverage.items()
            },
            "fitted_on": [[name, count] for name, count in self.fitted_on],
        }

    @staticmethod
    def from_json(entries: Any) -> Calibration:  # noqa: ANN401
        """Make a calibration of what `to_json` gave.

        Args:
            entries: Parsed JSON.

        Returns:
            The calibration.

        Raises:
            ValueError: If it is something else.
        """
        if not isinstance(entries, dict) or entries.get("format") != _FORMAT:
            raise ValueError(f"its format is not {_FORMAT!r}")
        try:
            return Calibration(
                groups=_maps_from_json(entries["groups"]),
                page_groups=_maps_from_json(entries["page_groups"]),
                risk_coverage={
                    readers: tuple(RiskRow(*row) for row in rows)
                    for readers, rows in entries["risk_coverage"].items()
                },
                fitted_on=tuple((str(name), int(count)) for name, count in entries["fitted_on"]),
                temperature=float(entries["temperature"]),
            )
        except (TypeError, KeyError, AttributeError, OverflowError) as error:
            raise ValueError(f"{type(error).__name__}: {error}") from error


def _maps_to_json(groups: Mapping[Agreement, GroupMap]) -> dict[str, dict[str, float]]:
    return {agreement.value: asdict(group) for agreement, group in groups.items()}


def _maps_from_json(entries: dict[str, Any]) -> dict[Agreement, GroupMap]:
    return {Agreement(key): GroupMap(**weights) for key, weights in entries.items()}


UNCALIBRATED = Calibration()
"""The confidence is the posterior, and 0.9 of it is accepted."""


def readers_asked(agreement: Agreement) -> str:
    """Which table counts: `both`, `looks`, `strings` or `segments`.

    Crops of which two looks are sure are nearly always right; one table for them and for what
    stands on pages would promise too little of the first, or too much of the second.
    """
    both = agreement in (Agreement.AGREED, Agreement.DISPUTED)
    return "both" if both else agreement.value


def accept_from(
    settings: DecodeSettings, calibration: Calibration, agreement: Agreement = Agreement.AGREED
) -> float:
    """The least confidence that is accepted.

    Args:
        settings: A confidence of its own, or the error to keep to.
        calibration: What keeps to it.
        agreement: Says which readers were asked.

    Returns:
        `accept_confidence` where it is given, else by `max_error`.
    """
    if settings.accept_confidence is not None:
        return settings.accept_confidence
    return calibration.least_confidence(settings.max_error, agreement)


def load_calibration(path: Path) -> Calibration:
    """Read a calibration from the file that `ocrdigits calibrate` wrote.

    Args:
        path: The JSON file.

    Returns:
        The calibration.

    Raises:
        InputError: If it cannot be read or is something else.
    """
    try:
        return Calibration.from_json(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InputError(
            f"{path}: the calibration cannot be read ({error.strerror}); "
            "write one with `ocrdigits calibrate FOLDER`"
        ) from error
    except (ValueError, RecursionError) as error:  # no UTF-8 and no JSON are ValueErrors too
        fact = str(error).partition("\n")[0]
        raise InputError(
            f"{path}: not a calibration ({fact}); write one with `ocrdigits calibrate FOLDER`"
        ) from error
