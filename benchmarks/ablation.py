"""A labelled folder in, Markdown tables out: what each reader, weights folder and framing changes.

    python benchmarks/ablation.py DIR --layout line --weights no-logbooks=runs/no_logbooks

The first table compares the readers, and both of them with other weights; a weights folder that
holds one network is completed by the package's other one. The second frames every crop anew and
counts how many still read as they did; it is left out for pages.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from markdown import as_percent, as_table

from ocrdigits.errors import OcrDigitsError, UsageError
from ocrdigits.model.evaluate import Evaluation, ReadPhoto, evaluate_folder
from ocrdigits.model.figures import PhotoResult
from ocrdigits.model.readers import load_readers
from ocrdigits.pipeline import read_photo
from ocrdigits.records import ColorImage, Layout, Photo, PhotoReading, ReaderChoice
from ocrdigits.segmenting import segment_photo
from ocrdigits.settings import Settings
from ocrdigits.vision.enhance import background_window, estimate_paper
from ocrdigits.vision.geometry import map_box
from ocrdigits.vision.load import load_photos

CROPS = (Layout.LINE, Layout.DIGIT)
"""Layouts of images that hold one string: those that can be framed in other ways."""

_PAPER_FRAC = 0.5  # added on each side of a loose crop, in heights of the crop
_INK_MARGIN_PX = 1  # left around the ink of a tight one: strokes are soft at their edge

Frame = Callable[[Photo, Settings], ColorImage]
"""Cuts or resizes a crop."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One way to read.

    Attributes:
        name: In the table.
        weights: Folder; None for the package's own.
        reader: Which readers are asked.
    """

    name: str
    weights: Path | None
    reader: ReaderChoice = ReaderChoice.BOTH


@dataclass(frozen=True, slots=True)
class Task:
    """What all variants have in common.

    Attributes:
        folder: Labelled photos.
        layout: What they show.
        jobs: Photos read at a time.
    """

    folder: Path
    layout: Layout
    jobs: int


def crop_to_ink(photo: Photo, settings: Settings) -> ColorImage:
    """Leave nothing but the string's ink; the photo as it is where none is found."""
    segmented = segment_photo(photo, settings)
    if not segmented.fields:
        return photo.image
    box = map_box(segmented.fields[0].box, segmented.page.photo_from_page)
    left, top = max(0, box.x - _INK_MARGIN_PX), max(0, box.y - _INK_MARGIN_PX)
    right, bottom = box.right + _INK_MARGIN_PX, box.bottom + _INK_MARGIN_PX
    return np.ascontiguousarray(photo.image[top:bottom, left:right])


def repeat_border(photo: Photo, settings: Settings) -> ColorImage:
    """Repeat the outermost pixels all around: ink and rules that meet them become bars."""
    return _add_border(photo.image)


def add_paper(photo: Photo, settings: Settings) -> ColorImage:
    """Repeat the outermost paper all around, without the ink on it."""
    gray = np.asarray(cv2.cvtColor(photo.image, cv2.COLOR_BGR2GRAY), np.uint8)
    paper = estimate_paper(gray, background_window(gray, settings.enhance_crop))
    wide = _add_border(np.asarray(cv2.cvtColor(paper, cv2.COLOR_GRAY2BGR), np.uint8))
    margin = (wide.shape[0] - photo.height) // 2
    wide[margin : margin + photo.height, margin : margin + photo.width] = photo.image
    return wide


def _add_border(image: ColorImage) -> ColorImage:
    side = round(_PAPER_FRAC * image.shape[0])
    wide = cv2.copyMakeBorder(image, side, side, side, side, cv2.BORDER_REPLICATE)
    return np.asarray(wide, np.uint8)


def resize_by(factor: float) -> Frame:
    """Make the frame that enlarges or shrinks."""
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC

    def resize(photo: Photo, settings: Settings) -> ColorImage:
        size = max(1, round(photo.width * factor)), max(1, round(photo.height * factor))
        return np.asarray(cv2.resize(photo.image, size, interpolation=method), np.uint8)

    return resize


FRAMES: dict[str, Frame] = {
    "as it is": lambda photo, _: photo.image,
    "tight: cropped to its ink": crop_to_ink,
    "loose: paper added": add_paper,
    "loose: border repeated": repeat_border,
    "½ × its size": resize_by(0.5),
    "2 × its size": resize_by(2),
    "5 × its size": resize_by(5),
}
"""The first is what the others are compared with."""


def read_framed(variant: Variant, layout: Layout, frame: Frame) -> ReadPhoto:
    """Make the reader of a variant that frames each photo first."""
    settings = Settings(layout=layout, reader=variant.reader)
    readers = load_readers(variant.weights, variant.reader)

    def read(path: Path) -> PhotoReading:
        photo = next(load_photos(path, str(path), settings.load))
        framed = replace(photo, image=frame(photo, settings))
        return read_photo(framed, settings, readers)

    return read


def evaluate(variant: Variant, task: Task, frame: str = "as it is") -> Evaluation:
    """Read and measure the folder."""
    read = read_framed(variant, task.layout, FRAMES[frame])
    return evaluate_folder(task.folder, read, jobs=task.jobs)


def same_share(photos: Sequence[PhotoResult], plain: Sequence[PhotoResult], part: str) -> float:
    """Share of photos that read as the plain ones do, by `digits` or `text`."""
    pairs = zip(photos, plain, strict=True)
    return sum(_read(one, part) == _read(other, part) for one, other in pairs) / len(plain)


def _read(photo: PhotoResult, part: str) -> list[str]:
    return [getattr(string, part) for string in photo.reading.strings]


def render_variants(evaluations: dict[str, Evaluation]) -> str:
    """Figures of each variant as a Markdown table."""
    head = ["variant", "digits exactly right", "whole text exactly right"]
    head += ["read at ≤ 1 % error", "calibration error (ECE)"]
    lines = [head, ["---", *["--:"] * 4]]
    for name, evaluation in evaluations.items():
        figures = evaluation.figures
        shares = (
            figures.exact_match_digits,
            figures.exact_match_text,
            figures.read_rates[0].coverage,
            figures.calibration_error,
        )
        lines.append([name, *map(as_percent, shares)])
    return as_table(lines)


def render_frames(evaluations: dict[str, Evaluation]) -> str:
    """How each framing reads beside the first as a Markdown table."""
    plain = next(iter(evaluations.values()))
    head = ["crop", "same digits as plain", "same text as plain", "digits exactly right"]
    lines = [head, ["---", *["--:"] * 3]]
    for name, evaluation in evaluations.items():
        same = [same_share(evaluation.photos, plain.photos, part) for part in ("digits", "text")]
        lines.append([name, *map(as_percent, (*same, evaluation.figures.exact_match_digits))])
    return as_table(lines)


def parse_variants(base: Path | None, named: Sequence[str]) -> list[Variant]:
    """The readers with one weights folder, then both readers with the others.

    Args:
        base: Folder of the first weights; None for the package's own.
        named: `NAME=DIR` each.

    Returns:
        The variants, both readers with the first weights last among their own.

    Raises:
        UsageError: If there is no `=`, or a name twice.
    """
    order = (ReaderChoice.SEGMENTS, ReaderChoice.STRINGS, ReaderChoice.BOTH)
    variants = [Variant(f"`--reader {choice.value}`", base, choice) for choice in order]
    for entry in named:
        name, is_there, folder = entry.partition("=")
        if not (name and is_there and folder):
            raise UsageError(f"--weights {entry}: must be NAME=DIR")
        if name in {variant.name for variant in variants}:
            raise UsageError(f"--weights {entry}: the name {name} is there twice")
        variants.append(Variant(name, Path(folder)))
    return variants


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="photos and labels.csv")
    parser.add_argument("--layout", choices=[layout.value for layout in Layout], default="line")
    parser.add_argument("--weights", action="append", default=[], metavar="NAME=DIR")
    parser.add_argument("--base", type=Path, help="first weights; the package's own without it")
    parser.add_argument("-j", "--jobs", type=int, default=1, help="photos read at a time")
    options = parser.parse_args(arguments)
    task = Task(options.folder, Layout(options.layout), options.jobs)
    cv2.setNumThreads(1)
    try:
        variants = parse_variants(options.base, options.weights)
        evaluations = {variant.name: evaluate(variant, task) for variant in variants}
        print(render_variants(evaluations))
        if task.layout in CROPS:
            both = Variant("both", options.base)
            framed = {name: evaluate(both, task, name) for name in FRAMES}
            print(f"\n{render_frames(framed)}")
    except OcrDigitsError as error:
        print(error, file=sys.stderr)
        return int(error.exit_code)
    strings = next(iter(evaluations.values())).figures.strings
    print(f"\n{strings:,} strings of `{task.folder.name}`, `--layout {task.layout.value}`.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
