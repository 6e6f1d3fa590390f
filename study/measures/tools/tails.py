"""The tails of importance weights: Pareto k̂."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array
from study.types import Float32

CANDIDATES = 30
"""Candidates of the fit, to which the root of the tail's length is added."""


def tail_of(log_weights: Array | Float32) -> Array:
    """Return the largest log weights, ascending, and before them the one that cuts the tail off.

    Args:
        log_weights: ``(…, draw)``, nats.

    Returns:
        ``(…, 1 + tail)``, a tail of min(draws ÷ 5, 3 √draws).

    Source:
        Vehtari et al. 2024, "Pareto smoothed importance sampling", section 3.
    """
    draws = log_weights.shape[-1]
    length = int(min(draws / 5, 3 * draws**0.5))
    return np.sort(np.partition(log_weights, draws - length - 1, axis=-1)[..., -length - 1 :], axis=-1)


def pareto_k(tail: Array) -> Array:
    """Fit the shape k̂ of a generalised Pareto distribution to tails of importance weights.

    Below ½ their variance is finite; above 0.7 no practical number of draws is enough. Weak prior of ten values at ½.

    Args:
        tail: Of :func:`tail_of`, ``(…, 1 + tail)``.

    Returns:
        ``(…)``; −∞ where all the weights are equal.

    Source:
        Zhang & Stephens 2009, "A new and efficient estimation method for the generalized Pareto distribution"; Vehtari
        et al. 2024, "Pareto smoothed importance sampling", appendix C.
    """
    scaled = np.exp(tail - tail[..., -1:])
    x = scaled[..., 1:] - scaled[..., :1]
    n = x.shape[-1]
    flat = x[..., -1] <= 1e-12
    x = np.where(flat[..., None], np.arange(1, n + 1) / n, x)
    number = CANDIDATES + int(n**0.5)
    quartile = x[..., int(n / 4 + 0.5) - 1, None]
    place = 1 - np.sqrt(number / (np.arange(1, number + 1) - 0.5))
    theta = 1 / x[..., -1:] + place / (3 * np.maximum(quartile, 1e-300))
    # One candidate after the other, so that memory does not grow with their number.
    k = np.stack([np.log1p(-theta[..., i, None] * x).mean(-1) for i in range(number)], axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        profile = n * (np.log(-theta / k) - k - 1)
    profile = np.where(np.isfinite(profile), profile, -np.inf)
    weight = np.exp(profile - profile.max(-1, keepdims=True))
    chosen = (theta * weight).sum(-1) / weight.sum(-1)
    shape = np.log1p(-chosen[..., None] * x).mean(-1)
    return np.where(flat, -np.inf, (n * shape + 5) / (n + 10))
