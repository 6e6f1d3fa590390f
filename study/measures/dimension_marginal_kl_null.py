"""The marginal KL per dimension that finite n leaves to training images of an exact N(0, I)."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, measure
from study.measures.tools.nulls import nulls
from study.measures.tools.quadrature import dimension_kl


@measure(unit="nats per dimension", needs=("train", "seeds"))
def dimension_marginal_kl_null(q: DiagonalGaussians, seeds: Seeds) -> Array:
    """Mean over active dimensions of KL(q_n(z_j) ‖ N(0, 1)) of means drawn so that q(z) is N(0, I), nats.

    The mean over 8 mixtures of the VAE's own n and variances: ``dimension_marginal_kl`` less this is 0 for such a VAE.

    Source:
        Chen et al. 2018, equation 2, and a parametric bootstrap of its null.
    """
    active = q.active()
    return np.mean([dimension_kl(null, active) for null in nulls(q, seeds)], axis=0)
