"""Paper goes on beyond the border of a crop, its strokes do not."""

from __future__ import annotations

import numpy as np
import pytest

from ocrdigits.vision.paper_rim import add_paper


@pytest.mark.parametrize("height", [8, 40, 200])
def test_a_stroke_ends_where_the_crop_does(height):
    crop = np.full((height, 2 * height), 220, np.uint8)
    stroke = slice(height, height + max(1, height // 10))
    crop[:, stroke] = 40  # from edge to edge
    roomy, rim = add_paper(crop)
    assert rim >= 2 and roomy.shape == (height + 2 * rim, 2 * height + 2 * rim)
    assert (roomy[rim:-rim, rim:-rim] == crop).all()
    around = np.concatenate([roomy[:rim].ravel(), roomy[-rim:].ravel()])
    assert around.min() > 200


def test_the_light_goes_on_as_it_is_along_each_border():
    crop = np.tile(np.linspace(120, 220, 90).astype(np.uint8), (30, 1))
    roomy, rim = add_paper(crop)
    assert abs(int(roomy[15 + rim, 0]) - 120) < 20 and abs(int(roomy[15 + rim, -1]) - 220) < 20


def test_the_smallest_picture_gets_a_rim():
    roomy, rim = add_paper(np.full((1, 1), 200, np.uint8))
    assert roomy.shape == (1 + 2 * rim, 1 + 2 * rim)
