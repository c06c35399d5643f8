"""A folder of labelled photos and a reader in; figures, their text, and a report folder out."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from ocrdigits.errors import InputError, MissingExtraError, UsageError
from ocrdigits.model.card import write_bytes_atomically
from ocrdigits.model.compare import compare_photo
from ocrdigits.model.compare_grid import GridFigures, compare_grid, measure_grids
from ocrdigits.model.data import read_labels
from ocrdigits.model.figures import NO_DIGIT, Figures, PhotoResult, ReadRate, measure
from ocrdigits.model.html_report import render_report
from ocrdigits.records import PhotoReading

ReadPhoto = Callable[[Path], PhotoReading]
"""The reader as `evaluate` sees it, e.g. `Reader().read`."""

_CONFUSIONS_SHOWN = 6
_UNREADABLE_SHOWN = 5


@dataclass(frozen=True, slots=True)
class LabelledPhoto:
    """One row of `labels.csv`.

    Attributes:
        path: The picture.
        file: Its name as the row gives it.
        strings: What it says; empty where nothing is to be read.
    """

    path: Path
    file: str
    strings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A labelled folder, read and compared.

    Attributes:
        folder: The folder.
        photos: One result a photo, in the order of the labels.
        figures: What they come to.
        grids: The same for grids of one-digit cells, if that is what the labels are.
    """

    folder: Path
    photos: tuple[PhotoResult, ...]
    figures: Figures
    grids: GridFigures | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """What was written.

    Attributes:
        folder: Where; the page itself if nothing else was asked for.
        files: The files, figures first.
        note: Why there are no pictures, or None.
    """

    folder: Path
    files: tuple[Path, ...]
    note: str | None = None


def read_labelled_photos(folder: Path) -> tuple[LabelledPhoto, ...]:
    """Read `labels.csv` (`file,text`; `|` separates several strings) and find its pictures.

    Args:
        folder: Folder with the pictures and `labels.csv`.

    Returns:
        One entry a row.

    Raises:
        UsageError: If there is no such folder.
        InputError: If the labels or pictures are missing or wrong.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder; give one with pictures and labels.csv")
    rows = read_labels(folder)
    photos = tuple(
        LabelledPhoto(path, _name_in(folder, path), _strings_in(text)) for path, text in rows
    )
    _require_sound(photos, folder / "labels.csv")
    return photos


def _name_in(folder: Path, path: Path) -> str:
    return (path.relative_to(folder) if path.is_relative_to(folder) else path).as_posix()


def _strings_in(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|") if part.strip())


def _require_sound(photos: Sequence[LabelledPhoto], labels: Path) -> None:
    if not photos:
        raise InputError(f"{labels}: names no picture; its first line is file,text")
    seen: set[str] = set()
    for photo in photos:
        if photo.file in seen:
            raise InputError(f"{labels}: names {photo.file} twice; separate its strings by |")
        seen.add(photo.file)
    missing = [photo.file for photo in photos if not photo.path.is_file()]
    if missing:
        others = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise InputError(
            f"{labels}: names {missing[0]}{others}, not there; "
            "add the pictures or take out their rows"
        )


def evaluate_folder(  # noqa: PLR0913 - all keywords
    folder: Path,
    read: ReadPhoto,
    *,
    max_error: float | None = None,
    jobs: int = 1,
    advance: Callable[[], None] = lambda: None,
    are_grids: bool = False,
) -> Evaluation:
    """Read every labelled photo of a folder and measure the readings.

    Args:
        folder: Folder with the pictures and `labels.csv`.
        read: The reader; called from `jobs` threads.
        max_error: The error that it means to keep to, or None if it has no such aim.
        jobs: Photos read at a time.
        advance: Called after each photo, for a progress bar.
        are_grids: Whether `|` separates the rows of a grid of one-digit cells, `0` for blank.

    Returns:
        The results and their figures.

    Raises:
        UsageError: If there is no such folder.
        InputError: If the labels or pictures are missing or wrong.
    """
    photos = read_labelled_photos(folder)
    if are_grids:
        _require_grids(photos, folder / "labels.csv")
    results, grids = [], []
    readings = _read_all([photo.path for photo in photos], read, jobs)
    for photo, reading in zip(photos, readings, strict=True):
        if are_grids:
            grids.append(compare_grid(photo.strings, reading))
            comparison = grids[-1].comparison
        else:
            comparison = compare_photo(photo.strings, reading)
        results.append(PhotoResult(photo.file, reading, comparison))
        advance()
    figures = measure(results, max_error)
    return Evaluation(folder, tuple(results), figures, measure_grids(grids) if are_grids else None)


def _require_grids(photos: Sequence[LabelledPhoto], labels: Path) -> None:
    for photo in photos:
        if len({len(row) for row in photo.strings}) != 1 or not "".join(photo.strings).isdecimal():
            raise InputError(
                f"{labels}: the text of {photo.file} is no grid; write its rows as 005301|… with "
                "one digit a cell, 0 for a blank one and | between rows"
            )


def _read_all(paths: Iterable[Path], read: ReadPhoto, jobs: int) -> Iterator[PhotoReading]:
    def read_or_say_why(path: Path) -> PhotoReading:
        try:
            return read(path)
        except (InputError, MissingExtraError) as error:  # one bad photo never stops an evaluation
            return PhotoReading(file=str(path), error=str(error))

    if jobs <= 1:
        yield from map(read_or_say_why, paths)
        return
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield from pool.map(read_or_say_why, paths)
        finally:  # after Ctrl-C, photos not yet begun are not read
            pool.shutdown(wait=False, cancel_futures=True)


def default_report_folder(folder: Path) -> Path:
    """Where a report goes unless `--report` says otherwise: `runs/evaluate/<folder>`."""
    return Path("runs", "evaluate", folder.resolve().name)


def write_report(evaluation: Evaluation, report_folder: Path) -> Report:
    """Write figures, all strings, pictures and a page of an evaluation.

    Args:
        evaluation: The evaluation.
        report_folder: Where to; made if need be. A name that ends in `.html` is the page, and
            nothing else is written. Its pictures show the photos: keep it private.

    Returns:
        What was written; without matplotlib, that there are no pictures.

    Raises:
        OutputError: If a file cannot be written.
    """
    rows = [*_grid_rows(evaluation.grids)] if evaluation.grids is not None else []
    rows += _rows(evaluation.figures)
    content = render_report(evaluation.photos, evaluation.folder, evaluation.figures, rows)
    is_page = report_folder.suffix.lower() == ".html"
    page = report_folder if is_page else report_folder / "report.html"
    write_bytes_atomically(page, content.encode())
    if is_page:
        return Report(report_folder, (page,))
    figures = report_folder / "figures.json"
    strings = report_folder / "strings.csv"
    write_bytes_atomically(figures, evaluation_as_json(evaluation).encode())
    write_bytes_atomically(strings, _strings_as_csv(evaluation).encode())
    try:
        from ocrdigits.model.report import plot_evaluation
    except ImportError:
        note = "no pictures: matplotlib is not installed (pip install 'ocrdigits[train]')"
        return Report(report_folder, (figures, strings, page), note)
    max_error = evaluation.figures.accepted.max_error
    pictures = plot_evaluation(evaluation.photos, evaluation.folder, report_folder, max_error)
    return Report(report_folder, (figures, strings, page, *pictures))


def evaluation_as_json(evaluation: Evaluation) -> str:
    """All figures as one JSON object, with the folder's name; shares from 0 to 1, or null."""
    figures = {"folder": str(evaluation.folder), **dataclasses.asdict(evaluation.figures)}
    if evaluation.grids is not None:
        figures["grids"] = dataclasses.asdict(evaluation.grids)
    return json.dumps(figures, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def _strings_as_csv(evaluation: Evaluation) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(["file", "label", "text", "outcome", "confidence", "accepted"])
    for photo in evaluation.photos:
        for string in photo.comparison.strings:
            read = string.reading
            seen = (read.text, read.confidence, read.accepted) if read else ("", "", "")
            writer.writerow(
                [photo.file, string.label, seen[0], string.outcome.value, seen[1], seen[2]]
            )
        for read in photo.comparison.extra:
            writer.writerow([photo.file, "", read.text, "extra", read.confidence, read.accepted])
    return lines.getvalue()


def render_evaluation(evaluation: Evaluation) -> str:
    """All figures as text for people.

    Args:
        evaluation: The evaluation.

    Returns:
        Several lines, without a line break at the end.
    """
    figures = evaluation.figures
    lines = [f"{evaluation.folder}: {figures.photos:,} photos, {figures.strings:,} strings"]
    if evaluation.grids is not None:
        lines += [f"  {name:<28}{value}" for name, value in _grid_rows(evaluation.grids)]
    lines += [f"  {name:<28}{value}" for name, value in _rows(figures)]
    lines += ["", "Where strings were lost"]
    lines += [f"  {cause:<28}{count:>8,}" for cause, count in figures.losses.items()]
    lines += [f"  {'separators only':<28}{figures.separators_wrong:>8,}"]
    lines += [f"  {'right, but not accepted':<28}{figures.right_not_accepted:>8,}"]
    confusions = _frequent_confusions(figures)
    if confusions:
        lines += ["", f"Digits most often misread   {confusions}"]
    unreadable = list(figures.photos_unreadable.values())
    lines += [f"  {reason}" for reason in unreadable[:_UNREADABLE_SHOWN]]
    return "\n".join(lines)


def _grid_rows(grids: GridFigures) -> Iterator[tuple[str, str]]:
    shares = (("grids wholly right", grids.grids_right), ("grids found", grids.grids_found))
    for name, count in shares:
        yield name, f"{_percent(count / grids.grids, count)} of {grids.grids:,}"
    puzzles = f"{_percent(grids.puzzles_right / grids.puzzles)}  of {grids.puzzles:,}"
    yield "different grids right", puzzles
    cells = _percent(grids.cells_right / grids.cells, grids.cells_right)
    yield "cells right", f"{cells} of {grids.cells:,}"
    for cause, count in grids.losses.items():
        if count:
            yield f"  {cause}", f"{count:8,}  cells in {grids.grids_lost[cause]:,} grids"


def _rows(figures: Figures) -> Iterator[tuple[str, str]]:
    yield "digits exactly right", _percent(figures.exact_match_digits, figures.digits_right)
    yield "whole text exactly right", _percent(figures.exact_match_text, figures.text_right)
    yield "character error rate", f"{_percent(figures.cer)}  of digits"
    yield "found", f"{_percent(figures.found)}  missed {_percent(figures.missed).strip()}"
    yield "extra", f"{_number(figures.extra_per_photo, 2)}  a photo ({figures.extra:,} in all)"
    for rate in figures.read_rates:
        yield f"read at ≤ {100 * (rate.max_error or 0):g} % error", _describe(rate)
    aim = figures.accepted.max_error
    accepted = "accepted" if aim is None else f"accepted for ≤ {100 * aim:g} % error"
    yield accepted, _describe(figures.accepted)
    by_chance = _percent(figures.calibration_chance).strip()
    error = f"{_percent(figures.calibration_error)}  ({by_chance} by chance alone)"
    yield "calibration error (ECE)", error
    photos_right = figures.photos_right / figures.photos if figures.photos else None
    yield "photos wholly right", _percent(photos_right, figures.photos_right)
    yield "photos unreadable", f"{len(figures.photos_unreadable):8,}"
    yield "seconds a photo (median)", _number(figures.seconds_per_photo, 3)


def _describe(rate: ReadRate) -> str:
    threshold = "" if rate.threshold is None else f" at confidence ≥ {rate.threshold:.4f}"
    error = "" if rate.error is None else f", {100 * rate.error:.2f} %"
    return f"{_percent(rate.coverage)}{threshold}  ({rate.wrong:,} of {rate.read:,} wrong{error})"


def _frequent_confusions(figures: Figures) -> str:
    counted = [
        (count, true, read)
        for true, row in enumerate(figures.confusion)
        for read, count in enumerate(row)
        if true != read and count
    ]
    worst = sorted(counted, key=lambda entry: (-entry[0], entry[1:]))[:_CONFUSIONS_SHOWN]
    return ", ".join(f"{_digit(true)}→{_digit(read)} ×{count}" for count, true, read in worst)


def _digit(index: int) -> str:
    return "none" if index == NO_DIGIT else str(index)


def _percent(share: float | None, count: int | None = None) -> str:
    shown = "       –" if share is None else f"{100 * share:6.2f} %"
    return shown if count is None else f"{shown}  ({count:,})"


def _number(value: float | None, places: int) -> str:
    return "       –" if value is None else f"{value:8.{places}f}"
