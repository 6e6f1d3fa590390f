"""What a sampler is: fitted on posteriors, it draws latents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from study.latent.gaussians import Array, DiagonalGaussians


class Draw(Protocol):
    """Draws latents of every replica."""

    def __call__(self, seeds: Sequence[int], count: int) -> Array:
        """Draw latents.

        Args:
            seeds: One seed per replica, so that a replica's draws do not depend on its siblings.
            count: Draws per replica.

        Returns:
            ``(replica, count, latent)``.
        """


Fit = Callable[[DiagonalGaussians, DiagonalGaussians], Draw]
"""Posteriors of the training and of the held-out images → draws."""
