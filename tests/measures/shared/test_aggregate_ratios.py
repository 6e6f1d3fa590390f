"""Log density ratios at draws of the held-out aggregate."""

from __future__ import annotations

import numpy as np
from planted import hashed, population

from study.latent.gaussians import prior_log_density
from study.measures.shared.aggregate_ratios import aggregate_ratios


def test_draws_are_eight_of_each_held_out_digit():
    needs = population(2)
    heldout = needs["heldout_redraws"]
    np.testing.assert_array_equal(np.bincount(heldout.component(2880) // 24), np.full(360, 8))
    z = heldout.draw(hashed("ratios"), 2880)
    found = aggregate_ratios(needs["train"], heldout, hashed)
    np.testing.assert_allclose(found, needs["train"].log_density(z) - prior_log_density(z), atol=1e-3)
