"""Figures in, pictures out: confusion, reliability, risk–coverage, training curves, mistakes.

Pictures are drawn by matplotlib without a display, each into one PNG file.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageOps

from ocrdigits.model.compare import StringResult
from ocrdigits.model.figures import (
    MAX_ERRORS,
    PhotoResult,
    confuse,
    reliability,
    risk_coverage,
)
from ocrdigits.model.sheet import INK, Tile, save_figure, save_sheet
from ocrdigits.records import Cells

MISTAKES_SHOWN = 200
DIGIT_NAMES = (*"0123456789", "none")

_ACCENT, _MUTED, _GRID = "#0b6e99", "#9aa5b1", "#e4e7eb"
_COLORS = (_ACCENT, "#d1495b", "#3f8f5b", "#b07d2b", "#7353ba", "#5f6c7b")
_NOT_ACCURACIES = {"epoch", "loss", "seconds", "learning_rate", "accuracies"}


def plot_evaluation(
    photos: Sequence[PhotoResult], folder: Path, report_folder: Path
) -> tuple[Path, ...]:
    """Draw all pictures of an evaluation.

    Args:
        photos: Its results.
        folder: Where the photos lie.
        report_folder: Where the pictures go.

    Returns:
        The files written; no sheet of mistakes where there are none.

    Raises:
        OutputError: If a file cannot be written.
    """
    strings = [string for photo in photos for string in photo.comparison.strings]
    names = ("confusion", "reliability", "risk_coverage")
    confusion, curve, coverage = (report_folder / f"{name}.png" for name in names)
    plot_confusion(confuse(strings), DIGIT_NAMES, confusion)
    plot_reliability(strings, curve)
    plot_risk_coverage(strings, coverage)
    sheet = plot_string_mistakes(photos, folder, report_folder / "mistakes.png")
    return (confusion, curve, coverage, *([sheet] if sheet else []))


def plot_training_curves(history: Sequence[Mapping[str, Any]], path: Path) -> None:
    """Draw how loss and accuracies went, epoch by epoch.

    Args:
        history: One entry an epoch: `epoch`, `loss`, and accuracies from 0 to 1 by any other name
            (`train_accuracy`, …) or together under `accuracies`.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    entries = [{**entry, **entry.get("accuracies", {})} for entry in history]
    epochs = [entry["epoch"] for entry in entries]
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    loss_axes, error_axes = figure.subplots(1, 2)
    _dress(loss_axes, "Training loss", "epoch", "loss")
    loss_axes.plot(epochs, [entry["loss"] for entry in entries], color=_ACCENT, marker=".")
    _dress(error_axes, "Error", "epoch", "wrong digits, %")
    names = [name for name in (entries[-1] if entries else {}) if name not in _NOT_ACCURACIES]
    for name, color in zip(names, _repeat_colors(len(names)), strict=True):
        errors = [100 * (1 - entry.get(name, math.nan)) for entry in entries]
        label = f"{name.removesuffix('_accuracy').replace('_', ' ')} {errors[-1]:.2f} %"
        error_axes.plot(epochs, np.maximum(errors, 1e-2), label=label, color=color, marker=".")
    if names:
        error_axes.set_yscale("log")
        error_axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        error_axes.legend(frameon=False, fontsize=9)
    save_figure(figure, path)


def plot_confusion(matrix: ArrayLike, class_names: Sequence[str], path: Path) -> None:
    """Draw a confusion matrix; colour shows the mistakes, not the diagonal that dwarfs them.

    Args:
        matrix: (K, K) counts, true by predicted.
        class_names: K names, e.g. `DIGIT_NAMES`.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    counts = np.asarray(matrix)
    mistakes = np.where(np.eye(len(counts), dtype=bool), 0, counts)
    figure = Figure(
        figsize=(1.5 + 0.58 * len(counts), 1.2 + 0.52 * len(counts)), layout="constrained"
    )
    axes = figure.subplots()
    top = max(int(mistakes.max(initial=0)), 1)
    axes.imshow(mistakes, cmap="Reds", vmin=0, vmax=top, aspect="auto")
    _dress(axes, f"{int(mistakes.sum()):,} of {int(counts.sum()):,} digits wrong", "read", "true")
    axes.grid(False)
    axes.set_xticks(range(len(counts)), class_names)
    axes.set_yticks(range(len(counts)), class_names)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = _MUTED if row == column else "white" if count > top / 2 else INK
            axes.text(column, row, f"{count}", ha="center", va="center", fontsize=8, color=color)
    save_figure(figure, path)


def plot_reliability(strings: Sequence[StringResult], path: Path) -> None:
    """Draw share right against confidence; on the diagonal a confidence can be taken at its word.

    Args:
        strings: Compared strings.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    table = reliability(strings)
    figure = Figure(figsize=(5, 4.6), layout="constrained")
    axes = figure.subplots()
    _dress(axes, "Reliability (numbers: strings)", "confidence", "share right")
    axes.plot([0, 1], [0, 1], color=_MUTED, linestyle="--", linewidth=1)
    if table:
        counts, means, rights = zip(*table, strict=True)
        axes.plot(means, rights, color=_ACCENT, marker="o")
        for count, mean, right in zip(counts, means, rights, strict=True):
            axes.annotate(
                f"{count:,}", (mean, right), (0, -14), textcoords="offset points",
                ha="center", fontsize=8, color=INK,
            )  # fmt: skip
    axes.set(xlim=(-0.03, 1.03), ylim=(-0.08, 1.03))
    save_figure(figure, path)


def plot_risk_coverage(strings: Sequence[StringResult], path: Path) -> None:
    """Draw the error among what is read against how much is read, over all thresholds.

    Args:
        strings: Compared strings.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    rates = risk_coverage(strings)
    figure = Figure(figsize=(6, 4.4), layout="constrained")
    axes = figure.subplots()
    _dress(axes, "Risk–coverage", "strings read, %", "of these wrong, %")
    coverage = [100 * (rate.coverage or 0) for rate in rates]
    error = [100 * (rate.error or 0) for rate in rates]
    axes.step(coverage, error, where="post", color=_ACCENT)
    for max_error in MAX_ERRORS:
        axes.axhline(100 * max_error, color=_MUTED, linestyle="--", linewidth=1)
        axes.annotate(
            f"{100 * max_error:g} %", (0, 100 * max_error), (2, 2),
            textcoords="offset points", fontsize=8, color=INK,
        )  # fmt: skip
    axes.set(xlim=(0, 100), ylim=(0, max([*error, 2.0]) * 1.1))
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    save_figure(figure, path)


def plot_string_mistakes(photos: Sequence[PhotoResult], folder: Path, path: Path) -> Path | None:
    """Draw a sheet of the strings whose digits were read wrong, the surest first.

    Args:
        photos: Results of an evaluation.
        folder: Where the photos lie.
        path: The PNG file.

    Returns:
        The file, or None where nothing was wrong.

    Raises:
        OutputError: If it cannot be written.
    """
    wrong = [(p, s) for p in photos for s in p.comparison.strings if not s.is_right]
    wrong.sort(key=lambda entry: -(entry[1].reading.confidence if entry[1].reading else -1))
    if not wrong:
        return None
    tiles = [_tile_of(photo, string, folder) for photo, string in wrong[:MISTAKES_SHOWN]]
    save_sheet(
        tiles, f"{len(wrong):,} strings wrong, the surest first (✓ accepted)", (160, 90), path
    )
    return path


def plot_mistakes(
    cells: Cells,
    true_labels: ArrayLike,
    predicted_labels: ArrayLike,
    confidences: ArrayLike,
    path: Path,
) -> None:
    """Draw a sheet of the single digits that were read wrong, the surest first.

    Args:
        cells: (N, 28, 28) in [0, 1]; right ones may be among them.
        true_labels: (N,) classes.
        predicted_labels: (N,) classes.
        confidences: (N,) probability of the predicted class.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    true, predicted = np.asarray(true_labels), np.asarray(predicted_labels)
    sureness = np.asarray(confidences)
    wrong = np.flatnonzero(true != predicted)
    surest = wrong[np.argsort(-sureness[wrong], kind="stable")]
    tiles = [
        Tile(
            np.asarray(255 - 255 * np.clip(cells[i], 0, 1), dtype=np.uint8),
            f"{_name_of(true[i])} → {_name_of(predicted[i])}",
            f"{sureness[i]:.3f}",
        )
        for i in surest[:MISTAKES_SHOWN]
    ]
    save_sheet(
        tiles, f"{len(wrong):,} of {len(true):,} digits wrong, the surest first", (84, 84), path
    )


def _name_of(label: int) -> str:
    return str(DIGIT_NAMES[int(label)])


def _tile_of(photo: PhotoResult, string: StringResult, folder: Path) -> Tile:
    reading = string.reading
    read = reading.text if reading else "–"
    sureness = f"{reading.confidence:.3f} " if reading else ""
    accepted = "✓ " if reading and reading.accepted else ""
    note = f"{sureness}{accepted}{string.outcome.value}"
    return Tile(_picture_of(folder / photo.file, string), f"{string.label} → {read}", note)


def _picture_of(path: Path, string: StringResult) -> NDArray[np.uint8]:
    """The string's place in its photo with as much around it as it is high; else the photo."""
    blank: NDArray[np.uint8] = np.full((20, 40), 235, dtype=np.uint8)
    with contextlib.suppress(OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        with Image.open(path) as opened:
            image = ImageOps.exif_transpose(opened).convert("RGB")
        if string.reading is not None:
            box, margin = string.reading.box, max(string.reading.box.height, 8)
            left, top = max(box.x - margin, 0), max(box.y - margin, 0)
            image = image.crop(
                (
                    left,
                    top,
                    min(box.right + margin, image.width),
                    min(box.bottom + margin, image.height),
                )
            )
        return np.asarray(image, dtype=np.uint8)
    return blank


def _repeat_colors(count: int) -> list[str]:
    return [_COLORS[index % len(_COLORS)] for index in range(count)]


def _dress(axes: Any, title: str, x_label: str, y_label: str) -> None:  # noqa: ANN401
    axes.set_title(title, fontsize=11, color=INK, loc="left")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
