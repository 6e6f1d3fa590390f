"""Precision, recall and coverage of generated images by nearest neighbours."""

from __future__ import annotations

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array

K = 5
"""Neighbours: a ball reaches to the fifth nearest image of its own kind, in pixels."""


def coverage(real: Array, fake: Array, k: int = K) -> Array:
    """Share of real images whose ball holds some generated image, ``(replica,)``.

    It grows with the number of generated images, so compare at equal numbers only.

    Args:
        real: Real images, ``(n, feature)``, n > k.
        fake: Generated ones, ``(replica, m, feature)``.
        k: Neighbours.

    Source:
        Naeem et al. 2020, "Reliable fidelity and diversity metrics for generative models", equation 9.
    """
    radius = _radius(real, k)[:, None]
    return np.array([(_distances(real, images) <= radius).any(1).mean() for images in fake])


def precision(real: Array, fake: Array, k: int = K) -> Array:
    """Share of generated images inside the ball of some real image, ``(replica,)``; arguments as :func:`coverage`.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models", equation 2.
    """
    radius = _radius(real, k)[:, None]
    return np.array([(_distances(real, images) <= radius).any(0).mean() for images in fake])


def recall(real: Array, fake: Array, k: int = K) -> Array:
    """Share of real images inside the ball of some generated image, ``(replica,)``; arguments as :func:`coverage`.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric for assessing generative models", equation 2.
    """
    return np.array([(_distances(real, images) <= _radius(images, k)).any(1).mean() for images in fake])


def ratio(value: Array, reference: Array) -> Array:
    """Divide; where the reference is zero, a decoder that reaches nothing, nothing is represented: 0."""
    return np.where(reference > 0, value / np.where(reference > 0, reference, 1.0), 0.0)


def _distances(real: Array, fake: Array) -> Array:
    from sklearn.metrics.pairwise import euclidean_distances

    return euclidean_distances(real, fake)


def _radius(points: Array, k: int) -> Array:
    """Distance to the k-th nearest other point, ``(n,)``."""
    if not 1 <= k < len(points):
        raise InvalidValue("k", k, f"an integer from 1 to {len(points) - 1}")
    distances = _distances(points, points)
    np.fill_diagonal(distances, 0.0)
    return np.partition(distances, k, axis=1)[:, k]
