"""The exact rescaling."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools import moments
from study.measures.tools.rescaled import rescaled


def test_training_moments_become_standard_and_information_stays(spread, seeds):
    train, heldout = spread(300, 3, 0.2, 2.0, "train"), spread(100, 3, 0.2, 2.0, "heldout")
    moved = DiagonalGaussians(train.mean + 1.5, train.log_var)
    new_train, new_heldout = rescaled(moved, heldout)
    found = moments.exact(new_train)
    np.testing.assert_allclose(found.mean, 0, atol=1e-12)
    np.testing.assert_allclose(found.excess, 0, atol=1e-12)
    # One affine map for both splits.
    scale = np.exp(0.5 * (moved.log_var - new_train.log_var))
    np.testing.assert_allclose(np.exp(0.5 * (heldout.log_var - new_heldout.log_var)), scale[:, :100])
    np.testing.assert_allclose(new_heldout.mean * scale[:, :100] + moments.exact(moved).mean[:, None], heldout.mean)


def test_standard_latents_stay(hole):
    (same,) = rescaled(hole)
    np.testing.assert_allclose(same.mean, hole.mean, atol=1e-12)
