"""The mixture density against the direct sum in float64, whichever way its tiles go."""

from __future__ import annotations

from threading import get_ident
from time import sleep

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from study.latent import mixture
from study.seeds import generator

WAYS = {"screened": 1.0, "as needed": mixture._SPARSE, "all": -1.0}
"""Shares of pairs up to which a tile's pairs are computed alone: always, as the study does, never."""


def direct(z, mean, log_var):
    square = (z[:, None] - mean) ** 2 * np.exp(-log_var)
    return logsumexp(-0.5 * (square + log_var).sum(-1), axis=1)


def components(key, samples, latent, log_var, spread):
    rng = generator("mixture", key)
    mean, log_var = rng.normal(size=(samples, latent)), rng.normal(log_var, spread, (samples, latent))
    z = mean[::3] + np.exp(0.5 * log_var[::3]) * rng.normal(size=mean[::3].shape)
    return np.concatenate([z, rng.normal(0, 4, (5, latent))]), mean, log_var


@pytest.fixture
def small_tiles(monkeypatch):
    """Tiles so small that a few hundred components fill many."""
    monkeypatch.setattr(mixture, "_POINTS", 16)
    monkeypatch.setattr(mixture, "_COMPONENTS", 32)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=25, deadline=None)
@given(
    key=st.integers(0, 10**6),
    samples=st.sampled_from([1, 31, 32, 33, 150]),
    latent=st.integers(1, 12),
    log_var=st.sampled_from([-30.0, -12.0, -4.0, 0.0, 4.0]),
    spread=st.sampled_from([0.0, 1.0, 4.0]),
)
def test_every_way_gives_the_direct_sum(way, key, samples, latent, log_var, spread):
    z, mean, log_var = components(key, samples, latent, log_var, spread)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mixture, "_SPARSE", WAYS[way])
        found = mixture.log_sum(z, mean, log_var)
    np.testing.assert_allclose(found, direct(z, mean, log_var), atol=2e-5, rtol=1e-11)


@settings(max_examples=60, deadline=None)
@given(
    key=st.integers(0, 10**6),
    samples=st.sampled_from([1, 31, 513, 1100]),
    latent=st.integers(1, 12),
    log_var=st.sampled_from([-12.0, -4.0, -2.0, 0.0, 4.0]),
    spread=st.sampled_from([0.0, 0.3, 1.0, 4.0]),
    octaves=st.integers(0, 2),
)
def test_every_width_gives_the_direct_sum(key, samples, latent, log_var, spread, octaves):
    z, mean, log_var = components(key, samples, latent, log_var, spread)
    found = mixture.log_sums(z, mean, log_var, octaves)
    expected = [direct(z, mean, log_var + k * np.log(2)) for k in range(octaves + 1)]
    # Far from narrow components a log density is -1e6 nats: there the tolerance is relative.
    np.testing.assert_allclose(found, expected, atol=1e-3, rtol=1e-6)


def test_single_precision_costs_no_more_than_said_up_to_its_bound():
    """At the narrowest components that are still left to float32, errors are a hundredth of the bound."""
    z, mean, log_var = components(3, 5000, 2, np.log(0.006), 0.1)
    error = mixture.log_sums(z, mean, log_var)[0] - direct(z, mean, log_var)
    assert 1e-7 < np.abs(error).max() < 1e-3  # float64 would have none
    assert abs(error.mean()) < 1e-5


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("log_var", [-9.0, 0.0])
def test_pairs_computed_as_they_come_and_at_the_end_are_the_same(monkeypatch, log_var):
    z, mean, log_var = components(3, 300, 4, log_var, 0.5)
    monkeypatch.setattr(mixture, "_SPARSE", 1.0)
    together = mixture.log_sum(z, mean, log_var)
    monkeypatch.setattr(mixture, "_HELD", 0)
    np.testing.assert_allclose(mixture.log_sum(z, mean, log_var), together, atol=1e-5)


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("log_var", [-9.0, -2.0])
def test_threads_change_nothing(monkeypatch, log_var):
    z, mean, log_var = components(4, 600, 4, log_var, 2.0)
    alone = mixture.log_sum(z, mean, log_var)
    used = set()
    monkeypatch.setattr(mixture, "_SHARED", 0)
    monkeypatch.setattr(mixture, "_threads", lambda: 4)
    add = mixture._Components.log_sum

    def slowly(self, *args):
        used.add(get_ident())
        sleep(0.002)  # so that each thread gets some
        return add(self, *args)

    monkeypatch.setattr(mixture._Components, "log_sum", slowly)
    np.testing.assert_array_equal(mixture.log_sum(z, mean, log_var), alone)
    assert len(used) > 1


def test_as_many_threads_as_the_blas_may_use():
    with threadpool_limits(1):
        assert mixture._threads() == 1
    with threadpool_limits(3, "blas"):
        assert mixture._threads() == 3


@pytest.mark.usefixtures("small_tiles")
@pytest.mark.parametrize("log_var", [-90.0, 90.0])
def test_variances_beyond_float32_are_never_screened(log_var):
    z, mean, log_var = components(1, 100, 3, log_var, 1.0)
    np.testing.assert_allclose(mixture.log_sum(z, mean, log_var), direct(z, mean, log_var), atol=2e-5, rtol=1e-11)


@pytest.mark.usefixtures("small_tiles")
def test_pairs_left_out_together_cost_no_more_than_they_may(monkeypatch):
    """Many components just below the highest: each is nothing, together they are the density."""
    samples = 20_000
    mean, log_var = np.zeros((samples, 1)), np.zeros((samples, 1))
    mean[1:] = np.sqrt(2 * 7)  # 7 nats down, where 20,000 components weigh 18 times the highest
    found = mixture.log_sum(np.zeros((1, 1)), mean, log_var)
    np.testing.assert_allclose(found, direct(np.zeros((1, 1)), mean, log_var), atol=1e-5)
    # The check can fail: were far more allowed to be left out, it would notice.
    monkeypatch.setattr(mixture, "_LEFT_OUT", samples * np.exp(-5))
    monkeypatch.setattr(mixture, "_SPARSE", 1.0)
    assert abs(mixture.log_sum(np.zeros((1, 1)), mean, log_var) - found) > 0.1


def test_few_pairs_are_computed_where_components_are_narrow(monkeypatch):
    z, mean, log_var = components(2, 3_000, 6, -8.0, 0.5)
    pairs = []
    add = mixture._Components._add_pairs
    monkeypatch.setattr(
        mixture._Components,
        "_add_pairs",
        lambda self, z, points, *rest: (pairs.append(len(points)), add(self, z, points, *rest)),
    )
    monkeypatch.setattr(mixture._Components, "_add_all", None)
    mixture.log_sum(z, mean, log_var)
    assert len(z) <= sum(pairs) < 0.05 * len(z) * len(mean)
