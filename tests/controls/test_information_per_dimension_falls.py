"""What the judge of "each latent has less to store when there are more" says where the rate at each D is known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians

CLAIM = "information_per_dimension_falls"


def at(rates):
    """VAEs of a q(z) = N(0, I) whose rate depends on D, nats."""
    return planting.values(lambda block: planting.gaussian(block, rate=rates[block.config.latent_dim]))


@pytest.mark.parametrize("row", ["latent-w1", "latent-w2", "active-w1"])
def test_the_rates_of_digits_are_shared_among_more(said, row):
    found = said(at(planting.RATES), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", ["latent-w1", "active-w1"])
def test_a_rate_proportional_to_the_latents_is_not(said, row):
    found = said(at({latents: 1.2 * latents for latents in (2, 4, 8)}), {"row": row})
    assert (found.verdict, found.reason) == (R, "negligible"), found


@pytest.mark.parametrize("row", ["latent-w1", "active-w1"])
def test_latents_that_are_written_twice_and_four_times_store_as_much_each(said, row):
    def plant(block):
        two = planting.gaussian(planting.first(planting.with_latents(block, 2)))
        copies = block.config.latent_dim // 2
        return {name: repeated(q, copies) for name, q in two.items()}

    def repeated(q, copies):
        return DiagonalGaussians(np.tile(q.mean, copies), np.tile(q.log_var, copies))

    found = said(planting.values(plant), {"row": row})
    assert (found.verdict, found.short) == (R, 24), found


def test_dead_latents_lower_the_mean_over_all_but_not_over_the_active(said):
    def plant(block):
        two = planting.gaussian(planting.first(planting.with_latents(block, 2)))
        dead = block.config.latent_dim - 2
        return {name: planting.with_dead(q, dead) for name, q in two.items()}

    assert said(planting.values(plant), {"row": "latent-w1"}).verdict == S
    assert said(planting.values(plant), {"row": "active-w1"}).verdict == R


@pytest.mark.parametrize("row", ["latent-w1", "active-w1"])
def test_collapsed_vaes_say_nothing(said, row):
    found = said(planting.values(planting.collapsed), {"row": row})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found
