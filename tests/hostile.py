"""Files as an attacker or a broken card might leave them, made on the spot."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
from pictures import blank_png, encoded, number_image
from PIL import Image

FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("WEBP", {}),
    ("BMP", {}),
)

CUTS = tuple(number / 20 for number in range(1, 20))
"""Shares of a file that are left of it."""

BOMBS = (
    *(("PNG", 90), ("PNG", 120), ("PNG", 200), ("WEBP", 268), ("JPEG", 300), ("TIFF", 400)),
    *(("BMP", 800), ("TIFF", 1200), ("JPEG", 1600)),
)
"""Formats, and megapixels of small files."""

ODD_FILES = (
    *(b"hello", bytes(100), b"\xff", b"<svg></svg>", b"<html><img src=x></html>", b"\0", b"\n"),
    *(b"PK\x03\x04" + bytes(60), b"\x7fELF" + bytes(60), b"MZ" + bytes(60), b"#!/bin/sh\nreboot\n"),
    *(b"\x1f\x8b\x08" + bytes(60), b"8BPS" + bytes(60), b"P6\n2 2\n255\n" + bytes(12)),
    *(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", b"DDS " + bytes(124)),
    *("größer".encode("utf-16"), b"SIMPLE  =                    T", b"RIFF\x10\0\0\0WAVEfmt "),
    pickle.dumps({"image": [1, 2, 3]}),
)

HOSTILE_NAMES = (
    b"\x1b[2J",  # clears the screen
    b"\x1b]0;owned\x07",  # sets the title
    b"\x1b]52;c;cm0gLXJm\x07",  # fills the clipboard
    b"\x1bP+q544e\x1b\\",  # asks the terminal, which answers as if typed
    b"\x9b31m",  # the same as one byte, for terminals that are not set to UTF-8
    b"\xc2\x9b31m",  # … and for those that are
    b"a\rocrdigits: all is well",
    b"a\b\b\b\x7f",
    b"a\nb",
    b"\xe2\x80\xaegpj.exe",  # turns the direction of writing
)


def bomb(image_format: str, megapixels: int) -> bytes:
    """A small file of so many megapixels; a real one as PNG, for others the header claims them."""
    if image_format == "WEBP":
        return _lying_webp()
    width, height = 40_000, megapixels * 25
    if image_format == "PNG":
        return blank_png(width, height)
    data = encoded(number_image(), image_format)
    if image_format == "TIFF":
        return with_tiff_size(data, width, height)
    if image_format == "JPEG":
        at = data.index(b"\xff\xc0") + 5
        return _patched(data, at, height.to_bytes(2), width.to_bytes(2))
    return _patched(data, 18, width.to_bytes(4, "little"), height.to_bytes(4, "little"))


def _lying_webp() -> bytes:
    """The largest that a header can claim: 16,383 × 16,383."""
    data = encoded(number_image(), "WEBP")
    side = (16_383).to_bytes(2, "little")
    return _patched(data, data.index(b"VP8 ") + 8 + 6, side, side)


def with_tiff_size(data: bytes, width: int, height: int, *, page: int = 1) -> bytes:
    """A little-endian TIFF one of whose pages claims another size."""
    start = _number(data, 4, 4)
    for _ in range(page - 1):
        start = _number(data, start + 2 + 12 * _number(data, start, 2), 4)
    tags = {256: width, 257: height}  # each entry is tag, type, count, value
    for entry in range(start + 2, start + 2 + 12 * _number(data, start, 2), 12):
        value = tags.get(_number(data, entry, 2))
        if value is not None:
            fields = (b"\x04\0", b"\x01\0\0\0", value.to_bytes(4, "little"))
            data = _patched(data, entry + 2, *fields)
    return data


def _number(data: bytes, at: int, size: int) -> int:
    return int.from_bytes(data[at : at + size], "little")


def _patched(data: bytes, at: int, *numbers: bytes) -> bytes:
    """The same file with other bytes from some place on."""
    new = b"".join(numbers)
    return data[:at] + new + data[at + len(new) :]


def mutations(image: Image.Image, count: int) -> Iterator[bytes]:
    """Files of five formats, each with four random bytes near its start."""
    draw = np.random.default_rng(0)
    for image_format in ("JPEG", "PNG", "TIFF", "WEBP", "BMP"):
        whole = np.frombuffer(encoded(image, image_format), np.uint8)
        for _ in range(count // 5):
            damaged = whole.copy()
            damaged[draw.integers(0, min(300, len(whole)), 4)] = draw.integers(0, 256, 4)
            yield damaged.tobytes()
