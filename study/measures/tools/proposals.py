"""Proposals of importance sampling: a Gaussian for every image, and a broad density for what it misses."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from study.latent.gaussians import LOG_2PI, Array, DiagonalGaussians
from study.latent.samplers._contract import Density
from study.types import Float32

Likelihood = Callable[[Float32, Array], Array]
"""Images ``(n, feature)`` or ``(replica, n, feature)``, latents z ``(replica, n, draw, latent)`` → log p(x|z), nats,
``(replica, n, draw)``."""

WIDENED, PRIOR = 1.5, 0.05
"""The first stage's factor of the encoder's variances, and its share of draws of the prior."""
ROUNDS, ROUND, BROAD = 6, 500, 0.1
"""The second stage's rounds of adaptation, draws of a round, and share of draws of the sampler itself."""
EFFECTIVE = 40
"""Effective number of draws to which a round's weights are tempered."""
AT_ONCE = 50_000
"""Points of a replica whose density is asked for at once."""
LAST = 1.3
"""Factor of the covariances that the last round's draws are made with."""


@dataclass(frozen=True, eq=False)
class Proposals:
    """(1 − broad) N(mean, root rootᵀ) + broad · r(z), one for each replica and image; exactly so many draws of either.

    Attributes:
        mean: Means, ``(replica, image, latent)``.
        root: Lower Cholesky factors of the covariances, ``(replica, image, latent, latent)``; of diagonal ones the
            standard deviations are enough, ``(replica, image, latent)``.
        sampler: The broad density r.
        broad: Its share of the draws.
    """

    mean: Array
    root: Array
    sampler: Density
    broad: float

    @classmethod
    def widened(cls, q: DiagonalGaussians, prior: Density) -> Proposals:
        """Return the first stage's: the posteriors with variances × 1.5, and 5 % of the prior."""
        return cls(q.mean, np.sqrt(WIDENED * q.var), prior, PRIOR)

    def own(self, count: int) -> int:
        """Say how many of ``count`` draws come from the image's own Gaussian; they are the first ones."""
        return count - round(self.broad * count)

    def draw(self, seeds: Sequence[int], count: int) -> Float32:
        """Draw for every image, ``(replica, image, count, latent)``, float32.

        Args:
            seeds: One a replica.
            count: Draws an image.
        """
        replicas, images, latent = self.mean.shape
        own = self.own(count)
        z = np.empty((replicas, images, count, latent), np.float32)
        mean, root = self.mean[:, :, None].astype(np.float32), self.root.astype(np.float32)
        for r, one in enumerate(seeds):
            rng = np.random.Generator(np.random.PCG64([int(one), 4]))
            noise = rng.standard_normal((images, own, latent), dtype=np.float32)
            if root.ndim == 3:
                np.multiply(noise, root[r, :, None], out=z[r, :, :own])
            else:
                np.matmul(noise, root[r].swapaxes(-1, -2), out=z[r, :, :own])
            z[r, :, :own] += mean[r]
        if own < count:
            z[:, :, own:] = spread(self.sampler, seeds, images, count - own)
        return z

    def parts(self, z: Float32, broad: Float32) -> tuple[Float32, Float32]:
        """Log density of either part, its share included, nats.

        Args:
            z: ``(replica, image, draw, latent)``.
            broad: Log density of the sampler at these points, as :func:`density` gives it.

        Returns:
            That of the image's own Gaussian, and that of the broad one, each ``(replica, image, draw)``.
        """
        centred = z - self.mean[:, :, None].astype(np.float32)
        if self.root.ndim == 3:
            scale = self.root
            centred /= scale[:, :, None].astype(np.float32)
        else:
            scale = np.diagonal(self.root, axis1=-2, axis2=-1)
            centred = centred @ np.linalg.inv(self.root).swapaxes(-1, -2).astype(np.float32)
        constant = math.log(1 - self.broad) - np.log(scale).sum(-1) - 0.5 * z.shape[-1] * LOG_2PI
        own = constant.astype(np.float32)[..., None] - 0.5 * np.einsum("rnkd,rnkd->rnk", centred, centred)
        return own, np.float32(math.log(self.broad)) + broad

    def log_density(self, z: Float32, broad: Float32) -> Float32:
        """Log density of both parts together, nats, ``(replica, image, draw)``; arguments as of :meth:`parts`."""
        return np.logaddexp(*self.parts(z, broad))


@runtime_checkable
class Local(Density, Protocol):
    """A sampler that is faster where points lie close together."""

    def log_density_nearby(self, z: Float32) -> Float32:
        """Log density, nats, of points that lie close together in each group.

        Args:
            z: ``(replica, group, m, latent)``.

        Returns:
            ``(replica, group, m)``.
        """


def density(sampler: Density, z: Float32, own: int = 0) -> Float32:
    """Log density of a sampler, nats, float32.

    Args:
        sampler: The sampler.
        z: ``(replica, image, draw, latent)``.
        own: How many draws of an image, the first ones, lie close together.

    Returns:
        ``(replica, image, draw)``.
    """
    out = np.empty(z.shape[:-1], np.float32)
    near = own if isinstance(sampler, Local) else 0
    if isinstance(sampler, Local) and near:
        out[:, :, :near] = sampler.log_density_nearby(z[:, :, :near])
    # So many points at once that no sampler's arrays outgrow the draws themselves.
    for some in np.array_split(np.arange(z.shape[1]), -(-z.shape[1] * z.shape[2] // AT_ONCE)):
        points = z[:, some, near:]
        found = sampler.log_density(points.reshape(len(z), -1, z.shape[-1]).astype(np.float64))
        out[:, some, near:] = found.reshape(points.shape[:-1])
    return out


def spread(sampler: Density, seeds: Sequence[int], images: int, count: int) -> Float32:
    """Draw for every image from a sampler, whose draws may be stratified: they are shuffled before they are dealt out.

    Returns:
        ``(replica, image, count, latent)``, float32.
    """
    z = sampler.draw(seeds, images * count).astype(np.float32)
    orders = [np.random.Generator(np.random.PCG64([int(one), 5])).permutation(z.shape[1]) for one in seeds]
    return np.stack([points[order] for points, order in zip(z, orders, strict=True)]).reshape(len(z), images, count, -1)


def adapted(likelihood: Likelihood, x: Float32, sampler: Density, seeds: Sequence[int]) -> Proposals:
    """Return proposals adapted to each image and to a sampler r, without an encoder.

    They start at r; every round fits a Gaussian to draws weighted by p(x|z) r(z), the weights tempered until 40 of 500
    count, and keeps a tenth of r, which bounds the weights by ten times the likelihood.

    Args:
        likelihood: log p(x|z).
        x: Images, ``(n, feature)`` or ``(replica, n, feature)``.
        sampler: r.
        seeds: One a replica.

    Source:
        Cappé et al. 2008, "Adaptive importance sampling in general mixture classes"; Owen & Zhou 2000, "Safe and
        effective importance sampling" (the share of r).
    """
    images = x.shape[-2]
    z = spread(sampler, seeds, images, ROUND)
    log_weight = likelihood(x, z)
    for number in range(ROUNDS):
        proposals = _fitted(z, log_weight, sampler, LAST if number == ROUNDS - 1 else 1.0)
        if number < ROUNDS - 1:
            z = proposals.draw(_derived(seeds, number), ROUND)
            broad = density(sampler, z, proposals.own(ROUND))
            log_weight = likelihood(x, z) + broad - proposals.log_density(z, broad)
    return proposals


def _derived(seeds: Sequence[int], number: int) -> list[int]:
    """Return the seeds of a round, hashed from those given and its number."""
    return [int(np.random.SeedSequence([int(one), number]).generate_state(1, np.uint64)[0]) for one in seeds]


def _fitted(z: Float32, log_weight: Array, sampler: Density, widened: float) -> Proposals:
    """Fit a Gaussian to every image's weighted draws, its correlations shrunk by a fifth."""
    relative = (log_weight - log_weight.max(-1, keepdims=True)).astype(np.float32)
    weight = np.exp(relative * _temper(relative)[..., None].astype(np.float32))
    weight /= weight.sum(-1, keepdims=True)
    mean = (weight[..., None, :] @ z)[..., 0, :]
    centred = z - mean[:, :, None]
    covariance = ((weight[..., None] * centred).swapaxes(-1, -2) @ centred).astype(np.float64)
    eye = np.eye(z.shape[-1])
    covariance *= widened * (0.8 + 0.2 * eye)
    return Proposals(mean, np.linalg.cholesky(covariance + 1e-6 * eye), sampler, BROAD)


def _temper(relative: Float32) -> Array:
    """Return the largest exponent ≤ 1 at which so many draws count as :data:`EFFECTIVE` says, by bisection.

    Args:
        relative: Log weights, the largest of each image 0, ``(replica, image, draw)``.
    """
    low = np.zeros(relative.shape[:-1])
    trial = high = np.ones_like(low)
    for _ in range(12):
        weight = np.exp(relative * trial[..., None].astype(np.float32))
        enough = weight.sum(-1) ** 2 >= EFFECTIVE * np.square(weight).sum(-1)
        low, high = np.where(enough, trial, low), np.where(enough, high, trial)
        trial = (low + high) / 2
    return low
