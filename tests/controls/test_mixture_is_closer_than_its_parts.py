"""What the judge of "the mixture can match the prior though no part does" says of planted VAEs whose q(z) is known."""

from __future__ import annotations

import numpy as np
import planting
import pytest
from planting import INCONCLUSIVE, R, S

from study.latent.gaussians import DiagonalGaussians
from study.seeds import generator

CLAIM = "mixture_is_closer_than_its_parts"


def clusters(block):
    """Two far clusters in the first latent, of the rate of an exact N(0, I); the others are dead."""
    latent, rate = block.config.latent_dim, planting.RATES[block.config.latent_dim]
    var = float(np.exp(-2 * rate))
    found = {}
    for split, count in planting.IMAGES.items():
        sign = generator("clusters", split, root="controls").permutation(np.arange(count) % 2)
        mean, log_var = np.zeros((2, 8, count, latent))
        mean[..., 0], log_var[..., 0] = np.sqrt(1 - var) * (2 * sign - 1), np.log(var)
        found[split] = found[f"{split}_redraws"] = DiagonalGaussians(mean, log_var)
    return found


def seen(plant, kinds=None):
    """What is planted, and its pixels: independent ones of many images, or one-hot of so many ``kinds`` of image."""

    def whole(block):
        found, rng = plant(block), generator("pixels", root="controls")
        images = {}
        for split in ("train", "heldout"):
            count, every = found[split].samples, found[f"{split}_redraws"].samples
            x = np.eye(kinds)[rng.integers(kinds, size=count)] if kinds else rng.random((count, 300)) < 0.5
            images[split] = x.astype(np.float32), np.repeat(x, every // count, axis=0).astype(np.float32)
        return {**found, "pixels": images.__getitem__}

    return planting.values(whole, everywhere=True)


@pytest.mark.parametrize("row", ["closer-w1-D2", "closer-w1-D4"])
def test_an_exact_prior_is_closer_than_its_parts(said, row):
    found = said(planting.values(planting.gaussian, everywhere=True), {"row": row})
    assert (found.verdict, found.reach) == (S, 24), found


@pytest.mark.parametrize("row", ["closer-w1-D2", "closer-w1-D4"])
def test_a_code_of_two_clusters_is_not(said, row):
    """Of its rate the mixture keeps all but ln 2."""
    found = said(planting.values(clusters, everywhere=True), {"row": row})
    assert (found.verdict, found.short) == (R, 24), found


def test_a_trained_encoder_that_spreads_out_what_pixels_clump_is_closer(said):
    found = said(seen(planting.gaussian, kinds=3), {"row": "trained-w1-D2"})
    assert (found.verdict, found.reach) == (S, 24), found


def test_two_clusters_are_farther_than_a_random_map_of_many_pixels(said):
    found = said(seen(clusters), {"row": "trained-w1-D2"})
    assert (found.verdict, found.reason, found.short) == (R, "opposite", 24), found


@pytest.mark.parametrize("row", ["closer-w1-D2", "trained-w1-D2"])
def test_a_collapsed_vae_says_nothing(said, row):
    found = said(seen(planting.collapsed), {"row": row})
    assert (found.verdict, found.reason) == (INCONCLUSIVE, "not applicable"), found
