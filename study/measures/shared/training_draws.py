"""Draws of the aggregate posterior of the training images."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, shared

COUNT = 10_000
"""Least number of draws per replica."""


@shared(needs=("train", "seeds"))
def training_draws(q: DiagonalGaussians, seeds: Seeds) -> Array:
    """Draw latents from every training posterior alike, 10,000 or a few more, ``(replica, m, latent)``."""
    return q.draw(seeds("training draws"), q.samples * -(-COUNT // q.samples))
