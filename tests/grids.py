"""Ruled tables for tests, drawn on the spot, and photographed at an angle."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import Photo

PUZZLE = (
    "530070000", "600195000", "098000060",
    "800060003", "400803001", "700020006",
    "060000280", "000419005", "000080079",
)  # fmt: skip
FONT = cv2.FONT_HERSHEY_SIMPLEX


def draw_table(
    texts,
    *,
    cell=(60, 60),
    pen_px=2,
    tone=40,
    thick_every=0,
    broken=False,
    double=False,
    widths=None,
):
    """A grid with a text in each cell, "" for blank, on paper with room around it.

    Returns:
        (H, W) grey picture, and the x of its upright and y of its level rules.
    """
    widths = widths or [cell[0]] * len(texts[0])
    xs = 80 + np.concatenate([[0], np.cumsum(widths)])
    ys = 80 + cell[1] * np.arange(len(texts) + 1)
    gray = np.full((ys[-1] + 80, xs[-1] + 80), 225, np.uint8)
    for lines, (start, stop), upright in ((xs, ys[[0, -1]], True), (ys, xs[[0, -1]], False)):
        for number, at in enumerate(lines):
            thick = 2 * pen_px if thick_every and number % thick_every == 0 else pen_px
            for place in (at - 4, at + 4) if double and number in (0, len(lines) - 1) else (at,):
                for part in range(start, stop, 24) if broken else (start,):
                    end = min(part + 19, stop) if broken else stop
                    ends = (
                        ((place, part), (place, end)) if upright else ((part, place), (end, place))
                    )
                    cv2.line(gray, *[tuple(map(int, it)) for it in ends], tone, thick)
    for row, line in enumerate(texts):
        for column, text in enumerate(line):
            size = 0.022 * cell[1]
            (w, h), _ = cv2.getTextSize(text, FONT, size, 3)
            x, y = (xs[column] + xs[column + 1] - w) // 2, (ys[row] + ys[row + 1] + h) // 2
            cv2.putText(gray, text, (int(x), int(y)), FONT, size, 30, 3, cv2.LINE_AA)
    return gray, xs, ys


def puzzle_texts():
    """The cells of `PUZZLE`."""
    return [[digit.replace("0", "") for digit in row] for row in PUZZLE]


def photographed(gray, *, lean=0.06, turn_deg=0.0):
    """Seen at an angle, in uneven light.

    Returns:
        The picture and the homography to it.
    """
    height, width = gray.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners + np.float32([[lean, lean], [0, 0], [-lean, 0], [0, -lean]]) * width
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), -turn_deg, 0.9), [0, 0, 1]])
    matrix = turn @ cv2.getPerspectiveTransform(corners, seen)
    picture = cv2.warpPerspective(gray, matrix, (width, height), borderValue=190)
    light = np.linspace(1.0, 0.6, width, dtype=np.float32)
    return np.clip(picture * light, 0, 255).astype(np.uint8), matrix


def photo_of(gray) -> Photo:
    """A photo of a grey picture."""
    return Photo("table.png", 1, cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))


def texts_of(reading, table=0):
    """The cells that were read, row by row."""
    cells = {(it.row, it.column): it.text for it in reading.strings if it.table == table}
    rows, columns = (1 + max(place[axis] for place in cells) for axis in (0, 1))
    return [[cells[row, column] for column in range(columns)] for row in range(rows)]
