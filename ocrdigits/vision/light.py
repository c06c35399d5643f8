"""Light and shade of a grey picture in, the same under even light out."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import GrayImage


def flatten_light(gray: GrayImage, window_px: int) -> GrayImage:
    """Show each pixel as a share of the paper around it.

    Args:
        gray: (H, W), ink darker than paper.
        window_px: Side of a neighbourhood that surely holds some paper.

    Returns:
        (H, W), paper near 255 whatever fell on it.
    """
    kernel = np.ones((window_px, window_px), np.uint8)
    paper = cv2.GaussianBlur(cv2.dilate(gray, kernel), (0, 0), window_px / 3)
    return np.asarray(cv2.divide(gray, paper, scale=255), np.uint8)
