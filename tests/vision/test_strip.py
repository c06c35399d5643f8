"""Fields of any size become strips of one height."""

import cv2
import numpy as np
import pytest

from ocrdigits.vision.strip import STEP_PX, STRIP_PX, WIDEST_PX, make_strip, stack_strips


def digits(height: int, width: int) -> np.ndarray:
    ink = np.zeros((height, width), np.uint8)
    cv2.putText(
        ink, "427", (2, height - 4), cv2.FONT_HERSHEY_SIMPLEX, height / 30, 255, 2, cv2.LINE_AA
    )
    return ink / np.float32(255)


@pytest.mark.parametrize("height", [9, 24, 63, 180])
def test_strips_have_one_height_and_whole_steps(height):
    strip = make_strip(digits(height, 3 * height))
    assert strip.shape == (STRIP_PX, 72) and strip.shape[1] % STEP_PX == 0
    assert strip.dtype == np.float32 and strip.max() == 1 and strip.min() >= 0


def test_the_same_ink_at_another_size_makes_nearly_the_same_strip():
    large = digits(96, 288)
    small = cv2.resize(large, (144, 48), interpolation=cv2.INTER_AREA)
    assert np.abs(make_strip(large) - make_strip(small)).mean() < 0.01


def test_faint_ink_is_as_dark_as_any():
    ink = digits(48, 144)
    assert np.allclose(make_strip(0.3 * ink), make_strip(ink), atol=1e-5)


def test_what_is_too_wide_is_squeezed_and_no_ink_stays_none():
    assert make_strip(np.ones((10, 900), np.float32)).shape == (STRIP_PX, WIDEST_PX)
    assert not make_strip(np.zeros((10, 30), np.float32)).any()


def test_a_stack_has_paper_right_of_each_strip():
    stacked = stack_strips([np.ones((24, 8), np.float32), np.ones((24, 16), np.float32)], 16)
    assert stacked.shape == (2, 1, 24, 16)
    assert stacked[0, 0, :, :8].all() and not stacked[0, 0, :, 8:].any() and stacked[1].all()
