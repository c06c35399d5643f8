"""Ink in, its connected components out, with their boxes and areas."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, InkMask


@dataclass(frozen=True, slots=True)
class Components:
    """Connected components of ink.

    Attributes:
        labels: (H, W) int32, 0 is paper.
        boxes: (N, 4) int: x, y, width, height of component 1 … N.
        areas: (N,) int pixels.
    """

    labels: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int32]

    def without(self, dropped: NDArray[np.bool_]) -> Components:
        """The other components; the labels of those dropped become paper."""
        numbers = np.concatenate([[0], np.where(dropped, 0, np.cumsum(~dropped))])
        labels = numbers.astype(np.int32).take(self.labels)
        return Components(labels, self.boxes[~dropped], self.areas[~dropped])

    def less(self, ink: InkMask) -> Components:
        """What is left without some ink, labelled anew; the same where that is none."""
        return find_components((self.labels > 0) & ~ink) if ink.any() else self

    def box_of(self, chosen: NDArray[np.bool_]) -> Box:
        """Smallest box around the chosen components."""
        return box_around(self.boxes[chosen])

    def ink_of(self, chosen: NDArray[np.bool_], box: Box | None = None) -> InkMask:
        """Ink of the chosen components: (H, W), or (height, width) of `box` alone."""
        labels = self.labels
        if box is not None:
            labels = labels[box.y : box.bottom, box.x : box.right]
        return np.concatenate([[False], chosen]).take(labels)


def find_components(ink: InkMask) -> Components:
    """Label 8-connected ink."""
    mask = np.ascontiguousarray(ink).view(np.uint8)
    # The same labels as by OpenCV's default algorithm in a third of its time.
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        mask, 8, cv2.CV_32S, cv2.CCL_GRANA
    )
    table = np.asarray(stats[1:], np.int32)
    return Components(np.asarray(labels, np.int32), table[:, :4], table[:, cv2.CC_STAT_AREA])


def bounding_box(ink: InkMask) -> Box:
    """Smallest box around ink; of no size where there is none."""
    return Box(*cv2.boundingRect(ink.view(np.uint8)))


def box_around(boxes: NDArray[np.int32]) -> Box:
    """Smallest box around (N, 4) boxes, N > 0."""
    x, y, w, h = boxes.T
    left, top = int(x.min()), int(y.min())
    return Box(left, top, int((x + w).max()) - left, int((y + h).max()) - top)
