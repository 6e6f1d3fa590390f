"""Draws of the aggregate posterior of the held-out images."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, shared

COUNT = 720
"""Draws per replica."""


@shared(needs=("heldout", "seeds"))
def heldout_draws(q: DiagonalGaussians, seeds: Seeds) -> Array:
    """Draw latents of held-out images, evenly spread over them, ``(replica, 720, latent)``."""
    return q.draw(seeds("held-out draws"), COUNT)
