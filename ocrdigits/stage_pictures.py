"""What stages made of a page in, pictures of it for `--debug-dir` out."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ocrdigits.assemble import ScoredLine
from ocrdigits.records import (
    CELL_PX,
    LINE_PX,
    ColorImage,
    Coverage,
    Field,
    GrayImage,
    InkPage,
    Lattice,
)
from ocrdigits.vision.table_mesh import TableMesh


def draw_fields(ink_page: InkPage, fields: Sequence[Field]) -> Coverage:
    """The page's ink, fields black and everything else pale."""
    picture = ink_page.coverage * np.float32(0.25)
    for field in fields:
        place = np.s_[field.box.y : field.box.bottom, field.box.x : field.box.right]
        picture[place] = ink_page.coverage[place]
    return picture


def draw_mesh(gray: GrayImage, meshes: Sequence[TableMesh]) -> ColorImage:
    """The photo with the rules of its tables as they were found."""
    picture = np.asarray(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR), np.uint8)
    thickness = max(1, max(gray.shape) // 800)
    for mesh in meshes:
        for lines in (mesh.points, mesh.points.transpose(1, 0, 2)):
            curves = [np.rint(line * 16).astype(np.int32) for line in lines]
            cv2.polylines(picture, curves, False, (40, 40, 200), thickness, cv2.LINE_AA, 4)
    return picture


def draw_cells(lattices: Sequence[Lattice]) -> Coverage:
    """The first 480 cells, 24 a row."""
    cells = [glyph.cell for lattice in lattices for glyph in lattice.glyphs][:480]
    blank = np.zeros((CELL_PX, CELL_PX), np.float32)
    shown = cells + [blank] * (-len(cells) % 24) if cells else [blank]
    return np.vstack([np.hstack(shown[row : row + 24]) for row in range(0, len(shown), 24)])


def draw_lines(lines: Sequence[ScoredLine | None]) -> Coverage:
    """The first 60 lines, one below the other."""
    shown = [scored.line.image for scored in lines if scored is not None][:60]
    width = max((line.shape[1] for line in shown), default=LINE_PX)
    sheet = np.zeros((LINE_PX * max(len(shown), 1), width), np.float32)
    for row, line in enumerate(shown):
        sheet[row * LINE_PX : (row + 1) * LINE_PX, : line.shape[1]] = line
    return sheet
