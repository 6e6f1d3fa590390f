"""A percentile over images of the KL of the latent dimension that has least."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="nats", needs=("heldout",))
def dimension_kl_percentile(q: DiagonalGaussians, *, percentile: float) -> Array:
    """Least over dimensions of the percentile over held-out images of KL(q(z_j|x) ‖ N(0, 1)), nats.

    Source:
        The question, read for each latent dimension.
    """
    return np.percentile(q.kl_per_dimension(), percentile, axis=1).min(-1)
