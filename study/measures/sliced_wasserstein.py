"""Sliced Wasserstein distance between draws and N(0, I), less its null."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.special import ndtri

from study.latent.gaussians import Array, prior_draws
from study.measures.registry import measure
from study.seeds import seed

PROJECTIONS = 64
"""Directions; the same ones for every replica, and for the null."""
NULLS = 16
"""Prior samples over which the null is averaged."""
ROOT = "vae-claims-2"
"""Seed root of directions and null: drawn once, whatever the seeds of the VAEs."""


@measure(unit="latent units", needs=("heldout_draws",))
def sliced_wasserstein(z: Array) -> Array:
    """Mean 1-Wasserstein distance to N(0, 1) over fixed directions, less the same of as many prior draws, latent units.

    A finite sample from the prior itself keeps a distance, and projections of anything look Gaussian as D grows:
    what is left after the null is what the sample size and the dimension do not explain. It is 0 in expectation for
    draws of the prior, and may be slightly negative.

    Args:
        z: Draws, ``(replica, m, latent)``.

    Returns:
        ``(replica,)``.

    Source:
        Bonneel et al. 2015, "Sliced and Radon Wasserstein barycenters of measures".
    """
    _, m, latent = z.shape
    return _distance(z) - null(m, latent)


@lru_cache(maxsize=256)
def null(m: int, latent: int) -> float:
    """Mean distance of ``m`` draws of N(0, I) from N(0, I), in latent units."""
    seeds = [seed("sliced_wasserstein", "null", m, latent, i, root=ROOT) for i in range(NULLS)]
    return float(_distance(prior_draws(seeds, m, latent)).mean())


def _distance(z: Array) -> Array:
    m, latent = z.shape[1:]
    directions = prior_draws([seed("sliced_wasserstein", "directions", latent, root=ROOT)], PROJECTIONS, latent)[0].T
    directions /= np.linalg.norm(directions, axis=0)
    # The prior's side is exact: its quantiles, not a second sample, so that only the draws are noisy.
    quantiles = ndtri((np.arange(m) + 0.5) / m)
    return np.stack([np.abs(np.sort((one @ directions).T) - quantiles).mean() for one in z])
