"""How well any rule could tell q_n from the prior."""

from __future__ import annotations

import math

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import Array, DiagonalGaussians, prior_draws, prior_log_density_per_dimension
from study.measures.registry import Seeds, measure
from study.measures.tools.ratios import log_ratio

REACH = 9.0
"""The square [−9, 9]² is all there is."""
LEAST, MOST = 601, 6001
"""Points along either axis: no farther apart than three quarters of the narrowest component's deviation."""


DRAWS = 10_000
"""Draws of the prior, where there are more latents than can be integrated over, or one."""


@measure(unit="share", needs=("train", "seeds"))
def bayes_accuracy(q: DiagonalGaussians, seeds: Seeds) -> Array:
    """Accuracy of the best rule that tells draws of the training mixture q_n from draws of N(0, I).

    (1 + TV(q_n, N(0, I))) / 2: by quadrature with two latents, else as a mean over draws of the prior, whose standard
    error is 0.004 at most. It is above that of held-out draws, as q_n is clumped around its images: an exact N(0, I) at
    the rate of a VAE of digits has 0.52 with two latents.

    Args:
        q: Posteriors of the training split.
        seeds: For 10,000 draws of the prior, unless there are two latents.

    Returns:
        ``(replica,)``, in [0.5, 1].

    Source:
        Neyman & Pearson 1933; the total variation is the largest difference of both probabilities.
    """
    if q.latent == 2:
        return np.array([_accuracy(mean, log_var) for mean, log_var in zip(q.mean, q.log_var, strict=True)])
    ratios = log_ratio(q, prior_draws(seeds("bayes accuracy"), DRAWS, q.latent))
    return 0.5 * (1 - np.expm1(np.minimum(ratios, 0)).mean(1))


def _accuracy(mean: Array, log_var: Array) -> float:
    """(1 + TV) / 2 of one replica's components, ``(n, 2)``."""
    narrowest = math.exp(0.5 * log_var.min())
    points = max(LEAST, math.ceil(2 * REACH / (0.75 * narrowest)) + 1)
    if points > MOST:
        raise InvalidValue("deviation of a posterior", narrowest, f"at least {8 / 3 * REACH / (MOST - 1):.2g}")
    z = np.linspace(-REACH, REACH, points)
    # A component is the product of its axes, and their sum over components a matrix product.
    standard = (z - mean.T[..., None]) * np.exp(-0.5 * log_var.T)[..., None]  # (axis, n, point)
    axes = np.exp(-0.5 * standard**2 - 0.5 * log_var.T[..., None]) / math.sqrt(2 * math.pi)
    density = axes[0].T @ axes[1] / len(mean)
    prior = np.exp(prior_log_density_per_dimension(z))
    variation = 0.5 * np.abs(density - np.outer(prior, prior)).sum() * (z[1] - z[0]) ** 2
    return 0.5 * (1 + float(variation))
