"""Planted posteriors whose aggregate is known, and planted shares and weights; for every test of this folder."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from study.data.linear_gaussian import LinearGaussian
from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.nats import Compared
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
    """Give planted class shares ``(replica, classifier, class)`` by sampler."""
    return lambda sampler: samplers[sampler]


def compared(**values: object) -> Compared:
    """Nats of two replicas, all zero but for what is given."""
    zero = {name: np.zeros(2) for name in ("nats", "gain", "error", "gap", "reference_gap")}
    return Compared(**{**zero, "pareto": np.zeros((2, 101)), **values})


def nats(found: Compared):
    """Give planted nats whatever the samplers and the accuracy."""
    return lambda sampler, reference, accuracy: found


def likelihood_of(model: LinearGaussian):
    """log p(x|z) of a linear-Gaussian model, equal in every replica."""

    def of(x, z):
        mean = z @ model.weights.T + model.offset
        square = (np.broadcast_to(x, (len(z), *x.shape[-2:]))[:, :, None] - mean) ** 2 / model.noise_variance
        return -0.5 * (square + np.log(2 * np.pi * model.noise_variance)).sum(-1)

    return of


def linear(latent: int, noise: float = 0.3) -> LinearGaussian:
    """A linear-Gaussian model of ten features."""
    weights = generator("proposals", latent).normal(size=(10, latent))
    return LinearGaussian(weights, np.zeros(10), noise)
