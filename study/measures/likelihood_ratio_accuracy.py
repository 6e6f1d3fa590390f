"""Accuracy of telling the aggregate posterior from the prior by the training mixture's own density."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array
from study.measures.registry import measure

TIE = 1e-3
"""Log ratios smaller than this, in nats, are ties: densities are exact to as much."""


@measure(unit="share", needs=("aggregate_ratios", "prior_ratios"))
def likelihood_ratio_accuracy(aggregate_ratios: Array, prior_ratios: Array) -> Array:
    """Accuracy of the rule log q_n(z) > log p(z) on draws of held-out images and of N(0, I); 0.5 is a perfect match.

    Half the sum of both hit rates; ties count half. Nothing is fitted and nothing folded: where the held-out q(z) is
    N(0, I), both rates add up to 1 in expectation whatever q_n is, at every D and n. At most (1 + total variation) / 2.

    Args:
        aggregate_ratios: Log q_n(z) − log p(z), nats, at draws of held-out images, ``(replica, m)``.
        prior_ratios: The same at draws of N(0, I).

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        Neyman & Pearson 1933, with q_n in place of q; Lopez-Paz & Oquab 2017 for accuracy as an effect size.
    """
    aggregate, prior = (((r > TIE) + 0.5 * (np.abs(r) <= TIE)).mean(1) for r in (aggregate_ratios, prior_ratios))
    return 0.5 * (aggregate + 1 - prior)
