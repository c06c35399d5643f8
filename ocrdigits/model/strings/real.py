"""Labelled pictures of strings in, training lines out: cut, bent, blurred otherwise each time.

Every picture goes through `find_line` after it was changed, as a picture does that is read.
Pictures that `is_held_out` names train nothing.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.errors import InputError, OcrDigitsError
from ocrdigits.model.align import AlignSettings, is_held_out
from ocrdigits.model.compose.chance import between, toss
from ocrdigits.model.data import read_labels
from ocrdigits.model.strings.looks import PAPER_SHARE, Look
from ocrdigits.records import ALPHABET, Box, GrayImage, LineImage
from ocrdigits.settings import LoadSettings
from ocrdigits.vision.geometry import map_points
from ocrdigits.vision.line_crop import LineCrop
from ocrdigits.vision.load import load_photos
from ocrdigits.vision.paper_rim import add_paper
from ocrdigits.vision.plain_line import FoundLine, find_line

_SIDE_PX = 5
_NARROWEST_PX, _WIDEST_PX = 4, 34  # a character in a normalised line; marks are narrow
_TRIES = 4
_CHANGED_SHARE = 0.8  # of the samples; the others are as they are
_UNPLACED_SHARE = 0.7  # of the plain looks at placed strings find their line themselves
_OTHER_SHARE = 0.3  # of the samples of a folder that holds pages are other ink


class LineSource(Protocol):
    """Numbered training lines."""

    def sample(self, index: int) -> tuple[LineImage, str]:
        """The line with this number, and its text."""
        ...


class RealSource:
    """Lines of labelled folders by number; the same number and seed give the same line."""

    def __init__(  # noqa: PLR0913 - a folder, and what is known of it
        self,
        seed: int,
        folders: Iterable[Path],
        *,
        places: Mapping[Path, Box] | None = None,
        others: Mapping[Path, Sequence[Box]] | None = None,
        left_out: Collection[Path] = (),
        look: Look = Look.INK,
    ) -> None:
        """Read the labels.

        Args:
            seed: Of all chance.
            folders: Each with pictures and `labels.csv`.
            places: Where in a picture its string stands, from `find_places`; by default
                `find_line` finds it.
            others: Places in some pictures that look like strings and are none.
            left_out: Pictures that train nothing, such as those whose labels are wrong.
            look: What the network is shown.

        Raises:
            InputError: If no label is of the alphabet.
        """
        self._seed, self._places, self._look = seed, dict(places or {}), look
        share = AlignSettings().held_out_share
        self.labels = [
            (path, text)
            for folder in folders
            for path, text in read_string_labels(folder)
            if not is_held_out(path, share) and path not in left_out
        ]
        if not self.labels:
            raise InputError("no labelled string to train on; labels hold 0 … 9 and . , - /")
        training = {path for path, _ in self.labels}
        self._others = [
            (path, box)
            for path, boxes in (others or {}).items()
            for box in boxes
            if path in training
        ]
        self._found: dict[Path, Box | None] = {}

    def sample(self, index: int) -> tuple[LineImage, str]:
        """One line.

        Args:
            index: Its number, from 0.

        Returns:
            The line and its text, empty where it is other ink; pictures in which no line is found
            give way to others.
        """
        rng = np.random.default_rng((self._seed, index))
        if self._others and toss(rng, _OTHER_SHARE):
            path, box = self._others[int(rng.integers(len(self._others)))]
            gray = read_gray(path)
            if gray is not None:
                return self._look.image_of(self._cut_at(rng, gray, box)), ""
        for _ in range(100):
            path, text = self.labels[int(rng.integers(len(self.labels)))]
            gray = read_gray(path)
            if gray is None:
                continue
            for _ in range(_TRIES):
                found = self._cut(rng, gray, path, text)
                if fits_text(found.line, text):
                    return self._look.image_of(found), text
        raise InputError(
            f"{self.labels[0][0].parent}: pictures do not show what their labels say; "
            "check labels.csv"
        )

    def _cut(self, rng: np.random.Generator, gray: GrayImage, path: Path, text: str) -> FoundLine:
        place = self._places.get(path)
        if place is not None:
            return self._cut_at(rng, gray, place)
        if toss(rng, _CHANGED_SHARE):
            found = self._find(path, gray, text)
            changed, digit_px = _reframe(rng, gray, found)
            gray = retouch(rng, changed, digit_px)
        if toss(rng, PAPER_SHARE):
            gray, _ = add_paper(gray)
        return find_line(gray)

    def _cut_at(self, rng: np.random.Generator, gray: GrayImage, place: Box) -> FoundLine:
        near, gray = cut_around(rng, gray, place)
        if toss(rng, _CHANGED_SHARE):
            gray = retouch(rng, gray, float(near.height))
        if self._look is Look.PLAIN and toss(rng, _UNPLACED_SHARE):
            found = find_line(gray)  # as small pictures are read
            if _is_at(found.line, near):
                return found
        return find_line(gray, near)

    def _find(self, path: Path, gray: GrayImage, text: str) -> Box | None:
        """Where the line of a picture is, if it is found."""
        if path not in self._found:
            line = find_line(gray).line
            self._found[path] = _box_of(line) if fits_text(line, text) else None
        return self._found[path]


class MixedSource:
    """Lines of several sources by number, each with its share."""

    def __init__(
        self,
        seed: int,
        composed: LineSource,
        real: Sequence[LineSource] = (),
        shares: Sequence[float] = (1.0,),
    ) -> None:
        """Mix sources.

        Args:
            seed: Of the mixing.
            composed: Composed lines.
            real: Real ones.
            shares: Of the composed lines first, then of each real source; relative.

        Raises:
            ValueError: If there is not one share for each source.
        """
        self._sources = (composed, *real)
        if len(shares) != len(self._sources) or min(shares) < 0 or sum(shares) <= 0:
            raise ValueError(f"{len(self._sources)} sources need as many shares, not {shares}")
        self._seed, self._bounds = seed, np.cumsum(np.asarray(shares) / sum(shares))

    def sample(self, index: int) -> tuple[LineImage, str]:
        """One line of one of the sources."""
        chance = float(np.random.default_rng((self._seed, 77, index)).random())
        number = min(int(np.searchsorted(self._bounds, chance)), len(self._sources) - 1)
        return self._sources[number].sample(index)


def read_string_labels(folder: Path) -> list[tuple[Path, str]]:
    """Read the labels of a folder that are texts of the alphabet.

    Args:
        folder: Pictures with `labels.csv`.

    Returns:
        Pictures and texts, in the order of the file; empty and other texts are left out.

    Raises:
        InputError: If the file is missing or lacks a column.
    """
    return [(p, text) for p, text in read_labels(folder) if text and set(text) <= set(ALPHABET)]


def read_gray(path: Path) -> GrayImage | None:
    """A picture in grey, turned as its EXIF says; None if it cannot be read."""
    if not path.is_file():
        return None
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if gray is None:  # HEIC, PDF, broken files
        try:
            photo = next(iter(load_photos(path, str(path), LoadSettings())))
        except (OcrDigitsError, StopIteration):
            return None
        gray = cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY)
    return np.asarray(gray, np.uint8)


def fits_text(line: LineCrop, text: str) -> bool:
    """Whether a line is about as wide as its text would be; others show something else."""
    if line.is_blank:
        return False
    digits = sum(character.isdigit() for character in text)
    width = line.image.shape[1] - 2 * _SIDE_PX
    return bool(_NARROWEST_PX * len(text) <= width <= _WIDEST_PX * (digits + 2))


def _is_at(line: LineCrop, place: Box) -> bool:
    """Whether a line that was found without help is the one that stands at a place."""
    if line.is_blank:
        return False
    found, unit = _box_of(line), place.height
    common = min(found.bottom, place.bottom) - max(found.y, place.y)
    beyond = place.x - found.x, found.right - place.right
    is_level = common > 0.6 * max(found.height, unit)
    return is_level and all(-0.3 * unit <= it <= unit for it in beyond)


def _box_of(line: LineCrop) -> Box:
    """Where a line's ink stands in the picture it was cut from."""
    height, width = line.image.shape
    corners = [[x, y] for x in (_SIDE_PX, width - _SIDE_PX) for y in (4, height - 6)]
    placed = map_points(np.array(corners, np.float64), line.crop_from_line)
    (left, top), (right, bottom) = placed.min(axis=0), placed.max(axis=0)
    return Box(
        math.floor(left), math.floor(top),
        max(2, math.ceil(right - left)), max(2, math.ceil(bottom - top)),
    )  # fmt: skip


def cut_around(rng: np.random.Generator, gray: GrayImage, place: Box) -> tuple[Box, GrayImage]:
    """The surroundings of a known place, and the place in them, a little off as found ones are."""
    reach = place.height * rng.uniform(0.6, 3.0, 4)
    left, top = max(0, round(place.x - reach[0])), max(0, round(place.y - reach[1]))
    right = min(gray.shape[1], round(place.right + reach[2]))
    bottom = min(gray.shape[0], round(place.bottom + reach[3]))
    shift = rng.normal(0, 0.04 * place.height, 2)
    near = Box(
        round(place.x - left + shift[0]), round(place.y - top + shift[1]),
        place.width, place.height,
    )  # fmt: skip
    return near, np.ascontiguousarray(gray[top:bottom, left:right])


def _reframe(
    rng: np.random.Generator, gray: GrayImage, found: Box | None
) -> tuple[GrayImage, float]:
    """Turn, slant, stretch and resize a picture, cut it closer; and the height of its digits."""
    left, top, right, bottom = _choose_window(rng, gray.shape, found)
    digit_px = float(found.height) if found is not None else 0.4 * gray.shape[0]
    size = max(float(np.exp(rng.normal(0, 0.25))), 10.0 / max(digit_px, 1.0))
    stretch = float(np.exp(rng.normal(0, 0.09)))
    turn, slant = float(rng.normal(0, 0.025)), float(np.clip(rng.normal(0, 0.12), -0.3, 0.3))
    shape = size * np.array([[stretch, -slant], [turn, 1.0]])
    middle = np.array([(left + right) / 2, (top + bottom) / 2])
    corners = np.array([[x, y] for x in (left, right) for y in (top, bottom)]) - middle
    placed = corners @ shape.T
    low, high = placed.min(axis=0), placed.max(axis=0)
    width, height = np.maximum(np.ceil(high - low), 8).astype(int).tolist()
    forward = np.column_stack([shape, -low - shape @ middle])
    if size < 0.8:  # average first: a warp alone would skip pixels
        gray = np.asarray(cv2.GaussianBlur(gray, (0, 0), 0.4 / size), np.uint8)
    border = cv2.BORDER_REPLICATE
    warped = cv2.warpAffine(gray, forward, (width, height), borderMode=border)
    return np.asarray(warped, np.uint8), size * digit_px


def _choose_window(
    rng: np.random.Generator, shape: tuple[int, ...], found: Box | None
) -> tuple[float, float, float, float]:
    """Left, top, right and bottom: the picture, or less of it around the line."""
    height, width = shape
    if found is None or toss(rng, 0.4):
        return 0.0, 0.0, float(width), float(height)
    low, high = (-0.02, 0.3) if toss(rng) else (0.1, 1.2)
    reach = found.height * rng.uniform(low, high, 4)
    return (
        max(0.0, found.x - float(reach[0])),
        max(0.0, found.y - float(reach[1])),
        min(float(width), found.right + float(reach[2])),
        min(float(height), found.bottom + float(reach[3])),
    )


def retouch(rng: np.random.Generator, gray: GrayImage, digit_px: float) -> GrayImage:
    """Another lens, another light, another pen: blur or sharpness, contrast, noise, JPEG."""
    image = gray.astype(np.float32)
    if toss(rng, 0.35):
        widest = 0.3 + 0.05 * min(digit_px, 60.0)
        image = _float(cv2.GaussianBlur(image, (0, 0), between(rng, 0.3, widest)))
    elif toss(rng, 0.2):
        soft = cv2.GaussianBlur(image, (0, 0), 1.2)
        image = _float(cv2.addWeighted(image, 2.0, soft, -1.0, 0))
    if toss(rng, 0.25):  # bolder or finer strokes
        spread = cv2.erode(image, _CROSS) if toss(rng) else cv2.dilate(image, _CROSS)
        image = _float(cv2.addWeighted(image, 0.5, spread, 0.5, 0))
    paper = float(np.percentile(image[::2, ::2], 70))
    contrast = float(np.exp(rng.normal(0, 0.25)))
    image = paper + (image - paper) * np.float32(contrast)
    image += np.float32(between(rng, -25, 25))
    if toss(rng, 0.4):
        ramp = np.linspace(-1, 1, gray.shape[1], dtype=np.float32)
        image += np.float32(rng.normal(0, 9)) * ramp[None, :]
    if toss(rng, 0.5):
        image += rng.standard_normal(gray.shape, np.float32) * np.float32(between(rng, 0.3, 3.0))
    changed = np.clip(image, 0, 255).astype(np.uint8)
    if toss(rng, 0.3):
        quality = (cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 96)))
        coded = cv2.imencode(".jpg", changed, quality)[1]
        changed = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)
    return changed


def _float(image: NDArray[Any]) -> NDArray[np.float32]:
    return np.asarray(image, np.float32)


_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
