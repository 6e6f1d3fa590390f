"""The rate of the held-out images."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="nats", needs=("heldout",))
def heldout_rate(q: DiagonalGaussians) -> Array:
    """Mean over held-out images of KL(q(z|x) ‖ N(0, I)), nats.

    Source:
        Alemi et al. 2018, "Fixing a broken ELBO".
    """
    return q.kl().mean(1)
