"""The prior, N(0, I), as a sampler."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from study.latent.gaussians import Array, DiagonalGaussians, prior_draws, prior_log_density


@dataclass(frozen=True)
class Prior:
    """N(0, I).

    Attributes:
        latent: Latent dimension D.
    """

    latent: int

    def draw(self, seeds: Sequence[int], count: int) -> Array:
        """Draw latents, ``(replica, count, latent)``."""
        return prior_draws(seeds, count, self.latent)

    def log_density(self, z: Array) -> Array:
        """Log density, nats, ``(replica, m, latent)`` → ``(replica, m)``."""
        return prior_log_density(z)


def fit(train: DiagonalGaussians, heldout: DiagonalGaussians) -> Prior:
    """Return N(0, I); of the posteriors only the latent dimension counts.

    Source:
        Kingma & Welling 2014, "Auto-encoding variational Bayes" (ancestral sampling).
    """
    del train
    return Prior(heldout.latent)
