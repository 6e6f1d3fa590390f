"""The diagonal Gaussians q(z|x_i) of an encoder, and their mixture, the aggregate posterior q(z)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.errors import InvalidValue
from study.latent.mixture import log_sum, log_sums

Array = NDArray[np.float64]

LOG_2PI = math.log(2 * math.pi)
ACTIVE = 0.05
"""Least mean KL, in nats, of a latent dimension that counts as active."""


@dataclass(frozen=True, eq=False)
class DiagonalGaussians:
    """The Gaussians q(z|x_i) of every replica: one component per sample, equal weights.

    Attributes:
        mean: Means, ``(replica, sample, latent)``; converted to float64.
        log_var: Logarithms of the variances, ``(replica, sample, latent)``; converted to float64.
    """

    mean: Array
    log_var: Array

    def __post_init__(self) -> None:
        """Convert to float64, and refuse arrays that are no Gaussians."""
        mean = np.asarray(self.mean, np.float64)
        log_var = np.asarray(self.log_var, np.float64)
        if mean.ndim != 3 or not mean.size:
            raise InvalidValue("mean", mean.shape, "a non-empty array of shape (replica, sample, latent)")
        if log_var.shape != mean.shape:
            raise InvalidValue("log_var", log_var.shape, f"an array of the shape of mean, {mean.shape}")
        if not np.isfinite(mean).all():
            raise InvalidValue("mean", f"{np.sum(~np.isfinite(mean))} non-finite values", "finite numbers")
        if not (np.abs(log_var) <= 100).all():
            raise InvalidValue("log_var", f"[{log_var.min()}, {log_var.max()}]", "numbers in [-100, 100]")
        object.__setattr__(self, "mean", mean)
        object.__setattr__(self, "log_var", log_var)

    @property
    def replicas(self) -> int:
        """Number of replicas."""
        return self.mean.shape[0]

    @property
    def samples(self) -> int:
        """Number of samples, which is the number of components of the mixture."""
        return self.mean.shape[1]

    @property
    def latent(self) -> int:
        """Latent dimension D."""
        return self.mean.shape[2]

    @cached_property
    def var(self) -> Array:
        """Variances, ``(replica, sample, latent)``."""
        return np.exp(self.log_var)

    def subset_replicas(self, index: ArrayLike) -> DiagonalGaussians:
        """Return some replicas only, by a sequence of indices or a mask over replicas."""
        chosen = np.atleast_1d(np.asarray(index))
        return DiagonalGaussians(self.mean[chosen], self.log_var[chosen])

    def standardised(self, shift: ArrayLike, scale: ArrayLike) -> DiagonalGaussians:
        """Return the Gaussians of (z − shift) / scale.

        Args:
            shift: Broadcast against ``(replica, sample, latent)``.
            scale: Positive; broadcast likewise.
        """
        scale = np.asarray(scale, np.float64)
        if not (scale > 0).all():
            raise InvalidValue("scale", scale, "positive numbers")
        return DiagonalGaussians((self.mean - np.asarray(shift, np.float64)) / scale, self.log_var - 2 * np.log(scale))

    def kl_per_dimension(self) -> Array:
        """KL(q(z_j|x) ‖ N(0, 1)), nats.

        Returns:
            ``(replica, sample, latent)``.

        Source:
            Kingma & Welling 2014, appendix B.
        """
        # expm1 keeps the value non-negative, and exact, where the posterior is nearly the prior.
        return 0.5 * (self.mean**2 + np.expm1(self.log_var) - self.log_var)

    def kl(self) -> Array:
        """KL(q(z|x) ‖ N(0, I)), nats, ``(replica, sample)``."""
        return self.kl_per_dimension().sum(-1)

    def active(self, threshold: float = ACTIVE) -> NDArray[np.bool_]:
        """Say which latent dimensions carry information: their mean KL is at least ``threshold`` nats.

        Returns:
            ``(replica, latent)``.
        """
        return self.kl_per_dimension().mean(1) >= threshold

    def component(self, count: int) -> NDArray[np.intp]:
        """Say which component each of ``count`` draws comes from: i mod samples, or evenly spaced ones if fewer."""
        fewer = count < self.samples
        return np.arange(count) * self.samples // count if fewer else np.arange(count) % self.samples

    def draw(self, seeds: Sequence[int], count: int | None = None) -> Array:
        """Draw from the aggregate posterior, stratified over components as :meth:`component` says.

        Args:
            seeds: One seed per replica, so that a replica's draws do not depend on its siblings.
            count: Draws per replica; None for one per component.

        Returns:
            ``(replica, count, latent)``.
        """
        count = self.samples if count is None else count
        if count < 1:
            raise InvalidValue("count", count, "an integer ≥ 1")
        if len(seeds) != self.replicas:
            raise InvalidValue("seeds", len(seeds), f"{self.replicas} seeds, one per replica")
        own = self.component(count)
        return self.mean[:, own] + np.exp(0.5 * self.log_var[:, own]) * prior_draws(seeds, count, self.latent, stream=1)

    def own_log_density(self, z: Array) -> Array:
        """Log density, per dimension, of each draw of :meth:`draw` under its own component, nats.

        Args:
            z: All the draws, ``(replica, m, latent)``.

        Returns:
            ``(replica, m, latent)``.
        """
        z = self._points(z)
        own = self.component(z.shape[1])
        log_var = self.log_var[:, own]
        return -0.5 * ((z - self.mean[:, own]) ** 2 * np.exp(-log_var) + log_var + LOG_2PI)

    def log_density(self, z: Array) -> Array:
        """Log density of the aggregate posterior, log q(z) = log mean_i q(z|x_i), nats; exact to 1e-4.

        Args:
            z: ``(replica, m, latent)``.

        Returns:
            ``(replica, m)``.
        """
        z = self._points(z)
        # Moving the origin into the middle of the codes leaves less to cancel.
        centre = self.mean.mean(1, keepdims=True)
        pairs = zip(z - centre, self.mean - centre, self.log_var, strict=True)
        out = np.stack([log_sum(*arrays) for arrays in pairs])
        return out - math.log(self.samples) - 0.5 * self.latent * LOG_2PI

    def log_densities(self, z: Array, octaves: int = 0) -> Array:
        """Log density as :meth:`log_density`, and with the variances doubled, faster; exact to 1e-3 nats.

        Args:
            z: ``(replica, m, latent)``.
            octaves: How many times the variances are doubled.

        Returns:
            ``(replica, octaves + 1, m)``: of components with variances × 1, × 2, × 4, …
        """
        z = self._points(z)
        centre = self.mean.mean(1, keepdims=True)
        pairs = zip(z - centre, self.mean - centre, self.log_var, strict=True)
        out = np.stack([log_sums(*arrays, octaves) for arrays in pairs])
        return out - math.log(self.samples) - 0.5 * self.latent * LOG_2PI

    def _points(self, z: Array) -> Array:
        z = np.asarray(z, np.float64)
        if z.ndim != 3 or (z.shape[0], z.shape[2]) != (self.replicas, self.latent) or not z.shape[1]:
            raise InvalidValue("z", z.shape, f"an array of shape ({self.replicas}, m ≥ 1, {self.latent})")
        return z


def prior_draws(seeds: Sequence[int], count: int, latent: int, *, stream: int = 0) -> Array:
    """Draw from N(0, I), one seed per replica.

    Args:
        seeds: One seed per replica.
        count: Draws per replica.
        latent: Latent dimension D.
        stream: Streams of one seed are independent; 1 is the noise of :meth:`DiagonalGaussians.draw`.

    Returns:
        ``(replica, count, latent)``.
    """
    generators = (np.random.Generator(np.random.PCG64([int(s), stream])) for s in seeds)
    return np.stack([rng.standard_normal((count, latent)) for rng in generators])


def prior_log_density(z: Array) -> Array:
    """Log density of N(0, I), nats: ``(replica, m, latent)`` → ``(replica, m)``."""
    return -0.5 * (np.einsum("...j,...j->...", z, z, dtype=np.float64) + z.shape[-1] * LOG_2PI)


def prior_log_density_per_dimension(z: Array) -> Array:
    """Log density of N(0, 1) at every coordinate, nats, of the shape of ``z``."""
    return -0.5 * (np.asarray(z, np.float64) ** 2 + LOG_2PI)
