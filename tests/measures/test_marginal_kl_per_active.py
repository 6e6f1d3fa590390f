"""Marginal KL of the active dimensions, each alone."""

from __future__ import annotations

import numpy as np
from planted import collapsed, hole, seeds, spread

from study.latent.gaussians import DiagonalGaussians
from study.measures.marginal_kl_per_active import marginal_kl_per_active
from study.testing import Loses, Planted


def with_dead(q: DiagonalGaussians) -> DiagonalGaussians:
    """Add three latents that are the prior."""
    dead = np.zeros((q.replicas, q.samples, 3))
    return DiagonalGaussians(np.concatenate([q.mean, dead], -1), np.concatenate([q.log_var, dead], -1))


TRUTH = 0.5 * (1 - np.log(2))  # KL(N(0, 2) ‖ N(0, 1))
TRAIN, HELDOUT = spread(1500, 2, 0.2, 2.0, "train"), spread(500, 2, 0.2, 2.0, "heldout")
# Dead dimensions do not count.
PLANTED = Planted(
    {"train": with_dead(TRAIN), "heldout": with_dead(HELDOUT), "seeds": seeds}, TRUTH, 0.05, sample_order=False
)
LOSES = Loses({"train": hole(), "heldout": hole(), "seeds": seeds}, above=1.0)


def test_dead_dimensions_change_nothing():
    found = marginal_kl_per_active(TRAIN, HELDOUT, seeds)
    np.testing.assert_allclose([found.low, found.high], TRUTH, atol=0.05)


def test_exact_prior_is_matched_on_every_dimension():
    found = marginal_kl_per_active(spread(1400, 8, 0.1, key="train"), spread(360, 8, 0.1, key="heldout"), seeds)
    assert (found.low < 0.005).all()
    assert (found.high < 0.02).all()


def test_no_active_dimension_is_zero():
    found = marginal_kl_per_active(collapsed(), collapsed(), seeds)
    np.testing.assert_array_equal([found.low, found.high, found.floor], np.zeros((3, 3)))
