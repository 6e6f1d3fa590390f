"""Mutual information of the latent and the index of the training image."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.bracket import Bracket


@measure(unit="nats", needs=("train", "empirical_marginal_kl"))
def mutual_information(q: DiagonalGaussians, empirical_marginal_kl: Bracket) -> Array:
    """Mutual information I(x; z) = rate − marginal KL over the training split, nats, in [0, ln n].

    Within a minibatch it could not pass ln(batch): ``q`` must hold the whole split.

    Source:
        Hoffman & Johnson 2016, "ELBO surgery".
    """
    return np.clip(q.kl().mean(1) - empirical_marginal_kl.low, 0.0, np.log(q.samples))
