"""The rate of the training images."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="nats", needs=("train",))
def rate(q: DiagonalGaussians) -> Array:
    """Mean over training images of KL(q(z|x) ‖ N(0, I)), the rate R, nats.

    Source:
        Alemi et al. 2018, "Fixing a broken ELBO".
    """
    return q.kl().mean(1)
