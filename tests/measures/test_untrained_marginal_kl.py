"""The marginal KL of an untrained encoder: none where pixels are many and independent, much where images are few."""

from __future__ import annotations

import numpy as np
from planted import REPLICAS, hashed, measured

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted

VAR, REDRAWS = np.exp(-2.4), 4


def needs(draw, latent=2, count=400):
    """What it needs, of images that are drawn by ``draw(rng, count)``; of each there are four copies."""
    rng = np.random.default_rng(0)
    x = {split: draw(rng, count).astype(np.float32) for split in ("train", "heldout")}
    pixels = {split: (of, np.repeat(of, REDRAWS, axis=0)) for split, of in x.items()}

    def q(samples):
        return DiagonalGaussians(
            np.full((REPLICAS, samples, latent), 9.0), np.full((REPLICAS, samples, latent), np.log(VAR))
        )

    return {
        "pixels": lambda split: pixels[split], "train": q(count), "train_redraws": q(count * REDRAWS),
        "heldout_redraws": q(count * REDRAWS), "seeds": hashed,
    }  # fmt: skip


def many(rng, count):
    return rng.random((count, 300)) < 0.5


def two(rng, count):
    """Two images in all."""
    return np.repeat(rng.permutation(np.arange(count) % 2)[:, None], 30, axis=1)


PLANTED = Planted(needs(many), 0.0, 0.08, sample_order=False)
LOSES = Loses(needs(two, latent=1), above=0.2)


def test_means_are_whitened_whatever_the_pixels_scale():
    """So that a map of ten times the size is the same map."""
    few = needs(many)
    large = {**few, "pixels": lambda split: tuple(10 * x + 3 for x in few["pixels"](split))}
    one, other = (measured("untrained_marginal_kl", given) for given in (few, large))
    np.testing.assert_allclose(one.high, other.high, atol=1e-3)
    np.testing.assert_allclose(one.low, other.low, atol=1e-3)


def test_more_latents_than_pixels_leave_the_others_at_the_origin():
    found = measured("untrained_marginal_kl", needs(two, latent=3))
    assert np.isfinite(found.high).all()
