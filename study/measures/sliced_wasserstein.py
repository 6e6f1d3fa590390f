"""Sliced Wasserstein distance between draws and N(0, I), less its null."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from study.latent.gaussians import Array, prior_draws
from study.seeds import seed

PROJECTIONS = 64
NULLS = 16
ROOT = "vae-claims-2"
"""Seed root of directions and null: drawn once, whatever the seeds of the VAEs."""
"""Prior samples over which the null is averaged."""


def sliced_wasserstein(z: Array, projections: int = PROJECTIONS) -> Array:
    """Mean 1-Wasserstein distance to N(0, 1) over fixed directions, less the same of as many prior draws, latent units.

    A finite sample from the prior itself keeps a distance, and projections of anything look Gaussian as D grows:
    what is left after the null is what the sample size and the dimension do not explain. It is 0 in expectation for
    draws of the prior, and may be slightly negative.

    Args:
        z: Draws, ``(replica, m, latent)``.
        projections: Number of directions; the same ones for every replica, and for the null.

    Returns:
        ``(replica,)``.

    Source:
        Bonneel et al. 2015, "Sliced and Radon Wasserstein barycenters of measures".
    """
    _, m, latent = z.shape
    return _distance(z, projections) - null(m, latent, projections)


@lru_cache(maxsize=256)
def null(m: int, latent: int, projections: int = PROJECTIONS) -> float:
    """Mean distance of ``m`` draws of N(0, I) from N(0, I), in latent units."""
    seeds = [seed("sliced_wasserstein", "null", m, latent, i, root=ROOT) for i in range(NULLS)]
    return float(_distance(prior_draws(seeds, m, latent), projections).mean())


def _distance(z: Array, projections: int) -> Array:
    m, latent = z.shape[1:]
    directions = prior_draws([seed("sliced_wasserstein", "directions", latent, root=ROOT)], projections, latent)[0].T
    directions /= np.linalg.norm(directions, axis=0)
    # The prior's side is exact: its quantiles, not a second sample, so that only the draws are noisy.
    quantiles = ndtri((np.arange(m) + 0.5) / m)
    return np.stack([np.abs(np.sort((one @ directions).T) - quantiles).mean() for one in z])
