"""Log density ratios at draws of the prior."""

from __future__ import annotations

import numpy as np
from planted import hashed, population

from study.latent.gaussians import prior_draws, prior_log_density
from study.measures.shared.prior_ratios import prior_ratios


def test_draws_are_as_many_of_the_prior():
    needs = population(2)
    z = prior_draws(hashed("ratios"), 2880, 2)
    found = prior_ratios(needs["train"], needs["heldout_redraws"], hashed)
    np.testing.assert_allclose(found, needs["train"].log_density(z) - prior_log_density(z), atol=1e-3)
