"""A text in, its ink as printers, stamps, displays and meters leave it out."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.model.compose.chance import between, pick, toss
from ocrdigits.model.compose.fonts import bundled_typefaces, render_character
from ocrdigits.model.compose.hand.pens import InkPatch
from ocrdigits.model.compose.machine import MACHINE_STYLES, render_machine_digit
from ocrdigits.model.strings.handwriting import InkLine
from ocrdigits.records import Coverage

_MASTER_PX = 56
_PAD = 3
_MARKED = 0.6  # of the magnetic numbers, enclosed by a bank's marks


@lru_cache(maxsize=1)
def _typefaces() -> tuple[Path, ...]:
    """Those that have every character of the alphabet."""
    return tuple(
        path
        for path in bundled_typefaces()
        if all(render_character(path, c, _MASTER_PX) is not None for c in "0123456789.,-/")
    )


def print_text(rng: np.random.Generator, text: str, height_px: float) -> InkLine:
    """Print a string.

    Args:
        rng: Source of chance.
        text: What.
        height_px: Height of a digit.

    Returns:
        Its ink.
    """
    style = pick(rng, MACHINE_STYLES) if toss(rng, 0.25) else ""
    face = pick(rng, _typefaces())
    if style and not text.isdigit():
        style = ""
    stretch, slant = float(np.exp(rng.normal(0, 0.12))), max(0.0, float(rng.normal(0, 0.1)))
    weight, gap = float(rng.normal(0, 0.12)), between(rng, 0.05, 0.3) * height_px
    line = InkLine(height_px, 0.12 * height_px)
    marks = ":" if style == "magnetic" and toss(rng, _MARKED) else ""
    x = 0.0
    for character in f"{marks}{text}{marks}":
        if character == " ":
            x += 0.5 * height_px
            continue
        if style:
            master = render_machine_digit(style, character, _MASTER_PX)
        else:
            drawn = render_character(face, character, _MASTER_PX)
            zero = render_character(face, "0", _MASTER_PX)
            if drawn is None or zero is None:
                raise ValueError(f"{face.name} lacks {character!r}")
            master = drawn
        body = _MASTER_PX if style else (zero.shape[0] if zero is not None else _MASTER_PX)
        patch = _set_character(master, height_px / body, (stretch, slant, weight), x)
        base = _raise_mark(character, patch, height_px)
        patch = InkPatch(patch.coverage, patch.x, patch.y + round(base))
        if character == ":":
            line.patches.append(patch)  # says nothing
        else:
            line.add(patch)
        x = patch.x + patch.coverage.shape[1] - _PAD + gap
    return line


def _set_character(
    master: Coverage, scale: float, shape: tuple[float, float, float], x: float
) -> InkPatch:
    stretch, slant, weight = shape
    high, wide = master.shape
    height = round(scale * high) + 2 * _PAD
    width = round(scale * stretch * wide + slant * scale * high) + 2 * _PAD
    forward = np.array(
        [
            [scale * stretch, -scale * slant, _PAD + slant * scale * high],
            [0, scale, _PAD],
        ]
    )
    soft = cv2.GaussianBlur(master, (0, 0), max(0.3, 0.4 / scale))
    warped = cv2.warpAffine(soft, forward, (width, height), flags=cv2.INTER_LINEAR)
    ink = np.clip((warped - 0.5 + weight) * 1.6 + 0.5, 0, 1) * (warped > 0.04)
    return InkPatch(ink.astype(np.float32), round(x) - _PAD, -height + _PAD)


def _raise_mark(character: str, patch: InkPatch, height_px: float) -> float:
    """How far below its usual place, on the baseline, a mark stands."""
    high = patch.coverage.shape[0] - 2 * _PAD
    if character == ",":
        return 0.6 * float(high)
    if character == "-":
        return -0.36 * height_px
    return 0.5 * max(0.0, float(high - height_px)) if character == "/" else 0.0
