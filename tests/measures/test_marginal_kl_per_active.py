"""Marginal KL of the population, divided by the active dimensions."""

from __future__ import annotations

import numpy as np
from planted import REPLICAS, as_redraws, collapsed, hole, spread

from study.latent.gaussians import DiagonalGaussians
from study.measures.marginal_kl_per_active import marginal_kl_per_active
from study.measures.tools.bracket import Bracket
from study.testing import Loses, Planted


def with_dead(q: DiagonalGaussians) -> DiagonalGaussians:
    """Add three latents that are the prior."""
    dead = np.zeros((q.replicas, q.samples, 3))
    return DiagonalGaussians(np.concatenate([q.mean, dead], -1), np.concatenate([q.log_var, dead], -1))


# KL(N(0, 2) ‖ N(0, 1)) on each of two dimensions; dead ones do not count.
PAIR = as_redraws(with_dead(spread(1500, 2, 0.2, 2.0, "train")), with_dead(spread(500, 2, 0.2, 2.0, "heldout")))
PLANTED = Planted(PAIR, 0.5 * (1 - np.log(2)), 0.08, sample_order=False)
LOSES = Loses(as_redraws(hole(), hole()), above=1.0)


def total(rescaled: bool = False) -> Bracket:
    """Give a planted marginal KL, smaller when it is rescaled."""
    return Bracket(*np.full((2, REPLICAS), 3.0 - rescaled))


def test_it_divides_by_the_dimensions_whose_own_kl_is_enough_and_follows_the_rescaling():
    mean = np.array([1.0, 1.0, 0.3]) * np.ones((REPLICAS, 20, 1))  # the third has a KL of 0.045
    train = DiagonalGaussians(mean, np.zeros_like(mean))
    np.testing.assert_allclose(marginal_kl_per_active(total, train).low, 1.5)
    np.testing.assert_allclose(marginal_kl_per_active(total, train, rescaled=True).high, 1.0)


def test_no_active_dimension_is_zero():
    found = marginal_kl_per_active(total, collapsed())
    np.testing.assert_array_equal([found.low, found.high], np.zeros((2, 3)))
