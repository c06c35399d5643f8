"""Photos with known strings in, training lines as `read` proposes them out: numbers, and none.

On a page much that looks like a number at first is none: words, rules' ends, dots. The places that
the pipeline itself proposes are cut out with their surroundings; those that are no number have an
empty text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy as np

from ocrdigits.errors import InputError, OcrDigitsError
from ocrdigits.model.drawn_pages import DrawnString, read_drawn_pages
from ocrdigits.model.strings.looks import Look
from ocrdigits.model.strings.pool import map_pictures
from ocrdigits.model.strings.real import cut_around, fits_text, retouch
from ocrdigits.propose import find_strings
from ocrdigits.records import ALPHABET, Box, DigitClassifier, GrayImage, Layout, LineImage, Photo
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.vision.geometry import map_box, overlap
from ocrdigits.vision.load import load_photos
from ocrdigits.vision.plain_line import find_line

KnownString = tuple[str, Box]
"""A text, and the box of its digits in the photo frame."""

_SAME = 0.6  # a proposal that overlaps a string so much is that string …
_REACH = 4.0  # heights of a string that are kept around it
_TRIES = 6
_KNOWN = set(ALPHABET)


@dataclass(frozen=True, slots=True)
class PageLine:
    """A place on a page with its surroundings.

    Attributes:
        gray: (H, W) the surroundings.
        near: The place in them.
        text: What stands there; empty where it is no number.
    """

    gray: GrayImage
    near: Box
    text: str


def harvest_page_lines(
    photo: Photo, known: Sequence[KnownString], classify: DigitClassifier, settings: Settings
) -> Iterator[PageLine]:
    """Cut out the strings of a photo, and what else the pipeline would take for one.

    Args:
        photo: The photo.
        known: All its strings.
        classify: The digit reader, which proposes places.
        settings: Of the pipeline.

    Yields:
        The known strings, found or not; then proposals that touch none of them.
    """
    segmented = segment_photo(photo, settings)
    page = segmented.page
    page_from_photo = np.asarray(np.linalg.inv(page.photo_from_page), np.float64)
    frame = Box(0, 0, page.gray.shape[1], page.gray.shape[0])
    boxes = [map_box(box, page_from_photo) for _, box in known]
    proposals = [
        place.box for place in find_strings(segmented, settings, classify) if place.box is not None
    ]
    for (text, _), box in zip(known, boxes, strict=True):
        if overlap(box, frame) > 0:
            yield _cut(page.gray, box, text)
            same = [other for other in proposals if overlap(box, other) >= _SAME]
            yield from (_cut(page.gray, other, text) for other in same)
    for other in proposals:
        if not any(overlap(other, box) for box in boxes):
            yield _cut(page.gray, other, "")


def _cut(gray: GrayImage, box: Box, text: str) -> PageLine:
    reach = round(_REACH * box.height) + 8
    left, top = max(0, box.x - reach), max(0, box.y - reach)
    around = gray[top : box.bottom + reach, left : box.right + reach]
    near = Box(box.x - left, box.y - top, box.width, box.height)
    return PageLine(np.ascontiguousarray(around), near, text)


def load_page_lines(
    folder: Path, digit_weights: Path | None = None, processes: int = 1
) -> list[PageLine]:
    """Cut out the lines of a folder that `synth` wrote.

    Args:
        folder: Photos with `truth.json`.
        digit_weights: Folder of the weights that propose places; None for the package's own.
        processes: That share the work, a second a photo.

    Returns:
        Numbers and other ink.

    Raises:
        InputError: If the truth is missing or damaged.
        WeightsError: If the digit weights are missing or damaged.
    """
    pages = [(path, _known(strings)) for path, strings in read_drawn_pages(folder).items()]
    parts = map_pictures(_harvest_file, pages, digit_weights, processes)
    return [line for part in parts for line in part]


def _known(strings: Iterable[DrawnString]) -> list[KnownString]:
    """The strings whose texts are of the alphabet; `947 00` is `94700`."""
    texts = [(string.text.replace(" ", ""), string.digit_boxes) for string in strings]
    return [
        (text, reduce(Box.union, boxes)) for text, boxes in texts if boxes and set(text) <= _KNOWN
    ]


def _harvest_file(
    page: tuple[Path, list[KnownString]], classify: DigitClassifier
) -> list[PageLine]:
    path, known = page
    settings = Settings(layout=Layout.PAGE)
    try:
        photo = next(iter(load_photos(path, str(path), settings.load)))
    except (OcrDigitsError, StopIteration):
        return []
    return list(harvest_page_lines(photo, known, classify, settings))


class PageSource:
    """Lines of pages by number; the same number and seed give the same line."""

    def __init__(
        self,
        seed: int,
        lines: Sequence[PageLine],
        *,
        number_share: float = 0.5,
        look: Look = Look.INK,
    ) -> None:
        """Keep the lines.

        Args:
            seed: Of all chance.
            lines: From `harvest_page_lines`.
            number_share: Share of the samples that are numbers, if there are other ones.
            look: What the network is shown.

        Raises:
            InputError: If no line is a number.
        """
        self._seed, self._share, self._look = seed, number_share, look
        self._numbers = [line for line in lines if line.text]
        self._others = [line for line in lines if not line.text]
        if not self._numbers:
            raise InputError("no number was found on the drawn pages; draw them again")

    def sample(self, index: int) -> tuple[LineImage, str]:
        """One line and its text, empty where it is no number."""
        rng = np.random.default_rng((self._seed, index))
        is_number = not self._others or rng.random() < self._share
        lines = self._numbers if is_number else self._others
        for _ in range(_TRIES):
            chosen = lines[int(rng.integers(len(lines)))]
            near, gray = cut_around(rng, chosen.gray, chosen.near)
            found = find_line(retouch(rng, gray, float(near.height)), near)
            if not chosen.text or fits_text(found.line, chosen.text):
                break
        return self._look.image_of(found), chosen.text
