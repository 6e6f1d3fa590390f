"""The importance-weighted bound of log p(x)."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from study.errors import InvalidValue
from study.latent.gaussians import Array
from study.measures.registry import measure
from study.measures.tools.weights import checked


@measure(unit="nats", needs=("importance_weights",))
def importance_weighted_bound(log_weights: Array, *, k: int | None = None) -> Array:
    """Importance-weighted bound, mean over held-out images of log mean_k w, nats; of 1 draw it is the ELBO.

    Args:
        log_weights: ``(replica, sample, draw)``, nats.
        k: Draws per bound, averaged over the whole groups of k among the draws given; None for one group of all.

    Returns:
        ``(replica,)``.

    Source:
        Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", equation 8.
    """
    log_weights = checked(log_weights)
    replicas, samples, draws = log_weights.shape
    k = draws if k is None else k
    if not 1 <= k <= draws:
        raise InvalidValue("k", k, f"an integer from 1 to {draws}")
    groups = log_weights[..., : draws // k * k].reshape(replicas, samples, draws // k, k)
    return (logsumexp(groups, axis=-1) - np.log(k)).mean((1, 2))
