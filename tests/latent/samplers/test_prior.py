"""The prior as a sampler."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.latent.samplers.prior import fit

SEEDS = [11, 12, 13]
FAR = DiagonalGaussians(np.full((3, 50, 2), 5.0), np.full((3, 50, 2), -4.0))


def test_of_posteriors_only_the_dimension_counts():
    np.testing.assert_array_equal(fit(FAR, FAR).draw(SEEDS, 40), prior_draws(SEEDS, 40, 2))


def test_replicas_stand_alone():
    np.testing.assert_array_equal(fit(FAR, FAR).draw(SEEDS, 40)[2:], fit(FAR, FAR).draw(SEEDS[2:], 40))


def test_its_density_is_that_of_independent_normals():
    z = fit(FAR, FAR).draw(SEEDS, 40)
    np.testing.assert_allclose(fit(FAR, FAR).log_density(z), norm.logpdf(z).sum(-1))
