"""How many draws of the prior lie as close to some code μ(x) as draws of the aggregate posterior do."""

from __future__ import annotations

import numpy as np
from scipy.spatial import KDTree

from study.latent.gaussians import Array, DiagonalGaussians, prior_draws
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import DRAWS, rounds

PERCENTILE = 95
"""Of the distances from held-out aggregate draws to the nearest code."""


@measure(unit="share", needs=("train", "heldout_redraws", "seeds"))
def nearest_code_share(train: DiagonalGaussians, heldout_redraws: DiagonalGaussians, seeds: Seeds) -> Array:
    """Share of prior draws that lie no farther from the nearest training mean μ(x) than 95 % of aggregate draws do.

    It is 0.95 where the held-out q(z) is N(0, I), and hardly less from eight latents on, whatever q(z): there all draws
    are about as far from all codes. Where no dimension is active every draw is as close as any other: 0.95, which says
    nothing.

    Args:
        train: Posteriors of the training split, whose means are the codes.
        heldout_redraws: Posteriors of redraws of held-out images, from which the aggregate is drawn.
        seeds: For 2,880 draws of either.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        The first answer: a z of the prior is probably close to some μ(x).
    """
    aggregate = heldout_redraws.draw(seeds("nearest code aggregate"), rounds(heldout_redraws))
    prior = prior_draws(seeds("nearest code prior"), DRAWS, train.latent)
    shares = []
    for codes, *draws in zip(train.mean, aggregate, prior, strict=True):
        own, others = (KDTree(codes).query(z)[0] for z in draws)
        shares.append(np.mean(others <= np.percentile(own, PERCENTILE)))
    return np.array(shares)
