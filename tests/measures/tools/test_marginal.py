"""The bracket of the population's marginal KL, on aggregates that are known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from study.measures.tools import marginal


def kl_isotropic(total: float, latent: int) -> float:
    """KL(N(0, total I) ‖ N(0, I)), nats."""
    return 0.5 * latent * (total - 1 - np.log(total))


@pytest.mark.parametrize(("latent", "total"), [(1, 2.0), (2, 2.0), (4, 2.0), (3, 0.25)])
def test_known_population_lies_inside_the_bracket(spread, seeds, latent, total):
    train, heldout = spread(1500, latent, 0.2, total, "train"), spread(500, latent, 0.2, total, "heldout")
    found = marginal.population(train, heldout, seeds)
    truth = kl_isotropic(total, latent)
    # The held-out means are 500 draws themselves: their sampling error is left to the bracket, plus 0.1 nats.
    assert (found.low <= truth + 0.1).all()
    assert (found.high >= truth - 0.1).all()
    if latent < 4:  # where the bracket is narrow it must say the prior is not matched
        assert (found.low > truth / 2).all()


@pytest.mark.parametrize("latent", [10, 16])
def test_exact_prior_at_a_high_rate_straddles(spread, seeds, latent):
    train, heldout = spread(1000, latent, 0.02, key="train"), spread(300, latent, 0.02, key="heldout")
    found = marginal.population(train, heldout, seeds)
    assert (heldout.kl().mean(1) > 10).all()
    np.testing.assert_array_equal(found.low, 0.0)
    assert (found.high > 1.0).all()
    # Hardly any two components overlap: the upper end is its floor.
    np.testing.assert_allclose(found.high, found.floor, atol=0.2)


def test_collapse_is_the_prior_exactly(collapsed, seeds):
    found = marginal.population(collapsed, collapsed, seeds)
    np.testing.assert_allclose(found.high, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.low, 0.0, atol=1e-9)
    np.testing.assert_allclose(found.floor, -np.log(100))


def test_hole_is_found_though_mean_and_variance_match(hole, seeds):
    sd = np.sqrt(1 - 0.99**2)

    def integrand(t: float) -> float:
        density = (np.exp(-0.5 * ((t - 0.99) / sd) ** 2) + np.exp(-0.5 * ((t + 0.99) / sd) ** 2)) / 2
        density /= sd * np.sqrt(2 * np.pi)
        return density * (np.log(density) + 0.5 * (t**2 + np.log(2 * np.pi))) if density > 0 else 0.0

    truth = quad(integrand, -3, 3, points=[-0.99, 0.99], limit=200)[0]
    found = marginal.population(hole, hole, seeds, 4000)
    np.testing.assert_allclose(found.low, truth, atol=0.02)
    np.testing.assert_allclose(found.high, truth, atol=0.02)
