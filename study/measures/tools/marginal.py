"""Marginal KL, KL(q(z) ‖ N(0, I)), of a mixture, its least value, and its bracket for the population."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians, prior_log_density
from study.measures.tools.bracket import Bracket, expectation, rounds


def floor(q: DiagonalGaussians) -> Array:
    """Least marginal KL of ``n`` components of this rate: mean rate − ln n, nats, ``(replica,)``; may be negative.

    Source:
        Hoffman & Johnson 2016, "ELBO surgery": marginal KL = rate − mutual information, and that is ≤ ln n.
    """
    return q.kl().mean(1) - np.log(q.samples)


def population(
    q_train: DiagonalGaussians, q_heldout: DiagonalGaussians, seeds: Sequence[int], count: int | None = None
) -> Bracket:
    """Marginal KL of the population, bracketed on data that the encoder never saw, nats.

    The upper end is the marginal KL of the mixture of held-out components: by convexity never below the
    population's, in expectation. The lower end is max(0, E[log q_train(z) − log p(z)]) with z from held-out x: by
    Gibbs' inequality never above it.

    Args:
        q_train: Posteriors of the training split.
        q_heldout: Posteriors of held-out data.
        seeds: One seed per replica, for the draws.
        count: Draws per replica; None for 1,024 to 2,048, spread evenly over the held-out components.

    Returns:
        The bracket, ``(replica,)``; its floor is the upper end's, held-out rate − ln n.

    Source:
        Cover & Thomas 2006, theorems 2.6.3 and 2.7.2; Hoffman & Johnson 2016 for the decomposition.
    """
    z = q_heldout.draw(seeds, rounds(q_heldout) if count is None else count)
    high = mixture_kl(q_heldout, z)
    low = np.maximum(expectation(q_train.log_density(z) - prior_log_density(z), q_heldout, z), 0.0)
    # Sampling error may swap the ends where they meet.
    return Bracket(np.minimum(low, high), np.maximum(low, high), floor(q_heldout))


def mixture_kl(q: DiagonalGaussians, z: Array) -> Array:
    """KL(mixture ‖ prior), its sampling error cut off at the exact limits max(0, rate − ln n) and rate."""
    value = expectation(q.log_density(z) - prior_log_density(z), q, z)
    return np.clip(value, np.maximum(floor(q), 0.0), q.kl().mean(1))
