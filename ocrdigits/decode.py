"""A lattice and its scores in, the best texts out, with probabilities.

Every hypothesis is a question that the network answered: which digit, or none? A glyph adds the log
of that, less what its size, its place and its cuts speak against one digit: the two parts of a cut
6 look like a 1 and a 0, but the 0 hangs low, and there is ink where they were cut. Ink that no
glyph of the path covers is a separator where it looks like one, and costs by its size.

Reference:
    Sarawagi & Cohen 2004, "Semi-Markov Conditional Random Fields for Information Extraction" (the
    costs in `DecodeSettings` make the labels of held-out strings likeliest:
    `benchmarks/decode_costs.py`).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import NOT_A_DIGIT, Box, DigitScores, Field, Glyph, Lattice
from ocrdigits.settings import DecodeSettings

_GAP_PRICE = 0.5  # a cut that goes through less ink than this is a gap
_JOINT_PRICE = 2.0  # a cut within a glyph that goes through this counts a third of a gap
_USUAL_HANG = 0.15  # line heights
_USUAL_WIDTH = 0.9

ANSWER_FLOOR = 1e-3
"""No single answer of the network counts for more than 1000 : 1."""

PRICED = ("stroke_cost", "gap_cost", "hang_cost", "width_cost")
"""What `measure_glyphs` measures, by what `DecodeSettings` calls its cost."""


@dataclass(frozen=True, slots=True)
class DecodedCharacter:
    """One piece of ink on a path: what it is, how likely, and where (field frame).

    The text of tall ink that is no digit is empty.
    """

    text: str
    confidence: float
    box: Box


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One way to read a field.

    Attributes:
        text: Digits and separators.
        score: Log odds of the path; only differences mean something.
        characters: Left to right; low ink that is nothing is left out.
    """

    text: str
    score: float
    characters: tuple[DecodedCharacter, ...]

    @property
    def digits(self) -> tuple[DecodedCharacter, ...]:
        """The digits among the characters."""
        return tuple(character for character in self.characters if character.text.isdigit())


@dataclass(frozen=True, slots=True)
class _Step:
    """One edge of the lattice with one answer."""

    start: int
    stop: int
    score: float
    character: DecodedCharacter | None


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
    for step in _steps_of(lattice, expect_non_digits(scores, settings.non_digit_odds), settings):
        by_stop.setdefault(step.stop, []).append(step)
    best: list[list[Hypothesis]] = [[Hypothesis("", 0.0, ())]]
    for stop in range(1, lattice.atom_count + 1):
        edges = [(path, step) for step in by_stop.get(stop, []) for path in best[step.start]]
        best.append(_best_texts(edges, keep))
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
    glyph = lattice.glyphs[0]
    answer = expect_non_digits(scores, settings.non_digit_odds)[0]
    return _as_one_digit(answer, np.log(np.maximum(answer, ANSWER_FLOOR)), glyph.box, settings)


def decode_whole(
    field: Field, answer: NDArray[np.float32], settings: DecodeSettings
) -> list[Hypothesis]:
    """Read all ink of a field as one digit; the scores compare with those of `decode_lattice`.

    Args:
        field: With its ink.
        answer: (11,) of the network for all of it.
        settings: How many to keep, and how frequent other ink is.

    Returns:
        The digits, most probable first.
    """
    expected = expect_non_digits(answer[None], settings.non_digit_odds)
    worth, answer = _digit_worth(expected, settings)[0], expected[0]
    height, width = field.ink.shape
    return _as_one_digit(answer, worth, Box(0, 0, width, height), settings)


def _as_one_digit(
    answer: NDArray[np.float32], worth: NDArray[np.float64], box: Box, settings: DecodeSettings
) -> list[Hypothesis]:
    """The digits that one glyph may be, likeliest first, with what each is worth."""
    best = np.argsort(-answer[:NOT_A_DIGIT], kind="stable")[: settings.alternatives + 1]
    return [
        Hypothesis(
            str(digit),
            float(worth[digit]),
            (DecodedCharacter(str(digit), float(answer[digit]), box),),
        )
        for digit in best
    ]


def expect_non_digits(scores: DigitScores, odds: float) -> DigitScores:
    """Change what is known beforehand, by Bayes' rule.

    Args:
        scores: (N, 11) probabilities.
        odds: How many times as frequent "not a digit" is as the network took it to be.

    Returns:
        (N, 11) probabilities.
    """
    weighted = scores.copy()
    weighted[:, NOT_A_DIGIT] *= odds
    return np.asarray(weighted / weighted.sum(axis=1, keepdims=True))


def _steps_of(lattice: Lattice, answers: DigitScores, settings: DecodeSettings) -> Iterator[_Step]:
    """Each glyph as the digits that it may be, each atom as none."""
    worth = _digit_worth(answers, settings)
    worth -= (measure_glyphs(lattice) @ [getattr(settings, name) for name in PRICED])[:, None]
    likely = np.argsort(answers[:, :NOT_A_DIGIT], axis=1)[:, :-4:-1]
    likeliest = np.take_along_axis(answers, likely, axis=1).tolist()
    best = np.take_along_axis(worth, likely, axis=1).tolist()
    for glyph, *each in zip(lattice.glyphs, likely.tolist(), likeliest, best, strict=True):
        for digit, probability, score in zip(*each, strict=True):
            if probability >= settings.least_digit:
                character = DecodedCharacter(str(digit), probability, glyph.box)
                yield _Step(glyph.start, glyph.stop, score, character)
        if glyph.stop == glyph.start + 1:
            yield _separator_or_skip(glyph, lattice, settings)


def _digit_worth(answers: DigitScores, settings: DecodeSettings) -> NDArray[np.float64]:
    """(N, 10) what the network's answers are worth for each digit; their places left aside."""
    logs = np.log(np.maximum(answers, ANSWER_FLOOR), dtype=np.float64)
    costs = np.full(NOT_A_DIGIT, settings.digit_cost)
    costs[1] += settings.one_cost
    sure = settings.answer_weight * logs[:, :NOT_A_DIGIT]
    return np.asarray(sure - settings.doubt_weight * logs[:, NOT_A_DIGIT:] - costs)


def measure_glyphs(lattice: Lattice) -> NDArray[np.float64]:
    """Measure what tells digits from parts of digits and from pairs of them.

    Args:
        lattice: Of one field.

    Returns:
        (N, 4) of each glyph, as `PRICED` names it: its sides that are cut through a stroke; the
        cuts within it that go through nothing, a thin joint counts less; how far its top hangs
        below that of the line, and by how much it is too wide, both in line heights.
    """
    if not lattice.glyphs:
        return np.zeros((0, len(PRICED)))
    starts, stops = np.asarray([(glyph.start, glyph.stop) for glyph in lattice.glyphs]).T
    boxes = [glyph.box for glyph in lattice.glyphs]
    hangs = np.asarray([box.y - lattice.line_box.y for box in boxes]) / lattice.line_height_px
    widths = np.asarray([box.width for box in boxes]) / lattice.line_height_px
    cuts = np.asarray(lattice.cut_prices)
    through = (cuts > _GAP_PRICE).astype(np.float64)
    gaps = np.concatenate([[0.0], np.cumsum(np.exp(-cuts / _JOINT_PRICE))])
    return np.stack(
        [
            through[starts] + through[stops],
            gaps[stops] - gaps[starts + 1],
            np.maximum(hangs - _USUAL_HANG, 0),
            np.maximum(widths - _USUAL_WIDTH, 0),
        ],
        axis=1,
    )


def _separator_or_skip(glyph: Glyph, lattice: Lattice, settings: DecodeSettings) -> _Step:
    """An atom that is no digit: a separator by its size and place, or nothing."""
    if is_slash(glyph, lattice, settings):
        character = DecodedCharacter("/", 0.9, glyph.box)
        return _Step(glyph.start, glyph.stop, settings.slash_score, character)
    score = -settings.skip_cost * unread_size(glyph, lattice)
    box, line = glyph.box, lattice.line_height_px
    height, width = box.height / line, box.width / line
    low = (lattice.line_box.bottom - (box.y + box.height / 2)) / line < 0.45
    middle = abs(box.y + box.height / 2 - lattice.line_box.y - lattice.line_box.height / 2) / line
    text = ""
    if height < 0.3 and width < 0.35 and low:
        text = "."
    elif height < 0.55 and width < 0.45 and low:
        text = ","
    elif height < 0.3 and width > 1.8 * height and width > 0.2 and middle < 0.25:
        text = "-"
    if text:
        return _Step(glyph.start, glyph.stop, score, DecodedCharacter(text, 0.9, box))
    unread = DecodedCharacter("", 1.0, box) if height > 0.5 else None
    return _Step(glyph.start, glyph.stop, score, unread)


def is_slash(glyph: Glyph, lattice: Lattice, settings: DecodeSettings) -> bool:
    """Whether an atom is a tall straight stroke that leans and stands free."""
    leans = glyph.lean is not None and glyph.lean >= settings.least_slash_lean
    cut = lattice.cut_prices[glyph.start] + lattice.cut_prices[glyph.stop]
    return leans and glyph.box.height > 0.8 * lattice.line_height_px and cut < _GAP_PRICE


def unread_size(glyph: Glyph, lattice: Lattice) -> float:
    """Size of an atom that is left unread: geometric mean of its sides, in line heights."""
    return math.sqrt(glyph.box.height * glyph.box.width) / lattice.line_height_px


def _extend(path: Hypothesis, step: _Step) -> Hypothesis:
    if step.character is None:
        return Hypothesis(path.text, path.score + step.score, path.characters)
    return Hypothesis(
        path.text + step.character.text,
        path.score + step.score,
        (*path.characters, step.character),
    )


def _best_texts(edges: list[tuple[Hypothesis, _Step]], keep: int) -> list[Hypothesis]:
    """The best paths that go on by one of the steps, each text once."""
    kept: dict[str, Hypothesis] = {}
    for path, step in sorted(edges, key=lambda edge: -(edge[0].score + edge[1].score)):
        extended = _extend(path, step)
        kept.setdefault(extended.text, extended)
        if len(kept) == keep:
            break
    return list(kept.values())


def digit_confidence(hypotheses: list[Hypothesis]) -> list[float]:
    """Probability that each hypothesis has all digits right, not yet calibrated.

    Args:
        hypotheses: From `decode_lattice`.

    Returns:
        One value each, best first: the share, among all kept, of the paths with the same digits,
        times the probability of the digits.
    """
    if not hypotheses:
        return []
    scores = np.asarray([hypothesis.score for hypothesis in hypotheses])
    share = np.exp(scores - scores.max())
    share /= share.sum()
    texts = ["".join(digit.text for digit in hypothesis.digits) for hypothesis in hypotheses]
    return [
        float(sum(part for part, other in zip(share, texts, strict=True) if other == text))
        * math.prod(digit.confidence for digit in hypothesis.digits)
        for text, hypothesis in zip(texts, hypotheses, strict=True)
    ]


def split_strings(
    hypothesis: Hypothesis, line_height_px: float, settings: DecodeSettings
) -> list[Hypothesis]:
    """Divide a reading into words and keep the numbers: `Form 420` and `$ 500` hold one each.

    Args:
        hypothesis: Reading of a page's field.
        line_height_px: Height of its tall characters.
        settings: What separates words, and how far a number keeps from a sign.

    Returns:
        The strings that stand free, left to right, separators at their ends taken off. Numbers
        side by side are one string, `947 00` too; a number inside a word (`A12`) is none.
    """
    strings: list[Hypothesis] = []
    number: list[DecodedCharacter] = []
    for word in [*_split_words(hypothesis.characters, line_height_px, settings), ()]:
        if word and all(character.text for character in word):
            if _has_mark(number) and _has_mark(word):  # 47.1 77.4 are two
                strings += _as_strings(number, hypothesis.score)
                number = []
            number += word
            continue
        strings += _as_strings(number, hypothesis.score)
        number = []
        free = _free_part(word, settings.min_string_gap * line_height_px)
        strings += _as_strings(free, hypothesis.score)
    return strings


def without_others(hypothesis: Hypothesis) -> Hypothesis:
    """A reading without the ink in it that is no character."""
    characters = tuple(it for it in hypothesis.characters if it.text)
    return Hypothesis("".join(it.text for it in characters), hypothesis.score, characters)


def _has_mark(characters: Iterable[DecodedCharacter]) -> bool:
    return any(character.text in {".", ","} for character in characters)


def _split_words(
    characters: tuple[DecodedCharacter, ...], line_height_px: float, settings: DecodeSettings
) -> list[tuple[DecodedCharacter, ...]]:
    """Words are further apart than the characters of this line mostly are."""
    gaps = [after.box.x - before.box.right for before, after in pairwise(characters)]
    usual = float(np.median(gaps)) if gaps else 0.0
    usual_words = settings.word_gap_ratio * usual / line_height_px
    least = line_height_px * min(max(settings.min_word_gap, usual_words), settings.max_word_gap)
    starts = [0, *(index + 1 for index, gap in enumerate(gaps) if gap >= least), len(characters)]
    return [characters[a:b] for a, b in pairwise(starts) if b > a]


def _free_part(
    word: tuple[DecodedCharacter, ...], least_gap_px: float
) -> tuple[DecodedCharacter, ...]:
    """The number in a word that has ink on one side only, and keeps away from it: `$500`."""
    digits = [place for place, character in enumerate(word) if character.text.isdigit()]
    signs = [place for place, character in enumerate(word) if not character.text]
    if len(digits) < 2 or any(digits[0] < place < digits[-1] for place in signs):
        return ()
    before = [place for place in signs if place < digits[0]]
    after = [place for place in signs if place > digits[-1]]
    if before and after:
        return ()
    part = word[before[-1] + 1 if before else 0 : after[0] if after else len(word)]
    if before and part[0].box.x - word[before[-1]].box.right < least_gap_px:
        return ()
    if after and word[after[0]].box.x - part[-1].box.right < least_gap_px:
        return ()
    return part


def _as_strings(characters: Sequence[DecodedCharacter], score: float) -> list[Hypothesis]:
    """One string, if there is a digit, from the first digit (or its minus) to the last."""
    digits = [place for place, character in enumerate(characters) if character.text.isdigit()]
    if not digits:
        return []
    first = digits[0]
    if first and characters[first - 1].text == "-":
        first -= 1
    kept = tuple(characters[first : digits[-1] + 1])
    return [Hypothesis("".join(character.text for character in kept), score, kept)]


def looks_like_digits(string: Hypothesis, settings: DecodeSettings) -> bool:
    """Tell a number from letters, a logo or dirt by what the network says of its glyphs.

    Args:
        string: From `split_strings`.
        settings: Least confidence, higher where there is only one digit.

    Returns:
        Whether the geometric mean of its digits' probabilities and the lowest are high enough.
    """
    logs = [math.log(max(digit.confidence, ANSWER_FLOOR)) for digit in string.digits]
    if not logs or math.exp(min(logs)) < settings.min_digit_confidence:
        return False
    least = settings.min_single_confidence if len(logs) == 1 else settings.min_mean_confidence
    return math.exp(sum(logs) / len(logs)) >= least
