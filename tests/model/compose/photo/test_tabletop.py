import numpy as np
import pytest

from ocrdigits.model.compose.photo import tabletop


@pytest.mark.parametrize("maker", dict.fromkeys(tabletop._MAKERS), ids=lambda maker: maker.__name__)
def test_every_table_top_is_a_surface_with_some_texture(maker):
    surface = maker(np.random.default_rng(1), (240, 321), 30.0)
    assert surface.shape == (240, 321, 3) and surface.dtype == np.float32
    assert np.isfinite(surface).all()
    assert surface.std(axis=(0, 1)).min() > 1e-4


def test_table_tops_differ_and_stay_between_black_and_white():
    tops = [tabletop.make_tabletop(np.random.default_rng(k), (60, 80), 20.0) for k in range(12)]
    assert all(top.min() > 0 and top.max() < 1 for top in tops)
    assert len({round(float(top.mean()), 4) for top in tops}) > 8


def test_the_same_chance_gives_the_same_table():
    first, second = (tabletop.make_tabletop(np.random.default_rng(5), (50, 70), 20.0) for _ in "ab")
    assert np.array_equal(first, second)
