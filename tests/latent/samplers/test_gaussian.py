"""One Gaussian with the moments of the aggregate posterior."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers.gaussian import RIDGE, fit
from study.seeds import generator


def test_its_moments_are_those_of_many_draws():
    rng = generator("gaussian sampler")
    turned = rng.normal(size=(2, 200, 3)) @ rng.normal(size=(3, 3))
    q = DiagonalGaussians(turned, rng.normal(-1, 0.3, turned.shape))
    (one, _) = fit(q, q).mixtures
    z = q.draw([1, 2], 200_000)[0]
    np.testing.assert_allclose(one.mean[0], z.mean(0), atol=0.02)
    np.testing.assert_allclose(one.covariance[0] - RIDGE * np.eye(3), np.cov(z.T), atol=0.05)
