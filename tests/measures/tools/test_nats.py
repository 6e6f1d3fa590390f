"""Nats of samplers on models whose log p(x) is known: linear-Gaussian ones, one by quadrature, and a collapsed one."""

from __future__ import annotations

import numpy as np
import pytest
from planted import likelihood_of, linear
from scipy.special import logsumexp

from study.data.linear_gaussian import LinearGaussian
from study.latent.full_gaussians import FullGaussians, FullMixtures
from study.latent.gaussians import DiagonalGaussians, prior_log_density
from study.latent.samplers import gaussian_mixture
from study.latent.samplers.prior import Prior
from study.measures.tools.nats import Compared, Nats, Weighed, compared, estimate, mean_weight, weighed
from study.measures.tools.proposals import Proposals, adapted
from study.seeds import generator

SEEDS = [31, 32]


def posterior_of(model, x, off=0.0):
    """The exact posteriors of a linear-Gaussian model whose columns are orthogonal; ``off`` in standard deviations."""
    mean, covariance = model.posterior(x.reshape(-1, x.shape[-1]))
    log_var = np.log(np.diag(covariance))
    mean = (mean + off * np.exp(log_var / 2)).reshape(*x.shape[:-1], -1)
    shape = 2, *mean.shape[-2:]
    return DiagonalGaussians(np.broadcast_to(mean, shape), np.broadcast_to(log_var, shape))


def run(model, sampler, stage, images=30, off=0.0, own=40):
    """Estimate nats of a sampler on held-out draws of the model under N(0, I); see the shared computation."""
    like = likelihood_of(model)
    rng = generator("nats", model.latents)
    x = model.sample(images, rng)
    star = sampler.draw(SEEDS, own)
    own_x = (
        star @ model.weights.T + model.offset + model.noise_variance**0.5 * rng.normal(size=(2, own, model.features))
    )
    if stage == "first":
        prior = Prior(model.latents)
        held = weighed(like, x, Proposals.widened(posterior_of(model, x, off), prior), SEEDS, 1_000)
        drawn = weighed(like, own_x, Proposals.widened(posterior_of(model, own_x, off), prior), [41, 42], 1_000)
    else:
        held = weighed(like, x, adapted(like, x, sampler, SEEDS), SEEDS, 2_000)
        drawn = weighed(like, own_x, adapted(like, own_x, sampler, [41, 42]), [43, 44], 2_000)
    return x, estimate(sampler, held, drawn, star, like(own_x, star[:, :, None])[..., 0], SEEDS)


@pytest.mark.parametrize(("latent", "stage"), [(2, "first"), (4, "first"), (8, "first"), (2, "second"), (6, "second")])
def test_the_priors_nats_are_log_p(latent, stage):
    model = linear(latent).rotated()
    x, found = run(model, Prior(latent), stage)
    np.testing.assert_allclose(found.lower.mean(1), model.log_density(x).mean(), atol=0.02)
    assert ((found.gap >= 0) & (found.gap < 0.02)).all()


@pytest.mark.parametrize("stage", ["first", "second"])
def test_another_gaussian_is_worth_its_closed_form(stage):
    """With z ~ N(m, S) for a prior, x is Gaussian with mean W m + b and covariance W S Wᵀ + s² I."""
    model = linear(3).rotated()
    mean, covariance = np.array([0.5, -0.3, 0.0]), np.array([[0.6, 0.2, 0], [0.2, 1.3, 0], [0, 0, 0.5]])
    sampler = FullMixtures((FullGaussians(np.ones(1), mean[None], covariance[None]),) * 2)
    x, found = run(model, sampler, stage)
    root = np.linalg.cholesky(covariance)
    other = LinearGaussian(model.weights @ root, model.offset + model.weights @ mean, model.noise_variance)
    np.testing.assert_allclose(found.lower.mean(1), other.log_density(x).mean(), atol=0.02)


def test_a_bad_encoder_is_told_by_the_gap_and_put_right_by_adapting():
    model = linear(4, noise=0.05).rotated()
    x, found = run(model, Prior(4), "first", off=6.0)
    truth = model.log_density(x).mean()
    missing = truth - found.lower.mean(1)
    assert (missing > 0.3).all()
    assert (found.gap > 0.5 * missing).all()  # of the same size, on other images
    _, better = run(model, Prior(4), "second", off=6.0)
    np.testing.assert_allclose(better.lower.mean(1), truth, atol=0.02)


def binary(latent: int, dead: int = 0):
    """A decoder of binary pixels, not linear, with dead dimensions; its likelihood."""
    weights = 1.5 * generator("binary").normal(size=(latent, 12))

    def likelihood(x, z):
        logits = np.tanh(z[..., :latent]) @ weights * 2
        x = np.broadcast_to(x, (len(z), *x.shape[-2:]))[:, :, None]
        return (x * logits - np.logaddexp(0, logits)).sum(-1)

    return likelihood


@pytest.mark.parametrize("dead", [0, 8])
def test_quadrature_agrees_and_dead_dimensions_change_nothing(dead):
    likelihood = binary(2)
    x = (generator("binary x").random((5, 12)) < 0.5).astype(float)
    axis = np.linspace(-7, 7, 281)
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(1, 1, -1, 2)
    joint = likelihood(x, np.broadcast_to(grid, (1, 5, *grid.shape[2:]))) + prior_log_density(grid)
    truth = logsumexp(joint[0], axis=-1) + 2 * np.log(axis[1] - axis[0])
    sampler = Prior(2 + dead)
    held = weighed(likelihood, x, adapted(likelihood, x, sampler, SEEDS), SEEDS, 2_000)
    assert abs(mean_weight(held.log_weights(sampler)) - truth).max() < 0.15
    np.testing.assert_allclose(mean_weight(held.log_weights(sampler)).mean(1), truth.mean(), atol=0.05)


def exact_aggregate(model, images=800):
    """Training posteriors of draws from the model: their aggregate is N(0, I) in the population."""
    return posterior_of(model, model.sample(images, generator("training", model.latents)))


@pytest.mark.parametrize("latent", [2, 4, 8])
def test_where_the_aggregate_is_the_prior_a_fitted_mixture_loses(latent):
    model = linear(latent).rotated()
    q = exact_aggregate(model)
    fitted = gaussian_mixture.fit(q, q)
    x = model.sample(300, generator("null", latent))
    held = weighed(likelihood_of(model), x, Proposals.widened(posterior_of(model, x), Prior(latent)), SEEDS, 1_000)
    lower = [mean_weight(held.log_weights(one)) for one in (fitted, Prior(latent))]
    gain = (lower[0] - lower[1]).mean(1)
    assert ((gain < 0.01) & (gain > -0.1)).all()


def test_a_collapsed_vae_gains_nothing():
    """Its decoder ignores z: every density integrates to one."""
    q = DiagonalGaussians(*np.zeros((2, 2, 500, 4)))
    fitted = gaussian_mixture.fit(q, q)
    x = np.zeros((50, 3))
    held = weighed(lambda x, z: np.full(z.shape[:3], -2.0), x, Proposals.widened(
        DiagonalGaussians(*np.zeros((2, 2, 50, 4))), Prior(4)), SEEDS, 1_000)  # fmt: skip
    for one in (fitted, Prior(4)):
        np.testing.assert_allclose(mean_weight(held.log_weights(one)).mean(1), -2.0, atol=0.01)


def nats(lower, gap):
    return Nats(np.array(lower, float), np.array(gap), np.zeros((len(gap), len(lower[0]), 3)))


def stages(sampler, stage):
    first, second = [[1.0, 2, 3, 6], [1, 2, 3, 6]], [[2.0, 4], [2, 4]]
    shift = 1.0 if sampler == "better" else 0.0
    if stage == "first":
        return nats(np.add(first, shift), [0.001, 0.5 * shift])
    return nats(np.add(second, 2 * shift), [0.0, 0.0])


def test_only_a_replica_that_needs_it_gets_the_second_stage():
    found = compared(stages, "better", "prior", 0.01)
    assert isinstance(found, Compared)
    np.testing.assert_allclose(found.gain, [1, 2])
    np.testing.assert_allclose(found.gap, [0.001, 0])
    # Of two images the second stage moves the first one's estimates, 2 and 3, by 2 and 3.
    np.testing.assert_allclose(found.nats, [4, 4 + 2.5])
    asked = []
    compared(lambda s, stage: asked.append(stage) or stages("prior", stage), "a", "prior", 0.01)
    assert set(asked) == {"first"}


def test_the_error_is_the_jackknifes():
    gains = generator("jackknife").normal(size=30)
    pair = {"a": nats([gains], [0.0]), "prior": nats([np.zeros(30)], [0.0])}
    found = compared(lambda sampler, stage: pair[sampler], "a", "prior", 0.01)
    left_out = np.array([np.delete(gains, i).mean() for i in range(30)])
    expected = np.sqrt(29 / 30 * ((left_out - left_out.mean()) ** 2).sum())
    assert found.error == pytest.approx([expected])


def test_weights_are_the_base_times_the_sampler():
    z = generator("w").normal(size=(2, 120, 3, 2)).astype(np.float32)
    base, broad = generator("b").normal(size=(2, 2, 120, 3)).astype(np.float32)
    none = np.zeros((2, 120, 2))
    drawn = Weighed(z, base, Proposals(none, none + 1, Prior(2), 0.1), broad)
    gaussian = FullMixtures((FullGaussians(np.ones(1), np.zeros((1, 2)), np.eye(2)[None]),) * 2)
    np.testing.assert_allclose(drawn.log_weights(gaussian), base + prior_log_density(z), rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(drawn.log_weights(Prior(2)), base + broad)  # known already, and not asked for again
