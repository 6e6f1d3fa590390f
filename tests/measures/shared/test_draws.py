"""Latents of a sampler."""

from __future__ import annotations

import numpy as np
from planted import collapsed, hole

from study.latent.gaussians import prior_draws
from study.measures.shared.draws import GENERATED, draws
from study.measures.shared.fitted import fitted


def test_every_sampler_has_seeds_of_its_own():
    asked = []

    def seeds(purpose):
        asked.append(purpose)
        return [1, 2, 3]

    def fit(sampler):
        return fitted(collapsed(), hole(), sampler=sampler)

    np.testing.assert_array_equal(draws(fit, seeds, sampler="prior"), prior_draws([1, 2, 3], GENERATED, 2))
    np.testing.assert_array_equal(draws(fit, seeds, sampler="aggregate"), hole().draw([1, 2, 3], GENERATED))
    assert asked == ["prior draws", "aggregate draws"]  # these words are in the seeds of all evidence
