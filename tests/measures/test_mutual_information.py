"""Mutual information against its limits, and a closed form."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.mutual_information import mutual_information


def test_collapse_has_none(collapsed, seeds):
    np.testing.assert_allclose(mutual_information(collapsed, collapsed.draw(seeds)), 0, atol=1e-9)


def test_separate_components_tell_the_sample(spread, seeds):
    q = spread(300, 12, 1e-3)
    np.testing.assert_allclose(mutual_information(q, q.draw(seeds)), np.log(300), atol=1e-4)


def test_gaussian_channel(spread, seeds):
    q = spread(4000, 2, 0.5)
    # Capacity of a Gaussian channel of signal-to-noise ratio 1, on two dimensions.
    np.testing.assert_allclose(mutual_information(q, q.draw(seeds)), np.log(2), atol=0.05)


def test_two_components_half_a_nat_apart(seeds):
    mean = np.array([-1.0, 1.0]).reshape(1, 2, 1) * np.ones((3, 1, 1))
    q = DiagonalGaussians(mean, np.zeros_like(mean))
    # Binary input over Gaussian noise at ratio 1: 0.4859 bits.
    np.testing.assert_allclose(mutual_information(q, q.draw(seeds, 20_000)), 0.4859 * np.log(2), atol=0.01)
