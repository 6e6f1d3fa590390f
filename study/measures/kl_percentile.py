"""A percentile over images of the per-sample KL."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="nats", needs=("heldout",))
def kl_percentile(q: DiagonalGaussians, *, percentile: float = 5.0) -> Array:
    """Percentile over held-out images of KL(q(z|x) ‖ N(0, I)), nats.

    Source:
        The question: "q(z|x) never becomes N(0, I)".
    """
    return np.percentile(q.kl(), percentile, axis=1)
