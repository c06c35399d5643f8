"""A photo and its reading in, a picture of each string that was not accepted out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ocrdigits.output.atomic import write_whole
from ocrdigits.records import ColorImage, Photo, PhotoReading

_MARGIN_FRAC = 0.35
"""Of the string's height: enough to see what it stands beside."""
_MAX_HEIGHT_PX = 160


def crop_name(slug: str, page: int, place: int) -> str:
    """File name of a string's picture.

    Args:
        slug: The photo's.
        page: Of the photo, from 1.
        place: The string's, in reading order from 0.
    """
    return f"{slug}-p{page}-s{place + 1}.png"


def slug_of_crop(name: str) -> str | None:
    """The photo's slug in a name that `crop_name` made; None for other names."""
    parts = re.fullmatch(r"(.+)-p[0-9]+-s[0-9]+\.png", name)
    return parts and parts[1]


def save_crops(photo: Photo, reading: PhotoReading, folder: Path, slug: str) -> None:
    """Write the pictures of one page.

    Args:
        photo: The page.
        reading: What was read from it.
        folder: Where to write; made if it is missing.
        slug: Start of the files' names.

    Raises:
        OutputError: If they cannot be written.
    """
    for place, string in enumerate(reading.strings):
        if not string.accepted:
            done, encoded = cv2.imencode(".png", cut_string(photo, string.polygon))
            if not done:
                raise ValueError(f"{slug}: string {place} cannot be encoded")
            write_whole(folder / crop_name(slug, reading.page, place), encoded.tobytes())


def cut_string(
    photo: Photo,
    polygon: Sequence[Sequence[float]],
    margin_frac: float = _MARGIN_FRAC,
    max_height_px: int = _MAX_HEIGHT_PX,
) -> ColorImage:
    """Cut a string out of its photo, upright and with some of what surrounds it.

    Args:
        photo: The photo.
        polygon: Four corners of the string, (x, y) in the photo, clockwise from its own top left.
        margin_frac: What surrounds it on each side, of its height.
        max_height_px: A higher string is shrunk to this height, its surroundings with it.

    Returns:
        (h, w, 3) BGR, white beyond the photo's edges.
    """
    corners = np.array(polygon, np.float32)  # (4, 2), clockwise from top left
    across = float(np.linalg.norm(corners[1] - corners[0]))
    down = float(np.linalg.norm(corners[3] - corners[0]))
    scale = min(1.0, max_height_px / max(down, 1.0))
    margin = margin_frac * down * scale
    width, height = max(across, 1.0) * scale, max(down, 1.0) * scale
    places = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) + margin
    size = (round(width + 2 * margin) or 1, round(height + 2 * margin) or 1)
    picture = cv2.warpPerspective(
        photo.image,
        cv2.getPerspectiveTransform(corners, places.astype(np.float32)),
        size,
        borderValue=(255, 255, 255),
    )
    return np.asarray(picture, np.uint8)
