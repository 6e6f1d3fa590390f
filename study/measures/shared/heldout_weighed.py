"""Importance draws for held-out images, shared by all samplers."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians
from study.latent.samplers.prior import Prior
from study.measures.registry import Seeds, shared
from study.measures.tools.nats import Weighed, weighed
from study.measures.tools.proposals import Likelihood, Proposals
from study.types import Float32

IMAGES = 1_000
"""Held-out images at most, the first ones."""
DRAWS = 1_000
"""Draws an image."""


@shared(needs=("heldout", "heldout_x", "log_likelihood", "seeds"))
def heldout_weighed(q: DiagonalGaussians, x: Float32, likelihood: Likelihood, seeds: Seeds) -> Weighed:
    """Draw 1,000 latents of up to 1,000 held-out images from their widened posteriors."""
    some = DiagonalGaussians(q.mean[:, :IMAGES], q.log_var[:, :IMAGES])
    proposals = Proposals.widened(some, Prior(q.latent))
    return weighed(likelihood, x[:IMAGES], proposals, seeds("nats draws"), DRAWS)
