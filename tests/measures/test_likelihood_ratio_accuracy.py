"""The likelihood-ratio accuracy: exactly one half for an exact N(0, I), whatever D and rate."""

from __future__ import annotations

import numpy as np
import pytest
from planted import as_redraws, collapsed, hashed, hole, measured, population

from study.measures.likelihood_ratio_accuracy import likelihood_ratio_accuracy
from study.testing import Loses, Planted

# Two hits and a tie of four, and of the prior three of four on the other side: (0.625 + 0.75) / 2.
AGGREGATE, PRIOR = (np.array(scores) * np.ones((3, 1)) for scores in ([1.0, 2.0, 0.0, -1.0], [-1.0, -2.0, -3.0, 4.0]))
PLANTED = Planted({"aggregate_ratios": AGGREGATE, "prior_ratios": PRIOR}, 0.6875, 1e-12)
LOSES = Loses({"aggregate_ratios": AGGREGATE - 3, "prior_ratios": PRIOR + 4}, below=0.01)


@pytest.mark.parametrize(("latent", "rate"), [(2, 2.4), (4, 5.5), (8, 4.8), (8, 8.3), (16, 8.0), (16, 12.4)])
def test_an_exact_prior_scores_one_half_at_every_level(latent, rate):
    """Four times three replicas: a standard error of 0.002."""
    runs = [measured("likelihood_ratio_accuracy", population(latent, rate, key=f"{k}")).low for k in range(4)]
    np.testing.assert_allclose(np.mean(runs), 0.5, atol=0.008)
    assert np.std(runs) < 0.012


@pytest.mark.parametrize("latent", [2, 4, 8])
def test_planted_differences_are_found_and_dead_dimensions_change_nothing(latent):
    for fields in ({"total": 2.0}, {"cut": 0.2}):
        plain, dead = (measured("likelihood_ratio_accuracy", population(latent, dead=d, **fields)).low for d in (0, 6))
        assert (plain > 0.52).all()
        np.testing.assert_allclose(plain, dead, atol=0.04)


def test_collapse_is_a_tie_and_total_variation_bounds_it():
    np.testing.assert_array_equal(measured("likelihood_ratio_accuracy", as_redraws(collapsed(), collapsed())).low, 0.5)
    found = measured("likelihood_ratio_accuracy", {**as_redraws(hole(), hole()), "seeds": hashed}).low
    sd, z = np.sqrt(1 - 0.99**2), np.linspace(-5, 5, 20_001)
    q = (np.exp(-0.5 * ((z - 0.99) / sd) ** 2) + np.exp(-0.5 * ((z + 0.99) / sd) ** 2)) / 2 / sd
    variation = 0.5 * np.abs(q - np.exp(-0.5 * z**2)).sum() * 5e-4 / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(found, (1 + variation) / 2, atol=0.015)


def test_a_half_of_ties_counts():
    zero = np.zeros((2, 5))
    np.testing.assert_array_equal(likelihood_ratio_accuracy(zero, zero), [0.5, 0.5])
