"""Total correlation of the aggregate posterior."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.bracket import expectation


@measure(unit="nats", needs=("train", "training_draws"))
def total_correlation(q: DiagonalGaussians, z: Array) -> Array:
    """Total correlation, KL(q(z) ‖ ∏ q(z_j)), of the mixture of the training components, nats; 0 for one latent.

    Args:
        q: Posteriors of the whole split.
        z: Draws of :meth:`DiagonalGaussians.draw` from ``q``, ``(replica, m, latent)``.

    Returns:
        ``(replica,)``.

    Source:
        Chen et al. 2018, "Isolating sources of disentanglement in VAEs", equation 2.
    """
    joint, marginals = q.log_density(z), q.log_density_per_dimension(z).sum(-1)
    return np.maximum(expectation(joint - marginals, q, z), 0.0)
