"""An even rim around a crop is found; the ground that writing stands on is none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from pages import paper, put_text

from ocrdigits.records import Box
from ocrdigits.vision.flat_rim import inside_rim


def crop():
    """(60, 120) uneven paper with a number on it."""
    gray = paper(60, 120, tone=180)
    put_text(gray, "482", (15, 45), 30, pen_px=3)
    grain = np.random.default_rng(0).normal(0, 3, gray.shape)
    return np.clip(gray + grain, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("tone", [0, 255])
@pytest.mark.parametrize("sides", [(9, 9, 9, 9), (20, 0, 0, 0), (0, 0, 30, 5)])
def test_what_a_rim_surrounds_is_found(tone, sides):
    top, _, left, _ = sides
    padded = cv2.copyMakeBorder(crop(), *sides, cv2.BORDER_CONSTANT, value=tone)
    encoded = cv2.imencode(".jpg", padded, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    found = inside_rim(cv2.imdecode(encoded, cv2.IMREAD_GRAYSCALE))
    for edge, meant in ((found.x, left), (found.y, top), (found.width, 120), (found.height, 60)):
        assert abs(edge - meant) <= 2


def test_a_crop_without_a_rim_stays_whole():
    assert inside_rim(crop()) == Box(0, 0, 120, 60)


@pytest.mark.parametrize("text", ["7", "1", "0482", "-"])
@pytest.mark.parametrize("is_light", [False, True])
def test_clean_ground_is_no_rim(text, is_light):
    gray = np.full((80, 60 + 30 * len(text)), 255, np.uint8)
    put_text(gray, text, (30, 60), 40, tone=0, pen_px=9)
    assert inside_rim(255 - gray if is_light else gray) == Box(0, 0, gray.shape[1], 80)


def test_a_blank_picture_stays_whole():
    assert inside_rim(np.full((30, 40), 255, np.uint8)) == Box(0, 0, 40, 30)
