"""A sheet in the making: ink goes onto paper, the truth of its digit strings is kept beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np

from ocrdigits.model.compose.hand.pens import Pen, ink_paths
from ocrdigits.model.compose.hand.writer import Path, path_bounds
from ocrdigits.model.compose.paper.surface import Color, Surface
from ocrdigits.model.compose.truth import InkClass, InkMap, StringTruth, rectangle_corners
from ocrdigits.records import Box, Coverage, Kind

DIGIT_STRING = re.compile(r"\d(?:[\d.,/-]*\d)?")
"""A number with the separators inside it."""
_INKED = 0.4  # a pixel at least this much covered shows the ink


class Sheet:
    """Paper under work.

    Attributes:
        surface: (H, W, 3) the sheet's colours so far.
        ink: (H, W) what each pixel shows so far.
        strings: Truth of all its digit strings so far, sheet frame.
    """

    def __init__(self, surface: Surface) -> None:
        self.surface = surface.copy()
        self.ink: InkMap = np.zeros(surface.shape[:2], np.uint8)
        self.strings: list[StringTruth] = []

    @property
    def height(self) -> int:
        """Rows of the sheet."""
        return int(self.surface.shape[0])

    @property
    def width(self) -> int:
        """Columns of the sheet."""
        return int(self.surface.shape[1])

    def stain(
        self,
        coverage: Coverage,
        x: int,
        y: int,
        color: Color,
        ink_class: InkClass = InkClass.OTHER,
    ) -> None:
        """Lay ink over what is there, like a glaze; ink off the sheet is lost.

        Args:
            coverage: (h, w) from 0 (nothing) to 1.
            x: Its left edge, sheet frame.
            y: Its top edge.
            color: Of the ink; above 1 it brightens, as a lacquer or a blank area does.
            ink_class: What the ink is; `GROUND` for tints, shadows and blank areas.
        """
        top, left = max(0, y), max(0, x)
        bottom = min(self.height, y + coverage.shape[0])
        right = min(self.width, x + coverage.shape[1])
        if top >= bottom or left >= right:
            return
        part = coverage[top - y : bottom - y, left - x : right - x, None]
        self.surface[top:bottom, left:right] *= 1 - part * (1 - np.array(color, np.float32))
        self.ink[top:bottom, left:right][part[:, :, 0] > _INKED] = ink_class

    def polyline(
        self,
        points: Sequence[tuple[float, float]],
        width_px: int,
        color: Color,
        *,
        closed: bool = False,
        ink_class: InkClass = InkClass.RULE,
    ) -> None:
        """Print a line along points (x, y)."""
        path = np.array(points)
        x, y = (np.floor(path.min(axis=0)).astype(int) - width_px).tolist()
        right, bottom = (np.ceil(path.max(axis=0)).astype(int) + width_px + 1).tolist()
        mask = np.zeros((bottom - y, right - x), np.uint8)
        local = np.rint((path - (x, y)) * 16).astype(np.int32)
        cv2.polylines(mask, [local], closed, 255, width_px, cv2.LINE_AA, 4)
        self.stain(as_coverage(mask), x, y, color, ink_class)

    def fill(self, box: Box, color: Color, ink_class: InkClass = InkClass.OTHER) -> None:
        """Print a filled rectangle."""
        self.stain(np.ones((box.height, box.width), np.float32), box.x, box.y, color, ink_class)

    def frame(self, box: Box, width_px: int, color: Color) -> None:
        """Print an empty rectangle."""
        self.polyline(rectangle_corners(box), width_px, color, closed=True)

    def draw_strokes(
        self,
        rng: np.random.Generator,
        pen: Pen,
        paths: Sequence[Path],
        width_px: float,
        ink_class: InkClass = InkClass.OTHER,
    ) -> Box:
        """Draw what the pen does.

        Args:
            rng: Source of pressure and grain.
            pen: What draws.
            paths: (M, 2) curves, sheet frame.
            width_px: Line width.
            ink_class: What the strokes are.

        Returns:
            Box of the ink, line width included.
        """
        patch = ink_paths(rng, pen, paths, max(1.4, width_px))
        self.stain(patch.coverage, patch.x, patch.y, pen.color, ink_class)
        left, top, right, bottom = path_bounds(paths)
        x, y = int(left - width_px / 2), int(top - width_px / 2)
        far_x, far_y = int(np.ceil(right + width_px / 2)), int(np.ceil(bottom + width_px / 2))
        return Box(x, y, far_x - x, far_y - y)

    def keep_truth(
        self, text: str, boxes: Sequence[Box], kind: Kind, *, is_handwritten: bool
    ) -> None:
        """Remember every digit string of a line.

        Args:
            text: The line.
            boxes: One per character of `text`; those of spaces do not matter.
            kind: Geometry of its strings.
            is_handwritten: False for print.
        """
        for match in DIGIT_STRING.finditer(text):
            parts = boxes[match.start() : match.end()]
            whole = parts[0]
            for part in parts[1:]:
                whole = whole.union(part)
            digits = [box for box, c in zip(parts, match[0], strict=True) if c.isdecimal()]
            corners = rectangle_corners(whole)
            self.strings.append(StringTruth(match[0], kind, corners, tuple(digits), is_handwritten))


def classify_characters(text: str) -> list[InkClass]:
    """What the ink of each character of a line is: digit, separator inside a number, other."""
    classes = [InkClass.DIGIT if c.isdecimal() else InkClass.OTHER for c in text]
    for match in DIGIT_STRING.finditer(text):
        for index in range(*match.span()):
            if classes[index] is InkClass.OTHER:
                classes[index] = InkClass.SEPARATOR
    return classes


def as_coverage(mask: np.ndarray) -> Coverage:
    """0 … 255 as 0 … 1."""
    coverage: Coverage = mask.astype(np.float32) / np.float32(255)
    return coverage
