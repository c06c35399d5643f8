"""Digits of machines, drawn by us: magnetic cheque ink, seven segments, dot matrix, meters.

A digit goes in, its ink coverage comes out. The magnetic digits follow the look of E-13B: hairlines
with heavy blocks in different places, so that each digit has its own weight from left to right.
"""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from ocrdigits.records import Coverage

_MAGNETIC = {
    "0": "####### #.....# #.....# #.....# #.....# #.....# #.....# #.....# #######",
    "1": ".##.. ..#.. ..#.. ..#.. ..#.. .#### .#### .#### .####",
    "2": "#### ...# ...# ...# #### #... #... #... ####",
    "3": "####. ...#. ...#. ...#. ##### ...## ...## ...## #####",
    "4": "##..... ##..... ##..... ##..... ##..##. ####### ....##. ....##. ....##.",
    "5": "##### #.... #.... #.... ##### ....# ....# ....# #####",
    "6": "##.... #..... #..... #..... ###### #....# #....# #....# ######",
    "7": "##### #...# ....# ...## ...#. ...#. ..##. ..##. ..##.",
    "8": ".#####. .#...#. .#...#. .#...#. ####### ##...## ##...## ##...## #######",
    "9": "###### #....# #....# #....# ###### ....## ....## ....## ....##",
    ":": "...... ....## #...## #..... #..... #..... #...## ....## ......",
}
_DOTS = {
    "0": ".###. #...# #..## #.#.# ##..# #...# .###.",
    "1": "..#.. .##.. ..#.. ..#.. ..#.. ..#.. .###.",
    "2": ".###. #...# ....# ...#. ..#.. .#... #####",
    "3": ".###. #...# ....# ..##. ....# #...# .###.",
    "4": "...#. ..##. .#.#. #..#. ##### ...#. ...#.",
    "5": "##### #.... ####. ....# ....# #...# .###.",
    "6": "..##. .#... #.... ####. #...# #...# .###.",
    "7": "##### ....# ...#. ..#.. .#... .#... .#...",
    "8": ".###. #...# #...# .###. #...# #...# .###.",
    "9": ".###. #...# #...# .#### ....# ...#. .##..",
}
# Segments a to g: top, upper right, lower right, bottom, lower left, upper left, middle.
_SEGMENTS = {
    "0": "abcdef",
    "1": "bc",
    "2": "abged",
    "3": "abgcd",
    "4": "fgbc",
    "5": "afgcd",
    "6": "afgedc",
    "7": "abc",
    "8": "abcdefg",
    "9": "abcdfg",
}
MACHINE_STYLES = ("magnetic", "segments", "dots")


@lru_cache(maxsize=1024)
def render_machine_digit(style: str, digit: str, height_px: int) -> Coverage:
    """Draw one digit as a machine shows it.

    Args:
        style: One of `MACHINE_STYLES`.
        digit: `0` to `9`; magnetic also `:`, the bar and two blocks that enclose a bank's number.
        height_px: Its height.

    Returns:
        (height_px, w) coverage.

    Raises:
        ValueError: If the style is unknown.
    """
    if style == "magnetic":
        return _render_blocks(_MAGNETIC[digit], height_px)
    if style == "segments":
        return _render_segments(_SEGMENTS[digit], height_px)
    if style == "dots":
        return _render_dots(_DOTS[digit], height_px)
    raise ValueError(f"no machine style {style!r}; known: {', '.join(MACHINE_STYLES)}")


def _read_grid(text: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in row] for row in text.split()], np.float32)


def _render_blocks(text: str, height_px: int) -> Coverage:
    grid = np.kron(_read_grid(text), np.ones((12, 12), np.float32))
    soft = cv2.GaussianBlur(np.pad(grid, 12), (0, 0), 3.0)[12:-12, 12:-12]  # rounds the corners
    inked = np.clip((soft - 0.5) * 6 + 0.5, 0, 1)
    width = max(1, round(height_px * grid.shape[1] / grid.shape[0] * 0.92))
    return _shrink(inked, width, height_px)


def _render_segments(lit: str, height_px: int) -> Coverage:
    canvas = np.zeros((200, 112), np.uint8)
    top, middle, bottom, left, right, half = 11, 100, 189, 11, 101, 10
    ends = {
        "a": ((left, top), (right, top)),
        "b": ((right, top), (right, middle)),
        "c": ((right, middle), (right, bottom)),
        "d": ((left, bottom), (right, bottom)),
        "e": ((left, middle), (left, bottom)),
        "f": ((left, top), (left, middle)),
        "g": ((left, middle), (right, middle)),
    }
    for name in lit:
        (x0, y0), (x1, y1) = ends[name]
        dx, dy = (half if x1 > x0 else 0), (half if y1 > y0 else 0)
        tips = [(x0 + 2, y0 + 2), (x0 + dx + dy, y0 + dy - dx), (x1 - dx + dy, y1 - dy - dx)]
        back = [(x1 - 2, y1 - 2), (x1 - dx - dy, y1 - dy + dx), (x0 + dx - dy, y0 + dy + dx)]
        cv2.fillPoly(canvas, [np.array(tips + back, np.int32)], 255)
    columns = np.flatnonzero(canvas.any(axis=0))
    digit = canvas[:, columns[0] : columns[-1] + 1].astype(np.float32) / 255
    return _shrink(digit, max(1, round(height_px * digit.shape[1] / 200)), height_px)


def _render_dots(text: str, height_px: int) -> Coverage:
    grid = _read_grid(text)
    canvas = np.zeros((grid.shape[0] * 20, grid.shape[1] * 20), np.uint8)
    for row, column in np.argwhere(grid > 0).tolist():
        cv2.circle(canvas, (column * 20 + 10, row * 20 + 10), 9, 255, cv2.FILLED)
    columns = np.flatnonzero(canvas.any(axis=0))
    dots = canvas[:, columns[0] : columns[-1] + 1].astype(np.float32) / 255
    return _shrink(dots, max(1, round(height_px * dots.shape[1] / dots.shape[0])), height_px)


def _shrink(image: np.ndarray, width: int, height: int) -> Coverage:
    small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return small.astype(np.float32)
