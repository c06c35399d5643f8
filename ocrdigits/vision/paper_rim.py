"""A crop in, the same crop with paper around it out.

Along the border of a tight crop strokes look like rules and frames, which are taken out. Where
paper goes on beyond them they are strokes.
"""

from __future__ import annotations

import cv2
import numpy as np

from ocrdigits.records import GrayImage

_RIM = 0.25  # of the crop's height
_LEAST_RIM_PX = 2
_SMALL_PX = 32  # height at which the paper is looked for
_WIDEST_STROKE = 0.5  # of the crop's height; darker places are ink if they are narrower


def add_paper(gray: GrayImage) -> tuple[GrayImage, int]:
    """Put paper around a crop, as light as its own along each border.

    Args:
        gray: (H, W), dark on light; around light writing the dark ground goes on as well, but for
            strokes that touch the border.

    Returns:
        (H + 2r, W + 2r) the crop in its rim, and the rim's width r.
    """
    height, width = gray.shape
    rim = max(_LEAST_RIM_PX, round(_RIM * height))
    factor = min(1.0, _SMALL_PX / height)
    size = max(4, round(width * factor)), max(4, round(height * factor))
    small = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
    stroke = max(3, round(_WIDEST_STROKE * size[1])) | 1
    wide = cv2.copyMakeBorder(small, stroke, stroke, stroke, stroke, cv2.BORDER_REFLECT)
    paper = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((stroke, stroke), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), stroke / 6)[stroke:-stroke, stroke:-stroke]
    paper = cv2.resize(paper, (width, height), interpolation=cv2.INTER_LINEAR)
    roomy = np.pad(paper, rim, mode="edge")
    roomy[rim:-rim, rim:-rim] = gray
    return np.asarray(roomy, np.uint8), rim
