"""Log densities of mixtures of diagonal Gaussians in float32, where all pairs of point and component count."""

from __future__ import annotations

import math

import numpy as np

from study.latent.gaussians import LOG_2PI, Array, DiagonalGaussians

_AT_ONCE = 512
"""Points at once, so that their pairs with 1,437 components stay in the cache."""
_ERROR = 1e-3
"""Rounding error tolerated at one point, nats; an expectation over points has far less."""


def rough_log_density(q: DiagonalGaussians, z: Array) -> Array:
    """Log density of the aggregate posterior, nats; up to five times as fast as the exact one where components overlap.

    Its rounding error is typically below 1e-5; where posteriors are so narrow that it might pass 1e-3, the exact one
    serves.

    Args:
        q: The components.
        z: Points, ``(replica, m, latent)``.

    Returns:
        ``(replica, m)``.
    """
    centre = q.mean.mean(1, keepdims=True)
    reach = (np.abs(z - centre).max((1, 2)) + np.abs(q.mean - centre).max((1, 2))) ** 2
    if (reach * math.sqrt(q.latent) * np.exp(-q.log_var.min((1, 2))) * np.finfo(np.float32).eps > _ERROR).any():
        return q.log_density(z)
    pairs = zip(z - centre, q.mean - centre, q.log_var, strict=True)
    return np.stack([_log_sum(*one) for one in pairs]) - math.log(q.samples) - 0.5 * q.latent * LOG_2PI


def _log_sum(z: Array, mean: Array, log_var: Array) -> Array:
    precision = np.exp(-log_var)
    constant = -0.5 * (log_var + mean**2 * precision).sum(-1)
    # A pair's log density is the product of (z², z, 1) and a row of weights.
    weights = np.concatenate([-0.5 * precision, mean * precision, constant[:, None]], 1).astype(np.float32).T
    out = np.empty(len(z))
    buffer = np.empty((_AT_ONCE, len(mean)), np.float32)
    for start in range(0, len(z), _AT_ONCE):
        rows = z[start : start + _AT_ONCE]
        factors = np.concatenate([rows**2, rows, np.ones((len(rows), 1))], 1).astype(np.float32)
        logits = np.matmul(factors, weights, out=buffer[: len(rows)])
        top = logits.max(1)
        logits -= top[:, None]
        out[start : start + _AT_ONCE] = top + np.log(np.exp(logits, out=logits).sum(1))
    return out
