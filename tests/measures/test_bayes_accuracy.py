"""The accuracy of the best rule that tells q_n from N(0, I): closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from planted import REPLICAS, measured, seeds, spread
from scipy.stats import norm

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted


def one(mean, var=1.0):
    """One component, N((mean, 0), var · I)."""
    centre = np.broadcast_to([mean, 0.0], (REPLICAS, 1, 2))
    return DiagonalGaussians(centre, np.full_like(centre, np.log(var)))


PLANTED = Planted({"train": one(1.0), "seeds": seeds}, norm.cdf(0.5), 1e-4)
LOSES = Loses({"train": one(6.0), "seeds": seeds}, above=0.99)


@pytest.mark.parametrize("mean", [0.0, 0.3, 2.0])
def test_a_shifted_prior_is_told_by_the_half_space_between(mean):
    np.testing.assert_allclose(
        measured("bayes_accuracy", {"train": one(mean), "seeds": seeds}).low, norm.cdf(mean / 2), atol=1e-4
    )


@pytest.mark.parametrize("var", [0.01, 0.25, 2.0])
def test_a_narrower_or_wider_prior_is_told_by_a_disc(var):
    radius = 2 * var * np.log(var) / (var - 1)  # |z|² where both densities meet
    inside = 1 - np.exp(-radius / 2), 1 - np.exp(-radius / 2 / var)
    expected = 0.5 * (1 + abs(inside[0] - inside[1]))
    np.testing.assert_allclose(
        measured("bayes_accuracy", {"train": one(0.0, var), "seeds": seeds}).low, expected, atol=2e-3
    )


def test_an_exact_prior_of_1437_images_scores_little_above_a_half():
    found = measured("bayes_accuracy", {"train": spread(1437, 2, np.exp(-2.4)), "seeds": seeds}).low
    assert (found > 0.51).all(), found
    assert (found < 0.53).all(), found


def test_components_too_narrow_to_be_integrated_are_refused():
    with pytest.raises(InvalidValue, match=r"at least 0\.004"):
        measured("bayes_accuracy", {"train": one(0.0, 1e-8), "seeds": seeds})


@pytest.mark.parametrize("latent", [1, 3, 8])
def test_with_another_number_of_latents_it_is_a_mean_over_draws(latent):
    """A prior that is shifted along the diagonal is told by the half space between."""
    mean = np.full((REPLICAS, 1, latent), 1.0 / np.sqrt(latent))
    q = DiagonalGaussians(mean, np.zeros_like(mean))
    np.testing.assert_allclose(measured("bayes_accuracy", {"train": q, "seeds": seeds}).low, norm.cdf(0.5), atol=0.02)
