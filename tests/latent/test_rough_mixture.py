"""The float32 log density of a mixture, at points close together, against the exact one."""

from __future__ import annotations

import numpy as np
import pytest

from study.latent.gaussians import DiagonalGaussians
from study.latent.rough_mixture import nearby_log_density
from study.seeds import generator


@pytest.mark.parametrize("floor", [-3.0, -25.0])
@pytest.mark.parametrize("log_var", [0.0, -3.0, -8.0])
def test_it_is_the_exact_one(log_var, floor):
    rng = generator("rough", log_var)
    mean = 5 + rng.normal(size=(2, 700, 3))  # off the origin, where squares would cancel
    q = DiagonalGaussians(mean, np.full_like(mean, log_var))
    spread = 1.5 * np.exp(log_var / 2) * rng.normal(size=(2, 40, 60, 3))
    z = (mean[:, :40, None] + spread).astype(np.float32)
    exact = np.logaddexp(q.log_density(z.reshape(2, -1, 3)).reshape(z.shape[:-1]), floor)
    found = nearby_log_density(q, z, np.full(z.shape[:-1], floor, np.float32))
    np.testing.assert_allclose(found, exact, atol=1e-4)


def test_where_no_component_is_near_the_floor_is_left():
    q = DiagonalGaussians(np.ones((1, 5, 1)), np.full((1, 5, 1), -8.0))
    found = nearby_log_density(q, np.full((1, 1, 4, 1), -7, np.float32), np.full((1, 1, 4), -30, np.float32))
    np.testing.assert_allclose(found, -30, atol=1e-4)
