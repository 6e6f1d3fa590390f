"""Active units: how many latent dimensions carry information."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="dimensions", needs=("train",))
def active_units(q: DiagonalGaussians, *, threshold: float = 0.01) -> Array:
    """Number of latent dimensions whose mean varies over training images by more than ``threshold``.

    Source:
        Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", section 5.2.
    """
    return q.active(threshold).sum(-1).astype(np.float64)
