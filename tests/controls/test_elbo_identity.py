"""What the judge of the ELBO's identity says of true ones, and of wrong ones that are planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import settings
from planting import R, S

from study.data.linear_gaussian import LinearGaussian
from study.latent.gaussians import DiagonalGaussians

CLAIM = "elbo_identity"
TESTS = {
    "bound": "test_the_bound",
    "weighted": "test_the_weighted_bound",
    "draws": "test_more_draws",
    "closed_form": "test_the_closed_form",
}
SMALLEST = "features=1, latents=1, seed=0, spread=0.1"


@pytest.mark.parametrize("row", TESTS)
def test_what_is_true_holds_in_every_case(proved, row):
    found = proved(CLAIM, TESTS[row], row)
    assert (found.verdict, found.reach, found.short) == (S, settings.default.max_examples, 0), found


def test_a_kl_with_the_wrong_factor_in_the_bound_is_found_and_shrunken(monkeypatch, proved):
    right = LinearGaussian.elbo

    def plant(module):
        monkeypatch.setattr(
            LinearGaussian, "elbo", lambda self, x, mean, var: right(self, x, mean, var) - module.kl(mean, var) / 2
        )

    found = proved(CLAIM, TESTS["bound"], "bound", plant)
    assert found.verdict == R, found
    assert SMALLEST in found.note


def test_a_weight_that_is_counted_twice_is_found_and_shrunken(monkeypatch, proved):
    def plant(module):
        right = module.kl
        monkeypatch.setattr(module, "kl", lambda mean, var: 2 * right(mean, var))

    found = proved(CLAIM, TESTS["weighted"], "weighted", plant)
    assert found.verdict == R, found
    assert SMALLEST in found.note


def test_the_lowest_weight_in_place_of_the_mean_is_found(monkeypatch, proved):
    found = proved(
        CLAIM,
        TESTS["draws"],
        "draws",
        lambda module: monkeypatch.setattr(module, "mean_weight", lambda weights: weights.min(-1)),
    )
    assert found.verdict == R, found
    assert "half=1" in found.note


def test_a_closed_form_that_is_off_by_a_thousandth_is_found(monkeypatch, proved):
    right = DiagonalGaussians.kl
    monkeypatch.setattr(DiagonalGaussians, "kl", lambda self: np.float64(1.001) * right(self))
    found = proved(CLAIM, TESTS["closed_form"], "closed_form")
    assert found.verdict == R, found
    assert "mean=0.0" in found.note
