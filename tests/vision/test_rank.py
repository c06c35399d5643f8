import numpy as np
import pytest

from ocrdigits.vision.rank import percentiles, rank_value


@pytest.mark.parametrize("count", [1, 2, 7, 100, 1001])
def test_percentiles_are_those_of_numpy(count):
    values = np.random.default_rng(count).normal(size=count).astype(np.float32)
    wanted = (0, 5, 25, 50, 85, 100)
    np.testing.assert_allclose(
        percentiles(values, *wanted), np.percentile(values, wanted), rtol=1e-6, atol=1e-7
    )


def test_rank_value_of_a_half_is_the_median():
    assert rank_value(np.array([4, 1, 3])) == 3
    assert rank_value(np.array([[4, 1], [2, 3]])) == 2.5
