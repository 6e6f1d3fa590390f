"""Log density ratios at draws of the held-out aggregate and of the prior."""

from __future__ import annotations

import numpy as np
from planted import hashed, population

from study.latent.gaussians import prior_draws, prior_log_density
from study.measures.shared.ratios import ratios


def test_draws_are_eight_of_each_held_out_digit_and_as_many_of_the_prior():
    needs = population(2)
    train, heldout = needs["train"], needs["heldout_redraws"]
    found = ratios(train, heldout, hashed)
    assert found.aggregate.shape == found.prior.shape == (3, 2880)
    image = heldout.component(2880) // 24
    np.testing.assert_array_equal(np.bincount(image), np.full(360, 8))
    z = prior_draws(hashed("ratios"), 2880, 2)
    np.testing.assert_allclose(found.prior, train.log_density(z) - prior_log_density(z), atol=1e-3)
