import numpy as np

from ocrdigits.model.compose.photo.grid import CoarseGrid


def test_a_coarse_grid_gives_every_pixel_its_middle():
    grid = CoarseGrid((37, 50), 8)
    x, y = (grid.expand(grid.points()[..., k]) for k in range(2))
    assert x.shape == (37, 50)
    assert np.allclose(x[0], np.arange(50) + 0.5, atol=1e-3)
    assert np.allclose(y[:, 0], np.arange(37) + 0.5, atol=1e-3)


def test_planes_can_be_stacked():
    grid = CoarseGrid((20, 30), 8)
    assert grid.expand(np.dstack([grid.points()[..., 0]] * 3)).shape == (20, 30, 3)
