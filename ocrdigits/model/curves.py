"""Confidences and whether each was right in, two curves out: reliability and risk–coverage."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ocrdigits.model.compare import StringResult
from ocrdigits.model.figures import (
    MAX_ERRORS,
    ReadRate,
    accepted_rate,
    confidences_of,
    risk_coverage,
)
from ocrdigits.model.reliability import (
    ReliabilityBin,
    equal_count_bins,
    equal_width_bins,
    expected_calibration_error,
    wilson_interval,
)
from ocrdigits.model.sheet import INK, save_figure

ACCENT, MUTED = "#0b6e99", "#9aa5b1"
_GRID, _WARNING = "#e4e7eb", "#d1495b"

_LEAST_RATE = 1e-4  # of errors: where the logarithmic axes end


def plot_reliability(strings: Sequence[StringResult], path: Path) -> None:
    """Draw share right against confidence; on the diagonal a confidence can be taken at its word.

    The left half shows steps of confidence; the right half, in bins of equally many strings, the
    error among the sure ones, which a linear scale hides.

    Args:
        strings: Compared strings.
        path: The PNG file.

    Raises:
        OutputError: If it cannot be written.
    """
    confidences, rights = confidences_of(strings)
    figure = Figure(figsize=(10, 4.8), layout="constrained")
    left, right = figure.subplots(1, 2)
    dress_axes(left, "Reliability (numbers: strings)", "confidence", "share right")
    left.plot([0, 1], [0, 1], color=MUTED, linestyle="--", linewidth=1)
    bins = equal_width_bins(confidences, rights)
    _draw_bins(left, bins, [it.confidence for it in bins], [it.right for it in bins])
    left.set(xlim=(-0.03, 1.03), ylim=(-0.09, 1.03))
    bins = equal_count_bins(confidences, rights)
    error = expected_calibration_error(bins)
    title = "" if error is None else f"; mean distance (ECE) {100 * error:.2f} %"
    dress_axes(right, f"Bins of equally many{title}", "1 − confidence", "share wrong (▼ none)")
    limits = (_LEAST_RATE * 0.7, 1.3)
    right.plot(limits, limits, color=MUTED, linestyle="--", linewidth=1)
    _draw_errors(right, bins)
    right.set(xscale="log", yscale="log", xlim=limits, ylim=limits)
    for axis in (right.xaxis, right.yaxis):
        axis.set_major_formatter(lambda value, _: f"{100 * value:g} %")
    save_figure(figure, path)


def _draw_bins(
    axes: Any,  # noqa: ANN401
    bins: Sequence[ReliabilityBin],
    confidences: Sequence[float],
    shares: Sequence[float],
) -> None:
    """A band, a curve, and how many strings stand behind each point."""
    axes.fill_between(
        confidences, [it.low for it in bins], [it.high for it in bins], color=ACCENT, alpha=0.15
    )
    axes.plot(confidences, shares, color=ACCENT, marker="o")
    for it, x, y in zip(bins, confidences, shares, strict=True):
        axes.annotate(
            f"{it.count:,}", (x, y), (0, -14), textcoords="offset points",
            ha="center", fontsize=8, color=INK,
        )  # fmt: skip


def _draw_errors(axes: Any, bins: Sequence[ReliabilityBin]) -> None:  # noqa: ANN401
    """Share wrong by 1 − confidence; where none is wrong, an arrow from the end of its band."""
    expected = np.maximum([1 - it.confidence for it in bins], _LEAST_RATE)
    lows = np.maximum([1 - it.high for it in bins], _LEAST_RATE)
    highs = np.maximum([1 - it.low for it in bins], _LEAST_RATE)
    axes.vlines(expected, lows, highs, color=ACCENT, alpha=0.3, linewidth=5)
    wrong = np.asarray([1 - it.right for it in bins])
    axes.plot(expected[wrong > 0], wrong[wrong > 0], color=ACCENT, marker="o", linestyle="none")
    axes.plot(expected[wrong == 0], highs[wrong == 0], color=ACCENT, marker="v", linestyle="none")


def plot_risk_coverage(
    strings: Sequence[StringResult], path: Path, max_error: float | None = None
) -> None:
    """Draw the error among what is read against how much is read, over all thresholds.

    Args:
        strings: Compared strings.
        path: The PNG file.
        max_error: The error that the reader meant to keep to, or None.

    Raises:
        OutputError: If it cannot be written.
    """
    rates = risk_coverage(strings)
    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axes = figure.subplots()
    dress_axes(axes, "Risk–coverage (band: 95 %)", "strings read, %", "of these wrong, %")
    coverage = [100 * (rate.coverage or 0) for rate in rates]
    error = [100 * (rate.error or 0) for rate in rates]
    bounds = [wilson_interval(rate.wrong, rate.read) for rate in rates]
    low, high = [100 * bound[0] for bound in bounds], [100 * bound[1] for bound in bounds]
    axes.fill_between(coverage, low, high, step="post", color=ACCENT, alpha=0.15, linewidth=0)
    axes.step(coverage, error, where="post", color=ACCENT)
    for rate in MAX_ERRORS:
        axes.axhline(100 * rate, color=MUTED, linestyle="--", linewidth=1)
        axes.annotate(
            f"{100 * rate:g} %", (0, 100 * rate), (2, 2),
            textcoords="offset points", fontsize=8, color=INK,
        )  # fmt: skip
    _mark_accepted(axes, accepted_rate(strings, max_error))
    axes.set(xlim=(0, 101), ylim=(0, 100))
    axes.set_yscale("symlog", linthresh=1)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    save_figure(figure, path)


def _mark_accepted(axes: Any, accepted: ReadRate) -> None:  # noqa: ANN401
    """Where the reader itself drew the line."""
    if accepted.coverage is None or accepted.error is None:
        return
    aim = "" if accepted.max_error is None else f" for ≤ {100 * accepted.max_error:g} %"
    axes.plot(
        [100 * accepted.coverage], [100 * accepted.error], color=_WARNING, marker="D",
        linestyle="none", label=f"accepted{aim}: {100 * accepted.coverage:.1f} %, "
        f"of these {100 * accepted.error:.2f} % wrong",
    )  # fmt: skip
    axes.legend(frameon=False, fontsize=9, loc="upper left")


def dress_axes(axes: Any, title: str, x_label: str, y_label: str) -> None:  # noqa: ANN401
    """Give axes their title, labels and grid in the style of all pictures."""
    axes.set_title(title, fontsize=11, color=INK, loc="left")
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.grid(color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
