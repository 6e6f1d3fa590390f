"""Draws from the prior, N(0, I)."""

from __future__ import annotations

from collections.abc import Sequence

from study.latent.gaussians import Array, DiagonalGaussians, prior_draws
from study.latent.samplers._contract import Draw


def fit(train: DiagonalGaussians, heldout: DiagonalGaussians) -> Draw:
    """Return draws of N(0, I); of the posteriors only the latent dimension counts.

    Source:
        Kingma & Welling 2014, "Auto-encoding variational Bayes" (ancestral sampling).
    """

    def draw(seeds: Sequence[int], count: int) -> Array:
        return prior_draws(seeds, count, heldout.latent)

    return draw
