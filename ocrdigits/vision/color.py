"""Colour modes: an image as Pillow holds it in, BGR with 8 bits out."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ocrdigits.records import ColorImage

_FULL_SCALES = (1, 255, 1023, 4095, 16383, 65535)
"""White in pictures with more than 8 bits: scanners store 10, 12 or 14 bits in words of 16."""


def bgr_from_pillow(image: Image.Image) -> ColorImage:
    """Bring an image of any mode to BGR with 8 bits; transparent parts become white paper.

    Args:
        image: Loaded, of any Pillow mode: 1 bit, grey, palette, CMYK, alpha, 16 or 32 bits, float.

    Returns:
        (H, W, 3) BGR.
    """
    if image.mode == "F" or image.mode.startswith("I"):
        return _converted(_scaled_to_8_bits(np.asarray(image)), cv2.COLOR_GRAY2BGR)
    if image.has_transparency_data:
        return _on_white(np.asarray(image.convert("RGBA")))
    if image.mode in ("1", "L"):
        return _converted(np.asarray(image.convert("L")), cv2.COLOR_GRAY2BGR)
    return _converted(np.asarray(image.convert("RGB")), cv2.COLOR_RGB2BGR)


def _scaled_to_8_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale integers of 16 or 32 bits, or floats, so that white is 255.

    Args:
        values: (H, W) numbers; not finite ones count as 0.

    Returns:
        (H, W): 0 stays black; white is the smallest of 1, 2⁸ - 1, 2¹⁰ - 1, ... that holds all
        values, or the largest value itself.
    """
    numbers = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    numbers -= min(0.0, float(numbers.min()))
    largest = float(numbers.max())
    white = next((scale for scale in _FULL_SCALES if largest <= scale), largest)
    return np.asarray(np.rint(numbers * np.float32(255 / white)), dtype=np.uint8)


def _on_white(rgba: NDArray[np.uint8]) -> ColorImage:
    bgra = _converted(rgba, cv2.COLOR_RGBA2BGRA)
    alpha = bgra[:, :, 3:].astype(np.uint16)
    blend = bgra[:, :, :3] * alpha + 255 * (255 - alpha)
    return np.asarray((blend + 127) // 255, dtype=np.uint8)


def _converted(pixels: NDArray[np.uint8], code: int) -> ColorImage:
    return np.asarray(cv2.cvtColor(pixels, code), dtype=np.uint8)
