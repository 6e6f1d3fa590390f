"""What the judge of "q(z) comes closer to N(0, I) with capacity" says of planted VAEs whose q(z) is known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, MIXED, R, S

from study.seeds import generator

CLAIM = "aggregate_posterior_approaches_prior"
AXES = {
    "encoder_width": ("encoder_width", (16, 32, 64)),
    "width": ("encoder_width", (16, 32, 64)),  # of both networks
    "encoder_depth": ("encoder_depth", (1, 2, 3, 4)),
    "held_encoder_width_D2": ("encoder_width", (1, 2, 4, 8)),
    "held_encoder_width_D8": ("encoder_width", (1, 2, 4, 8)),
}
"""Row → axis and levels; rows of no entry go along the latent dimension."""


def level(row, block):
    """Which level of a row's sweep a block is, from 0 on."""
    axis, levels = AXES.get(row, ("latent_dim", (2, 4, 8)))
    return levels.index(getattr(block.config, axis))


@pytest.fixture(scope="module")
def said(planted_session, claim_module, put_to_the_test):
    """Return what the judge says of a row, of what is planted at each level."""

    def of(row, plant, everywhere=False, **options):
        values = planting.values(lambda block: plant(block, level(row, block)), everywhere=everywhere)
        return put_to_the_test(planted_session(values, **options), claim_module(CLAIM), row=row)

    return of


WIDE = (2.0, 1.6, 1.3, 1.1)
"""Variance of q(z) at each level, where it closes in from N(0, 2I)."""
OFF = (2.0, 1.0, 0.4)
"""KL(q(z) ‖ N(0, I)) at each level, nats, where it closes in from another mean."""
DISTANCES = [
    *((row, "total", WIDE[: len(AXES[row][1])]) for row in AXES),
    *((f"latents_{row}", "off", OFF) for row in ("in_total", "per_dimension", "marginal_kl", "accuracy")),
]


def wrong(ends, count):
    """Numbers of eight replicas, the first one's in place of the last ``count``'s: (right, wrong) → (replica,)."""
    return np.where(np.arange(8) < 8 - count, *ends)


@pytest.mark.parametrize(("row", "kind", "levels"), DISTANCES)
def test_a_mixture_that_comes_closer_is_told_from_one_that_moves_away(said, row, kind, levels):
    found = said(row, lambda block, at: planting.gaussian(block, **{kind: levels[at]}), everywhere=True)
    assert (found.verdict, found.reach) == (S, 24), found
    found = said(row, lambda block, at: planting.gaussian(block, **{kind: levels[-1 - at]}), everywhere=True)
    assert (found.verdict, found.reason, found.short) == (R, "opposite", 24), found


@pytest.mark.parametrize(
    ("row", "verdict", "reasons"),
    [
        ("latents_in_total", INCONCLUSIVE, {"not applicable"}),  # nothing is left that could fall
        ("latents_per_dimension", INCONCLUSIVE, {"not applicable"}),
        ("latents_marginal_kl", INCONCLUSIVE, {"floor-bound"}),
        ("latents_accuracy", R, {"negligible"}),  # which neither rises nor falls
    ],
)
def test_an_exact_prior_at_every_dimension_neither_approaches_nor_moves_away(said, row, verdict, reasons):
    found = said(row, lambda block, at: planting.gaussian(block), replicas=8)
    assert found.verdict == verdict, found
    assert found.reason in reasons
    if "raw" in found.secondary:  # a finite number of images, alone, makes it rise in total, and fall per dimension
        rises = row == "latents_in_total"
        assert all((fall < -1) if rises else (fall > 0.3) for fall in found.secondary["raw"].values())


def test_shuffled_levels_decide_nothing(said):
    def plant(block, at):
        context = f"{block.config.activation} {block.config.decoder_depth}"
        orders = [generator("shuffled", context, r, root="controls").permutation(3) for r in block.replicas]
        return planting.gaussian(block, [WIDE[order[at]] for order in orders])

    found = said("encoder_width", plant)
    assert found.verdict == INCONCLUSIVE, found


def test_an_exact_prior_at_a_high_rate_is_floor_bound(said):
    found = said("held_encoder_width_D8", lambda block, at: planting.gaussian(block, rate=8.3), everywhere=True)
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "floor-bound"), found


def test_contexts_that_contradict_each_other_are_mixed(said):
    def plant(block, at):
        return planting.gaussian(block, WIDE[2 - at if block.config.activation == "tanh" else at])

    found = said("encoder_width", plant)
    assert found.verdict == MIXED, found
    assert "fails in activation=tanh" in found.note


@pytest.mark.parametrize(("count", "verdict"), [(1, S), (4, INCONCLUSIVE)])
def test_one_replica_in_eight_may_go_the_other_way(said, count, verdict):
    def plant(block, at):
        return planting.gaussian(block, wrong((WIDE[at], WIDE[2 - at]), count))

    found = said("encoder_width", plant, replicas=8)
    assert (found.verdict, found.short) == (verdict, 3 * count), found


@pytest.mark.parametrize("row", ["encoder_width", "latents_in_total", "latents_accuracy"])
@pytest.mark.parametrize("first", [0, 2])
def test_encoders_that_collapse_do_not_come_closer(said, row, first):
    def plant(block, at):
        return planting.collapsed(block) if at >= first else planting.gaussian(block, WIDE[at])

    found = said(row, plant, everywhere=True)
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found
