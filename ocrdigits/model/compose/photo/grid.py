"""A coarse grid over a photo: planes that are smooth are worked out there and enlarged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.model.compose.paper.surface import Plane, Size


@dataclass(frozen=True, slots=True)
class CoarseGrid:
    """Photo points on a grid of blocks, for planes that are smooth enough to be enlarged.

    Attributes:
        photo_size: Height and width of the photo.
        step_px: Side of a block.
    """

    photo_size: Size
    step_px: int

    def points(self) -> NDArray[np.float64]:
        """(h, w, 2): the middle of every block, with one block more on all sides."""
        rows, columns = (np.arange(-1, -(-side // self.step_px) + 1) for side in self.photo_size)
        y, x = np.meshgrid(
            (rows + 0.5) * self.step_px, (columns + 0.5) * self.step_px, indexing="ij"
        )
        return np.stack([x, y], axis=-1)

    def expand(self, plane: NDArray[np.floating[Any]]) -> Plane:
        """A plane (or several, stacked) of this grid at every pixel of the photo, bilinear."""
        step = self.step_px
        height, width = self.photo_size
        rows, columns = plane.shape[:2]
        full = cv2.resize(plane.astype(np.float32), (columns * step, rows * step))
        return np.asarray(full[step : step + height, step : step + width])
