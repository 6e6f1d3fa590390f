"""The float32 log density of a mixture against the exact one."""

from __future__ import annotations

import numpy as np
import pytest

from study.latent import rough_mixture
from study.latent.gaussians import DiagonalGaussians
from study.latent.rough_mixture import rough_log_density
from study.seeds import generator


@pytest.mark.parametrize("log_var", [0.0, -3.0, -8.0, -20.0])
def test_it_is_the_exact_one(log_var):
    mean = 5 + generator("rough", log_var).normal(size=(2, 700, 3))  # off the origin, where squares would cancel
    q = DiagonalGaussians(mean, np.full_like(mean, log_var))
    z = q.draw([1, 2], 1_500)
    np.testing.assert_allclose(rough_log_density(q, z), q.log_density(z), atol=1e-3)


def test_narrow_posteriors_are_left_to_the_exact_one(monkeypatch):
    monkeypatch.setattr(rough_mixture, "_log_sum", lambda *args: pytest.fail("computed in float32"))
    q = DiagonalGaussians(np.ones((1, 5, 1)), np.full((1, 5, 1), -30.0))
    rough_log_density(q, np.zeros((1, 4, 1)))
