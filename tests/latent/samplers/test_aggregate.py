"""Draws from the aggregate posterior."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers.aggregate import fit

SEEDS = [11, 12, 13]
TRAIN = DiagonalGaussians(np.zeros((3, 80, 2)), np.zeros((3, 80, 2)))
FAR = DiagonalGaussians(np.full((3, 50, 2), 5.0), np.full((3, 50, 2), -4.0))


def test_they_are_those_of_held_out_images():
    z = fit(TRAIN, FAR).draw(SEEDS, 40)
    np.testing.assert_array_equal(z, FAR.draw(SEEDS, 40))
    assert (np.abs(z - 5) < 1).all()


def test_replicas_stand_alone():
    alone = fit(TRAIN.subset_replicas(2), FAR.subset_replicas(2)).draw(SEEDS[2:], 40)
    np.testing.assert_array_equal(fit(TRAIN, FAR).draw(SEEDS, 40)[2:], alone)
