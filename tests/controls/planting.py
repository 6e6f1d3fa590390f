"""Planted VAEs whose q(z) is known, for real measures, real claims and the real judge; nothing is trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from study.data.linear_gaussian import LinearGaussian
from study.lab.artefacts import Block
from study.latent.gaussians import DiagonalGaussians, prior_log_density
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


def with_latents(block: Block, latent: int) -> Block:
    """The same block with so many latents."""
    return replace(block, config=block.config.replace(latent_dim=latent))


def with_dead(q: DiagonalGaussians, count: int) -> DiagonalGaussians:
    """The same posteriors with so many dead latents, which are the prior."""
    zero = np.zeros((*q.mean.shape[:2], count))
    return DiagonalGaussians(np.concatenate([q.mean, zero], -1), np.concatenate([q.log_var, zero], -1))


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


FEATURES, LINEAR = 12, {"train": 400, "heldout": 40}
"""Features, and images of either split, of a linear-Gaussian VAE."""


def linear_gaussian_model(latent: int) -> LinearGaussian:
    """A linear-Gaussian decoder whose posteriors are diagonal, at the rate of a VAE of weight 1."""
    var = variance(latent, RATES[latent])
    directions = np.linalg.qr(generator("directions", latent, root="controls").normal(size=(FEATURES, latent)))[0]
    return LinearGaussian(directions * np.sqrt(1 / var - 1), np.zeros(FEATURES), 1.0)


def linear_gaussian(block: Block, mean: float = 0.0, scale: float = 1.0, two: float = 0.0) -> dict[str, object]:
    """A VAE of data whose latents are N(mean, scale² I), or have a first one that is two clusters, at ±``two``.

    The clusters have mean 0 and variance scale². Posteriors are exact under N(mean, scale² I). All replicas share the
    held-out images, as VAEs of digits do. Where the block's latents are rescaled, so are these.
    """
    truth = linear_gaussian_model(block.config.latent_dim)
    factor = float(np.prod([dict(change.arguments)["factor"] for change in block.changes]))
    rng = generator("data", block.config.key, block.index, root="controls")
    precision = 1 / scale**2 + np.square(truth.weights).sum(0)  # the columns are orthogonal

    def images(replicas, count):
        z = mean + scale * rng.normal(size=(replicas, count, truth.latents))
        z[..., 0] = np.sqrt(1 - two**2) * z[..., 0] + two * scale * rng.choice([-1, 1], (replicas, count))
        return z @ truth.weights.T + rng.normal(size=(replicas, count, FEATURES))

    def encode(x):
        centre = np.broadcast_to((x @ truth.weights + mean / scale**2) / precision, (8, x.shape[-2], truth.latents))
        return DiagonalGaussians(factor * centre, np.broadcast_to(np.log(factor**2 / precision), centre.shape))

    def log_likelihood(x, z):
        z = z / factor
        square = np.square(x).sum(-1)[..., None] - 2 * (z @ (x @ truth.weights)[..., None])[..., 0]
        square = square + np.square(z) @ np.square(truth.weights).sum(0)
        return -0.5 * (square + FEATURES * np.log(2 * np.pi))

    def sample_images(z, seeds):
        noise = [np.random.default_rng(one).normal(size=(z.shape[1], FEATURES)) for one in seeds]
        return z / factor @ truth.weights.T + np.stack(noise)

    heldout = images(1, LINEAR["heldout"])[0]

    def log_joint(z):
        return log_likelihood(heldout, z[:, :, None])[..., 0] + prior_log_density(z)

    return {
        "train": encode(images(8, LINEAR["train"])), "heldout": encode(heldout), "heldout_x": heldout, "encode": encode,
        "log_joint": log_joint, "log_likelihood": log_likelihood, "sample_images": sample_images,
    }  # fmt: skip
