"""Log density ratios of the training mixture and the prior, at draws of the held-out aggregate."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, shared
from study.measures.tools.bracket import rounds
from study.measures.tools.ratios import log_ratio


@shared(needs=("train", "heldout_redraws", "seeds"))
def aggregate_ratios(q: DiagonalGaussians, heldout: DiagonalGaussians, seeds: Seeds) -> Array:
    """Compute log q_n(z) − log p(z), nats, ``(replica, 2_880)``, at draws spread evenly over the held-out images."""
    return log_ratio(q, heldout.draw(seeds("ratios"), rounds(heldout)))
