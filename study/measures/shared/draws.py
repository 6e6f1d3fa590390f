"""Latents of a sampler."""

from __future__ import annotations

from collections.abc import Callable

from study.latent.gaussians import Array
from study.latent.samplers._contract import Sampler
from study.measures.registry import Seeds, shared

GENERATED = 10_000
"""Draws per replica."""


@shared(needs=("fitted", "seeds"))
def draws(fitted: Callable[[str], Sampler], seeds: Seeds, *, sampler: str) -> Array:
    """Draw 10,000 latents a replica from a sampler, ``(replica, 10_000, latent)``."""
    return fitted(sampler).draw(seeds(f"{sampler} draws"), GENERATED)
