"""The Gaussian likelihood integrates to one over the line, at its config's scale."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from study.vae.config import VAEConfig
from study.vae.likelihoods.gaussian import log_likelihood, mean


@pytest.mark.parametrize(("centre", "scale"), [(0.4, 0.1), (0.0, 1e-3), (1.0, 2.0)])
def test_it_integrates_to_one_over_the_line(given: SimpleNamespace, centre: float, scale: float) -> None:
    x = centre + scale * (20 * given.unit - 10)  # mean ± 10 scales
    config = VAEConfig(likelihood="gaussian", gaussian_scale=scale)
    log_density = given.numpy(log_likelihood(config, np.float32(x), np.float32(centre), {}))
    np.testing.assert_allclose(np.exp(log_density) @ given.weights * 20 * scale, 1, atol=1e-4)


def test_its_mean_is_the_output() -> None:
    output = np.float32([[0.1, -3.0]])
    assert mean(output) is output
