"""The least marginal KL that the training images allow."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.marginal import floor


@measure(unit="nats", needs=("train",))
def empirical_floor(q: DiagonalGaussians) -> Array:
    """Least marginal KL of as many components of this rate: rate − ln n, nats; may be negative.

    Source:
        Hoffman & Johnson 2016, "ELBO surgery": marginal KL = rate − mutual information, and that is ≤ ln n.
    """
    return floor(q)
