"""What both readers say of one string in, its texts with one probability each out.

The string reader gives the probability of any text, the segments reader log odds of the paths
through its lattice. A text is worth what the first says plus a share of what the second does: the
segments reader looks at every glyph apart, but it is too sure of itself to count in full.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ocrdigits.constraint import Constraint
from ocrdigits.ctc import FrameScores, Look, least_frames, search_texts, text_log_probabilities
from ocrdigits.decode import Hypothesis, digit_confidence
from ocrdigits.records import Agreement, digits_of
from ocrdigits.settings import FusionSettings

_ODD_SLASH = math.log(0.1)  # `44/7` is mostly 4417
_LEAST_LOG = -50.0  # of a text to one look; it may not even fit


@dataclass(frozen=True, slots=True)
class FusedText:
    """One text that a string may be.

    Attributes:
        text: Digits and separators.
        probability: Among all texts that were weighed.
        path: Where the segments reader sees these digits, if it does.
    """

    text: str
    probability: float
    path: Hypothesis | None = None

    @property
    def digits(self) -> str:
        """The digits of the text alone."""
        return digits_of(self.text)


@dataclass(frozen=True, slots=True)
class Fusion:
    """All texts that a string may be.

    Attributes:
        texts: Most probable digits first, among them the most probable text; there may be none.
        posterior: Probability of the digits of the first (of its text, where separators count).
        agreement: What the readers said of it.
        is_valid: Whether the first satisfies the constraint.
    """

    texts: tuple[FusedText, ...]
    posterior: float
    agreement: Agreement
    is_valid: bool = True

    @property
    def has_digits(self) -> bool:
        """Whether the best text is one of a number at all."""
        return bool(self.texts and self.texts[0].digits)


def fuse_texts(  # noqa: PLR0913 - the words of both readers, and what is known beforehand
    paths: Sequence[Hypothesis],
    looks: Sequence[Look],
    settings: FusionSettings,
    constraint: Constraint | None = None,
    *,
    temperature: float = 1.0,
    empty_share: float = 1.0,
) -> Fusion:
    """Weigh the texts that either reader proposes.

    Args:
        paths: Of the segments reader, best first; none if it was not asked.
        looks: Of the string reader, without and with what stands around; one alone, or none if it
            was not asked.
        settings: What each reader counts for.
        constraint: What the text must be; if nothing satisfies it, it is as if there were none,
            but the outcome says so.
        temperature: What log-probabilities of the string reader are divided by.
        empty_share: What texts without a digit count for: 1 where there may be no number; less
            where there must be one, which they then leave in doubt, but are not among the texts.

    Returns:
        The texts; none if there is no digit.
    """
    seen = _best_paths(paths)
    if not looks:
        texts = [FusedText(path.text, share, path) for path, share in seen.values()]
        return _constrain(_order(texts), Agreement.SEGMENTS, settings, constraint)
    said = _ask_strings(looks, seen, settings, constraint)
    texts = _share(_weigh(said, seen, settings, temperature), seen, empty_share)
    if empty_share < 1:
        said = {text: weight for text, weight in said.items() if digits_of(text)}
        texts = [text for text in texts if text.digits]
    return _constrain(_order(texts), _compare(said, seen), settings, constraint)


def reweigh(fusion: Fusion, weight_of: Callable[[str], float]) -> Fusion:
    """Weigh the texts of a string once more, by what else is known.

    Args:
        fusion: Of a string without a constraint.
        weight_of: How likely a text is, apart from its ink; above 0.

    Returns:
        The texts in their new order; the readers agree as before.
    """
    weights = [text.probability * weight_of(text.text) for text in fusion.texts]
    total = sum(weights)
    if total <= 0:
        return fusion
    texts = [
        replace(text, probability=weight / total)
        for text, weight in zip(fusion.texts, weights, strict=True)
    ]
    return _constrain(_order(texts), fusion.agreement, FusionSettings(), None)


_PathShares = dict[str, tuple[Hypothesis, float]]
"""Digits → the best path with them, and their probability as the segments reader sees it."""


def _best_paths(paths: Sequence[Hypothesis]) -> _PathShares:
    found: _PathShares = {}
    for path, share in zip(paths, digit_confidence(list(paths)), strict=True):
        digits = "".join(digit.text for digit in path.digits)
        if digits and digits not in found:
            found[digits] = (path, share)
    return found


def _ask_strings(
    looks: Sequence[Look],
    seen: _PathShares,
    settings: FusionSettings,
    constraint: Constraint | None,
) -> dict[str, float]:
    """Text → its log-probability: the likeliest, and those that the segments reader proposes.

    Looks at the same ink do not err independently, so their log-probabilities are averaged, not
    added.
    """
    admits = None if constraint is None else constraint.admits
    found = [[_search(scores, settings, admits) for scores in look] for look in looks]
    texts = {text: None for look in found for said in look for text in said}  # keeps its order
    known = {digits_of(text) for text in texts}
    frames = min(len(scores) for look in looks for scores in look)
    for digits, (path, _) in list(seen.items())[: settings.proposals]:
        if digits not in known:
            fitting = [text for text in (path.text, digits) if least_frames(text) <= frames]
            texts |= dict.fromkeys(fitting)
    ink, *plain = _average_all(found, looks, list(texts))
    if not plain:
        return ink
    share = settings.plain_share
    return {text: (1 - share) * ink[text] + share * plain[0][text] for text in texts}


def _search(
    scores: FrameScores, settings: FusionSettings, admits: Callable[[str], bool] | None
) -> dict[str, float]:
    """The likeliest texts of one line → their log-probabilities."""
    texts = search_texts(scores, settings.candidates, admits=admits)
    return {text.text: text.log_probability for text in texts}


def _average_all(
    found: Sequence[Sequence[dict[str, float]]], looks: Sequence[Look], texts: Sequence[str]
) -> list[dict[str, float]]:
    """What each look says of all texts, also of those that it did not think of."""
    said = [line for look in found for line in look]
    others = [[text for text in texts if text not in line] for line in said]
    lines = [scores for look in looks for scores in look]
    logs = text_log_probabilities(lines, others)
    whole = [
        line | dict(zip(some, values.tolist(), strict=True))
        for line, some, values in zip(said, others, logs, strict=True)
    ]
    rest = iter(whole)
    return [
        {text: sum(max(line[text], _LEAST_LOG) for line in look) / len(look) for text in texts}
        for look in ([next(rest) for _ in look] for look in looks)
    ]


def _weigh(
    said: dict[str, float], seen: _PathShares, settings: FusionSettings, temperature: float
) -> dict[str, float]:
    """Text → log of what both readers together make of it."""
    least = math.log(settings.least_share)
    weight = settings.segments_weight if seen else 0.0
    shares = {
        digits: max(math.log(max(share, 1e-300)), least) for digits, (_, share) in seen.items()
    }
    none = 1 - max((share for _, share in seen.values()), default=0.0)
    shares[""] = max(math.log(max(none, 1e-300)), least)
    return {
        text: log_probability / temperature
        + weight * max(shares.get(digits, least) for digits in _seen_as(text))
        + (_ODD_SLASH if _has_odd_slash(text) else 0.0)
        for text, log_probability in said.items()
    }


def _has_odd_slash(text: str) -> bool:
    """Whether a slash stands where neither dates nor fractions have one; it may be a 1."""
    if "/" not in text or "-" in text or text.endswith("/100"):
        return False
    first, second, *_ = parts = text.split("/")
    if not 2 <= len(parts) <= 3 or not (first.isdigit() and second.isdigit()):
        return True
    day, month = max(int(first), int(second)), min(int(first), int(second))
    return not (1 <= month <= 12 and 1 <= day <= 31)


def _compare(said: dict[str, float], seen: _PathShares) -> Agreement:
    """Whether each reader for itself would give the same digits."""
    if not seen:
        return Agreement.STRINGS
    best = max(said, key=said.__getitem__, default="")
    return Agreement.AGREED if next(iter(seen)) in _seen_as(best) else Agreement.DISPUTED


def _seen_as(text: str) -> set[str]:
    """The digits that the segments reader may see in a text; to it a slash often is a 1."""
    return {digits_of(text), digits_of(text.replace("/", "1"))}


def _share(weighed: dict[str, float], seen: _PathShares, empty_share: float) -> list[FusedText]:
    """Probabilities that sum to 1; texts without a digit count for a share of their own."""
    empty = math.log(empty_share) if empty_share > 0 else -math.inf
    weighed = {
        text: weight if digits_of(text) else weight + empty for text, weight in weighed.items()
    }
    top = max(weighed.values(), default=0.0)
    shares = {text: math.exp(weight - top) for text, weight in weighed.items()}
    total = sum(shares.values())
    return [
        FusedText(text, share / total, seen.get(digits_of(text), (None, 0.0))[0])
        for text, share in shares.items()
    ]


def _order(texts: list[FusedText]) -> list[FusedText]:
    """By the probability of the digits, then of the text."""
    sums: dict[str, float] = {}
    for text in texts:
        sums[text.digits] = sums.get(text.digits, 0.0) + text.probability
    return sorted(texts, key=lambda it: (-sums[it.digits], -it.probability))


def _constrain(
    texts: list[FusedText],
    agreement: Agreement,
    settings: FusionSettings,
    constraint: Constraint | None,
) -> Fusion:
    """Put the best text that satisfies the constraint first, if it is close."""
    if not texts:
        return Fusion((), 0.0, agreement, is_valid=constraint is None)
    best, is_valid = texts[0], True
    if constraint is not None:
        fitting = [text for text in texts if constraint.satisfies(text.text)]
        close = settings.close_share * best.probability
        is_valid = bool(fitting) and fitting[0].probability >= close
        if is_valid:
            texts = [fitting[0], *(text for text in texts if text is not fitting[0])]
            best = fitting[0]
    if constraint is not None and constraint.has_separators:
        return Fusion(tuple(texts), best.probability, agreement, is_valid)
    posterior = sum(text.probability for text in texts if text.digits == best.digits)
    return Fusion(tuple(texts), min(posterior, 1.0), agreement, is_valid)
