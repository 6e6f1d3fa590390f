"""Proposals, against scipy's densities and exact posteriors."""

from __future__ import annotations

import numpy as np
import pytest
from planted import likelihood_of, linear
from scipy.stats import multivariate_normal

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers.prior import Prior
from study.latent.samplers.training_aggregate import fit as aggregate
from study.latent.samplers.training_mixture import fit as defended
from study.measures.tools.proposals import BROAD, Proposals, adapted, density, spread
from study.seeds import generator

SEEDS = [31, 32]


def planted(latent: int = 3) -> Proposals:
    rng = generator("planted proposals", latent)
    root = np.linalg.cholesky(np.eye(latent) * 0.3 + 0.1)
    return Proposals(
        rng.normal(size=(2, 4, latent)), np.broadcast_to(root, (2, 4, latent, latent)), Prior(latent), 0.25
    )


def test_the_density_is_that_of_both_parts():
    one = planted()
    z = generator("z").normal(size=(2, 4, 6, 3)).astype(np.float32)
    found = one.log_density(z, density(one.sampler, z))
    for r, n in np.ndindex(2, 4):
        own = multivariate_normal(one.mean[r, n], one.root[r, n] @ one.root[r, n].T).pdf(z[r, n])
        broad = multivariate_normal(np.zeros(3)).pdf(z[r, n])
        np.testing.assert_allclose(found[r, n], np.log(0.75 * own + 0.25 * broad), atol=1e-5)


def test_so_many_draws_are_of_either_part():
    one = planted()
    z = one.draw(SEEDS, 8_000)
    assert one.own(8_000) == 6_000
    np.testing.assert_allclose(z[:, :, :6_000].mean(2), one.mean, atol=0.05)
    np.testing.assert_allclose(np.cov(z[0, 0, :6_000].T), one.root[0, 0] @ one.root[0, 0].T, atol=0.05)
    np.testing.assert_allclose(z[:, :, 6_000:].mean(2), 0, atol=0.1)
    np.testing.assert_array_equal(one.draw(SEEDS, 50), one.draw(SEEDS, 50))


def test_widened_posteriors_have_half_as_much_variance_again():
    q = DiagonalGaussians(np.zeros((2, 4, 3)), np.full((2, 4, 3), np.log(0.2)))
    one = Proposals.widened(q, Prior(3))
    np.testing.assert_allclose(np.square(one.root), 0.3)
    full = Proposals(one.mean, one.root[..., None] * np.eye(3), one.sampler, one.broad)
    z = one.draw(SEEDS, 40)
    np.testing.assert_allclose(full.draw(SEEDS, 40), z, atol=1e-6)
    broad = density(one.sampler, z)
    np.testing.assert_allclose(full.log_density(z, broad), one.log_density(z, broad), atol=1e-5)


def test_a_sampler_that_is_faster_nearby_gives_the_same_density():
    mean = generator("nearby").normal(size=(2, 300, 3))
    q = DiagonalGaussians(mean, np.full_like(mean, -4.0))
    sampler, proposals = defended(q, q), Proposals.widened(DiagonalGaussians(mean[:, :5], q.log_var[:, :5]), Prior(3))
    z = proposals.draw(SEEDS, 100)
    np.testing.assert_allclose(density(sampler, z, proposals.own(100)), density(sampler, z), atol=1e-3)


def test_stratified_draws_are_dealt_out_at_random():
    q = DiagonalGaussians(np.tile(np.arange(40.0)[:, None], (2, 1, 1)), np.full((2, 40, 1), -20.0))
    z = spread(aggregate(q, q), SEEDS, 4, 10)
    assert z.shape == (2, 4, 10, 1)
    np.testing.assert_array_equal(np.sort(z[0].ravel()).round(), np.arange(40))
    assert (np.ptp(z, axis=2) > 15).all()  # no image gets ten neighbours


@pytest.mark.parametrize("latent", [2, 8])
def test_adapted_proposals_find_the_exact_posterior(latent):
    model = linear(latent)
    x = model.sample(6, generator("adapt", latent))
    found = adapted(likelihood_of(model), x, Prior(latent), SEEDS)
    assert found.broad == BROAD
    mean, covariance = model.posterior(x)
    sd = np.sqrt(np.diag(covariance))
    assert (np.abs(found.mean - mean) < 0.6 * sd).all()
    variances = np.square(found.root).sum(-1) / np.diag(covariance)
    assert ((variances > 0.5) & (variances < 3.5)).all()
