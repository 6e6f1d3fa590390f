"""One draw of every training posterior."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, shared


@shared(needs=("train", "seeds"))
def training_draws(q: DiagonalGaussians, seeds: Seeds) -> Array:
    """Draw one latent from every training posterior, ``(replica, sample, latent)``."""
    return q.draw(seeds("training draws"))
