"""Marginal KL of the population."""

from __future__ import annotations

import numpy as np
from planted import as_redraws, hole, measured, population, spread

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted

# KL(N(0, 2) ‖ N(0, 1)); the means are draws themselves, whose sampling error is left to the tolerance.
TRUTH = 0.5 * (1 - np.log(2))
PAIR = as_redraws(spread(1500, 1, 0.2, 2.0, "train"), spread(500, 1, 0.2, 2.0, "heldout"))
PLANTED = Planted(PAIR, TRUTH, 0.1, sample_order=False)
# Mean and variance match the prior's, but there is a hole at 0.
LOSES = Loses(as_redraws(hole(), hole()), above=1.0)


def test_rescaling_takes_what_is_size_alone_and_leaves_what_is_shape():
    wide, holed = population(2, total=2.0), population(2, cut=0.2)
    assert (measured("marginal_kl", wide).low > 0.25).all()
    assert (measured("marginal_kl", wide, rescaled=True).high < 0.1).all()
    # Half of what a cut half space costs is its shift and its narrowness.
    assert (measured("marginal_kl", holed, rescaled=True).low > 0.005).all()


def test_dead_dimensions_change_nothing():
    needs = population(4, cut=0.2)
    padded = {name: q if callable(q) else padding(q) for name, q in needs.items()}
    for rescaled in (False, True):
        plain, wide = (measured("marginal_kl", n, rescaled=rescaled) for n in (needs, padded))
        np.testing.assert_allclose([wide.low, wide.high], [plain.low, plain.high], atol=0.03)


def padding(q: DiagonalGaussians) -> DiagonalGaussians:
    """Add four latents that are the prior."""
    dead = np.zeros((q.replicas, q.samples, 4))
    return DiagonalGaussians(np.concatenate([q.mean, dead], -1), np.concatenate([q.log_var, dead], -1))
