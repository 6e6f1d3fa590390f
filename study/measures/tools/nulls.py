"""What finite n alone leaves of a quantity of q_n: the same of planted mixtures that are drawn from N(0, I)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.measures.registry import Seeds

MIXTURES = 8
"""Mixtures over which a null is averaged."""


def nulls(q: DiagonalGaussians, seeds: Seeds, count: int = MIXTURES) -> Iterator[DiagonalGaussians]:
    """Yield mixtures of the VAE's own n and variances whose means are drawn so that q(z) is N(0, I).

    A dimension's means come from N(0, 1 − mean variance of that dimension), or are 0 where that is negative.

    Args:
        q: Posteriors of the training split.
        seeds: Seeds of the means.
        count: How many mixtures.
    """
    spread = np.sqrt(np.maximum(1 - q.var.mean(1, keepdims=True), 0.0))
    for i in range(count):
        yield DiagonalGaussians(spread * prior_draws(seeds(f"null {i}"), q.samples, q.latent), q.log_var)
