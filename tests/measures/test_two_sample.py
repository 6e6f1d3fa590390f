"""The two-sample judge: it must find what is planted, and find nothing in the prior."""

from __future__ import annotations

import numpy as np
import pytest

from study.errors import InvalidValue
from study.latent.gaussians import prior_draws
from study.measures import two_sample


def test_prior_draws_score_a_half(seeds):
    found = two_sample.accuracy(prior_draws(seeds, 720, 4), seeds)
    # Standard error 0.013 each: 4 of them.
    np.testing.assert_allclose(found, 0.5, atol=0.055)


@pytest.mark.parametrize("plant", ["scale", "shift", "correlation"])
def test_planted_differences_are_found(plant, seeds):
    z = prior_draws(seeds, 720, 4)
    if plant == "scale":
        z = z * np.sqrt(2)
    elif plant == "shift":
        z = z + 0.5
    else:
        z[..., 0] = 0.8 * z[..., 1] + 0.6 * z[..., 0]
    assert (two_sample.accuracy(z, seeds) > 0.57).all()


def test_accuracy_repeats_and_stands_alone(seeds):
    z = prior_draws(seeds, 100, 2) + 0.3
    together = two_sample.accuracy(z, seeds)
    np.testing.assert_array_equal(together[1:2], two_sample.accuracy(z[1:2], seeds[1:2]))


def test_permutation_null_is_centred(seeds):
    null = two_sample.permutation_null(prior_draws(seeds, 100, 1) + 3, seeds, 10)
    assert null.shape == (3, 10)
    assert abs(null.mean() - 0.5) < 0.06
    assert null.max() < two_sample.accuracy(prior_draws(seeds, 100, 1) + 3, seeds).min()


def test_too_few_draws_are_refused(seeds):
    with pytest.raises(InvalidValue):
        two_sample.accuracy(np.zeros((3, 9, 2)), seeds)
