"""Marginal KL of an encoder that was never trained: what moments alone make of q(z)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from study.latent.gaussians import Array, DiagonalGaussians
from study.measures.registry import Seeds, measure
from study.measures.tools.bracket import Bracket
from study.measures.tools.marginal import population
from study.types import Float32


@measure(unit="nats", needs=("pixels", "train", "train_redraws", "heldout_redraws", "seeds"))
def untrained_marginal_kl(
    pixels: Callable[[str], tuple[Float32, Float32]],
    train: DiagonalGaussians,
    train_redraws: DiagonalGaussians,
    heldout_redraws: DiagonalGaussians,
    seeds: Seeds,
) -> Bracket:
    """Marginal KL of the population under an untrained encoder with the VAE's own variances, nats; as ``marginal_kl``.

    Its means are a random linear map of the pixels, whitened on training images: uncorrelated, and of mean 0 and of the
    variance that with the mean variance of the VAE's posteriors makes 1 in every dimension. So it matches the prior's
    first two moments, as a trained VAE does, and nothing else.

    Args:
        pixels: A split → its images, and their redraws.
        train: Posteriors of the training split, whose variances count.
        train_redraws: Posteriors of redraws of the training images; only their variances count.
        heldout_redraws: Posteriors of redraws of held-out images; only their variances count.
        seeds: For the map, and for 2,880 draws per replica.

    Returns:
        The bracket, ``(replica,)``.

    Source:
        Alain & Bengio 2017 for untrained networks as baselines; Diaconis & Freedman 1984: random projections of many
        pixels are nearly Gaussian.
    """
    (x, redrawn), (_, heldout) = pixels("train"), pixels("heldout")
    maps = [np.random.default_rng(one).normal(size=(x.shape[1], train.latent)) for one in seeds("untrained encoder")]
    spread = np.sqrt(np.maximum(1 - train.var.mean(1), 0.0))
    one, other = (
        DiagonalGaussians(np.stack([_whitened(x, some, *pair) for pair in zip(maps, spread, strict=True)]), q.log_var)
        for some, q in ((redrawn, train_redraws), (heldout, heldout_redraws))
    )
    return population(one, other, seeds("population"), train_redraws.samples // train.samples)


def _whitened(x: Float32, some: Float32, linear: Array, spread: Array) -> Array:
    """Map some images ``(n, feature)`` as makes those of ``x`` uncorrelated, of mean 0 and deviation ``spread``."""
    means = x @ linear
    centre = means.mean(0)
    values, vectors = np.linalg.eigh((means - centre).T @ (means - centre) / len(x))
    # Latents that pixels cannot tell apart, as where there are fewer pixels than latents, stay at 0.
    scale = np.where(values > 1e-9 * values.max(), 1 / np.sqrt(np.maximum(values, 1e-300)), 0.0)
    return (some @ linear - centre) @ vectors * scale * spread
