import numpy as np
import pytest

from ocrdigits.model.compose.photo.bend import Bend, make_profile

BENT = Bend(axis_deg=20, arch_deg=8, ripple_deg=3, lift_deg=35)


def test_a_flat_sheet_has_no_height():
    along, reach, height, slope = make_profile(Bend(), 1000)
    assert np.allclose(along, reach) and not height.any() and not slope.any()


def test_a_bend_never_stretches_the_paper():
    along, reach, height, _ = make_profile(BENT, 1000)
    steps = np.hypot(np.diff(reach), np.diff(height))
    assert np.allclose(steps, np.diff(along), rtol=1e-3)


def test_the_sheet_touches_the_table_and_never_sinks_into_it():
    along, _, height, _ = make_profile(BENT, 1000)
    on_sheet = np.abs(along) <= 500
    assert height[on_sheet].min() == pytest.approx(0, abs=1e-6)
    assert height[on_sheet].max() > 50


def test_beyond_its_ends_the_sheet_goes_on_straight():
    slope = BENT.slope_deg(np.array([-0.5, 0.0, 1.0, 1.5]))
    assert slope[0] == slope[1] and slope[2] == slope[3]
