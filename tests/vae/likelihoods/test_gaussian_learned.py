"""The learned scale: SciPy's density at a scale per pixel, above a floor."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy import stats

from study.vae.config import VAEConfig
from study.vae.likelihoods.gaussian_learned import log_likelihood

FLOOR = 0.05
CONFIG = VAEConfig(likelihood="gaussian_learned", gaussian_scale=FLOOR)


def test_it_is_scipys_at_a_scale_per_pixel(given: SimpleNamespace) -> None:
    scale = np.array([0.06, 0.5, 5.0])
    variables = {"pixel_scale": np.float32(np.log(np.expm1(scale - FLOOR)))}
    out = given.numpy(log_likelihood(CONFIG, np.float32([[0.1, 0.9, 0.3]]), np.float32(0.2), variables))
    np.testing.assert_allclose(out, stats.norm.logpdf([[0.1, 0.9, 0.3]], 0.2, scale), atol=1e-3)


def test_it_is_bounded_by_its_floor(given: SimpleNamespace) -> None:
    """Trap: on pixels that never change, no more than -log(scale √(2π)) nats each."""
    x = np.zeros((1, 4), np.float32)
    bound = -np.log(FLOOR * np.sqrt(2 * np.pi))
    for pixel_scale in (-5.0, -1e4, -1e30):
        variables = {"pixel_scale": np.full((1, 4), pixel_scale, np.float32)}
        highest = given.numpy(log_likelihood(CONFIG, x, x, variables)).max()
        assert bound - 0.2 < highest < bound + 1e-4
