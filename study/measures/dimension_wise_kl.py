"""Marginal KL for each latent dimension: over the active ones, and the total shared among all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.latent.gaussians import DiagonalGaussians, prior_log_density_per_dimension
from study.measures import marginal_kl
from study.measures.tools.bracket import Bracket, expectation, rounds


def mean_over_active(
    q_train: DiagonalGaussians,
    q_heldout: DiagonalGaussians,
    seeds: Sequence[int],
    count: int | None = None,
    threshold: float = 0.01,
) -> Bracket:
    """Mean over active dimensions of the population's KL(q(z_j) ‖ N(0, 1)), bracketed, nats; 0 where none is active.

    Dead dimensions match the prior for free, so they do not count. The ends are those of
    :func:`study.measures.marginal_kl.population`, taken on every dimension alone.

    Args:
        q_train: Posteriors of the training split; they also say which dimensions are active.
        q_heldout: Posteriors of held-out data.
        seeds: One seed per replica, for the draws.
        count: Draws per replica; None for 1,024 to 2,048, spread evenly over the held-out components.
        threshold: Least variance over x of the mean of an active dimension.

    Returns:
        The bracket, ``(replica,)``; its floor is the upper end's, mean over active dimensions of
        max(0, mean KL of the dimension − ln n).

    Source:
        Chen et al. 2018, "Isolating sources of disentanglement in VAEs", equation 2 (dimension-wise KL); active
        units of Burda, Grosse & Salakhutdinov 2016.
    """
    z = q_heldout.draw(seeds, rounds(q_heldout) if count is None else count)
    prior = prior_log_density_per_dimension(z)
    low = expectation(q_train.log_density_per_dimension(z) - prior, q_heldout, z)
    high = expectation(q_heldout.log_density_per_dimension(z) - prior, q_heldout, z)
    rate = q_heldout.kl_per_dimension().mean(1)
    floor = np.maximum(rate - np.log(q_heldout.samples), 0.0)
    high = np.clip(high, floor, rate)

    active = q_train.active(threshold)
    share = active / np.maximum(active.sum(-1, keepdims=True), 1)
    # Cut off at 0 after the mean over dimensions: before it, sampling error would only ever add.
    low_mean, high_mean = np.maximum((share * low).sum(-1), 0.0), (share * high).sum(-1)
    return Bracket(np.minimum(low_mean, high_mean), np.maximum(low_mean, high_mean), (share * floor).sum(-1))


def total_over_dimensions(
    q_train: DiagonalGaussians, q_heldout: DiagonalGaussians, seeds: Sequence[int], count: int | None = None
) -> Bracket:
    """Population marginal KL of the whole latent divided by D, dead dimensions included, nats, ``(replica,)``.

    Source:
        The second answer: "each latent dimension has less to store".
    """
    return marginal_kl.population(q_train, q_heldout, seeds, count) / q_train.latent
