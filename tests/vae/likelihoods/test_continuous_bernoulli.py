"""The continuous Bernoulli integrates to one, has its mean, and is bounded on pixels that never change."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from study.vae.config import VAEConfig
from study.vae.likelihoods.continuous_bernoulli import bounded_logits, log_likelihood, mean


def log_density(given: SimpleNamespace, x: np.ndarray, logits: np.ndarray) -> np.ndarray:
    pair = np.broadcast_arrays(np.float32(x), np.float32(logits[:, None]))
    return given.numpy(log_likelihood(VAEConfig(), *pair, {}))


def test_it_integrates_to_one_and_has_its_mean(given: SimpleNamespace) -> None:
    density = np.exp(log_density(given, given.unit, given.logits))
    np.testing.assert_allclose(density @ given.weights, 1, atol=1e-5)
    found = given.numpy(mean(np.float32(given.logits)))
    np.testing.assert_allclose(found, (density * given.unit) @ given.weights, atol=5e-5)


def test_logits_are_squashed_smoothly_and_little_where_it_matters(given: SimpleNamespace) -> None:
    bounded = given.numpy(bounded_logits(np.float32(given.logits)))
    assert (np.abs(bounded) <= 12).all()
    assert (np.diff(bounded) > 0).sum() >= len(given.logits) - 3  # monotonous, but for the saturated ends
    small = np.abs(given.logits) < 1
    np.testing.assert_allclose(bounded[small], given.logits[small], atol=2e-3)


def test_density_on_a_constant_pixel_is_bounded(given: SimpleNamespace) -> None:
    """Trap: however sure the decoder is of a black pixel, it gains less than log 12 + 1e-4 nats from it."""
    for x in (0.0, 1.0):
        found = log_density(given, np.array([x]), np.array([-1e30, -1e4, -12, 0, 12, 1e4, 1e30]))
        assert np.isfinite(found).all()
        assert np.log(12) - 0.01 < found.max() < np.log(12) + 1e-4
