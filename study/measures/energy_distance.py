"""Energy distance between draws and N(0, I), free of its null."""

from __future__ import annotations

import math

import numpy as np
from scipy.spatial.distance import pdist
from scipy.special import hyp1f1

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import measure


@measure(unit="latent units", needs=("heldout_draws",))
def energy_distance(z: Array) -> Array:
    """Energy distance to the prior, 2 E|z − y| − E|z − z'| − E|y − y'| with y from N(0, I), latent units.

    The prior's side is exact, and pairs z ≠ z' only are averaged: a U-statistic, whose expectation for draws of the
    prior is 0 at every size. The null to subtract is 0, and the value may be slightly negative.

    Args:
        z: Draws, ``(replica, m, latent)``, m ≥ 2.

    Returns:
        ``(replica,)``.

    Source:
        Székely & Rizzo 2005, "A new test for multivariate normality".
    """
    latent = z.shape[2]
    if z.shape[1] < 2:
        raise InvalidValue("z", z.shape, "at least 2 draws per replica")
    unit = math.exp(math.lgamma((latent + 1) / 2) - math.lgamma(latent / 2))
    to_prior = math.sqrt(2) * unit * hyp1f1(-0.5, latent / 2, -0.5 * (z**2).sum(-1))
    within = np.array([pdist(one).mean() for one in z])
    return 2 * to_prior.mean(1) - within - 2 * unit
