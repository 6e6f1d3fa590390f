"""A mixture of Gaussians of full covariance, fitted to draws of the aggregate posterior, as a sampler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from study.latent.full_gaussians import FullGaussians, FullMixtures
from study.latent.gaussians import Array, DiagonalGaussians
from study.seeds import generator, seed

COMPONENTS = (1, 2, 5, 10, 20, 40)
"""Numbers of components tried, in this order."""
ALWAYS = 10
"""Beyond this many components the first number that is worse on images left out ends the search."""
DRAWS = 8
"""Draws of every training posterior that the mixture is fitted to."""
MOST = 16_000
"""Draws at most; of more images than that, evenly spaced ones are drawn from."""
LEFT_OUT = 5
"""Of so many images one, on average, is left out of the fits by which the number of components is chosen."""
RIDGE = 1e-4
"""Added to every variance."""
SEED = seed("gaussian mixture", root="samplers")
"""Of all fits: a sampler is the same for every replica that has the same posteriors."""
ROUNDS, TOLERANCE = 100, 1e-3
"""Rounds of expectation-maximisation at most, and the gain in nats a draw below which they end."""


def fit(train: DiagonalGaussians, heldout: DiagonalGaussians) -> FullMixtures:
    """Fit a mixture per replica to draws of the training posteriors, with seeds of its own.

    The number of components is the one that gives draws of images left out the largest density. Left out are images,
    never draws: the draws of one image resemble each other. Fewer draws would be as biased: they make few components
    look better.

    Source:
        Ghosh et al. 2020, "From variational to deterministic autoencoders" (ex-post density estimation).
    """
    del heldout
    count = min(DRAWS * train.samples, MOST)
    z = train.draw([SEED] * train.replicas, count)
    # At random: in a stratified order every fifth image may be of the same two classes.
    left_out = generator("gaussian mixture", "left out", root="samplers").random(train.samples) < 1 / LEFT_OUT
    out = left_out[train.component(count)]
    return FullMixtures(tuple(_fitted(points, out) for points in z))


def _fitted(z: Array, out: NDArray[np.bool_]) -> FullGaussians:
    """Fit one replica's draws ``(m, latent)``, of which some are of images left out ``(m,)``."""
    best, score = 1, -np.inf
    for components in COMPONENTS:
        found = (
            several(z[~out], components, SEED).log_density(z[out]).mean()
            if 0 < out.sum() < len(z) - components
            else 0.0
        )
        if found > score:
            best, score = components, found
        elif components > ALWAYS:
            break
    return several(z, best, SEED)


def several(z: Array, components: int, seed: int) -> FullGaussians:
    """Fit a number of components to points ``(m, latent)``, from k-means++ centres on, which a seed draws."""
    # scikit-learn takes a second to import; to name a sampler, when claims are collected, must not.
    from sklearn.cluster import kmeans_plusplus

    centres, _ = kmeans_plusplus(z, components, random_state=seed % 2**32)
    return FullGaussians.fit(z, centres, ridge=RIDGE, rounds=ROUNDS, tolerance=TOLERANCE)
