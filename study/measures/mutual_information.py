"""Mutual information of the latent and the index of the sample, over the whole split."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.marginal_kl import empirical
from study.measures.per_sample_kl import rate


def mutual_information(q: DiagonalGaussians, z: Array) -> Array:
    """Mutual information I(x; z) = rate − marginal KL over the whole split, nats, in [0, ln n].

    Within a minibatch it could not pass ln(batch): ``q`` must hold the whole split.

    Args:
        q: Posteriors of the whole split.
        z: Draws of :meth:`DiagonalGaussians.draw` from ``q``, ``(replica, m, latent)``.

    Returns:
        ``(replica,)``.

    Source:
        Hoffman & Johnson 2016, "ELBO surgery".
    """
    return np.clip(rate(q) - empirical(q, z).low, 0.0, np.log(q.samples))
