"""The real Fashion-MNIST, where it can be reached."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.data.dataset import Dataset

COUNTS = np.array([6000] * 10)
"""Training images of each class, of 60,000."""


def test_a_subset_is_stratified_verified_and_fixed(load_or_skip: Callable[..., Dataset]) -> None:
    data = load_or_skip("fashion_mnist", images=10_000)
    assert data.train_x.shape == (10_000, 784)
    assert data.heldout_x.shape == (2_500, 784)
    assert data.image_shape == (28, 28)
    assert (data.train_x.min(), data.train_x.max()) == (0.0, 1.0)
    assert data.digest == "6b5907f4b62427b1a11d1ba4d441edf275713257f18db28985c77273e575347e"
    assert (np.abs(np.bincount(data.train_y) - COUNTS / 6) <= 1.2).all()
