"""Planted posteriors whose aggregate is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from study.latent.gaussians import DiagonalGaussians
from study.seeds import generator, seed

REPLICAS = 3
SEEDS = [seed("measures", r) for r in range(REPLICAS)]


def _spread(n: int, latent: int, var: float, total: float = 1.0, key: str = "") -> DiagonalGaussians:
    mean = generator("planted", n, latent, key).normal(0, np.sqrt(total - var), (REPLICAS, n, latent))
    return DiagonalGaussians(mean, np.full_like(mean, np.log(var)))


@pytest.fixture(name="seeds")
def seeds_() -> list[int]:
    """One seed per replica."""
    return SEEDS


@pytest.fixture(name="spread")
def spread_() -> Callable[..., DiagonalGaussians]:
    """Components N(mu, var I) with mu ~ N(0, (total − var) I): the population's aggregate is N(0, total I)."""
    return _spread


@pytest.fixture(name="collapsed")
def collapsed_() -> DiagonalGaussians:
    """A collapsed encoder: every component is the prior."""
    return DiagonalGaussians(np.zeros((REPLICAS, 100, 4)), np.zeros((REPLICAS, 100, 4)))


@pytest.fixture(name="hole")
def hole_() -> DiagonalGaussians:
    """Two far clusters on the first latent with a hole at 0, mean 0 and variance 1; the second latent is the prior."""
    mean = np.zeros((REPLICAS, 400, 2))
    mean[:, :, 0] = np.tile([-0.99, 0.99], 200)
    log_var = np.zeros_like(mean)
    log_var[:, :, 0] = np.log(1 - 0.99**2)
    return DiagonalGaussians(mean, log_var)
