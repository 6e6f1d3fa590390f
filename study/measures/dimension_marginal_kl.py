"""Marginal KL of each active latent dimension of the training images, alone."""

from __future__ import annotations

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.quadrature import dimension_kl


@measure(unit="nats per dimension", needs=("train",))
def dimension_marginal_kl(q: DiagonalGaussians) -> Array:
    """Mean over active dimensions of KL(q_n(z_j) ‖ N(0, 1)), nats; 0 where none is active.

    By quadrature, exact for the mixture of the training components. With no active dimension it says nothing: a claim
    leaves the context out, ``.where(active_units, at_least=1)``.

    Source:
        Chen et al. 2018, "Isolating sources of disentanglement in VAEs", equation 2 (dimension-wise KL).
    """
    return dimension_kl(q)
