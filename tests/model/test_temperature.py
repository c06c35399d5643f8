import math

import numpy as np
import pytest

from ocrdigits.model.temperature import fit_temperature


def test_the_temperature_that_made_the_candidates_is_found():
    chance = np.random.default_rng(0)
    for truth in (0.7, 1.0, 2.5):
        candidates = []
        for _ in range(3000):
            logs = -chance.exponential(3.0, 5)
            weights = np.exp(logs - logs.max())
            right = int(chance.choice(5, p=weights / weights.sum()))
            candidates.append((list(truth * logs), right))
        assert fit_temperature(candidates) == pytest.approx(truth, rel=0.1)


def test_temperatures_stay_within_bounds():
    assert fit_temperature([]) == pytest.approx(1.0, abs=1e-3)
    assert fit_temperature([([-1.0, -9.0], 1)] * 500) == pytest.approx(10, rel=0.01)
    sure = fit_temperature([([-0.1, -3.0], 0)] * 5)
    assert 0.1 <= sure < 1 and math.isfinite(sure)
