"""What the judge of "the KL term drives q(z|x) toward N(0, I)" says where the rate along the weight is known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, MIXED, R, S

CLAIM = "kl_pull"
HALVING = {0.25: 8.0, 0.5: 4.0, 1.0: 2.0, 2.0: 1.0}


def along(rates):
    """VAEs of a q(z) = N(0, I) whose rate depends on the KL weight, nats."""
    return planting.values(lambda block: planting.gaussian(block, rate=rates[block.config.kl_weight]))


@pytest.mark.parametrize("latents", ["D2", "D8"])
def test_a_rate_that_halves_with_every_doubling_is_pulled(said, latents):
    found = said(along(HALVING), {"latents": latents})
    assert (found.verdict, found.reach) == (S, 24), found
    assert found.median == pytest.approx(0.5, abs=0.02)


def test_the_same_vae_under_four_labels_is_not(said):
    found = said(along(dict.fromkeys(HALVING, 3.0)), {"latents": "D2"})
    assert (found.verdict, found.short) == (R, 24), found


@pytest.mark.parametrize("flat", [0.5, 1.0, 2.0])
def test_one_flat_step_is_enough_to_refute(said, flat):
    found = said(along({**HALVING, flat: HALVING[flat / 2]}), {"latents": "D2"})
    assert (found.verdict, found.reason) == (R, "negligible"), found


def test_a_rate_that_rises_is_opposite(said):
    found = said(along({0.25: 1.1, 0.5: 2.0, 1.0: 4.0, 2.0: 8.0}), {"latents": "D2"})
    assert (found.verdict, found.reason) == (R, "opposite"), found


def test_a_vae_that_has_collapsed_already_says_nothing(said):
    found = said(planting.values(planting.collapsed), {"latents": "D2"})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found


def test_contexts_that_contradict_each_other_are_mixed(said):
    def plant(block):
        rates = dict.fromkeys(HALVING, 3.0) if block.config.activation == "tanh" else HALVING
        return planting.gaussian(block, rate=rates[block.config.kl_weight])

    found = said(planting.values(plant), {"latents": "D2"})
    assert found.verdict == MIXED, found
    assert np.isclose(found.median, 0.5, atol=0.02)
