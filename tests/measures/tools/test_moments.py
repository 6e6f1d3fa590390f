"""Moments of the aggregate posterior."""

from __future__ import annotations

import numpy as np
import pytest

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools import moments


def test_exact_moments_are_those_of_many_draws(spread, seeds):
    q = spread(50, 3, 0.3, 2.0)
    exact, drawn = moments.exact(q), q.draw(seeds, 50_000)
    np.testing.assert_allclose(drawn.mean(1), exact.mean, atol=0.03)
    np.testing.assert_allclose(drawn.swapaxes(1, 2) @ drawn / 50_000, exact.second, atol=0.08)
    np.testing.assert_allclose(exact.excess, (q.mean**2 + q.var).mean(1) - 1)


@pytest.mark.parametrize("total", [0.5, 1.0, 2.0])
def test_excess_is_planted(spread, total):
    q = spread(20_000, 2, 0.1, total)
    np.testing.assert_allclose(moments.exact(q).mean_excess(q.active()), total - 1, atol=0.05)


def test_off_diagonal():
    mean = np.array([[[1.0, 1.0], [-1.0, -1.0], [3.0, 0.0], [-3.0, 0.0]]])
    found = moments.exact(DiagonalGaussians(mean + np.array([0.0, 2.0]), np.full_like(mean, -20.0)))
    np.testing.assert_allclose(found.off_diagonal, [0.5])
    one = moments.exact(DiagonalGaussians(mean[..., :1], mean[..., :1]))
    np.testing.assert_array_equal(one.off_diagonal, [0.0])


def test_no_active_dimension_has_no_excess(collapsed):
    np.testing.assert_array_equal(moments.exact(collapsed).mean_excess(collapsed.active()), [0.0] * 3)
