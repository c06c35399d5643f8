"""A picture and its ink in, the ink on the sheet out, without what the dark beside it gave.

Scanned pages end in a black margin, whose ragged edge would pass for a column of ink.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ocrdigits.records import Box, GrayImage, InkPage

_PAPER_PERCENT = 90
_DARK = 0.5  # of the paper's grey
_CLEAN = 0.8  # of it: paper without an edge's shadow
_MOST = 0.6  # of the picture's side that a margin takes
_SHADOW = 0.06  # of the side: so wide is a margin's ragged edge


def leave_out_margins(ink_page: InkPage, gray: GrayImage) -> InkPage:
    """Clear the ink of dark margins. The picture keeps them: its light was judged with them.

    Args:
        ink_page: Ink of the picture.
        gray: (H, W) the picture, dark writing on light paper.

    Returns:
        The ink on what the margins leave of the picture.
    """
    sheet = _find_sheet(gray)
    on_sheet = np.zeros_like(ink_page.ink)
    on_sheet[sheet.y : sheet.bottom, sheet.x : sheet.right] = True
    pale, faint = (
        None if mask is None else mask & on_sheet for mask in (ink_page.pale, ink_page.faint)
    )
    faded = None if ink_page.faded is None else ink_page.faded * on_sheet
    return InkPage(ink_page.ink & on_sheet, ink_page.coverage * on_sheet, pale, faint, faded)


def _find_sheet(gray: GrayImage) -> Box:
    paper = float(np.percentile(gray, _PAPER_PERCENT))
    height, width = gray.shape
    left, right = _margins(gray, paper)
    top, bottom = _margins(gray[:, left : width - right].T, paper)
    return Box(left, top, width - left - right, height - top - bottom)


def _margins(gray: NDArray[np.uint8], paper: float) -> tuple[int, int]:
    """Widths of the margins on the left and on the right; none if no sheet is left between."""
    left, right = (_margin_width(it, paper) for it in (gray, gray[:, ::-1]))
    return (left, right) if left + right < gray.shape[1] else (0, 0)


def _margin_width(gray: NDArray[np.uint8], paper: float) -> int:
    """Columns of the dark margin on the left, its ragged edge included; 0 if there is none."""
    width = gray.shape[1]
    lightest = np.percentile(gray, 80, axis=0)
    inner = int(np.argmax(lightest > _DARK * paper))
    if not 0 < inner <= _MOST * width:
        return 0
    edge = gray[:, inner : inner + max(2, round(_SHADOW * width))]
    clean = np.percentile(edge, 15, axis=0) > _CLEAN * paper
    return inner + (int(clean.argmax()) if clean.any() else edge.shape[1])
