"""Rectangular morphology on ink: boolean in, boolean out."""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import InkMask


def dilate(ink: InkMask, rows: int = 3, columns: int = 3) -> InkMask:
    """Ink grown by a rectangle of `rows` × `columns` pixels."""
    grown = cv2.dilate(ink.view(np.uint8), np.ones((rows, columns), np.uint8))
    return np.asarray(grown, np.uint8).view(np.bool_)


def open_ink(ink: InkMask, rows: int, columns: int) -> InkMask:
    """What of the ink is covered by rectangles of `rows` × `columns` pixels that fit into it.

    Outside the picture is paper: a line along the border is no thicker than it looks.
    """
    kernel = np.ones((rows, columns), np.uint8)
    kept = cv2.morphologyEx(
        ink.view(np.uint8), cv2.MORPH_OPEN, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    return np.asarray(kept, np.uint8).view(np.bool_)


def close_ink(ink: InkMask, rows: int, columns: int) -> InkMask:
    """The ink, with gaps filled into which no rectangle of `rows` × `columns` pixels fits."""
    kernel = np.ones((rows, columns), np.uint8)
    filled = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_CLOSE, kernel)
    return np.asarray(filled, np.uint8).view(np.bool_)
