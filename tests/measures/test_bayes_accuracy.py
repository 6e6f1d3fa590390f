"""The accuracy of the best rule that tells q_n from N(0, I): closed forms at two latents."""

from __future__ import annotations

import numpy as np
import pytest
from planted import REPLICAS, measured, population, spread
from scipy.stats import norm

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted


def one(mean, var=1.0):
    """One component, N((mean, 0), var · I)."""
    centre = np.broadcast_to([mean, 0.0], (REPLICAS, 1, 2))
    return DiagonalGaussians(centre, np.full_like(centre, np.log(var)))


PLANTED = Planted({"train": one(1.0)}, norm.cdf(0.5), 1e-4)
LOSES = Loses({"train": one(6.0)}, above=0.99)


@pytest.mark.parametrize("mean", [0.0, 0.3, 2.0])
def test_a_shifted_prior_is_told_by_the_half_space_between(mean):
    np.testing.assert_allclose(measured("bayes_accuracy", {"train": one(mean)}).low, norm.cdf(mean / 2), atol=1e-4)


@pytest.mark.parametrize("var", [0.01, 0.25, 2.0])
def test_a_narrower_or_wider_prior_is_told_by_a_disc(var):
    radius = 2 * var * np.log(var) / (var - 1)  # |z|² where both densities meet
    inside = 1 - np.exp(-radius / 2), 1 - np.exp(-radius / 2 / var)
    expected = 0.5 * (1 + abs(inside[0] - inside[1]))
    np.testing.assert_allclose(measured("bayes_accuracy", {"train": one(0.0, var)}).low, expected, atol=2e-3)


def test_an_exact_prior_of_1437_images_scores_little_above_a_half():
    found = measured("bayes_accuracy", {"train": spread(1437, 2, np.exp(-2.4))}).low
    assert (found > 0.51).all(), found
    assert (found < 0.53).all(), found


@pytest.mark.parametrize(
    ("train", "expected"), [(population(4)["train"], "two latents"), (one(0.0, 1e-8), r"at least 0\.004")]
)
def test_what_cannot_be_integrated_is_refused(train, expected):
    with pytest.raises(InvalidValue, match=expected):
        measured("bayes_accuracy", {"train": train})
