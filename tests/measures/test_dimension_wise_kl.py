"""Marginal KL for each latent dimension, and the three ways to average."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures import marginal_kl
from study.measures.dimension_wise_kl import mean_over_active, total_over_dimensions


def with_dead(q: DiagonalGaussians) -> DiagonalGaussians:
    """Add three latents that are the prior."""
    dead = np.zeros((q.replicas, q.samples, 3))
    return DiagonalGaussians(np.concatenate([q.mean, dead], -1), np.concatenate([q.log_var, dead], -1))


def test_dead_dimensions_do_not_count(spread, seeds):
    train, heldout = spread(1500, 2, 0.2, 2.0, "train"), spread(500, 2, 0.2, 2.0, "heldout")
    truth = 0.5 * (1 - np.log(2))  # KL(N(0, 2) ‖ N(0, 1))
    for pair in ((train, heldout), (with_dead(train), with_dead(heldout))):
        found = mean_over_active(*pair, seeds)
        np.testing.assert_allclose(found.low, truth, atol=0.05)
        np.testing.assert_allclose(found.high, truth, atol=0.05)
    diluted = total_over_dimensions(with_dead(train), with_dead(heldout), seeds)
    whole = marginal_kl.population(with_dead(train), with_dead(heldout), seeds)
    np.testing.assert_allclose(diluted.high, whole.high / 5)
    assert (diluted.high < truth / 2).all()


def test_exact_prior_is_matched_on_every_dimension(spread, seeds):
    found = mean_over_active(spread(1400, 8, 0.1, key="train"), spread(360, 8, 0.1, key="heldout"), seeds)
    assert (found.low < 0.005).all()
    assert (found.high < 0.02).all()


def test_no_active_dimension_is_zero(collapsed, seeds):
    found = mean_over_active(collapsed, collapsed, seeds)
    np.testing.assert_array_equal([found.low, found.high, found.floor], np.zeros((3, collapsed.replicas)))


def test_hole_shows_on_its_dimension(hole, seeds):
    assert (mean_over_active(hole, hole, seeds).low > 1.0).all()
