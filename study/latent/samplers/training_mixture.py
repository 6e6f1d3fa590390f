"""The aggregate posterior of the training images, a fifth of the prior mixed in, as a sampler."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians, prior_draws, prior_log_density
from study.latent.rough_mixture import nearby_log_density
from study.types import Float32

PRIOR = 0.2
"""Share of the prior: without it, an image that no training image resembles would have next to no density."""


@dataclass(frozen=True, eq=False)
class Defended:
    """0.8 q_n(z) + 0.2 N(0, I).

    Attributes:
        posteriors: The posteriors whose mixture q_n is.
    """

    posteriors: DiagonalGaussians

    def draw(self, seeds: Sequence[int], count: int) -> Array:
        """Draw latents, ``(replica, count, latent)``."""
        chances = np.stack([np.random.Generator(np.random.PCG64([int(s), 2])).random(count) for s in seeds])
        broad = prior_draws(seeds, count, self.posteriors.latent)
        return np.where((chances < PRIOR)[..., None], broad, self.posteriors.draw(seeds, count))

    def log_density(self, z: Array) -> Array:
        """Log density, nats, ``(replica, m, latent)`` → ``(replica, m)``; exact to 1e-3."""
        own = self.posteriors.log_densities(z)[:, 0]
        return np.logaddexp(own + math.log(1 - PRIOR), prior_log_density(z) + math.log(PRIOR))

    def log_density_nearby(self, z: Float32) -> Float32:
        """Log density of groups of points that lie close together, ``(replica, group, m, latent)``, far faster."""
        odds = math.log(PRIOR / (1 - PRIOR))
        floor = (prior_log_density(z) + odds).astype(np.float32)
        return nearby_log_density(self.posteriors, z, floor) + np.float32(math.log(1 - PRIOR))


def fit(train: DiagonalGaussians, heldout: DiagonalGaussians) -> Defended:
    """Return the defended mixture of the training posteriors.

    Source:
        Tomczak & Welling 2018, "VAE with a VampPrior" (the aggregate posterior as a prior); Hesterberg 1995, "Weighted
        average importance sampling and defensive mixture distributions".
    """
    del heldout
    return Defended(train)
