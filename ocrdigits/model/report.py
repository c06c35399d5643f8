"""Figures in, pictures out: confusion, training curves, mistakes.

Pictures are drawn by matplotlib without a display, each into one PNG file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from ocrdigits.model.compare import StringResult
from ocrdigits.model.curves import (
    ACCENT,
    MUTED,
    dress_axes,
    plot_reliability,
    plot_risk_coverage,
)
from ocrdigits.model.figures import DIGIT_NAMES, PhotoResult, confuse
from ocrdigits.model.mistakes import list_mistakes, open_photo, picture_of
from ocrdigits.model.sheet import INK, Tile, save_figure, save_sheet
from ocrdigits.records import Cells

MISTAKES_SHOWN = 200

_COLORS = (ACCENT, "#d1495b", "#3f8f5b", "#b07d2b", "#7353ba", "#5f6c7b")
_NOT_ACCURACIES = {"epoch", "loss", "seconds", "learning_rate", "accuracies"}


def plot_evaluation(
    photos: Sequence[PhotoResult],
    folder: Path,
    report_folder: Path,
    max_error: float | None = None,
) -> tuple[Path, ...]:
    """Draw all pictures of an evaluation.

    Args:
        photos: Its results.
        folder: Where the photos lie.
        report_folder: Where the pictures go.
        max_error: The error that the reader meant to keep to, or None.

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
    plot_risk_coverage(strings, coverage, max_error)
    sheet = plot_string_mistakes(photos, folder, report_folder / "mistakes.png")
    return (confusion, curve, coverage, *([sheet] if sheet else []))


def plot_training_curves(
    history: Sequence[Mapping[str, Any]], path: Path, *, of_what: str = "digits"
) -> None:
    """Draw how loss and accuracies went, epoch by epoch.

    Args:
        history: One entry an epoch: `epoch`, `loss`, and accuracies from 0 to 1 by any other name
            (`train_accuracy`, …) or together under `accuracies`.
        path: The PNG file.
        of_what: What is right or wrong.

    Raises:
        OutputError: If it cannot be written.
    """
    entries = [{**entry, **entry.get("accuracies", {})} for entry in history]
    epochs = [entry["epoch"] for entry in entries]
    figure = Figure(figsize=(11, 4.2), layout="constrained")
    loss_axes, error_axes = figure.subplots(1, 2)
    dress_axes(loss_axes, "Training loss", "epoch", "loss")
    loss_axes.plot(epochs, [entry["loss"] for entry in entries], color=ACCENT, marker=".")
    dress_axes(error_axes, "Error", "epoch", f"wrong {of_what}, %")
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
    dress_axes(
        axes, f"{int(mistakes.sum()):,} of {int(counts.sum()):,} digits wrong", "read", "true"
    )
    axes.grid(False)
    axes.set_xticks(range(len(counts)), class_names)
    axes.set_yticks(range(len(counts)), class_names)
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = MUTED if row == column else "white" if count > top / 2 else INK
            axes.text(column, row, f"{count}", ha="center", va="center", fontsize=8, color=color)
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
    wrong = list_mistakes(photos)
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
    return Tile(
        picture_of(open_photo(folder / photo.file), string.reading),
        f"{string.label} → {read}",
        note,
    )


def _repeat_colors(count: int) -> list[str]:
    return [_COLORS[index % len(_COLORS)] for index in range(count)]
