"""Sliced Wasserstein distance less its null."""

from __future__ import annotations

import numpy as np
import pytest
from planted import SEEDS

from study.latent.gaussians import prior_draws
from study.measures.sliced_wasserstein import null, sliced_wasserstein
from study.seeds import seed
from study.testing import Loses, Planted

Z = prior_draws(SEEDS, 4000, 2)
# W1 of N(0, 9) and N(0, 1) is 2 sqrt(2 / pi).
PLANTED = Planted({"heldout_draws": 3 * Z}, 2 * np.sqrt(2 / np.pi), 0.08)
LOSES = Loses({"heldout_draws": Z}, below=0.02)


@pytest.mark.parametrize("latent", [1, 2, 16])
def test_prior_draws_are_at_their_null(latent):
    seeds = [seed("sliced", i) for i in range(12)]
    found = sliced_wasserstein(prior_draws(seeds, 500, latent))
    assert abs(found.mean()) < 0.015
    assert null(500, latent) > 0.02


@pytest.mark.parametrize("latent", [1, 8])
def test_scale_is_measured_in_latent_units(latent, seeds):
    # W1 of N(0, s²) and N(0, 1) is |s − 1| sqrt(2 / pi).
    z = 3 * prior_draws(seeds, 4000, latent)
    expected = 2 * np.sqrt(2 / np.pi) - null(4000, latent)
    np.testing.assert_allclose(sliced_wasserstein(z), expected, rtol=0.05)


def test_replicas_stand_alone(seeds):
    z = prior_draws(seeds, 50, 3)
    np.testing.assert_array_equal(sliced_wasserstein(z)[2:], sliced_wasserstein(z[2:]))
