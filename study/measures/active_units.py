"""Active units: how many latent dimensions carry information."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import ACTIVE, Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="dimensions", needs=("train",))
def active_units(q: DiagonalGaussians, *, threshold: float = ACTIVE) -> Array:
    """Number of latent dimensions whose mean KL over training images is at least ``threshold`` nats.

    Source:
        Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", section 5.2, by KL in place of variance.
    """
    return q.active(threshold).sum(-1).astype(np.float64)
