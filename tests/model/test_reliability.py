import numpy as np
import pytest

from ocrdigits.model.reliability import (
    chance_calibration_error,
    equal_count_bins,
    equal_width_bins,
    expected_calibration_error,
    wilson_interval,
)


def test_an_interval_holds_the_share_and_narrows_with_the_sample():
    low, high = wilson_interval(5, 10)
    assert (low, high) == pytest.approx((0.2366, 0.7634), abs=1e-4)  # as tables have it
    narrower = wilson_interval(500, 1000)
    assert low < narrower[0] < 0.5 < narrower[1] < high


def test_an_interval_of_nothing_wrong_is_not_nothing():
    assert wilson_interval(0, 100, z=1.64) == pytest.approx((0, 0.0262), abs=1e-4)
    assert wilson_interval(0, 0) == (0, 1)
    assert wilson_interval(10, 10)[1] == 1


def test_bins_of_equal_count_follow_the_confidence():
    confidences = [0.9, 0.2, 0.95, 0.4, 0.8, 0.1, 0.99, 0.3, 0.7, 0.6]
    rights = [confidence > 0.5 for confidence in confidences]
    low, high = equal_count_bins(confidences, rights, 2)
    assert (low.count, low.confidence, low.right) == (5, pytest.approx(0.32), pytest.approx(0.2))
    assert (high.count, high.confidence, high.right) == (5, pytest.approx(0.868), 1.0)
    assert low.low < low.right < low.high


def test_few_strings_make_few_bins():
    assert len(equal_count_bins([0.5] * 4, [True] * 4)) == 1
    assert len(equal_count_bins([0.5] * 23, [True] * 23)) == 4
    assert equal_count_bins([], []) == ()


def test_bins_of_equal_width_are_steps_of_confidence():
    bins = equal_width_bins([0.95, 0.95, 0.55, 1.0], [True, False, True, True])
    assert [(it.count, it.confidence, it.right) for it in bins] == [
        (1, pytest.approx(0.55), 1.0),
        (3, pytest.approx(2.9 / 3), pytest.approx(2 / 3)),
    ]
    assert equal_width_bins([], []) == ()


def test_the_calibration_error_is_the_mean_distance():
    bins = equal_width_bins([0.95, 0.95, 0.55, 1.0], [True, False, True, True])
    assert expected_calibration_error(bins) == pytest.approx((0.45 + 0.9) / 4)
    assert expected_calibration_error(()) is None
    assert chance_calibration_error(()) is None


def test_true_confidences_show_the_error_that_chance_foretells():
    chance = np.random.default_rng(1)
    found, foretold = [], []
    for _ in range(200):
        confidences = chance.beta(6, 1, 500)
        bins = equal_count_bins(confidences, chance.random(500) < confidences)
        found.append(expected_calibration_error(bins))
        foretold.append(chance_calibration_error(bins))
    assert np.mean(found) == pytest.approx(np.mean(foretold), rel=0.05)


def test_bands_hold_the_truth_in_most_bins():
    chance = np.random.default_rng(2)
    inside = []
    for _ in range(100):
        confidences = chance.beta(6, 1, 500)
        bins = equal_count_bins(confidences, chance.random(500) < confidences)
        inside += [it.low <= it.confidence <= it.high for it in bins]
    assert 0.92 < np.mean(inside) < 0.98
