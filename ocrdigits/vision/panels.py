"""A grey page in, the same with its dark panels turned light out: drums of meters, displays.

A page is dark ink on light paper for all stages after this one.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import GrayImage, InkMask
from ocrdigits.vision.rank import rank_value

_SMALL_PX = 480  # long side of the copy that is searched
_LEAST_AREA, _MOST_AREA = 0.004, 0.6  # of the page
_LEAST_FILL = 0.85  # of its box, upright or not, that a panel covers
_LEAST_STEP = 60.0  # grey levels between a panel and the paper around it
_WRITING = (0.02, 0.5)  # share of a panel that is light
_THROUGH = 0.75  # of a region's height
_LIGHT = 0.2  # of the way from a panel's ground to the paper: lighter is writing


def lighten_panels(gray: GrayImage) -> GrayImage:
    """Turn light writing on dark panels into dark writing on paper.

    Args:
        gray: (H, W) page.

    Returns:
        (H, W) with the panels inverted; the page itself if it has none.
    """
    height, width = gray.shape
    scale = min(1.0, _SMALL_PX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    paper = rank_value(small, 0.6)
    panels = [panel for panel in _find_dark(small, paper) if _is_panel(small, panel, paper)]
    if not panels:
        return gray
    turned = gray.copy()
    for panel in panels:
        whole = cv2.resize(panel.view(np.uint8), (width, height), interpolation=cv2.INTER_LINEAR)
        inside = whole > 0
        ground = float(np.median(gray[inside]))
        lighter = paper - np.abs(gray[inside].astype(np.float32) - ground)
        turned[inside] = np.clip(lighter, 0, 255).astype(np.uint8)
    return turned


def _find_dark(small: GrayImage, paper: float) -> list[InkMask]:
    """Dark regions of the right size, with the holes that writing leaves in them filled."""
    dark = (small < paper - _LEAST_STEP).astype(np.uint8)
    opened = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))  # off with print
    closed = cv2.morphologyEx(opened, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    contours, levels = cv2.findContours(closed, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour, level in zip(contours, levels[0] if contours else (), strict=True):
        if level[3] >= 0:  # a hole, such as the paper within a ring
            continue
        area = cv2.contourArea(contour)
        (_, box, _) = cv2.minAreaRect(contour)
        if not _LEAST_AREA <= area / small.size <= _MOST_AREA:
            continue
        if area >= _LEAST_FILL * box[0] * box[1]:
            mask = np.zeros(small.shape, np.uint8)
            cv2.drawContours(mask, [contour], -1, 1, cv2.FILLED)
            found.append(mask.view(np.bool_))
    return found


def _is_panel(small: GrayImage, panel: InkMask, paper: float) -> bool:
    """Whether a dark region stands on paper and has light writing on it."""
    ring = _grown(panel, 9) & ~_grown(panel, 3)
    if _touches_border(panel) or float(np.median(small[ring])) < paper - _LEAST_STEP / 2:
        return False
    inner = small[panel]
    ground = float(np.median(inner))
    is_light = panel & (small > ground + _LIGHT * (paper - ground))
    share = float(is_light.sum() / len(inner))
    return _WRITING[0] <= share <= _WRITING[1] and not _are_gaps(is_light, panel)


def _are_gaps(light: InkMask, panel: InkMask) -> bool:
    """Whether most that is light in a region goes through it from top to bottom.

    So it does between the tinted boxes of a comb.
    """
    upright = light.sum(axis=0) >= _THROUGH * np.maximum(panel.sum(axis=0), 1)
    return bool(light[:, upright].sum() >= 0.5 * light.sum())


def _grown(mask: InkMask, side: int) -> InkMask:
    return cv2.dilate(mask.view(np.uint8), np.ones((side, side), np.uint8)) > 0


def _touches_border(mask: InkMask) -> bool:
    return bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any())
