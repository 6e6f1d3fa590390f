"""What a sampler is: fitted on posteriors, it draws latents, and where it can gives their log density."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from study.latent.gaussians import Array, DiagonalGaussians


class Sampler(Protocol):
    """Draws latents of every replica."""

    def draw(self, seeds: Sequence[int], count: int) -> Array:
        """Draw latents.

        Args:
            seeds: One seed per replica, so that a replica's draws do not depend on its siblings.
            count: Draws per replica.

        Returns:
            ``(replica, count, latent)``.
        """


@runtime_checkable
class Density(Sampler, Protocol):
    """A sampler whose density is known."""

    def log_density(self, z: Array) -> Array:
        """Log density of latents, nats.

        Args:
            z: ``(replica, m, latent)``.

        Returns:
            ``(replica, m)``.
        """


Fit = Callable[[DiagonalGaussians, DiagonalGaussians], Sampler]
"""Posteriors of the training and of the held-out images → the fitted sampler; a fit has fixed seeds of its own."""
