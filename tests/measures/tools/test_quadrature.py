"""The marginal KL of single dimensions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from planted import collapsed
from scipy.integrate import quad
from scipy.stats import norm

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools import quadrature


def one(mean, sd):
    return DiagonalGaussians(np.reshape(mean, (1, -1, 1)).astype(float), np.log(np.reshape(sd, (1, -1, 1)) ** 2.0))


@settings(max_examples=50, deadline=None)
@given(mean=st.floats(-3, 3), sd=st.floats(0.02, 1))
def test_a_gaussian_has_its_closed_form(mean, sd):
    found = quadrature.dimension_kl(one([mean] * 3, [sd] * 3), np.ones((1, 1), bool))
    np.testing.assert_allclose(found, 0.5 * (mean**2 + sd**2 - 1) - np.log(sd), atol=2e-5)


@pytest.mark.parametrize("widths", [(0.05, 0.05), (0.3, 0.3), (0.1, 0.9)])
def test_a_mixture_agrees_with_adaptive_quadrature(widths):
    def integrand(t):
        density = norm.pdf(t, [-1, 1], widths).mean()
        return density * (np.log(density) - norm.logpdf(t)) if density > 1e-300 else 0.0

    exact = quad(integrand, -8, 8, points=[-1, 1], limit=500)[0]
    np.testing.assert_allclose(quadrature.dimension_kl(one([-1, 1], widths)), exact, atol=2e-5)


def test_points_left_out_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    q = one(rng.normal(0, 0.9, 500), np.exp(rng.normal(-1.5, 0.3, 500)))
    few = quadrature.dimension_kl(q)
    monkeypatch.setattr(quadrature, "STEPS", (1,))
    np.testing.assert_allclose(few, quadrature.dimension_kl(q), atol=1e-6)


def test_dead_dimensions_do_not_count_and_none_active_is_zero():
    q = one([-1, 1], [0.3, 0.3])
    dead = np.zeros((1, 2, 3))
    padded = DiagonalGaussians(np.concatenate([q.mean, dead], -1), np.concatenate([q.log_var, dead], -1))
    np.testing.assert_array_equal(quadrature.dimension_kl(padded), quadrature.dimension_kl(q))
    np.testing.assert_array_equal(quadrature.dimension_kl(collapsed()), 0)
