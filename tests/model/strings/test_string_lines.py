import numpy as np
import pytest

from ocrdigits.model.strings.lines import frame_count, group_by_width, require_line, stack_lines


def line_of(width_px: int, value: float = 1.0) -> np.ndarray:
    return np.full((32, width_px), value, np.float32)


def test_lines_are_grouped_by_their_own_width_alone():
    lines = [line_of(8), line_of(12), line_of(8)]
    assert group_by_width(lines) == {8: [0, 2], 12: [1]}
    assert group_by_width([]) == {}


def test_stacked_lines_stand_left_with_paper_to_their_right():
    stacked = stack_lines([line_of(4), line_of(8, 0.5)], 8)
    assert stacked.shape == (2, 1, 32, 8) and stacked.dtype == np.float32
    assert stacked[0, 0, 0].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert (stacked[1] == 0.5).all()


def test_a_frame_is_two_pixels_wide():
    assert frame_count(64) == 32


@pytest.mark.parametrize(
    "line",
    [
        line_of(6),
        line_of(8).astype(float),
        np.zeros((28, 8), np.float32),
        line_of(0),
        line_of(8)[0],
    ],
)
def test_what_is_no_line_is_a_programmers_mistake(line: np.ndarray):
    with pytest.raises(ValueError, match="a line must be"):
        require_line(line)
