"""What readers say of a table's cells in, the same with what the cells say of each other out.

A reader of lines expects long strings and sees one cell at a time. Most tables have a usual length
of text, and one digit alone in its cell can be looked at as a whole, in its own tones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from ocrdigits.assemble import StringPlace
from ocrdigits.decode import Hypothesis, decode_whole
from ocrdigits.fusion import Fusion, reweigh
from ocrdigits.records import Coverage, DigitClassifier
from ocrdigits.settings import DecodeSettings
from ocrdigits.vision.normalize import center_digit

_LENGTH_UNSEEN = 0.5  # a length that no other cell has counts for this share of a cell …
_DIGIT_UNSEEN = 1.0  # … and a digit that none has for this
_BLANK_UNSEEN = 0.5  # where no other cell is blank, this share of one may be
_SUREST = 0.9995  # readers who know nothing of cells are no surer that one is empty


def add_whole_digits(
    places: Sequence[StringPlace],
    tones: Sequence[Coverage],
    classify: DigitClassifier,
    settings: DecodeSettings,
) -> list[StringPlace]:
    """Let the digit reader see each cell's writing as one digit, as ink and in its own tones.

    Args:
        places: Of cells, with the paths through their glyphs.
        tones: (h, w) the writing of each.
        classify: The digit reader.
        settings: Of decoding.

    Returns:
        The places; such digits stand for those that were found as a glyph of all the writing.
    """
    if not places:
        return []
    inks = [place.field.coverage for place in places]
    answers = classify(np.stack([center_digit(it) for it in [*tones, *inks]]))
    scores = np.sqrt(answers[: len(tones)] * answers[len(tones) :])
    scores = (scores / scores.sum(axis=1, keepdims=True)).astype(np.float32)
    return [
        replace(place, paths=_join(place, decode_whole(place.field, answer, settings), settings))
        for place, answer in zip(places, scores, strict=True)
    ]


def _join(
    place: StringPlace, whole: Sequence[Hypothesis], settings: DecodeSettings
) -> tuple[Hypothesis, ...]:
    """The best of both kinds of paths; a digit that is all the ink is counted once."""
    width, height = place.field.ink.shape[1], place.field.ink.shape[0]
    others = [
        path for path in place.paths if len(path.characters) != 1 or not _fills(path, width, height)
    ]
    joined = sorted([*others, *whole], key=lambda path: -path.score)
    return tuple(joined[: settings.alternatives + 1])


def _fills(path: Hypothesis, width: int, height: int) -> bool:
    box = path.characters[0].box
    return box.width >= 0.8 * width and box.height >= 0.8 * height


def weigh_by_others(fusions: Sequence[Fusion]) -> list[Fusion]:
    """Expect of each cell what the others hold: texts as long, and of single digits the same ones.

    Args:
        fusions: Of the cells with writing, no constraint given.

    Returns:
        The same, each weighed by what all others say, each of those by how sure it is.
    """
    counts = [_count(fusion) for fusion in fusions]
    total = sum(counts, _Counts())
    return [
        reweigh(fusion, (total - own).weight_of)
        for fusion, own in zip(fusions, counts, strict=True)
    ]


def weigh_emptiness(empties: Sequence[float], blank_count: int) -> list[float]:
    """Where few other cells are blank, ink in a cell is hardly a speck in a blank one.

    Args:
        empties: Probability that there is no number, for each cell with ink, as readers see it.
        blank_count: Cells without ink.

    Returns:
        The same, weighed by the share of the other cells that are blank.
    """
    total, weighed = sum(empties), []
    for empty in empties:
        blank = blank_count + total - empty
        written = len(empties) - 1 - (total - empty)
        share = min((blank + _BLANK_UNSEEN) / (written + _BLANK_UNSEEN), 1.0)
        odds = share * min(empty, _SUREST) / (1 - min(empty, _SUREST))
        weighed.append(odds / (1 + odds))
    return weighed


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many cells have texts of a length, and how many single digits there are of each kind."""

    lengths: Mapping[int, float] = field(default_factory=dict)
    digits: Mapping[str, float] = field(default_factory=dict)

    def __add__(self, other: _Counts) -> _Counts:
        return self._joined(other, 1.0)

    def __sub__(self, other: _Counts) -> _Counts:
        return self._joined(other, -1.0)

    def _joined(self, other: _Counts, sign: float) -> _Counts:
        lengths, digits = dict(self.lengths), dict(self.digits)
        for length, count in other.lengths.items():
            lengths[length] = lengths.get(length, 0.0) + sign * count
        for digit, count in other.digits.items():
            digits[digit] = digits.get(digit, 0.0) + sign * count
        return _Counts(lengths, digits)

    def weight_of(self, text: str) -> float:
        """How much a cell is expected to hold a text, by these other cells."""
        length = max(self.lengths.get(len(text), 0.0), 0.0) + _LENGTH_UNSEEN
        if len(text) != 1:
            return length
        singles = sum(self.digits.values()) + 10 * _DIGIT_UNSEEN
        return length * 10 * (max(self.digits.get(text, 0.0), 0.0) + _DIGIT_UNSEEN) / singles


def _count(fusion: Fusion) -> _Counts:
    """One cell, shared out among what it may hold."""
    counts = _Counts()
    for text in fusion.texts:
        digits = {text.text: text.probability} if len(text.text) == 1 else {}
        counts = counts + _Counts({len(text.text): text.probability}, digits)
    return counts
