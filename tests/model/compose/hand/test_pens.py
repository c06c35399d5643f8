from dataclasses import replace

import numpy as np
import pytest

from ocrdigits.model.compose.hand.pens import PENS, Pen, ink_paths, lay_ink, press_pen, sample_pen

PLAIN = Pen(0.1, 1.0, 0.0, 0.0, (0.1, 0.1, 0.1))
BAR = np.column_stack([np.linspace(10, 60, 30), np.full(30, 20.0)])
START = np.array([0])


def rng(seed=0):
    return np.random.default_rng(seed)


def test_a_plain_line_is_as_wide_and_long_as_asked_for():
    ink = ink_paths(rng(), PLAIN, [BAR], 6.0).coverage
    middle = ink[:, ink.shape[1] // 2].sum()
    along = ink[ink.shape[0] // 2].sum()
    assert middle == pytest.approx(6, abs=0.5)
    assert along == pytest.approx(56, abs=1.5)


@pytest.mark.parametrize("name", sorted(set(PENS)))
def test_every_pen_leaves_coverage(name):
    for seed in range(8):
        pen = sample_pen(rng(seed), [name])
        patch = ink_paths(rng(seed), pen, [BAR, BAR[::-1] + np.array([0, 9])], 4.0)
        assert patch.coverage.dtype == np.float32
        assert patch.coverage.min() >= 0
        assert 0.5 < patch.coverage.max() <= 1
        edge = np.ones_like(patch.coverage, np.bool_)
        edge[1:-1, 1:-1] = False
        assert patch.coverage[edge].max() == 0


def test_a_patch_lies_where_its_path_does():
    patch = ink_paths(rng(), PLAIN, [BAR], 4.0)
    rows, columns = np.nonzero(patch.coverage > 0.5)
    assert abs((rows + patch.y).mean() + 0.5 - 20) < 0.5
    assert abs((columns + patch.x).mean() + 0.5 - 35) < 0.6


def test_a_nib_is_wider_downwards():
    pen = replace(PLAIN, nib_frac=0.3)
    down, up = (BAR[:, ::-1], BAR[::-1, ::-1])
    assert press_pen(rng(), pen, down, START, 4.0)[5] > press_pen(rng(), pen, up, START, 4.0)[5]


def test_a_lifted_pen_tapers():
    widths = press_pen(rng(1), replace(PLAIN, taper_frac=0.5), BAR, START, 6.0)
    assert widths[-1] < 0.95 * widths[15]


def test_a_marker_is_darker_where_strokes_cross():
    pen = replace(PLAIN, opacity=0.7, builds_up=True)
    crossing = [BAR, BAR[:, ::-1] - (-15, 15)]
    patch = ink_paths(rng(), pen, crossing, 6.0)
    assert patch.coverage[20 - patch.y, 35 - patch.x] > 0.85
    assert patch.coverage[20 - patch.y, 15 - patch.x] < 0.75


def test_tooth_makes_ink_uneven_but_leaves_paper_clean():
    shape = np.zeros((40, 40), np.float32)
    shape[10:30, 10:30] = 1
    ink = lay_ink(rng(), replace(PLAIN, grain=0.6), shape)
    assert ink[10:30, 10:30].std() > 0.03
    assert ink[:10].max() == 0


def test_the_same_seed_draws_the_same_ink():
    pen = sample_pen(rng(), ["pencil"])
    patches = [ink_paths(rng(3), pen, [BAR], 3.0).coverage for _ in range(2)]
    assert np.array_equal(*patches)
