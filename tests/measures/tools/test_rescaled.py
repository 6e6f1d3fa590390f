"""The exact rescaling."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools.rescaled import rescaled


def moments(q):
    return q.mean.mean(1), (q.mean**2 + q.var).mean(1)


def test_training_moments_become_standard_and_information_stays(spread):
    train, heldout = spread(300, 3, 0.2, 2.0, "train"), spread(100, 3, 0.2, 2.0, "heldout")
    moved = DiagonalGaussians(train.mean + 1.5, train.log_var)
    new_train, new_heldout = rescaled(moved, heldout)
    mean, second = moments(new_train)
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    np.testing.assert_allclose(second, 1, atol=1e-12)
    # One affine map for both splits.
    scale = np.exp(0.5 * (moved.log_var - new_train.log_var))
    np.testing.assert_allclose(np.exp(0.5 * (heldout.log_var - new_heldout.log_var)), scale[:, :100])
    np.testing.assert_allclose(new_heldout.mean * scale[:, :100] + moments(moved)[0][:, None], heldout.mean)


def test_standard_latents_stay(hole):
    (same,) = rescaled(hole)
    np.testing.assert_allclose(same.mean, hole.mean, atol=1e-12)


def test_dead_dimensions_stay():
    mean = np.array([2.0, 0.2]) * np.array([-1, 1] * 10).reshape(1, 20, 1)
    q = DiagonalGaussians(mean, np.full_like(mean, np.log(0.8)))
    (found,) = rescaled(q)
    assert q.active().tolist() == [[True, False]]
    np.testing.assert_array_equal(found.mean[..., 1], q.mean[..., 1])
    np.testing.assert_allclose(moments(found)[1], [[1.0, 0.84]])
