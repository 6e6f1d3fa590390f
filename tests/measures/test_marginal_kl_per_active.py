"""Marginal KL of the population, divided by the active dimensions."""

from __future__ import annotations

import numpy as np
from planted import REPLICAS, collapsed

from study.latent.gaussians import DiagonalGaussians
from study.measures.marginal_kl_per_active import marginal_kl_per_active
from study.measures.tools.bracket import Bracket
from study.testing import Loses, Planted

# Two of three dimensions are active, the third has a KL of 0.045.
MEAN = np.array([1.0, 1.0, 0.3]) * np.ones((REPLICAS, 20, 1))
TRAIN = DiagonalGaussians(MEAN, np.zeros_like(MEAN))


def total(value: float):
    """Give a planted marginal KL, smaller when it is rescaled."""
    return lambda rescaled=False: Bracket(*np.full((2, REPLICAS), value - rescaled))


PLANTED = Planted({"marginal_kl": total(3.0), "train": TRAIN}, 1.5, 1e-12)
LOSES = Loses({"marginal_kl": total(30.0), "train": TRAIN}, above=10.0)


def test_it_follows_the_rescaling():
    np.testing.assert_allclose(marginal_kl_per_active(total(3.0), TRAIN, rescaled=True).low, 1.0)


def test_no_active_dimension_is_zero():
    found = marginal_kl_per_active(total(3.0), collapsed())
    np.testing.assert_array_equal([found.low, found.high], np.zeros((2, 3)))
