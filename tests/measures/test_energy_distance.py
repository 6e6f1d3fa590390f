"""Energy distance against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from planted import SEEDS
from scipy.spatial.distance import cdist

from study.errors import InvalidValue
from study.latent.gaussians import prior_draws
from study.measures.energy_distance import energy_distance
from study.seeds import seed
from study.testing import Loses, Planted

Z = prior_draws(SEEDS, 1000, 2)
PLANTED = Planted({"heldout_draws": Z}, 0.0, 0.015)
LOSES = Loses({"heldout_draws": Z + 0.5}, above=0.1)


@pytest.mark.parametrize("latent", [1, 2, 16])
def test_prior_draws_have_none(latent):
    found = energy_distance(prior_draws([seed("energy", i) for i in range(12)], 400, latent))
    assert abs(found.mean()) < 5 * found.std() / np.sqrt(12) + 1e-4


def test_scaled_gaussian_in_one_dimension(seeds):
    # E|z − y| = sqrt(2 / pi) sqrt(s² + 1) for independent zero-mean Gaussians.
    expected = np.sqrt(2 / np.pi) * (2 * np.sqrt(5) - 2 * np.sqrt(2) - np.sqrt(2))
    np.testing.assert_allclose(energy_distance(2 * prior_draws(seeds, 4000, 1)), expected, rtol=0.15)


def test_the_exact_prior_side_is_the_limit_of_a_sample(seeds):
    z, y = prior_draws(seeds[:1], 2, 5) + 4, prior_draws([seed("energy", "y")], 100_000, 5)
    within = np.linalg.norm(z[0, 0] - z[0, 1])
    prior = np.linalg.norm(y[0, ::2] - y[0, 1::2], axis=1).mean()
    np.testing.assert_allclose(energy_distance(z), 2 * cdist(z[0], y[0]).mean() - within - prior, atol=0.05)


def test_far_points_stay_finite():
    z = np.array([[[1e3, 0.0], [-1e3, 0.0]]])
    np.testing.assert_allclose(energy_distance(z), 4e3 / 2 - 2e3 + 0.0, atol=2.0)


def test_one_draw_is_refused():
    with pytest.raises(InvalidValue):
        energy_distance(np.zeros((1, 1, 2)))
