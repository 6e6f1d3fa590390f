"""Total correlation against its Gaussian closed form."""

from __future__ import annotations

import numpy as np
from planted import SEEDS

from study.latent.gaussians import DiagonalGaussians
from study.measures.total_correlation import total_correlation
from study.seeds import generator
from study.testing import Loses, Planted


def correlated(correlation: float) -> DiagonalGaussians:
    """Components whose aggregate is a Gaussian of two correlated dimensions."""
    rng = generator("total correlation")
    covariance = np.array([[0.9, 0.9 * correlation], [0.9 * correlation, 0.9]])
    mean = rng.multivariate_normal([0, 0], covariance, (3, 3000))
    return DiagonalGaussians(mean, np.full_like(mean, np.log(0.1)))


def case(q: DiagonalGaussians) -> dict[str, object]:
    return {"train": q, "training_draws": q.draw(SEEDS)}


PLANTED = Planted(case(correlated(0.8)), -0.5 * np.log(1 - (0.9 * 0.8) ** 2), 0.06, sample_order=False)
LOSES = Loses(case(correlated(0.0)), below=0.06)


def test_one_latent_has_none(spread, seeds):
    q = spread(200, 1, 0.3)
    np.testing.assert_allclose(total_correlation(q, q.draw(seeds)), 0, atol=1e-5)
