"""Marginal KL of the population, an equal part for every active latent dimension."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import measure
from study.measures.tools.bracket import Bracket


@measure(unit="nats per dimension", needs=("marginal_kl", "train"))
def marginal_kl_per_active(
    marginal_kl: Callable[..., Bracket], train: DiagonalGaussians, *, rescaled: bool = False
) -> Bracket:
    """Population marginal KL of the whole latent divided by its active dimensions, nats; 0 where none is active.

    With no active dimension it says nothing: a claim leaves the context out, ``.where(active_units, at_least=1)``.

    Args:
        marginal_kl: Gives the marginal KL.
        train: Posteriors of the training split; they say which dimensions are active.
        rescaled: Whether latents are rescaled first, so that every active dimension is standard on training images.

    Source:
        The first answer: "we end up very close to N(0, I)", said of a dimension.
    """
    active, total = train.active().sum(-1), marginal_kl(rescaled)
    share = (active > 0) / np.maximum(active, 1)
    return Bracket(total.low * share, total.high * share)
