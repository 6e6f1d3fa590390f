"""Marginal KL of the population."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import Bracket
from study.measures.tools.marginal import population


@measure(unit="nats", needs=("train", "heldout", "seeds"))
def marginal_kl(q_train: DiagonalGaussians, q_heldout: DiagonalGaussians, seeds: Seeds) -> Bracket:
    """Marginal KL, KL(q(z) ‖ N(0, I)), of the population, bracketed on images that the encoder never saw, nats.

    Returns:
        The bracket of :func:`study.measures.tools.marginal.population`, ``(replica,)``.

    Source:
        Cover & Thomas 2006, theorems 2.6.3 and 2.7.2; Hoffman & Johnson 2016 for the decomposition.
    """
    return population(q_train, q_heldout, seeds("population"))
