"""One character's ink in, the cell that `DigitNet` sees out, centred as MNIST's digits are.

Training digits and digits read from photos go through this same function.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import CELL_PX, Cell, Coverage
from ocrdigits.vision.components import bounding_box

_FAINTEST = 0.08  # below this share of the darkest ink a pixel is paper for the bounding box


def center_digit(coverage: Coverage, *, cell_px: int = CELL_PX, body_px: int = 20) -> Cell:
    """Fit one character into a square cell with its centre of mass in the middle.

    Args:
        coverage: (H, W) from 0 (paper) to 1 (ink), holding this character's ink alone.
        cell_px: Side of the cell.
        body_px: Longest side of the character inside the cell.

    Returns:
        (cell_px, cell_px) from 0 to 1; the darkest ink is 1.

    Raises:
        ValueError: If there is no ink.

    Reference:
        LeCun et al. 1998, "Gradient-Based Learning Applied to Document Recognition", III-A.
    """
    darkest = cv2.minMaxLoc(coverage)[1] if coverage.size else 0.0
    if darkest <= 0:
        raise ValueError("center_digit needs ink, got an empty crop")
    box = bounding_box(coverage > _FAINTEST * darkest)
    body = coverage[box.y : box.bottom, box.x : box.right] / np.float32(darkest)
    height, width = body.shape
    scale = body_px / max(height, width)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return _place_by_mass(np.asarray(cv2.resize(body, size, interpolation=method)), cell_px)


def _place_by_mass(body: Coverage, cell_px: int) -> Cell:
    height, width = body.shape
    mass = float(body.sum())
    mass_y = float(body.sum(axis=1) @ np.arange(height)) / mass + 0.5
    mass_x = float(body.sum(axis=0) @ np.arange(width)) / mass + 0.5
    top = min(max(round(cell_px / 2 - mass_y), 0), cell_px - height)
    left = min(max(round(cell_px / 2 - mass_x), 0), cell_px - width)
    cell = np.zeros((cell_px, cell_px), dtype=np.float32)
    cell[top : top + height, left : left + width] = body
    return cell
