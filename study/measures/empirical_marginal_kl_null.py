"""The marginal KL that finite n leaves to training images of an exact N(0, I)."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import rounds
from study.measures.tools.marginal import mixture_kl
from study.measures.tools.nulls import nulls


@measure(unit="nats", needs=("train", "seeds"))
def empirical_marginal_kl_null(q: DiagonalGaussians, seeds: Seeds) -> Array:
    """Marginal KL of as many components of these variances whose means are drawn so that q(z) is N(0, I), nats.

    The mean over 8 mixtures, of 1,440 draws each: ``empirical_marginal_kl`` less this is 0 for such a VAE.

    Source:
        Hoffman & Johnson 2016, "ELBO surgery", and a parametric bootstrap of its null.
    """
    planted = enumerate(nulls(q, seeds))
    return np.mean([mixture_kl(n, n.draw(seeds(f"null {i} draws"), rounds(n, 1440))) for i, n in planted], axis=0)
