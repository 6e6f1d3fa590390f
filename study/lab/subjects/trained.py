"""A trained block as a subject: its model is made only when it is needed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import DiagonalGaussians
from study.runtime.backends import hushed
from study.types import Array, Float32, Weights
from study.vae.config import BLOCK, VAEConfig
from study.vae.interventions._contract import intervene

if TYPE_CHECKING:
    from study.vae.model import VAE
    from study.vae.scoring import Scoring

AT_ONCE = 4_096
"""Images encoded, or latents decoded, in one call per replica."""


class TrainedBlock:
    """One block of replicas with given weights; see :class:`study.lab.subjects.subject.Subject`.

    Attributes:
        id: Text of its config.
        data: Data set.
        pixels: What is done to images before it sees them.
        images: Number of training images; None for all.
    """

    def __init__(self, config: VAEConfig, weights: Weights) -> None:
        """Take the weights ``{path: (replica, …)}`` of a config; nothing is imported yet."""
        self.config = config
        self.weights = weights
        self.id, self.data, self.pixels, self.images = config.canonical, config.data, config.pixels, config.images

    @cached_property
    def model(self) -> VAE:
        """The VAE with these weights; one model serves all blocks of a program, one after the other."""
        model = _model(self.config.program())
        model.load_stacked(self.weights)
        return model

    def posterior(self, x: Float32) -> DiagonalGaussians:
        """Return q(z|x) of images ``(n, feature)``: Gaussians ``(replica, n, latent)``."""
        parts = [map(_numpy, self.model.encode_stacked(x[i : i + AT_ONCE])) for i in range(0, len(x), AT_ONCE)]
        mean, log_var = (np.concatenate(part, axis=1) for part in zip(*parts, strict=True))
        return DiagonalGaussians(mean, log_var)

    def decode(self, z: Array) -> Array:
        """Return mean images ``(replica, n, feature)`` of latents ``(replica, n, latent)``."""
        z32 = z.astype(np.float32)
        parts = [_numpy(self.model.image_mean_stacked(z32[:, i : i + AT_ONCE])) for i in range(0, z.shape[1], AT_ONCE)]
        return np.concatenate(parts, axis=1).astype(np.float64)

    def log_joint(self, x: Float32, z: Array) -> Array:
        """Return log p(x, z), nats, ``(replica, n)``: of images ``(n, feature)``, latents ``(replica, n, latent)``."""
        output = self.model.decode_stacked(z.astype(np.float32))
        likelihood = _numpy(self.model.log_likelihood_stacked(x, output)).astype(np.float64)
        return likelihood - 0.5 * (z**2 + np.log(2 * np.pi)).sum(-1)

    def log_likelihood(self, x: Float32, z: Array) -> Array:
        """Return log p(x|z), nats, ``(replica, n, draw)``.

        Args:
            x: Images ``(n, feature)``, or of each replica ``(replica, n, feature)``.
            z: Latents ``(replica, n, draw, latent)``.
        """
        return _scoring(self.model).log_likelihood(x, z)

    def sample_images(self, z: Array, seeds: Sequence[int]) -> Float32:
        """Draw images from p(x|z), not their means, ``(replica, n, feature)``; of binary pixels only.

        Args:
            z: Latents ``(replica, n, latent)``.
            seeds: One seed per replica.

        Raises:
            InvalidValue: Its likelihood is not of binary pixels.
        """
        if self.config.likelihood != "bernoulli":
            raise InvalidValue("likelihood", self.config.likelihood, "'bernoulli', whose images can be drawn")
        mean = self.decode(z)
        pixels = [np.random.Generator(np.random.PCG64([int(s), 7])).random(mean.shape[1:]) for s in seeds]
        return (np.stack(pixels) < mean).astype(np.float32)


def changed(config: VAEConfig, weights: Weights, changes: tuple[tuple[str, dict[str, float]], ...]) -> Weights:
    """Return weights after interventions: ``(name, arguments)``, applied in order."""
    for name, arguments in changes:
        weights = intervene(name, config, weights, **arguments)
    return weights


@lru_cache(maxsize=4)
def _scoring(model: VAE) -> Scoring:
    from study.vae.scoring import Scoring

    return Scoring(model)


@lru_cache(maxsize=4)
def _model(program: VAEConfig) -> VAE:
    with hushed():
        from study.vae.model import VAE

    return VAE(program, BLOCK)


def _numpy(tensor: Any) -> Float32:
    from keras import ops

    return np.asarray(ops.convert_to_numpy(tensor))
