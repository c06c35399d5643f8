"""Print that is on every copy of a form: found on the reference picture, taken out of fields."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import GrayImage, InkMask, InkPage
from ocrdigits.settings import Settings
from ocrdigits.vision.enhance import find_ink
from ocrdigits.vision.fields import find_page_rules
from ocrdigits.vision.frames import find_frames
from ocrdigits.vision.morphology import dilate

# In heights of the field:
_PIECE = 1.3  # width of a piece that is aligned for itself
_SEARCH = 0.06  # how far its print may lie off
_REACH = 0.022  # how far around print the paper is made new
_LAZINESS = 0.08  # share of the score that a piece must gain to be moved all the way


def find_preprint(gray: GrayImage, settings: Settings, *, is_blank: bool) -> InkMask:
    """Find the ink that every copy of a form has.

    Args:
        gray: (H, W) the reference picture.
        settings: Of finding ink and fields.
        is_blank: Whether the form is not filled in; else only rules and boxes are surely print.

    Returns:
        (H, W) True on print.
    """
    page = find_ink(gray, settings.enhance_page)
    return page.ink if is_blank else find_lines(page, settings)


def find_lines(page: InkPage, settings: Settings) -> InkMask:
    """Mark the rules and boxes of a form.

    Args:
        page: Ink of a level page.
        settings: Of finding fields.

    Returns:
        (H, W) their ink.
    """
    max_side = round(settings.field.max_frame_frac * page.ink.shape[0])
    frames = find_frames(page, settings.field.min_frame_px, max_side).ink
    return np.asarray(frames | find_page_rules(page.ink & ~frames, settings.field))


def remove_preprint(gray: GrayImage, preprint: InkMask) -> GrayImage:
    """Take the print of a form out of a field, so that what was written stays.

    The print is looked for near where it should be, a piece of the field at a time: paper bends.

    Args:
        gray: (H, W) the field, upright, under even light.
        preprint: (H, W) where print should be.

    Returns:
        (H, W) the same with paper where print was; strokes that cross a line go on through it.
    """
    height, width = gray.shape
    if not preprint.any():
        return gray
    dark = 255 - gray.astype(np.float32)
    found = np.zeros_like(preprint)
    step = max(1, round(width / max(1, round(width / (_PIECE * height)))))
    for left in range(0, width, step):
        right = min(width, left + step)
        found[:, left:right] = _align(preprint, dark, left, right)
    reach = max(1, round(_REACH * height))
    covered = dilate(found, 2 * reach + 1, 2 * reach + 1).astype(np.uint8)
    return np.asarray(cv2.inpaint(gray, covered, max(2, reach), cv2.INPAINT_TELEA), np.uint8)


def _align(preprint: InkMask, dark: NDArray[np.float32], left: int, right: int) -> InkMask:
    """The print of some columns, moved to where these are darkest; as it is where nothing is."""
    height, width = preprint.shape
    search = max(1, round(_SEARCH * height))
    near = slice(max(0, left - height // 2), min(width, right + height // 2))
    template = preprint[:, near].astype(np.float32)
    if not template.any():
        return preprint[:, left:right]
    room = np.pad(dark[:, near], search, mode="edge")
    score = cv2.matchTemplate(room, template, cv2.TM_CCORR) / max(float(template.sum()), 1.0)
    steps = np.abs(np.arange(-search, search + 1)) / search
    score -= _LAZINESS * float(score.max()) * (steps[:, None] ** 2 + steps[None, :] ** 2)
    down, across = np.unravel_index(int(np.argmax(score)), score.shape)
    shift = np.array([[1.0, 0, across - search], [0, 1.0, down - search]])
    moved = cv2.warpAffine(
        preprint.astype(np.uint8), shift, (width, height), flags=cv2.INTER_NEAREST
    )
    return np.asarray(moved[:, left:right] > 0)
