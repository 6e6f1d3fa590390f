"""How much the second moments of the aggregate posterior exceed the prior's."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.rescaled import rescaled as standardise


@measure(unit="squared latent units", needs=("train", "heldout_redraws"))
def second_moment_excess(
    train: DiagonalGaussians, heldout_redraws: DiagonalGaussians, *, rescaled: bool = False
) -> Array:
    """Mean over active dimensions of E[z_j²] − 1 of the held-out aggregate; 0 where none is active.

    With no active dimension it says nothing: a claim leaves the context out, ``.where(active_units, at_least=1)``.

    Args:
        train: Posteriors of the training split; they say which dimensions are active, and what is rescaled.
        heldout_redraws: Posteriors of redraws of held-out images.
        rescaled: Whether latents are rescaled first, so that every active dimension is standard on training images.

    Source:
        Law of total expectation.
    """
    q = standardise(train, heldout_redraws)[1] if rescaled else heldout_redraws
    active = train.active()
    excess = (q.mean**2 + q.var).mean(1) - 1
    return (active * excess).sum(-1) / np.maximum(active.sum(-1), 1)
