"""Log density ratios of the training mixture and the prior, and the mass of holes that they show."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians, prior_log_density

PERCENTILE = 5.0
"""Percentile of the aggregate's log ratios below which a draw of the prior lies in a hole."""


def log_ratio(q_n: DiagonalGaussians, z: Array) -> Array:
    """Log q_n(z) − log p(z), nats: ``(replica, m, latent)`` → ``(replica, m)``; exact to 1e-3."""
    return q_n.log_densities(z)[:, 0] - prior_log_density(z)


def mass_below(aggregate: Array, prior: Array) -> Array:
    """Share of the prior's log ratios below the 5th percentile of the aggregate's, of arrays ``(replica, m)``."""
    edge = np.percentile(aggregate, PERCENTILE, axis=1, keepdims=True)
    return (prior < edge).mean(1)
