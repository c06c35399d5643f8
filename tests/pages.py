"""Pages and crops for tests, drawn on the spot with everything about them known."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.model.compose.hand.writer import path_bounds, plain_hand, write_text
from ocrdigits.records import Box, InkPage

PAPER = 235
INK = 30


def paper(height: int, width: int, tone: int = PAPER):
    """Clean grey paper."""
    return np.full((height, width), tone, np.uint8)


def put_text(gray, text: str, at: tuple[int, int], height_px: int = 40, *, tone=INK, pen_px=3):
    """Write on a page, in place; `at` is the left end of the baseline, as the pen's middle goes.

    Returns:
        A box for every character but spaces.
    """
    boxes = []
    for character in write_text(np.random.default_rng(0), plain_hand(), text):
        paths = [path * height_px + at for path in character.paths]
        for path in paths:
            points = np.rint(path * 16).astype(np.int32)
            cv2.polylines(gray, [points], False, tone, pen_px, cv2.LINE_AA, 4)
        left, top, right, bottom = path_bounds(paths)
        reach = pen_px / 2 + 1  # OpenCV's soft lines are a little wider than asked for
        x, y = round(left - reach), round(top - reach)
        boxes.append(Box(x, y, round(right + reach) - x, round(bottom + reach) - y))
    return boxes


def written(text: str, height_px: int = 40, margin_px: int = 20, pen_px: int = 3):
    """A crop of one string."""
    end = put_text(paper(1, 1), text, (margin_px, 0), height_px, pen_px=pen_px)[-1].right
    gray = paper(height_px + 2 * margin_px, end + margin_px)
    put_text(gray, text, (margin_px, height_px + margin_px), height_px, pen_px=pen_px)
    return gray


def page_of_lines(height: int = 700, width: int = 500):
    """A page with lines of numbers, level."""
    gray = paper(height, width)
    for row, y in enumerate(range(80, height - 40, 60)):
        put_text(gray, f"{row}20 58{row} 9317", (60, y), 24, pen_px=2)
    return gray


def rotated(gray, clockwise_deg: float):
    """The same size, turned about its middle on paper of the same tone."""
    height, width = gray.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -clockwise_deg, 1.0)
    return cv2.warpAffine(
        gray, turn, (width, height), flags=cv2.INTER_LINEAR, borderValue=int(gray[0, 0])
    )


def as_mask(*rows: str):
    """A small ink mask from rows of `#` and `.`."""
    return np.array([[character == "#" for character in row] for row in rows])


def as_page(ink) -> InkPage:
    """Ink as dark as can be."""
    return InkPage(np.asarray(ink, bool), np.asarray(ink, np.float32))


def component_count(ink) -> int:
    """How many 8-connected pieces there are."""
    return cv2.connectedComponents(np.asarray(ink, np.uint8), connectivity=8)[0] - 1


def share_of(found, true) -> float:
    """Share of the true pixels that were found."""
    return float((found & true).sum() / true.sum())
