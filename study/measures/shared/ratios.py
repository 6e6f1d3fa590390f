"""Log density ratios of the training mixture and the prior."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians, prior_draws
from study.measures.registry import Seeds, shared
from study.measures.tools.bracket import rounds
from study.measures.tools.ratios import Ratios


@shared(needs=("train", "heldout_redraws", "seeds"))
def ratios(q: DiagonalGaussians, heldout: DiagonalGaussians, seeds: Seeds) -> Ratios:
    """Compare q_n with N(0, I) at 2,880 draws of held-out images, evenly spread over them, and as many of N(0, I)."""
    count = rounds(heldout)
    return Ratios.of(q, heldout.draw(seeds("ratios"), count), prior_draws(seeds("ratios"), count, q.latent))
