"""Mass of the aggregate posterior outside the prior's central ball."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtri

from study.errors import InvalidValue
from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, measure
from study.measures.tools.rescaled import rescaled as standardise

DRAWS = 20_000
"""Draws per replica."""


@measure(unit="share", needs=("train", "heldout_redraws", "seeds"))
def tail_mass(
    train: DiagonalGaussians,
    heldout_redraws: DiagonalGaussians,
    seeds: Seeds,
    *,
    level: float = 0.95,
    rescaled: bool = False,
) -> Array:
    """Share of the held-out aggregate outside the ball that holds ``level`` of N(0, I), over active dimensions.

    The prior's own share, 1 − ``level``, is not subtracted. With no active dimension the value is that share, which
    says nothing: a claim leaves the context out, ``.where(active_units, at_least=1)``.

    Args:
        train: Posteriors of the training split; they say which dimensions are active, and what is rescaled.
        heldout_redraws: Posteriors of redraws of held-out images.
        seeds: For 20,000 draws.
        level: Mass of the prior inside the ball.
        rescaled: Whether latents are rescaled first, so that every active dimension is standard on training images.

    Returns:
        ``(replica,)``, in [0, 1].

    Source:
        |z|² of N(0, I) is χ² with D degrees of freedom.
    """
    if not 0 < level < 1:
        raise InvalidValue("level", level, "a number in (0, 1)")
    q = standardise(train, heldout_redraws)[1] if rescaled else heldout_redraws
    active = train.active()
    units = active.sum(-1)
    square = (q.draw(seeds("tail"), DRAWS) ** 2 * active[:, None]).sum(-1)
    mass = (square > chdtri(np.maximum(units, 1), 1 - level)[:, None]).mean(1)
    return np.where(units > 0, mass, 1 - level)
