"""The exact rescaling that makes every active latent dimension standard on training data."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians


def rescaled(q_train: DiagonalGaussians, *others: DiagonalGaussians) -> tuple[DiagonalGaussians, ...]:
    """Shift and scale active dimensions so that E[z] = 0 and E[z²] = 1 under ``q_train``; the same map on the others.

    An affine decoder input undoes the map for free, so that at a stationary point of the loss it is the identity: what
    it changes is the lack of convergence, and what it leaves on held-out data is a finding. Dead dimensions stay.

    Args:
        q_train: Posteriors of the training split; they also say which dimensions are active.
        *others: Further posteriors of the same replicas.

    Returns:
        All of them, transformed, in the order given.

    Source:
        Stationarity of the loss under z_j → (z_j − a) / b with unregularised affine heads; law of total expectation.
    """
    active = q_train.active()[:, None]
    variance = q_train.mean.var(1, keepdims=True) + q_train.var.mean(1, keepdims=True)
    shift = np.where(active, q_train.mean.mean(1, keepdims=True), 0.0)
    scale = np.where(active, np.sqrt(variance), 1.0)
    return tuple(q.standardised(shift, scale) for q in (q_train, *others))
