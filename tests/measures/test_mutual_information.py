"""Mutual information against its limits, and a closed form."""

from __future__ import annotations

import numpy as np
from planted import SEEDS, collapsed, spread

from study.latent.gaussians import DiagonalGaussians
from study.measures.empirical_marginal_kl import empirical_marginal_kl
from study.measures.mutual_information import mutual_information
from study.testing import Loses, Planted

CHANNEL = spread(4000, 2, 0.5)
# Capacity of a Gaussian channel of signal-to-noise ratio 1, on two dimensions.
PLANTED = Planted(
    {"train": CHANNEL, "empirical_marginal_kl": empirical_marginal_kl(CHANNEL, CHANNEL.draw(SEEDS))}, np.log(2), 0.05
)
COLLAPSED = empirical_marginal_kl(collapsed(), collapsed().draw(SEEDS))
LOSES = Loses({"train": collapsed(), "empirical_marginal_kl": COLLAPSED}, below=1e-6)


def information(q: DiagonalGaussians, z: np.ndarray) -> np.ndarray:
    return mutual_information(q, empirical_marginal_kl(q, z))


def test_separate_components_tell_the_sample():
    q = spread(300, 12, 1e-3)
    np.testing.assert_allclose(information(q, q.draw(SEEDS)), np.log(300), atol=1e-4)


def test_two_components_half_a_nat_apart():
    mean = np.array([-1.0, 1.0]).reshape(1, 2, 1) * np.ones((3, 1, 1))
    q = DiagonalGaussians(mean, np.zeros_like(mean))
    # Binary input over Gaussian noise at ratio 1: 0.4859 bits.
    np.testing.assert_allclose(information(q, q.draw(SEEDS, 20_000)), 0.4859 * np.log(2), atol=0.01)
