"""Photos whose digits' places are known in, labelled glyphs out: digits, and what is none.

`synth` writes such photos. Letters, signs and wrong cuts are taken from the very lattices that
`read` would build, so that the network learns to refuse what it will be asked about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ocrdigits.assemble import page_box
from ocrdigits.errors import InputError, OcrDigitsError
from ocrdigits.model.data import DigitSet
from ocrdigits.model.drawn_pages import TRUTH_FILE, read_drawn_pages
from ocrdigits.records import NOT_A_DIGIT, Box, Cell, DigitClassifier, Layout, SegmentedPage
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.vision.geometry import map_box, overlap
from ocrdigits.vision.load import load_photos


@dataclass(frozen=True, slots=True)
class PageHarvestSettings:
    """Which glyphs are kept.

    Attributes:
        min_overlap: The glyph that covers a digit best is that digit if their boxes overlap at
            least so much; others are wrong cuts of it.
        min_confidence: A digit that is less than this to the network, among the ten, was damaged
            on its way and is left out.
        max_overlap: A glyph that overlaps no digit by so much is none.
        max_non_digits: Most glyphs kept a page that are none, those most like digits.
        max_confidence: What is some digit to the network with more than this is left out: an o,
            an S and a b that stand alone are digits to anybody.
    """

    min_overlap: float = 0.75
    min_confidence: float = 0.1
    max_overlap: float = 0.3
    max_non_digits: int = 60
    max_confidence: float = 0.8


def harvest_pages(
    folder: Path, classify: DigitClassifier, settings: PageHarvestSettings | None = None
) -> DigitSet:
    """Cut digits and other glyphs out of photos with known truth.

    Args:
        folder: Photos with `truth.json`, as `synth` writes them.
        classify: Tells which of the glyphs that are no digits look most like one.
        settings: Which glyphs are kept.

    Returns:
        Digits and non-digits, as cells.

    Raises:
        InputError: If the truth is missing or damaged, or no digit was found.
    """
    settings = settings or PageHarvestSettings()
    pages = read_drawn_pages(folder)
    cells: list[Cell] = []
    classes: list[int] = []
    for path, strings in pages.items():
        digits = [
            (int(digit), box)
            for string in strings
            for digit, box in zip(string.digits, string.digit_boxes, strict=True)
        ]
        for cell, label in _harvest_photo(path, digits, classify, settings):
            cells.append(cell)
            classes.append(label)
    if not cells:
        raise InputError(f"{folder}: not one glyph of its photos could be used; see {TRUTH_FILE}")
    files = (folder / TRUTH_FILE, *pages)
    return DigitSet(folder.name, np.stack(cells), np.asarray(classes, np.int64), files)


def _harvest_photo(
    path: Path,
    digits: list[tuple[int, Box]],
    classify: DigitClassifier,
    settings: PageHarvestSettings,
) -> Iterator[tuple[Cell, int]]:
    try:
        photo = next(iter(load_photos(path, str(path), Settings().load)))
    except (OcrDigitsError, StopIteration):
        return
    page = segment_photo(photo, Settings(layout=Layout.PAGE))
    glyphs = list(_glyphs_of(page))
    best: dict[int, tuple[float, int]] = {}  # for each digit, overlap and index of its best glyph
    others = []
    for index, (cell, box) in enumerate(glyphs):
        shares = [overlap(box, digit_box) for _, digit_box in digits]
        for digit, share in enumerate(shares):
            if share >= settings.min_overlap:
                best[digit] = max(best.get(digit, (0.0, -1)), (share, index))
        if max(shares, default=0.0) < settings.max_overlap:
            others.append(cell)
    found = [(glyphs[index][0], digits[digit][0]) for digit, (_, index) in sorted(best.items())]
    yield from _believable(found, classify, settings)
    if others:
        yield from _most_like_digits(np.stack(others), classify, settings)


def _glyphs_of(segmented: SegmentedPage) -> Iterator[tuple[Cell, Box]]:
    """Every glyph hypothesis with its box in the photo frame."""
    for field, lattice in zip(segmented.fields, segmented.lattices, strict=True):
        for glyph in lattice.glyphs:
            box = page_box(glyph.box, field)
            yield glyph.cell, map_box(box, segmented.page.photo_from_page)


def _believable(
    found: list[tuple[Cell, int]], classify: DigitClassifier, settings: PageHarvestSettings
) -> Iterator[tuple[Cell, int]]:
    if not found:
        return
    digits = classify(np.stack([cell for cell, _ in found]))[:, :NOT_A_DIGIT]
    for (cell, label), answer in zip(found, digits, strict=True):
        if answer[label] >= settings.min_confidence * answer.sum():
            yield cell, label


def _most_like_digits(
    cells: np.ndarray, classify: DigitClassifier, settings: PageHarvestSettings
) -> Iterator[tuple[Cell, int]]:
    scores = classify(cells)
    doubtful = np.flatnonzero(scores[:, :NOT_A_DIGIT].max(axis=1) <= settings.max_confidence)
    order = doubtful[np.argsort(scores[doubtful, NOT_A_DIGIT], kind="stable")]
    for index in order[: settings.max_non_digits]:
        yield cells[index], NOT_A_DIGIT
