"""Latents of a sampler."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.latent.samplers._contract import Fit
from study.measures.registry import SAMPLERS, Seeds, shared
from study.runtime import registry

GENERATED = 10_000
"""Draws per replica."""


@shared(needs=("train", "heldout", "seeds"))
def draws(train: DiagonalGaussians, heldout: DiagonalGaussians, seeds: Seeds, *, sampler: str) -> Array:
    """Draw 10,000 latents a replica from a sampler, ``(replica, 10_000, latent)``."""
    fit: Fit = registry.load(SAMPLERS, sampler).fit
    return fit(train, heldout)(seeds(f"{sampler} draws"), GENERATED)
