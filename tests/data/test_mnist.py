"""The real MNIST, where it can be reached."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.data.dataset import Dataset

COUNTS = np.array([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
"""Training images of each class, of 60,000."""


def test_a_subset_is_stratified_verified_and_fixed(load_or_skip: Callable[..., Dataset]) -> None:
    data = load_or_skip("mnist", images=10_000)
    assert data.train_x.shape == (10_000, 784)
    assert data.heldout_x.shape == (2_500, 784)
    assert data.image_shape == (28, 28)
    assert (data.train_x.min(), data.train_x.max()) == (0.0, 1.0)
    assert data.digest == "6e71b579f0609713b75658c59a70340549f4d24ea1d1a2f5d24fc3e6585d9386"
    assert (np.abs(np.bincount(data.train_y) - COUNTS / 6) <= 1.2).all()
