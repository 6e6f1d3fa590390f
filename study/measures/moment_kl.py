"""What the first two moments alone contribute to the marginal KL of the training images."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure


@measure(unit="nats", needs=("train",))
def moment_kl(q: DiagonalGaussians) -> Array:
    """KL(N(m_j, s_j²) ‖ N(0, 1)) of the mean and variance of q_n(z_j), summed over active dimensions, nats.

    It is what the exact rescaling of :mod:`study.measures.tools.rescaled` takes off ``empirical_marginal_kl``: for any
    density q with these moments KL(q ‖ N(0, I)) = KL(q ‖ N(m, s²)) + KL(N(m, s²) ‖ N(0, I)).

    Args:
        q: Posteriors of the whole training split, one redraw of each image.

    Returns:
        One number per replica, ``(replica,)``; 0 where no dimension is active.

    Source:
        Cover & Thomas 2006, section 8.6 (the maximum entropy property of the Gaussian); law of total variance.
    """
    mean = q.mean.mean(1)
    variance = q.mean.var(1) + q.var.mean(1)
    return (q.active() * (mean**2 + variance - 1 - np.log(variance)) / 2).sum(-1)
