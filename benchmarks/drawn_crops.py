"""Folders of drawn numbers, for benchmarks that need many photos and not real ones."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np


def draw_number(number: int, megapixels: float = 0.05) -> bytes:
    """A JPEG of a number on light paper, three and a third times as wide as high.

    Args:
        number: Its last six digits are written.
        megapixels: Size of the picture; the digits grow with it.
    """
    height = max(16, round((megapixels * 1e6 * 0.3) ** 0.5))
    width = round(height / 0.3)
    scale = height / 60
    paper = np.full((height, width, 3), 235, np.uint8)
    place, font = (round(width * 0.1), round(height * 0.7)), cv2.FONT_HERSHEY_SIMPLEX
    thickness = max(1, round(2 * scale))
    cv2.putText(paper, f"{number % 1_000_000:06d}", place, font, scale, (30, 30, 30), thickness)
    return cv2.imencode(".jpg", paper)[1].tobytes()


def draw_folder(folder: Path, count: int, megapixels: float = 0.05) -> None:
    """Write `count` photos, each of another number, a hundred to a sub-folder."""
    for index in range(count):
        place = folder / f"{index // 100:03d}"
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{index:05d}.jpg").write_bytes(draw_number(index * 7919, megapixels))
