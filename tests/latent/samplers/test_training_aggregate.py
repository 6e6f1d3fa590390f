"""Draws of the mixture of the training posteriors."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers.training_aggregate import fit

TRAIN = DiagonalGaussians(np.full((3, 50, 2), 5.0), np.full((3, 50, 2), -4.0))
FAR = DiagonalGaussians(np.zeros((3, 80, 2)), np.zeros((3, 80, 2)))


def test_they_are_those_of_training_images():
    found = fit(TRAIN, FAR)
    np.testing.assert_array_equal(found.draw([1, 2, 3], 40), TRAIN.draw([1, 2, 3], 40))
    assert (found.log_density(np.full((3, 1, 2), 5.0)) > 0).all()
