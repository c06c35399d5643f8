import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocrdigits.vision.components import find_components
from ocrdigits.vision.ticked_floors import find_ticked_floor

PITCH = 60


def drawn(cells: int = 4, *, slope: float = 0.0, pen: int = 4) -> NDArray[np.uint8]:
    """A floor with ticks that stand 26 pixels high, the first one's foot at (20, 100)."""
    canvas = np.zeros((160, 40 + cells * PITCH), np.uint8)
    foot = [(20 + k * PITCH, round(100 + slope * k * PITCH)) for k in range(cells + 1)]
    cv2.line(canvas, foot[0], foot[-1], 255, pen)
    for x, y in foot:
        cv2.line(canvas, (x, y), (x, y - 26), 255, pen)
    return canvas


def largest(canvas: NDArray[np.uint8]) -> NDArray[np.bool_]:
    components = find_components(canvas > 0)
    x, y, w, h = components.boxes[components.areas.argmax()].tolist()
    return np.asarray(components.labels[y : y + h, x : x + w] == components.areas.argmax() + 1)


@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.06])
def test_bare_ticks_give_the_cells_and_the_slope_and_are_print_altogether(slope):
    ink = largest(drawn(slope=slope))
    found = find_ticked_floor(ink)
    assert found is not None and (found.print == ink).all()
    assert np.diff(found.floor.edges) == pytest.approx([PITCH] * 4, abs=1.5)
    assert found.floor.slope == pytest.approx(slope, abs=0.02)
    ends = found.floor.height_at(np.array(found.floor.edges))
    assert ends[-1] - ends[0] == pytest.approx(slope * 4 * PITCH, abs=4)


def test_a_digit_that_runs_into_a_tick_or_stands_on_the_floor_is_no_print():
    canvas = drawn()
    cv2.polylines(canvas, [np.array([(95, 50), (110, 45), (90, 84), (142, 82)])], 0, 255, 4)  # a 2
    cv2.ellipse(canvas, (50, 78), (14, 21), 0, 0, 360, 255, 4)  # a 0 down to the floor
    ink = largest(canvas)
    found = find_ticked_floor(ink)
    assert found is not None
    assert np.diff(found.floor.edges) == pytest.approx([PITCH] * 4, abs=1.5)
    left = ink & ~found.print
    kept = find_components(left)
    assert (kept.areas > 60).sum() == 2
    assert np.sort(kept.boxes[kept.areas > 60, 3]) == pytest.approx([40, 43], abs=5)


def test_one_tick_may_stand_apart_from_the_floor():
    canvas = drawn(6)
    canvas[60:94, 20 + 4 * PITCH - 6 : 20 + 4 * PITCH + 6] = 0
    found = find_ticked_floor(largest(canvas))
    assert found is not None
    assert np.diff(found.floor.edges) == pytest.approx([PITCH] * 6, abs=1.5)
    canvas[60:94, 20 + 2 * PITCH - 6 : 20 + 3 * PITCH + 6] = 0
    assert find_ticked_floor(largest(canvas)) is None


def test_cells_with_a_rule_above_are_a_table_with_digits_in_it_or_without():
    canvas = drawn()
    cv2.line(canvas, (20, 74), (20 + 4 * PITCH, 74), 255, 4)
    assert find_ticked_floor(largest(canvas)) is None
    cv2.putText(canvas, "3", (35, 96), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 255, 3)
    assert find_ticked_floor(largest(canvas)) is None


@pytest.mark.parametrize("places", [(30, 50, 110, 200), (20, 80, 110, 170, 260)])
def test_strokes_on_a_rule_at_no_pitch_are_writing(places):
    canvas = np.zeros((160, 280), np.uint8)
    cv2.line(canvas, (20, 100), (260, 100), 255, 4)
    for x in places:
        cv2.line(canvas, (x, 100), (x, 70), 255, 4)
    assert find_ticked_floor(largest(canvas)) is None
