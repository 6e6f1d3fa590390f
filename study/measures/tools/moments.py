"""Moments of the aggregate posterior against the prior's, exactly from the components."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from study.latent.gaussians import Array, DiagonalGaussians


@dataclass(frozen=True, eq=False)
class Moments:
    """First two moments of q(z); the prior's are 0 and I.

    Attributes:
        mean: E[z], ``(replica, latent)``, latent units.
        second: E[z zᵀ], ``(replica, latent, latent)``, squared latent units.
    """

    mean: Array
    second: Array

    @property
    def excess(self) -> Array:
        """E[z_j²] − 1, ``(replica, latent)``: positive where the mixture is bigger than the prior."""
        return np.diagonal(self.second, axis1=1, axis2=2) - 1

    @property
    def off_diagonal(self) -> Array:
        """Root mean square of E[z_j z_k], j ≠ k, ``(replica,)``; 0 for one latent."""
        latent = self.mean.shape[1]
        off = ~np.eye(latent, dtype=bool)
        return np.sqrt((self.second[:, off] ** 2).sum(-1) / max(1, latent * (latent - 1)))

    def mean_excess(self, active: NDArray[np.bool_]) -> Array:
        """Mean over active dimensions of E[z_j²] − 1, ``(replica,)``; 0 where none is active.

        Args:
            active: ``(replica, latent)``, e.g. of the training posteriors' :meth:`DiagonalGaussians.active`.
        """
        return (active * self.excess).sum(-1) / np.maximum(active.sum(-1), 1)


def exact(q: DiagonalGaussians) -> Moments:
    """Moments of the mixture, without sampling: E[z] = mean μ, E[z zᵀ] = mean (μ μᵀ + diag σ²).

    Source:
        Law of total expectation.
    """
    second = q.mean.swapaxes(1, 2) @ q.mean / q.samples
    diagonal = np.arange(q.latent)
    second[:, diagonal, diagonal] += q.var.mean(1)
    return Moments(q.mean.mean(1), second)
