"""Per-sample KL(q(z|x) ‖ N(0, I)): its mean, the rate, and its low percentiles over x."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians


def rate(q: DiagonalGaussians) -> Array:
    """Mean over x of KL(q(z|x) ‖ p), the rate R, nats.

    Returns:
        ``(replica,)``.

    Source:
        Alemi et al. 2018, "Fixing a broken ELBO".
    """
    return q.kl().mean(1)


def per_sample_kl_percentile(q: DiagonalGaussians, percentile: float = 5.0) -> Array:
    """Percentile over x of KL(q(z|x) ‖ p), nats, ``(replica,)``.

    Source:
        The question: "q(z|x) never becomes N(0, I)".
    """
    return np.percentile(q.kl(), percentile, axis=1)


def per_dimension_kl_percentile(q: DiagonalGaussians, percentile: float = 5.0) -> Array:
    """Least over latent dimensions of the percentile over x of KL(q(z_j|x) ‖ p), nats, ``(replica,)``.

    Source:
        The question, read for each latent dimension.
    """
    return np.percentile(q.kl_per_dimension(), percentile, axis=1).min(-1)
