"""Marginal KL of each active dimension of the training mixture."""

from __future__ import annotations

import numpy as np
from planted import collapsed, hole, spread

from study.latent.gaussians import DiagonalGaussians
from study.measures.dimension_marginal_kl import dimension_marginal_kl
from study.testing import Loses, Planted

# KL(N(0, 2) ‖ N(0, 1)) on both dimensions; the means are draws themselves.
PLANTED = Planted({"train": spread(20_000, 2, 0.2, 2.0)}, 0.5 * (1 - np.log(2)), 0.01)
# The second dimension is the prior, and dead: it must not halve the first one's.
LOSES = Loses({"train": hole()}, above=1.0)


def test_it_is_blind_to_what_joins_dimensions():
    """Standard dimensions that are one and the same have no KL each: that is what "each dimension" says."""
    mean = spread(20_000, 1, 0.2).mean
    q = DiagonalGaussians(np.repeat(mean, 2, -1), np.full((3, 20_000, 2), np.log(0.2)))
    assert (dimension_marginal_kl(q) < 0.002).all()


def test_no_active_dimension_is_zero():
    np.testing.assert_array_equal(dimension_marginal_kl(collapsed()), 0)
