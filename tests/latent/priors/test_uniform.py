"""The uniform prior: normal draws become uniform ones, and back."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import special, stats

from study.latent.priors import uniform


def test_normal_draws_become_uniform_on_0_to_10() -> None:
    """Kolmogorov-Smirnov at 1e-6, seed fixed; a normal of the same mean and variance loses."""
    u = np.random.default_rng(1).normal(size=20_000)
    z = uniform.forward(u, special)
    assert stats.kstest(z, stats.uniform(0, 10).cdf).pvalue > 1e-6
    assert stats.kstest(5 + u * 10 / np.sqrt(12), stats.uniform(0, 10).cdf).pvalue < 1e-6


@given(arrays(np.float64, (2, 3), elements=st.floats(-5, 5)))
def test_its_inverse_undoes_it(u: np.ndarray) -> None:
    z = uniform.forward(u, special)
    assert ((z > 0) & (z < 10)).all()
    np.testing.assert_allclose(uniform.inverse(z), u, atol=1e-7)


def test_it_is_ten_times_the_distribution_function() -> None:
    u = np.linspace(-4, 4, 17)
    np.testing.assert_allclose(uniform.forward(u, special), 10 * stats.norm.cdf(u), atol=1e-12)
