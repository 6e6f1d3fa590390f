"""Planted posteriors whose aggregate is known, and planted shares and weights; for every test of this folder."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.neighbours import Fidelity
from study.seeds import generator, seed

REPLICAS = 3
SEEDS = [seed("measures", r) for r in range(REPLICAS)]


def seeds(purpose: str) -> list[int]:
    """One seed per replica, whatever the purpose."""
    return SEEDS


def spread(n: int, latent: int, var: float, total: float = 1.0, key: str = "") -> DiagonalGaussians:
    """Components N(mu, var I) with mu ~ N(0, (total − var) I): the population's aggregate is N(0, total I)."""
    mean = generator("planted", n, latent, key).normal(0, np.sqrt(total - var), (REPLICAS, n, latent))
    return DiagonalGaussians(mean, np.full_like(mean, np.log(var)))


def collapsed() -> DiagonalGaussians:
    """A collapsed encoder: every component is the prior."""
    return DiagonalGaussians(np.zeros((REPLICAS, 100, 4)), np.zeros((REPLICAS, 100, 4)))


def hole() -> DiagonalGaussians:
    """Two far clusters on the first latent with a hole at 0, mean 0 and variance 1; the second latent is the prior."""
    mean = np.zeros((REPLICAS, 400, 2))
    mean[:, :, 0] = np.tile([-0.99, 0.99], 200)
    log_var = np.zeros_like(mean)
    log_var[:, :, 0] = np.log(1 - 0.99**2)
    return DiagonalGaussians(mean, log_var)


def rates(*values: float) -> DiagonalGaussians:
    """Unit Gaussians on one latent whose KL are the values, the same in every replica but for their order."""
    mean = np.sqrt(2 * np.array(values))[:, None]
    means = np.stack([np.roll(mean, r, 0) for r in range(REPLICAS)])
    return DiagonalGaussians(means, np.zeros_like(means))


def linear_gaussian(off: float) -> tuple[np.ndarray, float]:
    """Weights for x = 1 under z ~ N(0, 1), x ~ N(z, 1), q off the posterior mean, and log p(x)."""
    z = 0.5 + off + np.sqrt(0.5) * generator("evidence").normal(size=(2, 400, 50))
    weights = norm.logpdf(z) + norm.logpdf(1, z) - norm.logpdf(z, 0.5 + off, np.sqrt(0.5))
    return weights, float(norm.logpdf(1, 0, np.sqrt(2)))


def shares(**samplers: np.ndarray):
    """Give planted class shares ``(replica, class)`` by sampler, whatever the calibration."""
    return lambda sampler, calibrated_on="real": samplers[sampler]


def fidelity(**samplers: Fidelity):
    """Give planted fidelity by sampler."""
    return lambda sampler: samplers[sampler]


def compared(value: float) -> Fidelity:
    """Two replicas whose four measures are four different numbers near a value."""
    return Fidelity(*(np.array([value, value / 2]) + 0.01 * i for i in range(4)))
