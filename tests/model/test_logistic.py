import numpy as np
import pytest

from ocrdigits.model.logistic import NormalPrior, fit_logistic, sigmoid

ANYWHERE = np.full(2, -np.inf)
VAGUE = NormalPrior(np.zeros(2), np.full(2, 100.0), ANYWHERE)


def drawn(count: int, weights: tuple[float, float]) -> tuple[np.ndarray, np.ndarray]:
    chance = np.random.default_rng(3)
    features = np.column_stack([np.ones(count), chance.normal(0, 2, count)])
    return features, chance.random(count) < sigmoid(features @ np.asarray(weights))


def test_weights_that_made_the_outcomes_are_found_again():
    features, right = drawn(20_000, (0.5, 1.5))
    assert fit_logistic(features, right, VAGUE) == pytest.approx([0.5, 1.5], abs=0.1)


def test_the_loss_is_least_there():
    features, right = drawn(200, (1.0, 0.7))
    found = fit_logistic(features, right, VAGUE)
    slope = features.T @ (sigmoid(features @ found) - right) + found / 100.0**2
    assert slope == pytest.approx([0, 0], abs=1e-4)


def test_offsets_are_started_from():
    features, right = drawn(20_000, (0.5, 1.5))
    offsets = features @ np.asarray([0.5, 1.0])
    assert fit_logistic(features, right, VAGUE, offsets) == pytest.approx([0, 0.5], abs=0.1)


def test_without_samples_the_prior_stays():
    prior = NormalPrior(np.asarray([1.0, 2.0]), np.ones(2), ANYWHERE)
    assert fit_logistic(np.zeros((0, 2)), np.zeros(0, bool), prior).tolist() == [1, 2]


def test_a_narrow_prior_holds_and_a_wide_one_lets_go():
    features, right = drawn(300, (0.0, 3.0))
    narrow, wide = (
        fit_logistic(features, right, NormalPrior(np.zeros(2), np.full(2, spread), ANYWHERE))
        for spread in (0.01, 10.0)
    )
    assert narrow[1] < 0.1 and wide[1] > 2


def test_a_weight_stops_at_its_least_and_the_others_go_on():
    features, right = drawn(2000, (1.0, -2.0))
    floor = np.asarray([-np.inf, 0.0])
    found = fit_logistic(features, right, NormalPrior(np.zeros(2), np.full(2, 10.0), floor))
    assert found[1] == 0
    assert sigmoid(found[:1])[0] == pytest.approx(right.mean(), abs=0.01)


def test_outcomes_that_are_all_the_same_give_finite_weights():
    features, _ = drawn(100, (0, 1))
    prior = NormalPrior(np.zeros(2), np.ones(2), ANYWHERE)
    assert np.isfinite(fit_logistic(features, np.ones(100, bool), prior)).all()
