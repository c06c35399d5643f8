"""Single characters by the thousand: a source of chance in, labelled ink crops out.

`draw_printed_cells` draws what printers, displays and stamps leave, `draw_stroke_cells` what people
write, by our own stroke model. Both give crops that are tight around the ink (a pixel of paper on
each side), up to 80 pixels high, for `normalize` to centre.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.model.compose.fonts import bundled_typefaces, expand_typefaces, render_character
from ocrdigits.model.compose.hand.alphabet import SKELETONS
from ocrdigits.model.compose.hand.pens import ink_paths, sample_pen
from ocrdigits.model.compose.hand.writer import sample_hand, write_text
from ocrdigits.model.compose.machine import MACHINE_STYLES, render_machine_digit
from ocrdigits.records import Coverage

_MASTER_PX = 72  # characters are drawn once at this size, then warped down to each crop's own
_PLOTTER_FACES = (
    cv2.FONT_HERSHEY_SIMPLEX,
    cv2.FONT_HERSHEY_DUPLEX,
    cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_TRIPLEX,
    cv2.FONT_HERSHEY_SCRIPT_SIMPLEX,
)

_Drawer = Callable[[str], Coverage | None]


def draw_printed_cells(
    rng: np.random.Generator, count: int, characters: str, font_paths: Sequence[Path] = ()
) -> tuple[list[Coverage], list[str]]:
    """Draw single printed characters in many typefaces.

    DejaVu, STIX and Computer Modern (from matplotlib), plotter faces (from OpenCV), and for digits
    also the machine styles; `font_paths` adds more. Each typeface is equally likely, each machine
    style as likely as four of them.

    Args:
        rng: Source of chance; the same state gives the same crops.
        count: How many crops.
        characters: Each crop shows one of these, all equally likely.
        font_paths: More typefaces (`.ttf`, `.otf`), or folders of them.

    Returns:
        `count` crops (h, w), float32, 1 is ink; and the character that each shows.

    Raises:
        MissingExtraError: If matplotlib is not installed.
        ValueError: If no typeface has a wanted character.
    """
    drawers = _printed_drawers(tuple(bundled_typefaces() + expand_typefaces(font_paths)))
    labels = [characters[k] for k in rng.integers(len(characters), size=count)]
    return [_warp_crop(rng, _draw_master(rng, drawers, label)) for label in labels], labels


def draw_stroke_cells(
    rng: np.random.Generator, count: int, characters: str
) -> tuple[list[Coverage], list[str]]:
    """Draw single characters as people write them, each by another writer with another pen.

    Args:
        rng: Source of chance; the same state gives the same crops.
        count: How many crops.
        characters: Each crop shows one of these that the alphabet knows, all equally likely.

    Returns:
        `count` crops (h, w), float32, 1 is ink; and the character that each shows.

    Raises:
        ValueError: If the alphabet knows none of the characters.
    """
    known = [character for character in characters if character in SKELETONS]
    if not known:
        raise ValueError(f"the alphabet has none of {characters!r}")
    labels = [known[k] for k in rng.integers(len(known), size=count)]
    return [_write_crop(rng, label) for label in labels], labels


def _write_crop(rng: np.random.Generator, character: str) -> Coverage:
    hand, pen = sample_hand(rng, [character]), sample_pen(rng)
    height_px = float(rng.uniform(22, 56))
    turn = float(rng.normal(0, 0.06))
    turned = height_px * np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    written = write_text(rng, hand, character)[0]
    width_px = max(1.3, pen.width_frac * float(rng.uniform(0.8, 1.4)) * height_px)
    ink = ink_paths(rng, pen, [path @ turned for path in written.paths], width_px).coverage
    return _crop_to_ink(ink)


@lru_cache(maxsize=8)
def _printed_drawers(typefaces: tuple[Path, ...]) -> tuple[_Drawer, ...]:
    """One drawer per style; machine styles weigh as much as four typefaces each."""
    faces = [partial(render_character, path, size_px=_MASTER_PX) for path in typefaces]
    plotters = [
        partial(_render_plotted, face, thickness=thickness)
        for face in _PLOTTER_FACES
        for thickness in (3, 6)
    ]
    machines = [partial(_render_machine, style) for style in MACHINE_STYLES for _ in range(4)]
    return (*faces, *plotters, *machines)


def _draw_master(rng: np.random.Generator, drawers: Sequence[_Drawer], character: str) -> Coverage:
    for k in rng.permutation(len(drawers)).tolist():
        master: Coverage | None = drawers[k](character)
        if master is not None:
            return master
    raise ValueError(f"no typeface has {character!r}")


def _render_machine(style: str, character: str) -> Coverage | None:
    return render_machine_digit(style, character, _MASTER_PX) if character.isdecimal() else None


@lru_cache(maxsize=4096)
def _render_plotted(face: int, character: str, thickness: int) -> Coverage | None:
    if not character.isascii():
        return None
    canvas = np.zeros((160, 200), np.uint8)
    cv2.putText(canvas, character, (50, 100), face, 2.4, 255, thickness, cv2.LINE_AA)
    return _crop_to_ink(canvas.astype(np.float32) / np.float32(255))


def _warp_crop(rng: np.random.Generator, master: Coverage) -> Coverage:
    """Scale, slant, turn, and let the ink spread or starve."""
    height = float(rng.uniform(20, 56))
    scale = height / max(master.shape[0], 0.45 * master.shape[1], 0.3 * _MASTER_PX)
    width_frac = float(rng.uniform(0.82, 1.18))
    slant, turn = float(rng.normal(0, 0.08)), float(rng.normal(0, 0.05))
    spread = float(rng.normal(0, 0.12))
    shape = np.array([[width_frac, -slant], [0, 1.0]])
    turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    matrix = scale * turned @ shape
    half = np.abs(matrix) @ (np.array(master.shape[::-1]) / 2) + 3
    size = np.ceil(2 * half).astype(int)
    offset = half - matrix @ (np.array(master.shape[::-1]) / 2)
    blurred = cv2.GaussianBlur(np.pad(master, 2), (0, 0), 0.45 / scale)  # before shrinking
    affine = np.column_stack([matrix, offset - matrix @ (2, 2)])
    warped = cv2.warpAffine(blurred, affine, size.tolist(), flags=cv2.INTER_LINEAR)
    inked = np.clip((warped - 0.5 + spread) * rng.uniform(1.0, 1.8) + 0.5, 0, 1)
    return _crop_to_ink(np.where(warped > 0.02, inked, 0).astype(np.float32))


def _crop_to_ink(coverage: Coverage, threshold: float = 0.15, margin: int = 1) -> Coverage:
    mask = coverage > threshold
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not len(rows):
        return coverage
    top, left = max(0, rows[0] - margin), max(0, columns[0] - margin)
    return coverage[top : rows[-1] + 1 + margin, left : columns[-1] + 1 + margin]
