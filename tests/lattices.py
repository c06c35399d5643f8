"""Lattices made by hand, and the scores a network might give them."""

from __future__ import annotations

import numpy as np

from ocrdigits.records import NOT_A_DIGIT, Box, Glyph, Lattice

LINE_PX = 40
CELL = np.zeros((28, 28), np.float32)


def tall(x: int, width: int = 20) -> Box:
    """A character as high as the line."""
    return Box(x, 0, width, LINE_PX)


def lattice_of(atoms: list[Box], *, joined: int = 1, prices: dict[int, float] | None = None):
    """Every run of up to `joined` atoms is a hypothesis; `prices` of cuts that are not free."""
    glyphs = []
    for start in range(len(atoms)):
        box = atoms[start]
        for stop in range(start + 1, min(start + joined, len(atoms)) + 1):
            box = box.union(atoms[stop - 1])
            glyphs.append(Glyph(start, stop, box, CELL))
    cuts = tuple((prices or {}).get(k, 0.0) for k in range(len(atoms) + 1))
    whole = tall(0)
    for box in atoms:
        whole = whole.union(box)
    return Lattice(len(atoms), tuple(glyphs), cuts, float(LINE_PX), whole)


def answers(*sure: str | tuple[str, float]):
    """(N, 11) scores: a digit or `x` each, with its probability (0.98 if none is given).

    What is left goes to "not a digit"; of an `x` to the digits, evenly.
    """
    scores = np.zeros((len(sure), NOT_A_DIGIT + 1), np.float32)
    for row, answer in zip(scores, sure, strict=True):
        text, probability = (answer, 0.98) if isinstance(answer, str) else answer
        if text == "x":
            row[:NOT_A_DIGIT] = (1 - probability) / NOT_A_DIGIT
            row[NOT_A_DIGIT] = probability
        else:
            row[NOT_A_DIGIT] = 1 - probability
            row[int(text)] = probability
    return scores
