"""The contract of samplers with a density, for every one of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers._contract import Density
from study.runtime import registry
from study.seeds import generator

NAMES = registry.names("study.latent.samplers")
SEEDS = [21, 22]


def clumped(key: str, images: int = 300, latent: int = 2) -> DiagonalGaussians:
    """Posteriors around three places, which differ between replicas."""
    rng = generator("samplers", key)
    places = rng.normal(0, 1.2, (2, 3, latent))
    mean = places[:, rng.integers(0, 3, images)] + rng.normal(0, 0.3, (2, images, latent))
    return DiagonalGaussians(mean, np.log(rng.uniform(0.05, 0.2, mean.shape)))


TRAIN, HELDOUT = clumped("same"), clumped("same", 100)


@pytest.mark.parametrize("name", NAMES)
def test_the_density_is_that_of_the_draws(name):
    """Importance sampling of a known integral, that of a broad Gaussian, and the moments on a grid."""
    sampler = registry.load("study.latent.samplers", name).fit(TRAIN, HELDOUT)
    assert isinstance(sampler, Density)
    z = sampler.draw(SEEDS, 40_000)
    axis = np.linspace(-8, 8, 161)
    grid = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1).reshape(1, -1, 2)
    log = sampler.log_density(np.broadcast_to(grid, (2, *grid.shape[1:])))
    cell = (axis[1] - axis[0]) ** 2
    np.testing.assert_allclose(np.exp(logsumexp(log, axis=1)) * cell, 1, atol=2e-3)
    share = np.exp(log)[..., None] * cell
    mean, square = (share * grid).sum(1), (share * grid**2).sum(1)
    np.testing.assert_allclose(z.mean(1), mean, atol=0.03)
    np.testing.assert_allclose((z**2).mean(1), square, rtol=0.04)
    # E log r(z) of its own draws is minus its entropy: the shape, not only the moments.
    entropy = -(np.exp(log) * log).sum(1) * cell
    np.testing.assert_allclose(-sampler.log_density(z).mean(1), entropy, atol=0.03)


@pytest.mark.parametrize("name", NAMES)
def test_replicas_stand_alone(name):
    fit = registry.load("study.latent.samplers", name).fit
    both, alone = fit(TRAIN, HELDOUT), fit(TRAIN.subset_replicas([1]), HELDOUT.subset_replicas([1]))
    z = both.draw(SEEDS, 50)
    np.testing.assert_array_equal(z[1:], alone.draw(SEEDS[1:], 50))
    np.testing.assert_allclose(both.log_density(z)[1:], alone.log_density(z[1:]), rtol=1e-12)
