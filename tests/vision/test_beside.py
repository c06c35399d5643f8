"""How much bare paper stands beside a place, from the ink of a page's fields."""

from __future__ import annotations

import numpy as np
import pytest

from ocrdigits.records import FREE_ROOM, Box, Field, Kind
from ocrdigits.vision.beside import gather_ink, room_beside

PLACE = Box(100, 40, 30, 20)


def page_with(*inked: Box) -> np.ndarray:
    ink = np.zeros((100, 300), np.bool_)
    for box in inked:
        ink[box.y : box.bottom, box.x : box.right] = True
    return ink


def test_nothing_beside_is_all_there_can_be():
    assert room_beside(page_with(PLACE), PLACE) == FREE_ROOM


def test_gaps_are_counted_in_heights_of_the_place():
    left, right = Box(80, 40, 10, 20), Box(135, 40, 10, 20)
    ink = page_with(PLACE, left, right)
    assert room_beside(ink, PLACE) == pytest.approx((10 + 5) / 20, abs=0.11)
    assert room_beside(page_with(PLACE, left), PLACE) > room_beside(ink, PLACE)


def test_ink_of_other_lines_does_not_count():
    above, below = Box(80, 10, 100, 30), Box(80, 62, 100, 20)
    assert room_beside(page_with(PLACE, above, below), PLACE) == FREE_ROOM


def test_places_at_the_border_of_the_page():
    corner = Box(0, 0, 30, 20)
    assert room_beside(page_with(corner), corner) == FREE_ROOM
    outside = Box(-10, -30, 20, 20)
    assert room_beside(page_with(), outside) == FREE_ROOM


def test_fields_are_laid_where_they_stand_whatever_their_scale():
    ink = np.zeros((40, 60), np.bool_)
    ink[:, :20] = True
    field = Field(Kind.LINE, Box(50, 30, 30, 20), ink, ink.astype(np.float32), 2.0)
    gathered = gather_ink((100, 300), [field])
    assert gathered[30:50, 50:60].all()
    assert gathered.sum() == 200
