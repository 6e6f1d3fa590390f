"""Bounds of log p(x) on a model whose evidence is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from study.errors import InvalidValue
from study.measures.evidence_bound import effective_sample_size, elbo, importance_weighted
from study.seeds import generator


def linear_gaussian(off: float) -> tuple[np.ndarray, float]:
    """Weights for x = 1 under z ~ N(0, 1), x ~ N(z, 1), q off the posterior mean: ``(1, sample, k)``, and log p(x)."""
    z = 0.5 + off + np.sqrt(0.5) * generator("evidence").normal(size=(1, 400, 50))
    weights = norm.logpdf(z) + norm.logpdf(1, z) - norm.logpdf(z, 0.5 + off, np.sqrt(0.5))
    return weights, float(norm.logpdf(1, 0, np.sqrt(2)))


def test_exact_posterior_closes_every_gap():
    weights, truth = linear_gaussian(0.0)
    np.testing.assert_allclose(elbo(weights), truth, atol=1e-9)
    np.testing.assert_allclose(importance_weighted(weights), truth, atol=1e-9)
    np.testing.assert_allclose(effective_sample_size(weights), 50)


def test_wrong_posterior_leaves_its_kl():
    weights, truth = linear_gaussian(0.5)
    np.testing.assert_allclose(elbo(weights), truth - 0.25, atol=0.03)  # KL = off² / (2 · 0.5)
    bounds = [importance_weighted(weights, k)[0] for k in (1, 2, 5, 10, 25, 50)]
    assert bounds[0] == pytest.approx(elbo(weights)[0])
    assert (np.diff(bounds) > 0).all()
    assert bounds[-1] == pytest.approx(truth, abs=0.02)
    assert effective_sample_size(weights)[0] < 45


@settings(max_examples=20, deadline=None)
@given(key=st.integers(0, 10**6), scale=st.floats(0, 300))
def test_bounds_are_ordered(key, scale):
    weights = scale * generator("evidence", key).normal(size=(2, 3, 8))
    assert (importance_weighted(weights) >= elbo(weights) - 1e-9).all()
    ess = effective_sample_size(weights)
    assert ((ess >= 1 - 1e-9) & (ess <= 8 + 1e-9)).all()


def test_bad_weights_are_refused():
    with pytest.raises(InvalidValue):
        elbo(np.full((1, 2, 3), np.nan))
    with pytest.raises(InvalidValue):
        importance_weighted(np.zeros((1, 2, 3)), 4)
