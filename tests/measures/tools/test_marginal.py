"""The bracket of the population's marginal KL, on aggregates that are known."""

from __future__ import annotations

import numpy as np
import pytest
from planted import hashed, hole, population, spread
from scipy.integrate import quad

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools import marginal


def kl_isotropic(total: float, latent: int) -> float:
    """KL(N(0, total I) ‖ N(0, I)), nats."""
    return 0.5 * latent * (total - 1 - np.log(total))


def bracket(needs):
    return marginal.population(needs["train_redraws"], needs["heldout_redraws"], hashed("population"), 8)


@pytest.mark.parametrize(
    ("latent", "rate", "high"), [(2, 2.4, 0.025), (8, 4.8, 0.2), (8, 8.3, 1.15)]
)  # the rates of digits at weight 1, and at weight 0.5
def test_an_exact_prior_has_no_lower_end_and_an_upper_end_that_is_finite_n(latent, rate, high):
    found = bracket(population(latent, rate))
    np.testing.assert_allclose(found.low, 0.0, atol=0.02)
    assert -0.008 < found.low.mean() < 0.003
    assert (found.high < high).all()
    if rate == 8.3:  # 0.116 a dimension: that is the floor of the estimate there, not of the VAE
        np.testing.assert_allclose(found.high.mean(), 0.93, atol=0.08)


@pytest.mark.parametrize("latent", [2, 8])
@pytest.mark.parametrize("total", [2.0, 0.5])
def test_another_size_lies_inside_the_bracket(latent, total):
    found, truth = bracket(population(latent, total=total)), kl_isotropic(total, latent)
    # The held-out means are 360 draws themselves: their sampling error is left to the tolerance.
    assert (found.low <= truth + 0.1).all()
    assert (found.high >= truth - 0.1).all()
    assert (found.low > 0.7 * truth).all()


@pytest.mark.parametrize(("latent", "least"), [(2, 0.04), (8, 0.004)])
def test_a_hole_is_found_by_the_lower_end_and_dead_dimensions_hide_none(latent, least):
    for dead in (0, 4):
        assert bracket(population(latent, cut=0.2, dead=dead)).low.mean() > least


def test_a_narrow_latent_is_not_clipped():
    """An exact prior at a high rate straddles 0; nothing is cut off at the floor, or at 0."""
    train, heldout = spread(1000, 16, 0.02, key="train"), spread(300, 16, 0.02, key="heldout")
    found = marginal.population(train, heldout, hashed("population"))
    np.testing.assert_allclose(found.low, 0.0, atol=0.01)
    np.testing.assert_allclose(found.high, found.floor, atol=0.3)


def test_collapse_is_the_prior_exactly(collapsed, seeds):
    found = marginal.population(collapsed, collapsed, seeds)
    np.testing.assert_allclose(found.high, 0.0, atol=1e-6)
    np.testing.assert_allclose(found.low, 0.0, atol=2e-3)  # the weights are learnt from draws
    np.testing.assert_allclose(found.floor, -np.log(100))


def test_a_hole_of_two_clusters_is_measured_exactly(seeds):
    sd = np.sqrt(1 - 0.99**2)

    def integrand(t: float) -> float:
        density = (np.exp(-0.5 * ((t - 0.99) / sd) ** 2) + np.exp(-0.5 * ((t + 0.99) / sd) ** 2)) / 2
        density /= sd * np.sqrt(2 * np.pi)
        return density * (np.log(density) + 0.5 * (t**2 + np.log(2 * np.pi))) if density > 0 else 0.0

    truth = quad(integrand, -3, 3, points=[-0.99, 0.99], limit=200)[0]
    q = hole()
    found = marginal.population(q, q, seeds)
    np.testing.assert_allclose([found.low, found.high], truth, atol=0.02)


def test_the_lower_density_learns_from_images_left_out():
    """Redraws of one image beside each other would speak for the narrow components, which overfit."""
    rng = np.random.default_rng(0)
    image = rng.normal(0, 1, (1, 50, 1, 4))
    mean = (image + rng.normal(0, 0.01, (1, 50, 8, 4))).reshape(1, 400, 4)
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(0.01)))
    apart, together = (marginal._weights(q, [1], redraws)[0] for redraws in (8, 1))
    np.testing.assert_allclose([apart.sum(), together.sum()], 1, atol=1e-5)
    assert apart[-1] > 0.6  # the prior
    assert together[0] > 0.5  # the components as they are


def test_a_single_image_teaches_nothing():
    one = DiagonalGaussians(np.zeros((2, 8, 3)), np.zeros((2, 8, 3)))
    np.testing.assert_array_equal(marginal._weights(one, [1, 2], 8), 0.25)
