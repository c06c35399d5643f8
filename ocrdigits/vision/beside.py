"""The fields of a page in, the bare paper beside any place of it out."""

from __future__ import annotations

import math
from collections.abc import Iterable

import cv2
import numpy as np

from ocrdigits.records import FREE_ROOM, Box, Field, InkMask

_BAND = (0.15, 0.9)  # of a string's height: where letters beside it would stand


def gather_ink(shape: tuple[int, ...], fields: Iterable[Field]) -> InkMask:
    """The ink of all fields, rules and frames removed.

    Args:
        shape: (H, W) of the page.
        fields: Fields of the page.

    Returns:
        (H, W) in the page frame.
    """
    ink = np.zeros(shape[:2], np.bool_)
    for field in fields:
        box = field.box
        size = (box.width, box.height)
        mask = cv2.resize(field.ink.view(np.uint8), size, interpolation=cv2.INTER_NEAREST)
        part = ink[box.y : box.bottom, box.x : box.right]
        part |= mask[: part.shape[0], : part.shape[1]].view(np.bool_)
    return ink


def room_beside(ink: InkMask, box: Box) -> float:
    """Bare paper left and right of a box, in its heights.

    Args:
        ink: (H, W) of the page.
        box: Page frame.

    Returns:
        0 to `FREE_ROOM`, each side at most half of it.
    """
    top, bottom = (round(box.y + share * box.height) for share in _BAND)
    band = ink[max(0, top) : max(0, bottom)]
    most = FREE_ROOM / 2
    reach = math.ceil(most * box.height) + 1
    left = np.any(band[:, max(0, box.x - reach) : max(0, box.x - 1)], axis=0)
    right = np.any(band[:, max(0, box.right + 1) : max(0, box.right + 1 + reach)], axis=0)
    towards = (np.flip(left), right)
    gaps = (int(side.argmax()) / box.height if side.any() else most for side in towards)
    return sum(min(most, gap) for gap in gaps)
