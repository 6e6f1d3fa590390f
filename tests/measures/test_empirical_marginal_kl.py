"""Marginal KL of the training images."""

from __future__ import annotations

import numpy as np
import pytest
from planted import SEEDS, hole

from study.latent.gaussians import DiagonalGaussians
from study.measures.empirical_marginal_kl import empirical_marginal_kl
from study.testing import Loses, Planted


def apart() -> DiagonalGaussians:
    """Twenty components that hardly overlap."""
    mean = np.arange(20.0).reshape(1, 20, 1) * np.ones((3, 1, 1))
    return DiagonalGaussians(mean, np.full_like(mean, -12.0))


APART = apart()
FLOOR = APART.kl().mean(1) - np.log(20)
PLANTED = Planted({"train": APART, "training_draws": APART.draw(SEEDS, 60)}, FLOOR, 1e-5, sample_order=False)
# The mean and variance of this mixture match the prior's: it must be found nevertheless.
LOSES = Loses({"train": hole(), "training_draws": hole().draw(SEEDS, 1200)}, above=1.0)


def test_the_floor_is_reached_by_components_that_stand_apart():
    found = empirical_marginal_kl(APART, APART.draw(SEEDS, 60))
    np.testing.assert_array_equal(found.low, found.high)
    np.testing.assert_allclose(found.floor, found.low, atol=1e-5)


@pytest.mark.parametrize("latent", [2, 4, 8])
def test_it_is_not_clipped(latent):
    """Of nearly collapsed components the estimate scatters around 0, and a cut would only ever add."""
    rng = np.random.default_rng(0)
    mean = rng.normal(0, 0.1, (40, 30, latent))
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(0.99)))
    found = empirical_marginal_kl(q, q.draw(range(40), 60)).low
    exact = empirical_marginal_kl(q, q.draw(range(40), 6_000)).low
    assert (found < 0).any()
    np.testing.assert_allclose(found.mean(), exact.mean(), atol=0.003)
