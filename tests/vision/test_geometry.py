import numpy as np
import pytest

from ocrdigits.records import Box
from ocrdigits.vision.geometry import map_box, map_corners, map_points

DOUBLE = np.array([[2.0, 0, 0.5], [0, 2, 0.5], [0, 0, 1]])
"""Pixel centres of a picture, in the picture of twice the size."""


def test_points_are_moved_and_divided_by_their_weight():
    perspective = np.array([[1.0, 0, 3], [0, 1, 4], [0, 0, 2]])
    mapped = map_points(np.array([[1.0, 2], [7, 0]]), perspective)
    np.testing.assert_allclose(mapped, [[2, 3], [5, 2]])


def test_a_box_stays_where_it_is_under_the_identity():
    box = Box(3, 4, 10, 20)
    assert map_box(box, np.eye(3)) == box
    assert map_corners(box, np.eye(3)) == ((3, 4), (13, 4), (13, 24), (3, 24))


def test_a_box_of_pixels_covers_the_same_pixels_in_a_picture_of_twice_the_size():
    assert map_box(Box(3, 4, 10, 20), DOUBLE) == Box(6, 8, 20, 40)


@pytest.mark.parametrize("box", [Box(0, 0, 1, 1), Box(2, 1, 3, 2)])
def test_a_box_on_a_page_upside_down_covers_the_same_pixels(box):
    height, width = 6, 9
    page = np.zeros((height, width), bool)
    page[box.y : box.bottom, box.x : box.right] = True
    rows, columns = np.nonzero(page[::-1, ::-1])
    half_turn = np.array([[-1.0, 0, width - 1], [0, -1, height - 1], [0, 0, 1]])
    mapped = map_box(box, half_turn)
    assert (mapped.x, mapped.y) == (columns.min(), rows.min())
    assert (mapped.right, mapped.bottom) == (columns.max() + 1, rows.max() + 1)


def test_corners_start_at_the_strings_own_top_left():
    half_turn = np.array([[-1.0, 0, 99], [0, -1, 49], [0, 0, 1]])
    corners = map_corners(Box(10, 10, 20, 5), half_turn)
    assert corners == ((90, 40), (70, 40), (70, 35), (90, 35))


def test_the_mapped_box_encloses_a_turned_box():
    angle = np.deg2rad(30)
    turn = np.array(
        [[np.cos(angle), -np.sin(angle), 50], [np.sin(angle), np.cos(angle), 50], [0, 0, 1]]
    )
    box = map_box(Box(0, 0, 40, 10), turn)
    for x, y in map_corners(Box(0, 0, 40, 10), turn):
        assert box.x <= x <= box.right and box.y <= y <= box.bottom


def test_a_mapped_box_is_never_empty():
    tiny = np.diag([0.01, 0.01, 1.0])
    box = map_box(Box(5, 5, 3, 3), tiny)
    assert box.width >= 1 and box.height >= 1
