"""Log density ratios of the training mixture and the prior, at draws of the prior."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians, prior_draws
from study.measures.registry import Seeds, shared
from study.measures.tools.bracket import rounds
from study.measures.tools.ratios import log_ratio


@shared(needs=("train", "heldout_redraws", "seeds"))
def prior_ratios(q: DiagonalGaussians, heldout: DiagonalGaussians, seeds: Seeds) -> Array:
    """Compute log q_n(z) − log p(z), nats, ``(replica, 2_880)``, at as many draws of N(0, I) as of held-out images."""
    return log_ratio(q, prior_draws(seeds("ratios"), rounds(heldout), q.latent))
