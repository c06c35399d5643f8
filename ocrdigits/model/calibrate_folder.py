"""A folder of labelled images and a reader in; a calibration, and what it is good for, out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ocrdigits.calibration import UNCALIBRATED, Calibration
from ocrdigits.errors import InputError
from ocrdigits.model.calibrate import Sample, fit_calibration, folds_of
from ocrdigits.model.evaluate import ReadPhoto, evaluate_folder
from ocrdigits.model.figures import PhotoResult
from ocrdigits.model.reliability import (
    chance_calibration_error,
    equal_count_bins,
    expected_calibration_error,
)
from ocrdigits.output.atomic import write_whole

FEWEST_STRINGS = 30
"""A folder with fewer strings says too little."""


@dataclass(frozen=True, slots=True)
class CalibrationFigures:
    """What a calibration does for strings that had no part in it.

    Attributes:
        strings: Strings read.
        accepted: Those of them that are accepted.
        wrong: Those of the accepted that are wrong.
        calibration_error: Mean distance of confidence and share right, over bins of equally many.
        chance_error: The same for a perfect calibration, as so few strings always show some.
    """

    strings: int
    accepted: int
    wrong: int
    calibration_error: float
    chance_error: float


@dataclass(frozen=True, slots=True)
class FolderCalibration:
    """A folder's calibration.

    Attributes:
        folder: The folder.
        calibration: What was fitted.
        max_error: Highest share of wrong strings among the accepted.
        before: The readings as the calibration found them.
        after: The readings under the new one, each string by a fit to the others.
    """

    folder: Path
    calibration: Calibration
    max_error: float
    before: CalibrationFigures
    after: CalibrationFigures


def calibrate_folder(  # noqa: PLR0913 - as `evaluate_folder`, and what to start from
    folder: Path,
    read: ReadPhoto,
    prior: Calibration = UNCALIBRATED,
    *,
    max_error: float = 0.01,
    jobs: int = 1,
    advance: Callable[[], None] = lambda: None,
) -> FolderCalibration:
    """Read the labelled images of a folder and fit the confidence to them.

    Args:
        folder: Folder with the pictures and `labels.csv`.
        read: The reader; called from `jobs` threads.
        prior: The calibration it reads with.
        max_error: Error among the accepted for which before and after are compared.
        jobs: Photos read at a time.
        advance: Called after each photo, for a progress bar.

    Returns:
        The calibration and its figures.

    Raises:
        UsageError: If there is no such folder.
        InputError: If the labels or pictures are missing or wrong, or too few strings are read.
    """
    photos = evaluate_folder(folder, read, jobs=jobs, advance=advance).photos
    samples = gather_samples(photos)
    if len(samples) < FEWEST_STRINGS:
        raise InputError(
            f"{folder}: {len(samples)} of its labelled strings were read, and fewer than "
            f"{FEWEST_STRINGS} say too little; label more images (100 are enough to help)"
        )
    name = folder.resolve().name
    return FolderCalibration(
        folder=folder,
        calibration=fit_calibration({name: samples}, prior),
        max_error=max_error,
        before=_judge([(prior, samples)], max_error),
        after=_judge(_cross_calibrate(name, samples, prior), max_error),
    )


def gather_samples(photos: Iterable[PhotoResult], *, with_extra: bool = False) -> list[Sample]:
    """The evidence of every labelled string that was read, and whether its digits are right.

    Args:
        photos: Labelled photos, read and compared.
        with_extra: Take readings that no label accounts for as wrong ones; else they are left out,
            as labels often name only what somebody wants.

    Returns:
        The samples, photo by photo, in the order of the labels.
    """
    samples = []
    for photo in photos:
        read = [(it.reading, it.is_right) for it in photo.comparison.strings]
        if with_extra:
            read += [(reading, False) for reading in photo.comparison.extra]
        seen = {id(reading): (reading, is_right) for reading, is_right in read}
        samples += [  # a reading that merges several labels is one wrong one
            (reading.evidence, is_right)
            for reading, is_right in seen.values()
            if reading is not None and reading.evidence is not None
        ]
    return samples


def _cross_calibrate(
    name: str, samples: Sequence[Sample], prior: Calibration
) -> list[tuple[Calibration, list[Sample]]]:
    """Tenths of the samples, each with a calibration fitted to the other nine."""
    parts = []
    for left_out in folds_of(np.zeros(len(samples), np.int64)):
        others = {name: _take(samples, ~left_out)}
        parts.append((fit_calibration(others, prior), _take(samples, left_out)))
    return parts


def _take(samples: Sequence[Sample], mask: NDArray[np.bool_]) -> list[Sample]:
    return [sample for sample, taken in zip(samples, mask, strict=True) if taken]


def _judge(
    parts: Iterable[tuple[Calibration, Sequence[Sample]]], max_error: float
) -> CalibrationFigures:
    confidences, rights, accepted = [], [], []
    for calibration, samples in parts:
        for evidence, right in samples:
            confidences.append(calibration.confidence(evidence))
            rights.append(right)
            least = calibration.least_confidence(max_error, evidence.agreement)
            accepted.append(confidences[-1] >= least)
    bins = equal_count_bins(confidences, rights)
    return CalibrationFigures(
        strings=len(rights),
        accepted=sum(accepted),
        wrong=sum(taken and not right for taken, right in zip(accepted, rights, strict=True)),
        calibration_error=expected_calibration_error(bins) or 0.0,
        chance_error=chance_calibration_error(bins) or 0.0,
    )


def write_calibration(calibration: Calibration, path: Path) -> None:
    """Write a calibration as JSON, whole or not at all; `load_calibration` reads it.

    Args:
        calibration: What to write.
        path: The file.

    Raises:
        OutputError: If it cannot be written.
    """
    text = json.dumps(calibration.to_json(), indent=2, ensure_ascii=False)
    rows = re.sub(r"([\[{])\s+([^][{}]*?)\s+([\]}])", _on_one_line, text)
    write_whole(path, (rows + "\n").encode())


def _on_one_line(innermost: re.Match[str]) -> str:
    return innermost[1] + re.sub(r",\s+", ", ", innermost[2]) + innermost[3]


def render_calibration(done: FolderCalibration) -> str:
    """Before and after, as text for people.

    Args:
        done: The calibration.

    Returns:
        Several lines, without a line break at the end.
    """
    before, after = done.before, done.after
    rows = [
        ("", "before", "after"),
        ("confidence off by (ECE)", *(_percent(it.calibration_error) for it in (before, after))),
        ("  of that, by chance alone", *(_percent(it.chance_error) for it in (before, after))),
        (
            f"accepted at ≤ {100 * done.max_error:g} % error",
            *(_percent(it.accepted / it.strings) for it in (before, after)),
        ),
        ("  of these wrong", *(_wrong(it) for it in (before, after))),
    ]
    lines = [f"{done.folder}: {before.strings:,} strings, each judged by a fit to the others"]
    lines += [f"  {name:<28}{old:>20}{new:>20}" for name, old, new in rows]
    return "\n".join(lines)


def _wrong(figures: CalibrationFigures) -> str:
    share = figures.wrong / figures.accepted if figures.accepted else 0.0
    return f"{figures.wrong:,} of {figures.accepted:,}, {_percent(share)}"


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
