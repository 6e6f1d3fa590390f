"""Precision and recall, density and coverage of generated images by nearest neighbours."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array


@dataclass(frozen=True, eq=False)
class Fidelity:
    """Shares in [0, 1] (density may pass 1), one per replica, ``(replica,)``.

    Attributes:
        precision: Generated images inside the ball of some real image.
        recall: Real images inside the ball of some generated image.
        density: Mean number of balls of real images around a generated image, over k.
        coverage: Real images whose ball holds some generated image.
    """

    precision: Array
    recall: Array
    density: Array
    coverage: Array


def precision_recall(real: Array, fake: Array, k: int = 5) -> Fidelity:
    """Compare generated with real images; a ball reaches to the k-th nearest neighbour among its own kind.

    Coverage grows with the number of generated images, so compare at equal m only. The balls of generated images,
    which recall needs, are those of the first n, as many as there are real images.

    Args:
        real: Real images or features of them, ``(n, feature)``, n > k.
        fake: Generated ones, ``(replica, m, feature)``, m > k.
        k: Neighbours.

    Returns:
        The four measures, ``(replica,)``.

    Source:
        Kynkäänniemi et al. 2019, "Improved precision and recall metric"; Naeem et al. 2020, "Reliable fidelity and
        diversity metrics for generative models".
    """
    from sklearn.metrics.pairwise import euclidean_distances

    if not 1 <= k < min(len(real), fake.shape[1]):
        raise InvalidValue("k", k, f"an integer from 1 to {min(len(real), fake.shape[1]) - 1}")
    radius = _radius(real, k)[:, None]
    rows = np.empty((len(fake), 4))
    for row, images in zip(rows, fake, strict=True):
        inside = euclidean_distances(real, images) <= radius
        few = images[: len(real)]
        recalled = (euclidean_distances(real, few) <= _radius(few, k)).any(1)
        row[:] = inside.any(0).mean(), recalled.mean(), inside.sum(0).mean() / k, inside.any(1).mean()
    return Fidelity(*rows.T)


def ratio(value: Array, reference: Array) -> Array:
    """Divide; where the reference is zero, a decoder that reaches nothing, nothing is represented: 0."""
    return np.where(reference > 0, value / np.where(reference > 0, reference, 1.0), 0.0)


def _radius(points: Array, k: int) -> Array:
    """Distance to the k-th nearest other point, ``(n,)``."""
    from sklearn.neighbors import NearestNeighbors

    index = NearestNeighbors(n_neighbors=k, algorithm="brute", n_jobs=1).fit(points)
    return index.kneighbors()[0][:, -1]
