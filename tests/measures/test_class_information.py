"""What a latent tells of the class: all of it where classes lie apart, nothing where labels are permuted."""

from __future__ import annotations

import numpy as np
import pytest
from planted import measured
from quilts import SPREAD, clusters
from scipy.integrate import quad
from scipy.special import entr
from scipy.stats import norm

from study.testing import Loses, Planted

PLANTED = Planted(clusters(), np.log(2), 1e-3, sample_order=False)
LOSES = Loses(clusters(told=False), below=0.05)


@pytest.mark.parametrize("a", [0.0, 0.3, 0.6])
def test_classes_that_overlap_tell_what_the_integral_says(a):
    def lost(z):
        densities = np.array([norm.pdf(z, one, SPREAD) for one in (-a, a)]) / 2
        return densities.sum() * entr(densities / densities.sum()).sum()

    expected = np.log(2) - quad(lost, -5, 5)[0]
    found = measured("class_information", clusters(a)).low
    np.testing.assert_allclose(found, expected, atol=0.02)
