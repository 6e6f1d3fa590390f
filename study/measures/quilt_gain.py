"""How much better than one density a quilt of one Gaussian a class describes q(z)."""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.special import logsumexp

from study.latent.gaussians import Array, DiagonalGaussians, prior_log_density
from study.latent.samplers.gaussian import fit
from study.measures.registry import measure


@measure(unit="nats", needs=("class_densities", "quilt_draws", "train"))
def quilt_gain(
    class_densities: Array, z: Array, train: DiagonalGaussians, *, reference: Literal["prior", "gaussian"] = "prior"
) -> Array:
    """Mean log density of held-out aggregate draws under one Gaussian a class, less that under a reference, nats.

    Against the prior it is that part of the marginal KL which the quilt explains: KL(q ‖ p) − KL(q ‖ quilt).

    Args:
        class_densities: Log of share times density of every class's Gaussian at the draws.
        z: The draws.
        train: Posteriors of the training split, whose moments the one Gaussian has.
        reference: N(0, I), or one Gaussian of full covariance.

    Returns:
        ``(replica,)``; negative where the reference is better.

    Source:
        A comment: q(z) looks like a quilt of ten Gaussians.
    """
    quilt = logsumexp(class_densities, axis=1)
    other = prior_log_density(z) if reference == "prior" else fit(train, train).log_density(z)
    return np.asarray((quilt - other).mean(1))
