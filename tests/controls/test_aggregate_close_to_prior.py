"""What the judge of "we end up very close to N(0, I)" says of planted VAEs whose q(z) is known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians

CLAIM = "aggregate_close_to_prior"


def planted(**options):
    return planting.values(lambda block: planting.gaussian(block, **options), everywhere=True)


@pytest.mark.parametrize("row", ["each-w1-D2", "total-w1-D2", "each-w1-D4"])
def test_an_exact_prior_at_the_rate_of_digits_is_close(said, row):
    found = said(planted(), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", ["each-w1-D2", "each-w1-D8", "total-w1-D4"])
def test_latents_of_twice_the_variance_are_not_close(said, row):
    found = said(planted(total=2.0), {"row": row})
    assert (found.verdict, found.short) == (R, 24), found


@pytest.mark.parametrize("row", ["total-w1-D8", "each-w1-D8"])
def test_an_exact_prior_at_a_high_rate_is_floor_bound(said, row):
    found = said(planted(rate=8.3), {"row": row})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "floor-bound"), found


def test_a_hole_is_not_close(said):
    """All means are pushed out of a disc that holds nearly half of the prior's mass."""

    def hollow(q):
        mean = q.mean.copy()
        radius = np.linalg.norm(mean, axis=-1, keepdims=True)
        return DiagonalGaussians(mean * np.maximum(1, 1.1 / radius), q.log_var - 2)

    def plant(block):
        return {name: hollow(q) for name, q in planting.gaussian(block).items()}

    found = said(planting.values(plant, everywhere=True), {"row": "each-w1-D2"})
    assert (found.verdict, found.short) == (R, 24), found


def test_dead_latents_do_not_make_it_close_for_each(said):
    """Off by 0.3 nats in each of two latents, and six dead ones."""

    def plant(block):
        two = planting.gaussian(planting.with_latents(block, 2), off=0.6)
        return {name: planting.with_dead(q, 6) for name, q in two.items()}

    found = said(planting.values(plant, everywhere=True), {"row": "each-w1-D8"})
    assert found.verdict == R, found


def test_a_collapsed_vae_says_nothing(said):
    found = said(planting.values(planting.collapsed), {"row": "total-w1-D2"})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found
