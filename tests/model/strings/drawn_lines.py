"""Simple strings as lines: seven-segment digits of random width, place and pen, drawn by rule."""

import numpy as np

from ocrdigits.model.strings.lines import LineSample
from ocrdigits.records import LINE_PX, LineImage

SEGMENTS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")
TOP, MIDDLE, BOTTOM = 5, 15, 26


def draw_line(text: str, draw: np.random.Generator) -> LineImage:
    """A line that shows a text of digits and dots."""
    glyphs = [draw_glyph(character, draw) for character in text]
    gaps = draw.integers(3, 6, len(glyphs) + 1)
    width = int(gaps.sum() + sum(glyph.shape[1] for glyph in glyphs))
    line = np.zeros((LINE_PX, -(-width // 4) * 4), np.float32)
    x = 0
    for gap, glyph in zip(gaps, glyphs, strict=False):
        x += gap
        line[:, x : x + glyph.shape[1]] = glyph
        x += glyph.shape[1]
    return line


def draw_glyph(character: str, draw: np.random.Generator) -> LineImage:
    ink = draw.uniform(0.6, 1.0)
    if character == ".":
        glyph = np.zeros((LINE_PX, 3), np.float32)
        glyph[BOTTOM - 3 : BOTTOM] = ink
        return glyph
    segments = SEGMENTS[int(character)]
    width = 3 if character == "1" else int(draw.integers(9, 14))
    glyph = np.zeros((LINE_PX, width), np.float32)
    for name, y in (("a", TOP), ("g", MIDDLE - 1), ("d", BOTTOM - 3)):
        if name in segments:
            glyph[y : y + 3] = ink
    for name, x, y in (("f", 0, 0), ("b", 1, 0), ("e", 0, 1), ("c", 1, 1)):
        if name in segments:
            rows = slice(MIDDLE, BOTTOM) if y else slice(TOP, MIDDLE)
            glyph[rows, -3 if x else 0 : None if x else 3] = ink
    return glyph


def drawn_sample(index: int) -> LineSample:
    """Sample k of an endless row of numbers of one to four digits."""
    draw = np.random.default_rng(index)
    text = "".join(map(str, draw.integers(0, 10, draw.integers(1, 5))))
    return draw_line(text, draw), text
