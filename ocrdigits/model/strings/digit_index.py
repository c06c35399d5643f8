"""A stock of real digits in, the same measured out: where the ink is, how it leans, how thick."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.hand.digitstock import DigitStock
from ocrdigits.records import CELL_PX


@dataclass(frozen=True, slots=True)
class DigitIndex:
    """A stock of digits, measured.

    Attributes:
        stock: The digits.
        members: Source and digit → numbers of its cells.
        source_shares: How often each source is taken: by the root of its size.
        slants: (N,) tangent by which each leans left, downwards.
        tops: (N,) first inked row …
        bottoms: (N,) … and the row after the last.
        centers: (N,) middle of the ink, column.
        darkness: (N,) usual darkness of the ink.
        strokes_px: (N,) width of strokes.
    """

    stock: DigitStock
    members: dict[tuple[int, int], NDArray[np.intp]]
    source_shares: NDArray[np.float64]
    slants: NDArray[np.float32]
    tops: NDArray[np.float32]
    bottoms: NDArray[np.float32]
    centers: NDArray[np.float32]
    darkness: NDArray[np.float32]
    strokes_px: NDArray[np.float32]


def index_digits(stock: DigitStock) -> DigitIndex:
    """Measure every digit of a stock once.

    Args:
        stock: Digits of training parts.

    Returns:
        The index; empty cells are in no list of members.
    """
    parts = [_measure(stock.cells[k : k + 4096]) for k in range(0, len(stock.cells), 4096)]
    slants, tops, bottoms, centers, darkness, strokes = np.concatenate(parts, axis=1)
    sources = int(stock.sources.max()) + 1
    usable = darkness > 0
    members = {
        (source, digit): np.flatnonzero(
            (stock.sources == source) & (stock.labels == digit) & usable
        )
        for source in range(sources)
        for digit in range(10)
    }
    shares = np.sqrt(np.bincount(stock.sources, minlength=sources))
    shares = np.cumsum(shares / shares.sum())
    return DigitIndex(stock, members, shares, slants, tops, bottoms, centers, darkness, strokes)


def _measure(cells: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(6, N): slant, top, bottom, centre, darkness, stroke width."""
    ink = cells.astype(np.float32)
    mass = np.maximum(ink.sum(axis=(1, 2)), 1)
    place = np.arange(CELL_PX, dtype=np.float32)
    x = (ink.sum(axis=1) * place).sum(axis=1) / mass
    y = (ink.sum(axis=2) * place).sum(axis=1) / mass
    dx, dy = place[None, :] - x[:, None], place[None, :] - y[:, None]
    covariance = np.einsum("nyx,nx,ny->n", ink, dx, dy)
    spread = np.einsum("nyx,ny->n", ink, dy**2)
    slants = np.clip(covariance / np.maximum(spread, 1e-3), -0.9, 0.9)
    peak = ink.max(axis=(1, 2))
    solid = ink > 0.4 * np.maximum(peak, 1)[:, None, None]
    rows = solid.any(axis=2)
    tops = rows.argmax(axis=1)
    bottoms = CELL_PX - rows[:, ::-1].argmax(axis=1)
    count = np.maximum(solid.sum(axis=(1, 2)), 1)
    darkness = np.where(peak > 40, (ink * solid).sum(axis=(1, 2)) / count, 0)
    edges = np.abs(np.diff(solid.astype(np.int8), axis=1)).sum(axis=(1, 2))
    edges = edges + np.abs(np.diff(solid.astype(np.int8), axis=2)).sum(axis=(1, 2))
    strokes = 2 * count / np.maximum(edges / 1.27, 1)  # stairs are longer than the edge they follow
    return np.stack([slants, tops, bottoms, x, darkness, strokes]).astype(np.float32)
