"""Nearest neighbours among real images and a sampler's."""

from __future__ import annotations

import numpy as np
import pytest

from study.measures._registry import Images
from study.measures.shared.fidelity import COMPARED, REAL, fidelity
from study.seeds import generator


def test_a_spread_of_the_draws_is_compared_with_the_first_real_images():
    x = generator("fidelity").normal(size=(REAL + 50, 3)).astype(np.float32)
    x[REAL:] += 100  # real images beyond the limit, which no sampler could cover
    images = Images(x, np.zeros(len(x), int), x, np.zeros(len(x), int))
    z = generator("fidelity", "fake").normal(size=(2, 10 * COMPARED, 3))
    seen = []

    def decode(latents):
        seen.append(latents)
        return latents

    found = fidelity(lambda sampler: {"prior": z}[sampler], decode, images, sampler="prior")
    assert [one.shape for one in seen] == [(2, COMPARED, 3)]
    np.testing.assert_array_equal(seen[0][:, [0, -1]], z[:, [0, -1]])
    assert found.coverage == pytest.approx(0.9, abs=0.07)
