"""Log density ratios of the training mixture and the prior, at draws of the aggregate posterior and of the prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians, prior_log_density

PERCENTILE = 5.0
"""Percentile of the aggregate's draws below which a draw of the prior lies in a hole."""


@dataclass(frozen=True, eq=False)
class Ratios:
    """Log q_n(z) − log p(z), nats.

    Attributes:
        aggregate: At draws of the held-out aggregate, ``(replica, m)``.
        prior: At draws of N(0, I), ``(replica, m)``.
    """

    aggregate: Array
    prior: Array

    @classmethod
    def of(cls, q_n: DiagonalGaussians, aggregate: Array, prior: Array) -> Ratios:
        """Compute them at draws ``(replica, m, latent)``."""
        found = [q_n.log_densities(z)[:, 0] - prior_log_density(z) for z in (aggregate, prior)]
        return cls(*found)

    def hole_mass(self) -> Array:
        """Share of the prior's draws below the 5th percentile of the aggregate's, ``(replica,)``."""
        edge = np.percentile(self.aggregate, PERCENTILE, axis=1)
        return (self.prior < edge[:, None]).mean(1)
