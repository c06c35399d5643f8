import dataclasses

import numpy as np
import pytest

from ocrdigits.model.compose.lettering import choose_face, print_text
from ocrdigits.model.compose.paper import make_paper
from ocrdigits.model.compose.photograph import photograph, sample_shot
from ocrdigits.model.compose.sheet import Sheet

SIZE = (300, 400)


@pytest.fixture
def sheet():
    sheet = Sheet(make_paper(np.random.default_rng(0), (200, 320)))
    print_text(sheet, "58", choose_face("DejaVuSans-Bold", 70), 100, 130)
    return sheet


def shot_of(**changes):
    shot = sample_shot(np.random.default_rng(5), SIZE, 0.05)
    return dataclasses.replace(shot, **changes)


def test_a_photo_has_its_size_and_leaves_the_sheet_alone(sheet):
    before = sheet.surface.copy()
    photo = photograph(np.random.default_rng(1), sheet, shot_of())
    assert photo.image.shape == (*SIZE, 3)
    assert photo.image.dtype == np.uint8
    assert np.array_equal(sheet.surface, before)


def test_the_truth_lies_on_the_ink_whatever_the_turn(sheet):
    for turn_deg in (-8.0, 0.0, 8.0):
        photo = photograph(np.random.default_rng(1), sheet, shot_of(turn_deg=turn_deg, shadow=0.0))
        gray = photo.image.mean(axis=2)
        for box in photo.strings[0].digit_boxes:
            inside = gray[box.y : box.bottom, box.x : box.right]
            around = gray[box.y - 12 : box.y - 6, box.x : box.right]
            assert (inside < 0.6 * np.median(around)).mean() > 0.2
            assert around.min() > 0.6 * np.median(around)


def test_a_negative_margin_fills_the_photo_with_the_sheet(sheet):
    shot = shot_of(margin_frac=-0.16, shadow=0.0, light_fall=0.0)
    photo = photograph(np.random.default_rng(1), sheet, shot)
    edge = np.concatenate([photo.image[0], photo.image[-1], photo.image[:, 0], photo.image[:, -1]])
    assert edge.max(axis=1).min() > 120


def test_the_same_seed_takes_the_same_photo(sheet):
    first, second = (photograph(np.random.default_rng(2), sheet, shot_of()) for _ in range(2))
    assert np.array_equal(first.image, second.image)
    assert first.strings == second.strings
