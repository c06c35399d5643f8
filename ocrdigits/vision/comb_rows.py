"""Cells of a comb in, rows of them out: same size, same level, near each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from ocrdigits.records import Box

_Cell = TypeVar("_Cell")


def chain_cells(cells: Iterable[_Cell], box_of: Callable[[_Cell], Box]) -> list[list[_Cell]]:
    """Put cells that follow each other in rows.

    Args:
        cells: What has a box.
        box_of: Gives its box.

    Returns:
        The rows, each from left to right; a cell by itself is a row too.
    """
    rows: list[list[_Cell]] = []
    for cell in sorted(cells, key=lambda it: box_of(it).x):
        row = next((row for row in rows if continues_row(box_of(row[-1]), box_of(cell))), None)
        if row is None:
            rows.append([cell])
        else:
            row.append(cell)
    return rows


def continues_row(last: Box, cell: Box) -> bool:
    """Tell whether a cell goes on the row that another one ends: same size, level, near."""
    same_size = abs(last.height - cell.height) <= 0.2 * last.height
    same_line = abs(last.y - cell.y) <= 0.25 * last.height
    gap = cell.x - last.right  # boxes around slanted cells overlap
    return same_size and same_line and -0.35 * last.width <= gap <= 0.9 * last.width
