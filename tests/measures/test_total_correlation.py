"""Total correlation against its Gaussian closed form."""

from __future__ import annotations

import numpy as np
import pytest

from study.latent.gaussians import DiagonalGaussians
from study.measures.total_correlation import total_correlation
from study.seeds import generator


@pytest.mark.parametrize("correlation", [0.0, 0.8])
def test_correlated_gaussian(correlation, seeds):
    rng = generator("total correlation")
    covariance = np.array([[0.9, 0.9 * correlation], [0.9 * correlation, 0.9]])
    mean = rng.multivariate_normal([0, 0], covariance, (3, 3000))
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(0.1)))
    found = total_correlation(q, q.draw(seeds))
    expected = -0.5 * np.log(1 - (0.9 * correlation) ** 2)
    np.testing.assert_allclose(found, expected, atol=0.06)


def test_one_latent_has_none(spread, seeds):
    q = spread(200, 1, 0.3)
    np.testing.assert_allclose(total_correlation(q, q.draw(seeds)), 0, atol=1e-5)
