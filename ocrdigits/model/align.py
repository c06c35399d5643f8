"""Labelled strings in, labelled glyphs out: which piece of ink is which digit, and which is none.

The lattice that reads a string also trains the reader: the best path that spells the label gives
digits, the hypotheses it rejects give non-digits (halves, joined pairs, flags, frame pieces).

Reference:
    LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", V (Viterbi
    training of segmentation graphs).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrdigits.errors import InputError, OcrDigitsError
from ocrdigits.model.data import DigitSet, read_labels
from ocrdigits.records import (
    NOT_A_DIGIT,
    Cell,
    DigitClassifier,
    DigitScores,
    Lattice,
)
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.vision.geometry import overlap
from ocrdigits.vision.load import load_photos

_FLOOR = 1e-4
_DOUBT = 0.5
"""Weight of "is it a digit at all" beside "which digit": the label says that there are digits."""


@dataclass(frozen=True, slots=True)
class AlignSettings:
    """What is believed.

    Attributes:
        skip_cost: Log probability lost for every atom left over, if it is as tall as the line.
        cut_cost: … and for every inked pixel a cut goes through.
        min_mean_confidence: Strings whose digits have a lower geometric mean are left out; a
            digit's confidence is its share among the ten.
        min_confidence: Single digits with less are left out.
        max_overlap: A rejected hypothesis shares at most this part of its box with any digit.
        max_non_digits: Most rejected hypotheses kept a string.
        held_out_share: Share of the pictures, picked by their names, that train nothing, so that
            decoding can be tuned and confidence calibrated on them.
    """

    skip_cost: float = 3.0
    cut_cost: float = 0.15
    min_mean_confidence: float = 0.4
    min_confidence: float = 0.15
    max_overlap: float = 0.5
    max_non_digits: int = 4
    held_out_share: float = 0.1


@dataclass(frozen=True, slots=True)
class Alignment:
    """The best path that spells a label.

    Attributes:
        glyphs: Index of each digit's glyph in the lattice, left to right.
        score: Log probability, costs taken off: tells paths of one field apart.
        plain_score: Log probability of the digits against all eleven classes, no costs: tells
            the fields of a page apart.
        mean_confidence: Geometric mean of the digits' probabilities, among the ten.
    """

    glyphs: tuple[int, ...]
    score: float
    plain_score: float
    mean_confidence: float


def align_string(
    lattice: Lattice, scores: DigitScores, digits: str, settings: AlignSettings
) -> Alignment | None:
    """Find the path through a lattice that spells `digits` best.

    Args:
        lattice: Glyph hypotheses of a field.
        scores: (N, 11) the network's answers.
        digits: What the field says, separators left out.
        settings: Costs.

    Returns:
        The path, or None if the lattice has too few atoms.
    """
    atoms, length = lattice.atom_count, len(digits)
    best = np.full((atoms + 1, length + 1), -np.inf)
    back = np.full((atoms + 1, length + 1), -1, dtype=np.int64)  # glyph taken, −1 for a skip
    best[0, 0] = 0.0
    by_stop: dict[int, list[int]] = {}
    for index, glyph in enumerate(lattice.glyphs):
        by_stop.setdefault(glyph.stop, []).append(index)
    shares = _among_digits(scores)
    log_scores = np.log(np.maximum(shares, _FLOOR))
    log_scores += _DOUBT * np.log(np.maximum(1 - scores[:, NOT_A_DIGIT:], _FLOOR))
    for stop in range(1, atoms + 1):
        best[stop] = best[stop - 1] - settings.skip_cost * _share_of_line(lattice, stop - 1)
        for index in by_stop.get(stop, []):
            start = lattice.glyphs[index].start
            price = settings.cut_cost * (lattice.cut_prices[start] + lattice.cut_prices[stop]) / 2
            gains = np.asarray([log_scores[index, int(digit)] for digit in digits])
            offered = best[start, :-1] + gains - price
            better = offered > best[stop, 1:]
            best[stop, 1:][better] = offered[better]
            back[stop, 1:][better] = index
    if not np.isfinite(best[atoms, length]):
        return None
    path = _trace_back(lattice, back, length)
    logs = [
        math.log(max(float(shares[glyph, int(digit)]), _FLOOR))
        for glyph, digit in zip(path, digits, strict=True)
    ]
    mean = math.exp(sum(logs) / max(len(logs), 1))
    plain = np.log(np.maximum(scores, _FLOOR))
    plain_score = sum(
        float(plain[glyph, int(digit)]) for glyph, digit in zip(path, digits, strict=True)
    )
    return Alignment(tuple(path), float(best[atoms, length]), plain_score, mean)


def _among_digits(scores: DigitScores) -> NDArray[np.float32]:
    """(N, 10) probability of each digit, given that it is one."""
    digits = scores[:, :NOT_A_DIGIT]
    return np.asarray(digits / np.maximum(digits.sum(axis=1, keepdims=True), _FLOOR))


def _share_of_line(lattice: Lattice, atom: int) -> float:
    """Height of an atom against its line, squared: dots and commas are left over for nothing."""
    heights = [
        glyph.box.height
        for glyph in lattice.glyphs
        if glyph.start == atom and glyph.stop == atom + 1
    ]
    return (heights[0] / lattice.line_height_px) ** 2 if heights else 1.0


def _trace_back(lattice: Lattice, back: NDArray[np.int64], length: int) -> list[int]:
    path: list[int] = []
    stop, position = lattice.atom_count, length
    while position:
        index = int(back[stop, position])
        if index < 0:
            stop -= 1
            continue
        path.append(index)
        stop, position = lattice.glyphs[index].start, position - 1
    return path[::-1]


def rejected_glyphs(lattice: Lattice, path: Iterable[int], max_overlap: float) -> list[int]:
    """Hypotheses that the path proves wrong: they cut, join or miss its digits by a good part."""
    spans = [lattice.glyphs[index] for index in path]
    return [
        index
        for index, glyph in enumerate(lattice.glyphs)
        if all(overlap(glyph.box, digit.box) < max_overlap for digit in spans)
    ]


def harvest_folder(
    folder: Path,
    classify: DigitClassifier,
    settings: AlignSettings | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> DigitSet:
    """Cut the digits out of labelled strings.

    Args:
        folder: Pictures with `labels.csv`.
        classify: A digit reader good enough to tell where the digits are.
        settings: What is believed.
        progress: Called with pictures done and in all.

    Returns:
        Digits and rejected hypotheses, as cells.

    Raises:
        InputError: If not a single string could be aligned.
    """
    settings = settings or AlignSettings()
    labels = [
        (path, text)
        for path, text in read_labels(folder)
        if not is_held_out(path, settings.held_out_share)
    ]
    cells: list[Cell] = []
    classes: list[int] = []
    for done, (path, text) in enumerate(labels, start=1):
        digits = "".join(character for character in text if character in "0123456789")
        for cell, label in _harvest_picture(path, digits, classify, settings):
            cells.append(cell)
            classes.append(label)
        progress(done, len(labels))
    if not cells:
        raise InputError(
            f"{folder}: no label could be aligned with its picture; "
            "start from weights that read digits (--init)"
        )
    return DigitSet(
        f"{folder.parent.name}/{folder.name}",
        np.stack(cells),
        np.asarray(classes, np.int64),
        (folder / "labels.csv", *(path for path, _ in labels)),
    )


def is_held_out(path: Path, share: float) -> bool:
    """Whether a picture of a labelled folder is kept out of training; its name decides."""
    return hashlib.sha256(path.name.encode()).digest()[0] < 256 * share


def _harvest_picture(
    path: Path, digits: str, classify: DigitClassifier, settings: AlignSettings
) -> Iterator[tuple[Cell, int]]:
    lattices = [lattice for lattice in _lattices_of(path) if lattice.glyphs]
    best: tuple[Alignment, Lattice, DigitScores] | None = None
    others: list[tuple[Lattice, DigitScores]] = []
    for lattice in lattices:
        scores = classify(np.stack([glyph.cell for glyph in lattice.glyphs]))
        others.append((lattice, scores))
        found = align_string(lattice, scores, digits, settings)
        if found is not None and (best is None or found.plain_score > best[0].plain_score):
            best = (found, lattice, scores)
    if best is None or best[0].mean_confidence < settings.min_mean_confidence:
        return
    alignment, lattice, scores = best
    shares = _among_digits(scores)
    for index, digit in zip(alignment.glyphs, digits, strict=True):
        if shares[index, int(digit)] >= settings.min_confidence:
            yield lattice.glyphs[index].cell, int(digit)
    rejected = rejected_glyphs(lattice, alignment.glyphs, settings.max_overlap)
    yield from _hardest(lattice, scores, rejected, settings.max_non_digits)
    for other, answers in others:
        if other is not lattice:
            blunt = [
                i for i, glyph in enumerate(other.glyphs) if glyph.box.width > glyph.box.height / 3
            ]
            yield from _hardest(other, answers, blunt, 1)


def _hardest(
    lattice: Lattice, scores: DigitScores, chosen: list[int], count: int
) -> Iterator[tuple[Cell, int]]:
    """The hypotheses that the network most takes for digits."""
    for index in sorted(chosen, key=lambda i: float(scores[i, NOT_A_DIGIT]))[:count]:
        yield lattice.glyphs[index].cell, NOT_A_DIGIT


def _lattices_of(path: Path) -> tuple[Lattice, ...]:
    """As `read` would segment the picture."""
    settings = Settings()
    try:
        photo = next(iter(load_photos(path, str(path), settings.load)))
    except (OcrDigitsError, StopIteration):
        return ()
    return tuple(segment_photo(photo, settings).lattices)
