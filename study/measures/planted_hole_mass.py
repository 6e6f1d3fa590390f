"""Hole mass of an N(0, I) of which a part is cut out, as a yardstick for hole mass."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from study.errors import InvalidValue
from study.latent.gaussians import Array, DiagonalGaussians, prior_draws
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import rounds
from study.measures.tools.ratios import log_ratio, mass_below

PLANTED = 4
"""Planted mixtures over which the value is averaged."""


@measure(unit="share", needs=("train", "heldout_redraws", "seeds"))
def planted_hole_mass(
    train: DiagonalGaussians, heldout_redraws: DiagonalGaussians, seeds: Seeds, *, cut: float = 0.2
) -> Array:
    """Hole mass of a planted N(0, I) of the VAE's n, D and variances, of which a share of the mass is cut out.

    Means are drawn from N(0, 1 − mean variance of the dimension), and drawn again where they lie in the half space that
    holds ``cut`` of them, so that a hole's edge is blurred by the posteriors' own width, as the VAE's are. The half
    space is perpendicular to the diagonal of the active dimensions, so that none of them is singled out.

    Args:
        train: Posteriors of the training split; only their variances count.
        heldout_redraws: Posteriors of held-out images; only their variances count.
        seeds: Seeds of means and draws.
        cut: Share of the mass that is cut out; 0 for the null, 0.05 in expectation.

    Returns:
        The mean over 4 planted mixtures, ``(replica,)``.

    Source:
        A planted control of ``hole_mass``.
    """
    if not 0 <= cut < 1:
        raise InvalidValue("cut", cut, "a number in [0, 1)")
    count, found = rounds(heldout_redraws), []
    own = heldout_redraws.component(count)
    noise = np.exp(0.5 * heldout_redraws.log_var[:, own])
    for i in range(PLANTED):
        means, fresh = (
            _means(q, train, seeds(f"planted hole {i} {split}"), size, cut)
            for split, q, size in (("train", train, train.samples), ("heldout", heldout_redraws, count))
        )
        aggregate = fresh + noise * prior_draws(seeds(f"planted hole {i} noise"), count, train.latent)
        prior = prior_draws(seeds(f"planted hole {i} prior"), count, train.latent)
        q_n = DiagonalGaussians(means, train.log_var)
        found.append(mass_below(log_ratio(q_n, aggregate), log_ratio(q_n, prior)))
    return np.mean(found, axis=0)


def _means(q: DiagonalGaussians, train: DiagonalGaussians, seeds: list[int], count: int, cut: float) -> Array:
    """Draw means ``(replica, count, latent)`` outside of the half space that holds ``cut`` of them."""
    spread = np.sqrt(np.maximum(1 - q.var.mean(1, keepdims=True), 0.0))
    standard = prior_draws(seeds, count, q.latent)
    # Cutting and rescaling commute: along the diagonal d of unit length, the cut keeps the lower 1 − cut of N(0, 1).
    diagonal = np.where(train.active(), 1.0, 0.0)
    diagonal /= np.maximum(np.linalg.norm(diagonal, axis=1, keepdims=True), 1.0)
    along = np.einsum("rnd,rd->rn", standard, diagonal)
    uniform = np.stack([np.random.Generator(np.random.PCG64([s, 3])).random(count) for s in seeds])
    kept = ndtri(uniform * (1 - cut))
    return spread * (standard + (kept - along)[..., None] * diagonal[:, None])
