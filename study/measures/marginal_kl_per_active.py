"""Marginal KL of the active latent dimensions, each alone."""

from __future__ import annotations

import numpy as np

from study.latent.gaussians import DiagonalGaussians, prior_log_density_per_dimension
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import Bracket, expectation, rounds


@measure(unit="nats per dimension", needs=("train", "heldout", "seeds"))
def marginal_kl_per_active(q_train: DiagonalGaussians, q_heldout: DiagonalGaussians, seeds: Seeds) -> Bracket:
    """Mean over active dimensions of the population's KL(q(z_j) ‖ N(0, 1)), bracketed, nats; 0 where none is active.

    Dead dimensions match the prior for free, so they do not count. The ends are those of
    :func:`study.measures.tools.marginal.population`, taken on every dimension alone.

    Args:
        q_train: Posteriors of the training split; they also say which dimensions are active.
        q_heldout: Posteriors of held-out data.
        seeds: For 1,024 to 2,048 draws per replica, spread evenly over the held-out components.

    Returns:
        The bracket, ``(replica,)``; its floor is the upper end's, mean over active dimensions of
        max(0, mean KL of the dimension − ln n).

    Source:
        Chen et al. 2018, "Isolating sources of disentanglement in VAEs", equation 2 (dimension-wise KL); active
        units of Burda, Grosse & Salakhutdinov 2016.
    """
    z = q_heldout.draw(seeds("dimensions"), rounds(q_heldout))
    prior = prior_log_density_per_dimension(z)
    low = expectation(q_train.log_density_per_dimension(z) - prior, q_heldout, z)
    high = expectation(q_heldout.log_density_per_dimension(z) - prior, q_heldout, z)
    rate = q_heldout.kl_per_dimension().mean(1)
    floor = np.maximum(rate - np.log(q_heldout.samples), 0.0)
    high = np.clip(high, floor, rate)

    active = q_train.active()
    share = active / np.maximum(active.sum(-1, keepdims=True), 1)
    # Cut off at 0 after the mean over dimensions: before it, sampling error would only ever add.
    low_mean, high_mean = np.maximum((share * low).sum(-1), 0.0), (share * high).sum(-1)
    return Bracket(np.minimum(low_mean, high_mean), np.maximum(low_mean, high_mean), (share * floor).sum(-1))
