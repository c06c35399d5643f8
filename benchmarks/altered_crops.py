"""A labelled folder of crops in, a Markdown table out: what light, camera and framing change.

    python benchmarks/altered_crops.py DIR

Every crop is altered as photos of the same string may differ, and read as `--layout line`. What
cannot be read any more should not be accepted: the last column says how far that holds.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from markdown import as_percent, as_table
from numpy.typing import NDArray

from ocrdigits.errors import OcrDigitsError
from ocrdigits.model.evaluate import Evaluation, ReadPhoto, evaluate_folder
from ocrdigits.model.readers import load_readers
from ocrdigits.pipeline import read_photo
from ocrdigits.records import GrayImage, Layout, Photo, PhotoReading
from ocrdigits.settings import Settings
from ocrdigits.vision.load import load_photos
from ocrdigits.vision.rectify import gray_of, level_crop

Alter = Callable[[GrayImage], GrayImage]
"""Takes a crop to another photo of the same string."""

_RIM = 0.3  # of the crop's height


def as_grays(levels: NDArray[np.floating]) -> GrayImage:
    """Clip to what a photo can show."""
    return np.asarray(np.clip(levels, 0, 255), np.uint8)


def shrink_by(factor: int) -> Alter:
    """A camera further away."""

    def shrink(gray: GrayImage) -> GrayImage:
        size = max(1, gray.shape[1] // factor), max(1, gray.shape[0] // factor)
        return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)

    return shrink


def blur_by(share: float) -> Alter:
    """A camera out of focus; standard deviation as a share of the height."""
    return lambda gray: np.asarray(cv2.GaussianBlur(gray, (0, 0), share * gray.shape[0]), np.uint8)


def add_noise(deviation: float) -> Alter:
    """A dark room."""

    def add(gray: GrayImage) -> GrayImage:
        return as_grays(gray + np.random.default_rng(0).normal(0, deviation, gray.shape))

    return add


def compress(quality: int) -> Alter:
    """A messenger's JPEG."""

    def code(gray: GrayImage) -> GrayImage:
        coded = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.uint8)

    return code


def fade(share: float) -> Alter:
    """Ink or contrast that fades."""
    return lambda gray: as_grays(128 + share * (gray - gray.mean()))


def shade(gray: GrayImage) -> GrayImage:
    """The shadow of a hand over the left half."""
    columns = np.arange(gray.shape[1]) / gray.shape[1]
    return as_grays(gray * (0.45 + 0.55 / (1 + np.exp((0.45 - columns) / 0.03))))


def glare(gray: GrayImage) -> GrayImage:
    """A lamp mirrored on the writing: a part of it is gone."""
    height, width = gray.shape
    y, x = np.mgrid[:height, :width] / (0.35 * height)
    far = (x - 0.6 * width / (0.35 * height)) ** 2 + (y - 0.4 / 0.35) ** 2
    return as_grays(gray + 120 * np.exp(-far))


def turn_by(degrees: float) -> Alter:
    """A camera, or a sheet, held askew; what comes into view continues the border."""

    def turn(gray: GrayImage) -> GrayImage:
        return np.asarray(level_crop(Photo("", 1, gray, gray), degrees)[0].gray)

    return turn


def pad_with(tone: int) -> Alter:
    """A rim that brings crops to one size."""

    def pad(gray: GrayImage) -> GrayImage:
        rim = round(_RIM * gray.shape[0])
        wide = cv2.copyMakeBorder(gray, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=tone)
        return np.asarray(wide, np.uint8)

    return pad


ALTERATIONS: dict[str, Alter] = {
    "as it is": lambda gray: gray,
    "half as large": shrink_by(2),
    "out of focus, 2.5 % of its height": blur_by(0.025),
    "noise of 8 grey levels": add_noise(8),
    "JPEG of quality 25": compress(25),
    "0.3 × the contrast": fade(0.3),
    "inverted": lambda gray: np.asarray(255 - gray, np.uint8),
    "half in shadow": shade,
    "glare on the writing": glare,
    "turned by 10°": turn_by(10),
    "turned by −10°": turn_by(-10),
    "padded with white": pad_with(255),
    "padded with black": pad_with(0),
}


def read_altered(alter: Alter) -> ReadPhoto:
    """Make the reader that alters each crop first."""
    settings = Settings(layout=Layout.LINE)
    readers = load_readers()

    def read(path: Path) -> PhotoReading:
        photo = next(load_photos(path, str(path), settings.load))
        gray = np.ascontiguousarray(alter(gray_of(photo)))
        return read_photo(replace(photo, image=gray, gray=gray), settings, readers)

    return read


def render(evaluations: dict[str, Evaluation]) -> str:
    """Figures of each alteration as a Markdown table."""
    lines = [["crop", "digits exactly right", "accepted", "of these wrong"], ["---", *["--:"] * 3]]
    for name, evaluation in evaluations.items():
        figures, accepted = evaluation.figures, evaluation.figures.accepted
        share = accepted.read / figures.strings
        wrong = f"{accepted.wrong} of {accepted.read}"
        lines.append([name, as_percent(figures.exact_match_digits), as_percent(share), wrong])
    return as_table(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="crops of one string each, and labels.csv")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="crops read at a time")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    try:
        evaluations = {
            name: evaluate_folder(options.folder, read_altered(alter), jobs=options.jobs)
            for name, alter in ALTERATIONS.items()
        }
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    print(render(evaluations))
    return 0


if __name__ == "__main__":
    sys.exit(main())
