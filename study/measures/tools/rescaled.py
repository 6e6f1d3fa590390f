"""The exact rescaling that makes every latent dimension standard on training data."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.tools import moments


def rescaled(q_train: DiagonalGaussians, *others: DiagonalGaussians) -> tuple[DiagonalGaussians, ...]:
    """Shift and scale every dimension so that E[z] = 0 and E[z²] = 1 under ``q_train``; the same map on the others.

    An affine decoder input undoes the map for free, so that at a stationary point of the loss it is the identity: what
    it changes is the lack of convergence, and what it leaves on held-out data is a finding.

    Args:
        q_train: Posteriors of the training split.
        *others: Posteriors of other splits of the same replicas.

    Returns:
        All of them, transformed, in the order given.

    Source:
        Stationarity of the loss under z_j → (z_j − a) / b with unregularised affine heads.
    """
    exact = moments.exact(q_train)
    shift = exact.mean[:, None]
    scale = np.sqrt(1 + exact.excess[:, None] - shift**2)
    return tuple(q.standardised(shift, scale) for q in (q_train, *others))
