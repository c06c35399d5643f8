"""A photo in, a picture of it out that a browser shows."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.errors import OcrDigitsError
from ocrdigits.records import ColorImage, GrayImage, Photo

_OVERVIEW_PX = 1600
_JPEG = (cv2.IMWRITE_JPEG_QUALITY, 88)


def draw_overview(photo: Photo) -> bytes:
    """The whole page, small enough to send, as JPEG."""
    return encode_picture(shrink_to_page(photo.image), ".jpg")


def shrink_to_page(image: ColorImage | GrayImage) -> ColorImage | GrayImage:
    """The same picture, at most 1,600 pixels wide and high."""
    height, width = image.shape[:2]
    scale = min(1.0, _OVERVIEW_PX / max(width, height))
    if scale == 1.0:
        return image
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def encode_picture(image: ColorImage | GrayImage, suffix: str) -> bytes:
    """The bytes of a `.jpg` or `.png` file."""
    done, encoded = cv2.imencode(suffix, image, _JPEG if suffix == ".jpg" else ())
    if not done:
        raise OcrDigitsError("a picture cannot be encoded")
    return encoded.tobytes()
