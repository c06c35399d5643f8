"""Rectangular morphology on ink: boolean in, boolean out."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import InkMask


@lru_cache
def _rectangle(rows: int, columns: int) -> NDArray[np.uint8]:
    return np.ones((rows, columns), np.uint8)


def dilate(ink: InkMask, rows: int = 3, columns: int = 3) -> InkMask:
    """Ink grown by a rectangle of `rows` × `columns` pixels."""
    grown = cv2.dilate(ink.view(np.uint8), _rectangle(rows, columns))
    return np.asarray(grown, np.uint8).view(np.bool_)


def open_ink(ink: InkMask, rows: int, columns: int) -> InkMask:
    """What of the ink is covered by rectangles of `rows` × `columns` pixels that fit into it.

    Outside the picture is paper: a line along the border is no thicker than it looks.
    """
    kernel = _rectangle(rows, columns)
    kept = cv2.morphologyEx(
        ink.view(np.uint8), cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(kept, np.uint8).view(np.bool_)


def transpose(ink: InkMask) -> InkMask:
    """Rows as columns, contiguous again."""
    return np.asarray(cv2.transpose(ink.view(np.uint8)), np.uint8).view(np.bool_)


@dataclass(frozen=True, slots=True)
class Runs:
    """Level runs of ink, row by row from left to right: (N,) each.

    Attributes:
        rows: Row of each.
        starts: Its first column …
        stops: … and the first one past its last.
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]
    stops: NDArray[np.int64]


def find_runs(ink: InkMask) -> Runs:
    """Find the level runs of ink."""
    framed = np.zeros((ink.shape[0], ink.shape[1] + 2), np.bool_)  # each row ends its own runs
    framed[:, 1:-1] = ink
    flat = framed.ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1])  # counted without the frame's left column
    rows, starts = np.divmod(edges[::2], framed.shape[1])
    return Runs(rows, starts, starts + edges[1::2] - edges[::2])


def true_runs(marked: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(N, 2) start and stop of each run of True in a row of marks."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], marked.astype(np.int8), [0]])))
    return np.asarray(edges.reshape(-1, 2), dtype=np.int64)


def keep_long_runs(ink: InkMask, min_length_px: int) -> InkMask:
    """What of the ink lies in level runs of at least some length.

    The same as `open_ink(ink, 1, min_length_px)`, whose time grows with the length.
    """
    runs = find_runs(ink)
    lengths = runs.stops - runs.starts
    is_long = lengths >= min_length_px
    kept = np.zeros(ink.shape, np.bool_)
    if is_long.any():
        kept[ink] = np.repeat(is_long, lengths)
    return kept


def close_ink(ink: InkMask, rows: int, columns: int) -> InkMask:
    """The ink, with gaps filled into which no rectangle of `rows` × `columns` pixels fits."""
    kernel = _rectangle(rows, columns)
    filled = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, kernel)
    return np.asarray(filled, np.uint8).view(np.bool_)


def keep_seeded(weak: InkMask, strong: InkMask) -> InkMask:
    """Hysteresis: weak ink counts where it hangs together with strong ink.

    Args:
        weak: (H, W) every pixel that may be ink.
        strong: (H, W) pixels that surely are; a subset of `weak`.

    Returns:
        (H, W) the components of `weak` that hold a strong pixel.
    """
    count, labels = cv2.connectedComponents(weak.view(np.uint8), connectivity=8)
    seeded = np.zeros(count, dtype=bool)
    seeded[labels[strong]] = True
    seeded[0] = False
    return seeded.take(np.asarray(labels, np.int32))
