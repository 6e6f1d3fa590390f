"""The distortion: what is left of the negative ELBO without the KL."""

from __future__ import annotations

import numpy as np
from planted import REPLICAS, measured, spread

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted

WEIGHTS = np.full((REPLICAS, 50, 4), -30.0)
Q = DiagonalGaussians(np.full((REPLICAS, 50, 2), 1.0), np.zeros((REPLICAS, 50, 2)))  # one nat each
PLANTED = Planted({"importance_weights": WEIGHTS, "heldout": Q}, 29.0, 1e-9)
LOSES = Loses({"importance_weights": WEIGHTS - 10, "heldout": Q}, above=35)


def test_distortion_and_rate_add_up_to_the_negative_elbo():
    q = spread(50, 2, 0.2)
    needs = {"importance_weights": WEIGHTS, "heldout": q}
    total = measured("distortion", needs).low + q.kl().mean(1)
    np.testing.assert_allclose(total, -measured("elbo", needs).low)
