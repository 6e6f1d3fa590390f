"""A sampler, fitted."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers._contract import Fit, Sampler
from study.measures.registry import SAMPLERS, shared
from study.runtime import registry


@shared(needs=("train", "heldout"))
def fitted(train: DiagonalGaussians, heldout: DiagonalGaussians, *, sampler: str) -> Sampler:
    """Fit a sampler on the posteriors, once for all that is drawn from it."""
    fit: Fit = registry.load(SAMPLERS, sampler).fit
    return fit(train, heldout)
