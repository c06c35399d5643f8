"""A lattice and its scores in, the best texts out, with probabilities.

Every hypothesis is a question that the network answered: which digit, or none? A path says of its
own glyphs "these are digits" and of all others "these are none", so a glyph adds the log of its
odds against "not a digit". Ink that no glyph of the path covers is a separator where it looks like
one, and costs what it weighs where it does not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import NOT_A_DIGIT, Box, DigitScores, Glyph, Lattice
from ocrdigits.settings import DecodeSettings

_FLOOR = 1e-3  # no single answer of the network counts for more than 1000 : 1


@dataclass(frozen=True, slots=True)
class DecodedCharacter:
    """One character on a path: what it is, how likely, and which glyph it came from."""

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read a field.

    Attributes:
        text: Digits and separators.
        score: Log odds of the path; only differences mean something.
        characters: Left to right; skipped ink is left out.
        skipped: Tall ink the path says is no digit, in line heights of width.
    """

    text: str
    score: float
    characters: tuple[DecodedCharacter, ...]
    skipped: float


@dataclass(frozen=True, slots=True)
class _Step:
    """One edge of the lattice with one answer."""

    start: int
    stop: int
    score: float
    character: DecodedCharacter | None
    skipped: float = 0.0


def decode_lattice(
    lattice: Lattice, scores: DigitScores, settings: DecodeSettings
) -> list[Hypothesis]:
    """Find the best paths through a lattice.

    Args:
        lattice: Glyph hypotheses of a field.
        scores: (N, 11) the network's answer for each of the N glyphs.
        settings: How many to keep.

    Returns:
        Best first, each text once, at most `alternatives + 1`; empty if there is no ink.
    """
    keep = settings.alternatives + 1
    by_stop: dict[int, list[_Step]] = {}
    for glyph, answer in zip(lattice.glyphs, scores, strict=True):
        for step in _steps_of(glyph, answer, lattice, settings):
            by_stop.setdefault(step.stop, []).append(step)
    best: list[list[Hypothesis]] = [[Hypothesis("", 0.0, (), 0.0)]]
    for stop in range(1, lattice.atom_count + 1):
        extended = [
            _extend(path, step) for step in by_stop.get(stop, []) for path in best[step.start]
        ]
        best.append(_best_texts(extended, keep))
    return best[-1] if lattice.atom_count else []


def decode_digit(
    lattice: Lattice, scores: DigitScores, settings: DecodeSettings
) -> list[Hypothesis]:
    """Read a field that is known to be one digit.

    Args:
        lattice: One glyph, or none where there is no ink.
        scores: (1, 11) the network's answer.
        settings: How many to keep.

    Returns:
        The digits, most probable first.
    """
    if not lattice.glyphs:
        return []
    glyph, answer = lattice.glyphs[0], scores[0]
    best = np.argsort(-answer[:NOT_A_DIGIT], kind="stable")[: settings.alternatives + 1]
    return [
        Hypothesis(
            str(digit),
            math.log(max(float(answer[digit]), _FLOOR)),
            (DecodedCharacter(str(digit), float(answer[digit]), glyph.box),),
            0.0,
        )
        for digit in best
    ]


def _steps_of(
    glyph: Glyph, answer: NDArray[np.float32], lattice: Lattice, settings: DecodeSettings
) -> list[_Step]:
    line = lattice.line_height_px
    against = max(float(answer[NOT_A_DIGIT]), _FLOOR)
    cut = (lattice.cut_prices[glyph.start] + lattice.cut_prices[glyph.stop]) / 2
    prior = _log_size_prior(glyph.box, lattice) - settings.glyph_cost - settings.cut_cost * cut
    steps = []
    for digit in np.argsort(answer[:NOT_A_DIGIT])[:-4:-1]:
        probability = float(answer[digit])
        odds = math.log(max(probability, _FLOOR)) - math.log(against) + prior
        character = DecodedCharacter(str(digit), probability, glyph.box)
        steps.append(_Step(glyph.start, glyph.stop, odds, character))
    if glyph.stop == glyph.start + 1:
        steps.append(_separator_or_skip(glyph, line, lattice))
    return steps


def _log_size_prior(box: Box, lattice: Lattice) -> float:
    """Digits are about as tall as their line; what is much lower is a dot, a dash or a part."""
    ratio = box.height / lattice.line_height_px
    return -6.0 * max(0.0, 0.62 - ratio) / 0.3 if ratio < 0.62 else 0.0


def _separator_or_skip(glyph: Glyph, line: float, lattice: Lattice) -> _Step:
    """An atom that is no digit: a separator by its size and place, or nothing."""
    box = glyph.box
    height, width = box.height / line, box.width / line
    bottom = lattice.line_box.bottom
    low = (bottom - (box.y + box.height / 2)) / line < 0.45
    middle = abs(box.y + box.height / 2 - lattice.line_box.y - lattice.line_box.height / 2) / line
    if height < 0.3 and width < 0.35 and low:
        return _Step(glyph.start, glyph.stop, 0.0, DecodedCharacter(".", 0.9, box))
    if height < 0.55 and width < 0.45 and low:
        return _Step(glyph.start, glyph.stop, 0.0, DecodedCharacter(",", 0.9, box))
    if height < 0.3 and width > 1.8 * height and width > 0.2 and middle < 0.25:
        return _Step(glyph.start, glyph.stop, 0.0, DecodedCharacter("-", 0.9, box))
    tall = height > 0.5
    return _Step(glyph.start, glyph.stop, -1.0 if tall else 0.0, None, width if tall else 0.0)


def _extend(path: Hypothesis, step: _Step) -> Hypothesis:
    if step.character is None:
        return Hypothesis(
            path.text, path.score + step.score, path.characters, path.skipped + step.skipped
        )
    return Hypothesis(
        path.text + step.character.text,
        path.score + step.score,
        (*path.characters, step.character),
        path.skipped,
    )


def _best_texts(paths: list[Hypothesis], keep: int) -> list[Hypothesis]:
    kept: dict[str, Hypothesis] = {}
    for path in sorted(paths, key=lambda path: -path.score):
        if path.text not in kept:
            kept[path.text] = path
            if len(kept) == keep:
                break
    return list(kept.values())


def digit_confidence(hypotheses: list[Hypothesis]) -> list[float]:
    """Probability that each hypothesis has all digits right, not yet calibrated.

    Args:
        hypotheses: From `decode_lattice`.

    Returns:
        One value each, best first: the path's share among all kept, times the probability of its
        digits, at most 1 in all.
    """
    if not hypotheses:
        return []
    scores = np.asarray([hypothesis.score for hypothesis in hypotheses])
    share = np.exp(scores - scores.max())
    share /= share.sum()
    return [
        float(part) * math.prod(c.confidence for c in hypothesis.characters if c.text.isdigit())
        for part, hypothesis in zip(share, hypotheses, strict=True)
    ]


def is_digit_string(
    hypotheses: list[Hypothesis], lattice: Lattice, settings: DecodeSettings
) -> bool:
    """Tell a number from a word, a logo or dirt.

    Args:
        hypotheses: From `decode_lattice`, best first.
        lattice: The field.
        settings: Limits.

    Returns:
        Whether the best text covers the field's tall ink with glyphs that look like digits.
    """
    if not hypotheses:
        return False
    best = hypotheses[0]
    digits = [c for c in best.characters if c.text.isdigit()]
    if not digits:
        return False
    covered = sum(c.box.width for c in digits) / lattice.line_height_px
    if best.skipped > settings.max_skipped_share * (covered + best.skipped):
        return False
    mean = math.exp(sum(math.log(max(c.confidence, _FLOOR)) for c in digits) / len(digits))
    least = settings.min_single_confidence if len(digits) == 1 else settings.min_mean_confidence
    return mean >= least
