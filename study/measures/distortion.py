"""What the decoder misses of held-out images, given draws of their own posteriors."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="nats", needs=("elbo", "heldout"))
def distortion(elbo: Array, q: DiagonalGaussians) -> Array:
    """Distortion, mean over held-out images of −E log p(x|z) with z from q(z|x), nats.

    The ELBO by draws, less the KL in closed form.

    Source:
        Alemi et al. 2018, "Fixing a broken ELBO".
    """
    return -elbo - q.kl().mean(1)
