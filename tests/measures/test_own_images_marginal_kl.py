"""The marginal KL over the model's own images: 0 of a true posterior, and known where the encoder is off."""

from __future__ import annotations

from zlib import crc32

import numpy as np
import pytest
from planted import REPLICAS, hashed, measured, spread

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted

WEIGHT = 2.0  # x = 2 z + noise
Q = spread(2000, 2, 0.2)


def needs(shift=0.0):
    """A linear-Gaussian decoder of two pixels, and its true posteriors, or such that are off."""
    precision = 1 + WEIGHT**2

    def sample_images(z, seeds):
        noise = [np.random.default_rng(crc32(one.tobytes())).normal(size=one.shape) for one in z]  # by its latents
        return (WEIGHT * z + np.stack(noise)).astype(np.float32)

    def encode(x):
        mean = WEIGHT * x.astype(float) / precision + shift
        return DiagonalGaussians(mean, np.full(mean.shape, -np.log(precision)))

    return {"sample_images": sample_images, "encode": encode, "train": Q, "heldout_redraws": Q, "seeds": hashed}


PLANTED = Planted(needs(), 0.0, 0.02, sample_order=False)
LOSES = Loses(needs(1.0), above=0.8)


@pytest.mark.parametrize("shift", [0.3, 1.0])
def test_an_encoder_that_is_off_has_the_kl_of_the_shift(shift):
    found = measured("own_images_marginal_kl", needs(shift))
    np.testing.assert_allclose(found.low, shift**2, atol=0.08)  # two latents, a half each
    np.testing.assert_allclose(found.high, shift**2, atol=0.08)
    assert found.low.shape == (REPLICAS,)
