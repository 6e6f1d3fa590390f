"""What the judge of "visibly not N(0, I)" says of planted VAEs whose q(z) is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import planting
import pytest
from planting import R, S

from study.latent.gaussians import DiagonalGaussians

CLAIM = "two_dimensional_picture"
ROWS = ("draws-w1", "draws-w2", "means-w1")


def of(row):
    return {"row": row}


@pytest.mark.parametrize("row", ["draws-w1", "draws-w2", "third-layer", "latents"])
def test_an_exact_prior_at_that_rate_is_not_seen(said, row):
    def plant(block):  # the same images at either depth, as VAEs of digits have them
        return planting.gaussian(replace(block, config=block.config.replace(encoder_depth=2, decoder_depth=2)))

    found = said(planting.values(plant, everywhere=True), of(row))
    assert found.verdict == R, found


@pytest.mark.parametrize("row", ["draws-w1", "draws-w2", "third-layer", "latents"])
def test_a_collapsed_encoder_is_not_seen_in_draws(said, row):
    found = said(planting.values(planting.collapsed, everywhere=True), of(row))
    assert (found.verdict, found.reason) == (R, "negligible"), found


@pytest.mark.parametrize("row", ROWS)
def test_a_shifted_mixture_is_seen(said, row):
    found = said(planting.values(lambda block: planting.gaussian(block, off=0.5), everywhere=True), of(row))
    assert (found.verdict, found.reach) == (S, 24), found


def test_means_are_seen_where_draws_are_not(said):
    """Narrow means and wide posteriors: q(z) is the prior, and its means are a dot."""
    values = planting.values(lambda block: planting.gaussian(block, rate=0.5), everywhere=True)
    assert said(values, of("draws-w1")).verdict == R
    assert said(values, of("means-w1")).verdict == S


@pytest.mark.parametrize(("deeper", "verdict", "reason"), [(0.1, S, ""), (1.6, R, "opposite")])
def test_a_third_layer_that_closes_in_is_told_from_one_that_moves_away(said, deeper, verdict, reason):
    def plant(block):
        return planting.gaussian(block, off=0.6 if block.config.encoder_depth == 2 else deeper)

    found = said(planting.values(plant), of("third-layer"))
    assert (found.verdict, found.reason) == (verdict, reason), found


@pytest.mark.parametrize(("levels", "verdict", "reason"), [((1.0, 0.5, 0.2), S, ""), ((0.2, 0.5, 1.0), R, "opposite")])
def test_latents_that_close_in_are_told_from_those_that_move_away(said, levels, verdict, reason):
    def plant(block):
        return planting.gaussian(block, off=levels[(2, 4, 8).index(block.config.latent_dim)])

    found = said(planting.values(plant, everywhere=True), of("latents"))
    assert (found.verdict, found.reason) == (verdict, reason), found


def test_a_disc_without_its_middle_is_seen(said):
    def hollow(q):
        radius = np.linalg.norm(q.mean, axis=-1, keepdims=True)
        return DiagonalGaussians(q.mean * np.maximum(1, 1.2 / radius), q.log_var - 2)

    def plant(block):
        return {name: hollow(q) for name, q in planting.gaussian(block).items()}

    found = said(planting.values(plant, everywhere=True), of("draws-w1"))
    assert (found.verdict, found.reach) == (S, 24), found
