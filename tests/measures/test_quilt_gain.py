"""What one Gaussian a class explains: all of two clusters, nothing where labels are permuted."""

from __future__ import annotations

import numpy as np
import pytest
from planted import REPLICAS, measured
from quilts import SPREAD, clusters, over_one_gaussian
from scipy.stats import norm

from study.latent.gaussians import DiagonalGaussians
from study.testing import Loses, Planted

Z = np.random.default_rng(0).normal(size=(REPLICAS, 500, 2))
LOG_PRIOR = norm.logpdf(Z).sum(-1)
Q = DiagonalGaussians(np.zeros((REPLICAS, 4, 2)), np.zeros((REPLICAS, 4, 2)))


def densities(off):
    """Two classes, each of half the density of N(0, I), times e^off."""
    return np.stack([LOG_PRIOR + off - np.log(2)] * 2, axis=1)


PLANTED = Planted({"class_densities": densities(0.3), "quilt_draws": Z, "train": Q}, 0.3, 1e-9)
LOSES = Loses({"class_densities": densities(-0.3), "quilt_draws": Z, "train": Q}, below=-0.2)


@pytest.mark.parametrize("reference", ["prior", "gaussian"])
def test_two_clusters_are_two_gaussians(reference):
    a = 3.0
    expected = over_one_gaussian(a)
    if reference == "prior":  # KL of the clusters' first latent from N(0, 1)
        expected = 0.5 * (a**2 + SPREAD**2) - 0.5 - np.log(SPREAD) - np.log(2)
    found = measured("quilt_gain", clusters(a), reference=reference).low
    np.testing.assert_allclose(found, expected, atol=0.1)


def test_permuted_labels_explain_nothing():
    np.testing.assert_allclose(measured("quilt_gain", clusters(told=False), reference="gaussian").low, 0, atol=0.01)
