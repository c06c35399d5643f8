"""Images for tests, drawn on the spot: whole, odd and broken ones."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
from PIL import Image


def number_image(text: str = "1234", width: int = 400, height: int = 120) -> Image.Image:
    """Dark digits on light paper."""
    pixels = np.full((height, width, 3), 235, np.uint8)
    place, font = (30, height - 40), cv2.FONT_HERSHEY_SIMPLEX
    cv2.putText(pixels, text, place, font, 2, (20, 20, 20), 4, cv2.LINE_AA)
    return Image.fromarray(pixels)


def gradient_image() -> Image.Image:
    """60 × 40, every corner another colour, so that each turn shows."""
    rows, columns = np.mgrid[0:40, 0:60]
    channels = (columns * 4, rows * 6, 255 - columns * 2 - rows * 3)
    return Image.fromarray(np.dstack(channels).astype(np.uint8))


def encoded(image: Image.Image, image_format: str, **options: Any) -> bytes:
    """The bytes of an image file."""
    buffer = io.BytesIO()
    image.save(buffer, image_format, **options)
    return buffer.getvalue()


def blank_png(width: int, height: int) -> bytes:
    """A 1-bit PNG of zeros: 200 megapixels fit in 24 KB."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + content))
    return struct.pack(">I", len(content)) + kind + content + check
