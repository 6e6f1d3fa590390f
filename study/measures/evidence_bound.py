"""Lower bounds of log p(x) from importance weights."""

from __future__ import annotations

import numpy as np
from scipy.special import logsumexp

from study.errors import InvalidValue
from study.latent.gaussians import Array


def elbo(log_weights: Array) -> Array:
    """Evidence lower bound, mean over x and draws of log p(x, z) − log q(z|x), nats.

    Args:
        log_weights: ``(replica, sample, k)``, nats.

    Returns:
        ``(replica,)``.

    Source:
        Kingma & Welling 2014.
    """
    return _checked(log_weights).mean((1, 2))


def importance_weighted(log_weights: Array, k: int | None = None) -> Array:
    """Importance-weighted bound, mean over x of log mean_k w, nats; 1 draw is the ELBO, more only raise it.

    Args:
        log_weights: ``(replica, sample, draws)``, nats.
        k: Draws per bound, averaged over the whole groups of k among the draws given; None for one group of all.

    Returns:
        ``(replica,)``.

    Source:
        Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", equation 8.
    """
    log_weights = _checked(log_weights)
    replicas, samples, draws = log_weights.shape
    k = draws if k is None else k
    if not 1 <= k <= draws:
        raise InvalidValue("k", k, f"an integer from 1 to {draws}")
    groups = log_weights[..., : draws // k * k].reshape(replicas, samples, draws // k, k)
    return (logsumexp(groups, axis=-1) - np.log(k)).mean((1, 2))


def effective_sample_size(log_weights: Array) -> Array:
    """Mean over x of (Σ w)² / Σ w², a count in [1, k], ``(replica,)``; near 1 the bound hangs on one draw.

    Source:
        Kong 1992; Owen 2013, "Monte Carlo theory, methods and examples", section 9.3.
    """
    log_weights = _checked(log_weights)
    return np.exp(2 * logsumexp(log_weights, axis=-1) - logsumexp(2 * log_weights, axis=-1)).mean(1)


def _checked(log_weights: Array) -> Array:
    log_weights = np.asarray(log_weights, np.float64)
    if log_weights.ndim != 3 or not log_weights.size or not np.isfinite(log_weights).all():
        raise InvalidValue("log_weights", log_weights.shape, "finite numbers of shape (replica, sample, k)")
    return log_weights
