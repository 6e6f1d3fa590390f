"""The entropy of binary pixels drawn from grey ones."""

from __future__ import annotations

import numpy as np
from planted import REPLICAS, measured

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Images
from study.testing import Loses, Planted

Q = DiagonalGaussians(np.zeros((REPLICAS, 2, 2)), np.zeros((REPLICAS, 2, 2)))


def needs(grey):
    labels = np.zeros(len(grey), int)
    return {"images": Images(np.float32(grey), labels, np.float32(grey), labels), "heldout": Q}


PLANTED = Planted(needs([[0.5, 0.5], [0.0, 1.0]]), np.log(2), 1e-6)
LOSES = Loses(needs([[0.0, 1.0], [1.0, 0.0]]), below=1e-6)


def test_a_pixel_of_a_tenth():
    np.testing.assert_allclose(measured("pixel_entropy", needs([[0.1]])).low, 0.3250830, atol=1e-6)
