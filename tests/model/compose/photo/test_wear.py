import numpy as np

from ocrdigits.model.compose.photo.wear import Wear, wear_sheet


def page():
    surface = np.full((120, 200, 3), 0.8, np.float32)
    surface[20:40, 10:40] = 0.1
    return surface


def wear(**settings):
    return wear_sheet(np.random.default_rng(2), page(), Wear(**settings))


def test_no_wear_changes_nothing():
    assert np.array_equal(wear(), page())


def test_creases_darken_and_lighten_a_little():
    ratio = wear(creases=6, crease_depth=0.05) / page()
    assert 0.6 < ratio.min() < 0.98
    assert 1.005 < ratio.max() < 1.4


def test_the_back_shows_through_mirrored_and_pale():
    worn = wear(show_through=0.1)
    darker = (worn / page())[..., 0] < 0.95
    rows, columns = np.nonzero(darker)
    assert columns.min() > 150 and columns.max() < 195
    assert len(np.unique(rows)) > 10
    assert worn.min() > 0.08


def test_the_sheet_given_is_not_changed():
    surface = page()
    wear_sheet(np.random.default_rng(2), surface, Wear(3, 0.05, 0.1))
    assert np.array_equal(surface, page())
