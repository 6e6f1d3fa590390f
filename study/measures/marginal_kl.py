"""Marginal KL of the population."""

from __future__ import annotations

from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import Bracket
from study.measures.tools.marginal import population
from study.measures.tools.rescaled import rescaled as standardise


@measure(unit="nats", needs=("train", "train_redraws", "heldout_redraws", "seeds"))
def marginal_kl(
    train: DiagonalGaussians,
    train_redraws: DiagonalGaussians,
    heldout_redraws: DiagonalGaussians,
    seeds: Seeds,
    *,
    rescaled: bool = False,
) -> Bracket:
    """Marginal KL, KL(q(z) ‖ N(0, I)), of the population, bracketed on images that the encoder never saw, nats.

    Args:
        train: Posteriors of the training split; they say what is rescaled, and how many redraws an image has.
        train_redraws: Posteriors of redraws of the training images, those of an image in a row.
        heldout_redraws: Posteriors of redraws of held-out images, those of an image in a row.
        seeds: For 2,880 draws per replica, spread evenly over the held-out images.
        rescaled: Whether latents are rescaled first, so that every active dimension is standard on training images.

    Returns:
        The bracket of :func:`study.measures.tools.marginal.population`, ``(replica,)``; a lower end may be negative.

    Source:
        Cover & Thomas 2006, theorems 2.6.3 and 2.7.2; Hoffman & Johnson 2016 for the decomposition.
    """
    redraws = train_redraws.samples // train.samples
    if rescaled:
        _, train_redraws, heldout_redraws = standardise(train, train_redraws, heldout_redraws)
    return population(train_redraws, heldout_redraws, seeds("population"), redraws)
