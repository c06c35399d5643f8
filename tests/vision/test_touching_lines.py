import cv2
import numpy as np
import pytest
from pages import INK, paper, put_text

from ocrdigits.records import Box
from ocrdigits.vision.components import find_components
from ocrdigits.vision.line_crop import normalize_line
from ocrdigits.vision.touching_lines import part_touching_lines

HEIGHT = 36


def two_lines(*, joined: bool):
    """Two lines of digits; a tail runs from the first one's 4 into the 8 right below it."""
    gray = paper(240, 400)
    above = put_text(gray, "3042", (60, 90), HEIGHT)
    below = put_text(gray, "7385", (60, 160), HEIGHT)
    if joined:
        x, y = above[2].x + above[2].width // 2, above[2].bottom - 4
        cv2.line(gray, (x, y), (below[2].x + below[2].width // 2, below[2].y + 3), INK, 3)
    return gray, above, below


def parted(gray):
    return part_touching_lines(find_components(gray < 128))


def box_at(components, box: Box):
    """The box of the component whose middle lies nearest to that of a glyph."""
    x, y, w, h = components.boxes.T
    far = np.abs(x + w / 2 - box.x - box.width / 2) + np.abs(y + h / 2 - box.y - box.height / 2)
    return components.boxes[far.argmin()].tolist()


def test_a_tail_that_runs_into_the_line_below_is_taken_out():
    gray, above, below = two_lines(joined=True)
    assert find_components(gray < 128).boxes[:, 3].max() > 2 * HEIGHT
    components = parted(gray)
    assert components.boxes[:, 3].max() < 1.25 * HEIGHT
    for glyph in (above[2], below[2]):
        _, y, _, h = box_at(components, glyph)
        assert abs(y - glyph.y) <= 0.15 * HEIGHT
        assert abs(y + h - glyph.bottom) <= 0.25 * HEIGHT


def test_lines_that_do_not_touch_stay_as_they_are():
    components = find_components(two_lines(joined=False)[0] < 128)
    assert part_touching_lines(components) is components


@pytest.mark.parametrize("text", ["1", "8", "80"])
def test_a_large_number_beside_two_small_lines_is_left_whole(text):
    gray = paper(240, 400)
    (*_, last) = put_text(gray, text, (60, 150), 64, pen_px=5)
    put_text(gray, "3042", (last.right + 30, 110), 24)
    put_text(gray, "7385", (last.right + 30, 150), 24)
    components = find_components(gray < 128)
    assert part_touching_lines(components) is components


def test_a_ring_around_two_lines_is_left_whole():
    gray, *_ = two_lines(joined=False)
    cv2.ellipse(gray, (105, 110), (75, 75), 0, 0, 360, INK, 3)
    components = find_components(gray < 128)
    assert part_touching_lines(components) is components


def test_a_blank_page_stays_blank():
    assert not len(parted(paper(100, 100)).boxes)


def test_a_line_is_shown_without_the_one_above_that_it_touches():
    gray, _, below = two_lines(joined=True)
    near = Box(below[0].x, below[0].y, below[-1].right - below[0].x, below[0].height)
    apart = normalize_line(two_lines(joined=False)[0], near).image
    touching = normalize_line(gray, near).image
    assert touching.shape == apart.shape
    assert np.corrcoef(touching.ravel(), apart.ravel())[0, 1] > 0.9
