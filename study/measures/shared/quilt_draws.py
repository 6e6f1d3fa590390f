"""Draws of the held-out aggregate, by which the quilt of class Gaussians is judged."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, shared
from study.measures.tools.bracket import rounds

COUNT = 10_000
"""Least number of draws per replica."""


@shared(needs=("heldout_redraws", "seeds"))
def quilt_draws(heldout: DiagonalGaussians, seeds: Seeds) -> Array:
    """Draw latents of held-out images, 10,000 or a few more, ``(replica, m, latent)``."""
    return heldout.draw(seeds("quilt"), rounds(heldout, COUNT))
