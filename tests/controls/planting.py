"""Planted VAEs whose q(z) is known, for real measures, real claims and the real judge; nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from study.lab.artefacts import Block
from study.latent.gaussians import DiagonalGaussians
from study.measures.registry import Computation
from study.seeds import generator, seed

ROOT = "controls"
IMAGES = {"train": 360, "heldout": 120}
"""A quarter of digits' training images, a third of the held-out ones: all brackets and floors are wider than there."""
REDRAWS = {"train": 4, "heldout": 8}
RATES = {2: 2.46, 4: 3.74, 8: 4.78, 16: 8.0}
"""Latent dimension → the rate of a VAE of weight 1 on digits, nats (pilot); that of 16 is higher, to be hard."""
S, R, MIXED, INCONCLUSIVE = "SUPPORTED", "REFUTED", "MIXED", "INCONCLUSIVE"


def values(plant: Callable[[Block], Mapping[str, object]], *, everywhere: bool = False) -> Callable:
    """Values of every measure of what is planted in a block, by the names of what measures need.

    Args:
        plant: Block → what is planted.
        everywhere: Whether all contexts of the usual design are given the numbers of the first, which costs a third.
    """

    @lru_cache(maxsize=1)
    def computing(block):
        needs = {"seeds": lambda purpose: [seed(block.config.key, r, purpose, root=ROOT) for r in block.replicas]}
        needs |= plant(block)
        return Computation({name: lambda name=name: needs[name] for name in needs})

    found = lru_cache(maxsize=None)(lambda block, measure: computing(block).value(measure))
    return (lambda block, measure: found(first(block), measure)) if everywhere else found


def first(block: Block) -> Block:
    """The same block in the first context of the usual design."""
    return replace(block, config=block.config.replace(activation="relu", decoder_depth=1))


def variance(latent: int, rate: float) -> float:
    """Variance of every component of a q(z) = N(0, I) of so many nats of rate."""
    return float(np.exp(-2 * rate / latent))


def gaussian(
    block: Block, total: float | Sequence[float] = 1.0, rate: float | None = None, off: float | Sequence[float] = 0.0
) -> dict[str, object]:
    """A VAE whose population has q(z) = N(m, total · I) exactly; every replica has images, and redraws, of its own.

    Args:
        block: Says the latent dimension, and seeds it.
        total: Variance of q(z), of all replicas or of each.
        rate: Rate at m = 0 and a total of 1, nats; None for that of :data:`RATES`.
        off: KL(N(m, I) ‖ N(0, I)), nats, of all replicas or of each; m is the same in every dimension.
    """
    latent, total = block.config.latent_dim, np.broadcast_to(total, 8)[:, None, None, None]
    var = total * variance(latent, RATES[latent] if rate is None else rate)
    redrawn = np.minimum(0.2, (total - var) / 2)  # the variance of an image's redraws among themselves
    shift = np.sqrt(2 * np.broadcast_to(off, 8) / latent)[:, None, None, None]
    rng = generator("gaussian", block.config.key, block.index, root=ROOT)
    found: dict[str, object] = {}
    for split, count in IMAGES.items():
        mean = shift + rng.normal(0, np.sqrt(total - var - redrawn), (8, count, 1, latent))
        mean = mean + rng.normal(0, np.sqrt(redrawn), (8, count, REDRAWS[split] + 1, latent))
        found[split] = posteriors(mean[:, :, 0], var[:, 0])
        found[f"{split}_redraws"] = posteriors(mean[:, :, 1:].reshape(8, -1, latent), var[:, 0])
    return found


def posteriors(mean: np.ndarray, var: ArrayLike) -> DiagonalGaussians:
    """Components N(mean, var · I), ``(replica, sample, latent)``."""
    return DiagonalGaussians(mean, np.broadcast_to(np.log(var), mean.shape))


def once(train: DiagonalGaussians, heldout: DiagonalGaussians) -> dict[str, object]:
    """Posteriors of both splits whose images have one redraw, themselves."""
    return {"train": train, "heldout": heldout, "train_redraws": train, "heldout_redraws": heldout}


def collapsed(block: Block) -> dict[str, object]:
    """Every posterior is the prior."""
    zero = np.zeros((8, 100, block.config.latent_dim))
    return once(DiagonalGaussians(zero, zero), DiagonalGaussians(zero, zero))
