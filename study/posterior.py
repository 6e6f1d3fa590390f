"""The diagonal Gaussians q(z|x_i) of an encoder, and their mixture, the aggregate posterior q(z)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.errors import InvalidValue

Array = NDArray[np.float64]

LOG_2PI = math.log(2 * math.pi)
_BLOCK = 2**16
"""Entries of a block of (point, component) pairs: 512 KiB in float64, so that a block stays in the cache."""
_ERROR = 1e-5
"""Largest rounding error, in nats, that the expanded square may cost; beyond it, differences are taken first."""
_FAR = math.exp(-20)
"""A 1-D density below this share of the highest component's peak is computed again, in float64 logarithms."""
_NARROW = 100.0
"""Half-width of a block of points, in the least standard deviations, up to which float32 differences serve."""


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

    def active(self, threshold: float = 0.01) -> NDArray[np.bool_]:
        """Say which latent dimensions carry information: the variance over x of the mean exceeds ``threshold``.

        Returns:
            ``(replica, latent)``.

        Source:
            Burda, Grosse & Salakhutdinov 2016, "Importance weighted autoencoders", section 5.2.
        """
        return self.mean.var(1) > threshold

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
        out = np.stack([_mixture(*arrays) for arrays in pairs])
        return out - math.log(self.samples) - 0.5 * self.latent * LOG_2PI

    def log_density_per_dimension(self, z: Array) -> Array:
        """Log densities of the marginals of the aggregate posterior, log q(z_j), nats; exact to 1e-4.

        Args:
            z: ``(replica, m, latent)``.

        Returns:
            ``(replica, m, latent)``.
        """
        z = self._points(z)
        out = np.empty_like(z)
        for r, j in np.ndindex(self.replicas, self.latent):
            out[r, :, j] = _mixture_1d(z[r, :, j], self.mean[r, :, j], self.log_var[r, :, j])
        return out - math.log(self.samples) - 0.5 * LOG_2PI

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
    return prior_log_density_per_dimension(z).sum(-1)


def prior_log_density_per_dimension(z: Array) -> Array:
    """Log density of N(0, 1) at every coordinate, nats, of the shape of ``z``."""
    return -0.5 * (np.asarray(z, np.float64) ** 2 + LOG_2PI)


def _mixture(z: Array, mean: Array, log_var: Array) -> Array:
    """Log of the sum over components, without the constants: ``(m, latent)`` → ``(m,)``, nats."""
    precision = np.exp(-log_var)
    constant = -0.5 * (log_var + mean**2 * precision).sum(-1)
    weights = np.concatenate([-0.5 * precision, mean * precision], axis=1).T
    # Forward error of a dot product of 2D + 1 terms (Higham 2002, eq. 3.5), bounded over all pairs.
    size = ((np.abs(z).max(0) + np.abs(mean)) ** 2 * precision).sum(-1).max() / 2 + np.abs(log_var).sum(-1).max() / 2
    expanded = np.finfo(np.float64).eps * (2 * z.shape[1] + 1) * size <= _ERROR
    out = np.empty(len(z))
    for rows in _blocks(len(z), len(mean)):
        if expanded:
            logits = np.concatenate([z[rows] ** 2, z[rows]], axis=1) @ weights
            logits += constant
        else:
            logits = np.tile(-0.5 * log_var.sum(-1), (rows.stop - rows.start, 1))
            for j in range(z.shape[1]):
                logits -= 0.5 * (z[rows, j, None] - mean[:, j]) ** 2 * precision[:, j]
        out[rows] = _log_sum_exp(logits)
    return out


def _mixture_1d(z: Array, mean: Array, log_var: Array) -> Array:
    """Log of the sum over components, without the constants: ``(m,)`` → ``(m,)``, nats.

    Sorted points make narrow blocks; around a block's middle float32 keeps every difference that matters. A
    component that counts lies within sqrt(40) = 6.3 standard deviations s of its point (see ``_FAR``), so that rounding
    costs at most 6.3 · 2**-24 · (2 half / s + 6.3) + 40 · 2**-23 nats: 8e-5 at half = 100 s. Wider blocks use float64.
    """
    top = -0.5 * log_var.min()
    peak = np.exp(-0.5 * log_var - top)
    rate = -0.5 * np.exp(-log_var)
    order = np.argsort(z)
    points = z[order]
    out = np.empty(len(z))
    blocks = _blocks(len(z), len(mean))
    # One buffer for all blocks: memory fresh from the system costs more than the arithmetic on it.
    buffers = {kind: np.empty((blocks[0].stop, len(mean)), kind) for kind in (np.float32, np.float64)}
    for rows in blocks:
        block = points[rows]
        centre = (block[0] + block[-1]) / 2
        kind = np.float32 if block[-1] - centre <= _NARROW * math.exp(-top) else np.float64
        pairs = buffers[kind][: len(block)]
        np.subtract((block - centre).astype(kind)[:, None], (mean - centre).astype(kind), out=pairs)
        np.square(pairs, out=pairs)
        pairs *= rate.astype(kind)
        total = (np.exp(pairs, out=pairs) @ peak.astype(kind)).astype(np.float64)
        far = total < _FAR
        total[far] = 1.0
        logs = np.log(total)
        if far.any():
            logs[far] = _log_sum_exp(rate * np.subtract.outer(block[far], mean) ** 2 - 0.5 * log_var) - top
        out[order[rows]] = logs
    return out + top


def _log_sum_exp(logits: Array) -> Array:
    """Log of the sum of exponentials over the last axis; below the maximum float32 costs 2e-6 nats at most."""
    top = logits.max(-1, keepdims=True)
    return np.log(np.exp((logits - top).astype(np.float32)).sum(-1, dtype=np.float64)) + top[:, 0]


def _blocks(points: int, components: int) -> list[slice]:
    step = max(8, _BLOCK // components)  # fewer rows would read the weights once for each
    return [slice(start, min(start + step, points)) for start in range(0, points, step)]
