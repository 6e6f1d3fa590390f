"""The diagonal Gaussians and their mixture, against direct formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.special import logsumexp
from scipy.stats import norm

from study.errors import InvalidValue
from study.latent import mixture
from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.seeds import generator, seed

shapes = st.tuples(st.integers(1, 3), st.integers(1, 30), st.integers(1, 6))


def gaussians(shape: tuple[int, int, int], key: int, log_var: float = -2.0, spread: float = 1.0) -> DiagonalGaussians:
    rng = generator("posterior", key)
    return DiagonalGaussians(rng.normal(size=shape), rng.normal(log_var, spread, size=shape))


def log_terms(q: DiagonalGaussians, z: np.ndarray) -> np.ndarray:
    """Component log densities, without any shortcut: ``(replica, m, sample, latent)``."""
    return norm.logpdf(z[:, :, None], q.mean[:, None], np.exp(0.5 * q.log_var)[:, None])


@settings(max_examples=40, deadline=None)
@given(shape=shapes, key=st.integers(0, 10**6), log_var=st.sampled_from([-20.0, -14.0, -6.0, -2.0, 0.0, 3.0]))
def test_log_densities_equal_the_direct_sum(shape, key, log_var):
    q = gaussians(shape, key, log_var)
    z = np.concatenate([q.draw([key] * shape[0], 7), generator("far", key).normal(0, 5, (shape[0], 5, shape[2]))], 1)
    terms, log_n = log_terms(q, z), np.log(q.samples)
    # Far from narrow components the log density itself is -1e9 nats: there the tolerance is relative.
    np.testing.assert_allclose(q.log_density(z), logsumexp(terms.sum(-1), axis=2) - log_n, atol=1e-4, rtol=1e-12)
    wider = logsumexp(log_terms(DiagonalGaussians(q.mean, q.log_var + np.log(2)), z).sum(-1), axis=2) - log_n
    found = q.log_densities(z, 1)
    np.testing.assert_allclose(found[:, 0], q.log_density(z), atol=1e-3, rtol=1e-6)
    np.testing.assert_allclose(found[:, 1], wider, atol=1e-3, rtol=1e-6)


@pytest.mark.parametrize(("sparse", "error"), [(mixture._SPARSE, mixture._ERROR), (-1.0, mixture._ERROR), (-1.0, -1.0)])
def test_log_density_keeps_its_precision_at_tiny_variances_and_many_latents(sparse, error, monkeypatch):
    monkeypatch.setattr(mixture, "_SPARSE", sparse)  # -1: every tile whole
    monkeypatch.setattr(mixture, "_ERROR", error)  # -1: always differences first
    rng = generator("narrow")
    mean = 3 + rng.normal(size=(1, 150, 100))
    mean[:, 1::2] = mean[:, ::2] + 1e-3 * rng.normal(size=(1, 75, 100))  # neighbours within reach
    q = DiagonalGaussians(mean, np.full(mean.shape, np.log(1e-6)))
    z = q.draw([seed("narrow")])
    expected = logsumexp(log_terms(q, z).sum(-1), axis=2) - np.log(q.samples)
    np.testing.assert_allclose(q.log_density(z), expected, atol=1e-4, rtol=0)


def test_a_large_offset_costs_no_precision():
    q = gaussians((1, 50, 3), 0, -12.0, 0.0)
    z = q.draw([1])
    moved = DiagonalGaussians(q.mean + 2.0**20, q.log_var)
    np.testing.assert_allclose(moved.log_density(z + 2.0**20), q.log_density(z), atol=1e-4)


def test_a_density_integrates_to_one_through_a_hole():
    q = DiagonalGaussians(np.array([[[-4.0], [4.0]]]), np.full((1, 2, 1), np.log(0.01)))

    def density(t):
        return float(np.exp(q.log_density(np.array([[[t]]]))[0, 0]))

    assert quad(density, -6, 6, points=[-4, 4], limit=200)[0] == pytest.approx(1, abs=1e-6)
    assert q.log_density(np.zeros((1, 1, 1)))[0, 0] == pytest.approx(norm.logpdf(0, 4, 0.1), abs=1e-6)


@settings(max_examples=20, deadline=None)
@given(mean=st.floats(-3, 3), log_var=st.floats(-8, 3))
def test_kl_is_the_integral(mean, log_var):
    q = DiagonalGaussians(np.full((1, 1, 2), mean), np.full((1, 1, 2), log_var))
    # Closed form by another route: cross entropy less entropy.
    expected = 0.5 * (mean**2 + np.exp(log_var) + np.log(2 * np.pi)) - norm(mean, np.exp(log_var / 2)).entropy()
    np.testing.assert_allclose(q.kl_per_dimension(), expected, atol=1e-12)
    np.testing.assert_allclose(q.kl(), 2 * expected, atol=1e-12)


def test_kl_near_the_prior_is_not_negative():
    q = DiagonalGaussians(np.zeros((1, 1, 1)), np.full((1, 1, 1), 1e-9))
    assert q.kl()[0, 0] == pytest.approx(0, abs=1e-17)
    assert q.kl()[0, 0] >= 0


@settings(max_examples=20, deadline=None)
@given(shape=shapes, key=st.integers(0, 10**6), count=st.integers(1, 70))
def test_draws_do_not_depend_on_siblings(shape, key, count):
    q = gaussians(shape, key)
    seeds = [seed("draw", key, r) for r in range(q.replicas)]
    z = q.draw(seeds, count)
    assert z.shape == (q.replicas, count, q.latent)
    np.testing.assert_array_equal(z[-1:], q.subset_replicas([-1]).draw(seeds[-1:], count))
    np.testing.assert_allclose(q.own_log_density(z)[:, 0], norm.logpdf(z[:, 0], q.mean[:, 0], np.sqrt(q.var[:, 0])))


def test_draws_are_stratified_and_evenly_spread():
    q = DiagonalGaussians(np.arange(6.0).reshape(1, 6, 1), np.full((1, 6, 1), -20.0))
    np.testing.assert_array_equal(q.draw([0], 12).round().ravel(), np.tile(np.arange(6), 2))
    np.testing.assert_array_equal(q.draw([0], 3).round().ravel(), [0, 2, 4])


def test_noise_of_draws_is_not_the_prior_draw_of_the_same_seed():
    q = DiagonalGaussians(np.zeros((1, 1000, 1)), np.zeros((1, 1000, 1)))
    z, prior = q.draw([7]).ravel(), prior_draws([7], 1000, 1).ravel()
    assert abs(np.corrcoef(z, prior)[0, 1]) < 0.2


def test_standardised_is_a_change_of_variables():
    q = gaussians((2, 20, 3), 9)
    z, scale = q.draw([1, 2]), np.array([0.5, 2.0, 3.0])
    moved = q.standardised(1.0, scale)
    np.testing.assert_allclose(moved.log_density((z - 1) / scale), q.log_density(z) + np.log(scale).sum(), atol=1e-5)


def test_active_needs_a_kl_of_its_own():
    """Dimensions of mean KL 0.5, 0.05, and just below; a constant mean far away is far from the prior, too."""
    mean = np.sqrt(2 * np.array([0.5, 0.0501, 0.0499, 8.0])) * np.ones((1, 50, 1))
    q = DiagonalGaussians(mean, np.zeros_like(mean))
    np.testing.assert_array_equal(q.active(), [[True, True, False, True]])
    np.testing.assert_array_equal(q.active(0.04), [[True, True, True, True]])


@pytest.mark.parametrize(
    ("mean", "log_var", "argument"),
    [
        (np.zeros((2, 3)), np.zeros((2, 3)), "mean"),
        (np.zeros((1, 0, 2)), np.zeros((1, 0, 2)), "mean"),
        (np.zeros((1, 2, 2)), np.zeros((1, 2, 1)), "log_var"),
        (np.full((1, 2, 2), np.nan), np.zeros((1, 2, 2)), "mean"),
        (np.zeros((1, 2, 2)), np.full((1, 2, 2), np.inf), "log_var"),
        (np.zeros((1, 2, 2)), np.full((1, 2, 2), np.nan), "log_var"),
    ],
)
def test_what_is_no_gaussian_is_refused(mean, log_var, argument):
    with pytest.raises(InvalidValue, match=f"^{argument}:"):
        DiagonalGaussians(mean, log_var)


def test_wrong_points_seeds_and_counts_are_refused():
    q = gaussians((2, 3, 4), 0)
    for call in (
        lambda: q.log_density(np.zeros((2, 5, 3))),
        lambda: q.log_densities(np.zeros((1, 5, 4))),
        lambda: q.draw([1]),
        lambda: q.draw([1, 2], 0),
        lambda: q.standardised(0.0, 0.0),
    ):
        with pytest.raises(InvalidValue):
            call()
