"""The linear-Gaussian VAE, against quadrature, SciPy's densities and its own two routes to the same number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from study.data.linear_gaussian import LinearGaussian
from study.errors import InvalidValue

MODELS = st.builds(LinearGaussian.drawn, st.integers(1, 8), st.integers(1, 5), st.integers(0, 2**40))


def rng(*parts: int) -> np.random.Generator:
    return np.random.default_rng(parts)


@given(MODELS)
def test_log_density_is_the_gaussians(model: LinearGaussian) -> None:
    x = model.sample(7, rng(1))
    expected = stats.multivariate_normal(model.offset, model.covariance).logpdf(x)
    np.testing.assert_allclose(model.log_density(x), expected, atol=1e-7)


def test_log_density_and_posterior_by_quadrature() -> None:
    model = LinearGaussian.drawn(3, 1, "quadrature")
    (x,), w, s2 = model.joint(1, rng(2))[0], model.weights[:, 0], model.noise_variance

    def moment(power: int) -> float:
        def joint(z: float) -> float:
            log = -0.5 * (np.sum((x - w * z - model.offset) ** 2) / s2 + 3 * np.log(2 * np.pi * s2))
            return float(z**power * np.exp(log) * stats.norm.pdf(z))

        return integrate.quad(joint, -9, 9, points=[0.0], epsabs=0, epsrel=1e-10, limit=200)[0]

    evidence, mean, second = (moment(power) for power in range(3))
    np.testing.assert_allclose(model.log_density(x[None]), np.log(evidence), atol=1e-8)
    exact, covariance = model.posterior(x[None])
    np.testing.assert_allclose(exact[0, 0], mean / evidence, atol=1e-7)
    np.testing.assert_allclose(covariance[0, 0], second / evidence - (mean / evidence) ** 2, atol=1e-7)


@given(MODELS, st.integers(0, 2**32))
def test_bound_plus_gap_is_the_evidence(model: LinearGaussian, seed: int) -> None:
    """ELBO and inference gap are computed apart, for an arbitrary q: their sum is log p(x) to 1e-4 nats and better."""
    x, draw = model.sample(5, rng(3)), rng(seed)
    mean, variance = draw.normal(size=(5, model.latents)), draw.uniform(0.01, 2, (5, model.latents))
    gap = model.inference_gap(x, mean, variance)
    assert (gap >= -1e-9).all()
    np.testing.assert_allclose(model.elbo(x, mean, variance) + gap, model.log_density(x), rtol=1e-9, atol=1e-6)


@given(MODELS)
def test_the_closed_form_encoder_leaves_no_gap(model: LinearGaussian) -> None:
    best = model.rotated()
    x = model.sample(5, rng(4))
    np.testing.assert_allclose(best.log_density(x), model.log_density(x), atol=1e-7)
    encoder = best.encoder()
    mean = x @ encoder.kernel + encoder.bias
    np.testing.assert_allclose(best.elbo(x, mean, np.exp(encoder.log_var)), model.log_density(x), atol=1e-6)
    # The judge can fail: any other encoder leaves a gap, of exactly ½ Σ (e^½ - 1 - ½) for variances e^½ too large.
    lost = best.inference_gap(x, mean, np.exp(encoder.log_var + 0.5))
    np.testing.assert_allclose(lost, model.latents * 0.5 * (np.exp(0.5) - 1.5), atol=1e-8)


def test_a_diagonal_encoder_of_correlated_latents_is_refused() -> None:
    with pytest.raises(InvalidValue, match=r"rotated\(\)"):
        LinearGaussian.drawn(6, 3, 0).encoder()


@given(MODELS)
def test_aggregate_posterior_over_the_model_is_the_prior(model: LinearGaussian) -> None:
    kernel = model.posterior(np.eye(model.features) + model.offset)[0]  # (feature, latent)
    covariance = kernel.T @ model.covariance @ kernel + model.posterior_covariance
    np.testing.assert_allclose(covariance, np.eye(model.latents), atol=1e-9)
    np.testing.assert_allclose(model.posterior(model.offset[None])[0], 0, atol=1e-12)


@given(st.integers(0, 2**32), st.integers(1, 4))
def test_fitted_aggregate_posterior_is_exact_on_its_own_data(seed: int, latents: int) -> None:
    x = rng(seed).normal(size=(40, 6)) @ rng(seed, 1).normal(size=(6, 6)) + 3
    model = LinearGaussian.fit(x, latents)
    mean, covariance = model.posterior(x)
    np.testing.assert_allclose(mean.mean(axis=0), 0, atol=1e-7)
    np.testing.assert_allclose(mean.T @ mean / 40 + covariance, np.eye(latents), atol=1e-6)
    model.encoder()  # diagonal already


def test_fit_has_the_highest_likelihood_of_its_neighbours_and_finds_the_truth() -> None:
    truth = LinearGaussian.drawn(6, 2, "truth")
    model = LinearGaussian.fit(truth.sample(50_000, rng(5)), 2)
    np.testing.assert_allclose(model.covariance, truth.covariance, atol=0.05 * np.abs(truth.covariance).max())
    x = truth.sample(300, rng(6))
    best = LinearGaussian.fit(x, 2)
    for seed in range(10):
        change = 0.05 * rng(7, seed).normal(size=(6, 2))
        for other in ((best.weights + change, best.noise_variance), (best.weights, best.noise_variance * 1.05)):
            assert LinearGaussian(other[0], best.offset, other[1]).log_density(x).sum() < best.log_density(x).sum()


def test_both_ways_of_sampling_have_the_moments_of_the_closed_form() -> None:
    """Each of the moments within 5 standard errors: a false alarm in 3 of 100,000, seeds fixed."""
    model, n = LinearGaussian.drawn(6, 2, "moments"), 40_000
    x, z = model.joint(n, rng(8))
    spread = np.sqrt(np.diag(model.covariance))
    for draws in (x, model.sample(n, rng(9))):
        assert (np.abs(draws.mean(axis=0) - model.offset) < 5 * spread / np.sqrt(n)).all()
        assert (np.abs(np.cov(draws.T) - model.covariance) < 5 * np.outer(spread, spread) * np.sqrt(2 / n)).all()
    cross = (x - model.offset).T @ z / n
    assert (np.abs(cross - model.weights) < 5 * np.sqrt(2 / n) * spread[:, None]).all()


def test_draws_repeat_and_differ_by_seed() -> None:
    first, again, other = (LinearGaussian.drawn(4, 2, seed) for seed in (0, 0, 1))
    assert np.array_equal(first.weights, again.weights)
    assert not np.isclose(first.weights, other.weights).any()
    assert 0.05 <= first.noise_variance <= 1
    with pytest.raises(ValueError, match="read-only"):
        first.weights[0, 0] = 0


@pytest.mark.parametrize(
    ("make", "argument"),
    [
        (lambda: LinearGaussian(np.full((2, 1), np.nan), np.zeros(2), 1.0), "weights"),
        (lambda: LinearGaussian(np.ones((2, 1)), np.zeros(3), 1.0), "offset"),
        (lambda: LinearGaussian(np.ones((2, 1)), np.zeros(2), 0.0), "noise_variance"),
        (lambda: LinearGaussian.drawn(2, 1, 0).log_density([[1.0, np.nan]]), "x"),
        (lambda: LinearGaussian.drawn(2, 1, 0).posterior([1.0, 2.0]), "x"),
        (lambda: LinearGaussian.drawn(2, 1, 0).elbo([[1.0, 2.0]], [[0.0]], [[0.0]]), "mean, variance"),
        (lambda: LinearGaussian.fit(np.eye(3), 3), "latents"),
        (lambda: LinearGaussian.fit(np.outer(np.arange(9.0), [1, 2, 3]), 1), "x"),
    ],
)
def test_what_is_no_such_model_is_refused(make: object, argument: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{argument}: expected"):
        make()  # type: ignore[operator]
