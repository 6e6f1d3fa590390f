"""The linear-Gaussian VAE has a posterior, a likelihood and an optimal encoder in closed form.

Source: Tipping & Bishop (1999), Probabilistic principal component analysis; Lucas, Tucker, Grosse & Norouzi (2019),
Don't blame the ELBO! A linear VAE perspective on posterior collapse.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study import seeds
from study.errors import InvalidValue

Array = NDArray[np.float64]


class Encoder(NamedTuple):
    """An affine encoder of diagonal Gaussians: mean ``x @ kernel + bias``, the same variances for every x.

    Attributes:
        kernel: ``(feature, latent)``.
        bias: ``(latent,)``.
        log_var: Log variances ``(latent,)``.
    """

    kernel: Array
    bias: Array
    log_var: Array


@dataclass(frozen=True, eq=False)
class LinearGaussian:
    """z ~ N(0, I), x | z ~ N(W z + b, s² I).

    Attributes:
        weights: W ``(feature, latent)``.
        offset: b ``(feature,)``.
        noise_variance: s² > 0, squared units of x.
    """

    weights: Array
    offset: Array
    noise_variance: float

    def __post_init__(self) -> None:
        """Convert to read-only float64, refusing what is no such model."""
        for name, axes in (("weights", 2), ("offset", 1)):
            array = np.array(getattr(self, name), np.float64)
            if array.ndim != axes or array.size == 0 or not np.isfinite(array).all():
                raise InvalidValue(name, f"shape {array.shape}", f"a finite array of {axes} axes")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.offset.shape != self.weights.shape[:1]:
            raise InvalidValue("offset", f"shape {self.offset.shape}", f"shape {self.weights.shape[:1]}")
        if not (np.isfinite(self.noise_variance) and self.noise_variance > 0):
            raise InvalidValue("noise_variance", self.noise_variance, "a finite number > 0")
        object.__setattr__(self, "noise_variance", float(self.noise_variance))

    @classmethod
    def drawn(cls, features: int, latents: int, seed: int | str) -> LinearGaussian:
        """Draw a model: standard normal W and b, and s² log-uniform between 0.05 and 1."""
        rng = seeds.generator("linear_gaussian", features, latents, seed, root="data")
        weights, offset = rng.standard_normal((features, latents)), rng.standard_normal(features)
        return cls(weights, offset, float(np.exp(rng.uniform(np.log(0.05), 0.0))))

    @classmethod
    def fit(cls, x: ArrayLike, latents: int) -> LinearGaussian:
        """Return the model of highest likelihood, with diagonal posteriors: the linear VAE's optimum.

        On ``x`` itself the aggregate of its exact posteriors has mean 0 and covariance exactly I.

        Args:
            x: Data ``(n, feature)``.
            latents: Latent dimension, below ``feature``.

        Raises:
            InvalidValue: When no variance is left over for the noise.
        """
        data = np.asarray(x, np.float64)
        if data.ndim != 2 or not np.isfinite(data).all():
            raise InvalidValue("x", f"shape {data.shape}", "finite data (n, feature)")
        if not 1 <= latents < data.shape[1]:
            raise InvalidValue("latents", latents, f"an integer from 1 to {data.shape[1] - 1}, below the features")
        offset = data.mean(axis=0)
        values, vectors = np.linalg.eigh((data - offset).T @ (data - offset) / len(data))
        noise = float(values[:-latents].mean())
        if noise <= 1e-12 * values[-1]:
            raise InvalidValue("x", f"{latents} directions with all of the variance", "some variance beyond them")
        lengths = np.sqrt(np.maximum(values[-latents:] - noise, 0.0))  # rounding may leave -1e-17
        return cls((vectors[:, -latents:] * lengths)[:, ::-1], offset, noise)

    @property
    def features(self) -> int:
        """Dimension of x."""
        return len(self.weights)

    @property
    def latents(self) -> int:
        """Dimension of z."""
        return len(self.weights.T)

    @cached_property
    def covariance(self) -> Array:
        """Covariance of x ``(feature, feature)``."""
        covariance: Array = self.weights @ self.weights.T + self.noise_variance * np.eye(self.features)
        return covariance

    @cached_property
    def posterior_covariance(self) -> Array:
        """Covariance of p(z | x) ``(latent, latent)``, the same for every x."""
        precision = self.weights.T @ self.weights / self.noise_variance + np.eye(self.latents)
        covariance: Array = np.linalg.inv(precision).astype(np.float64)
        return covariance

    def joint(self, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
        """Draw x and z together: z from the prior, then x given z.

        Returns:
            x ``(count, feature)`` and z ``(count, latent)``.
        """
        z = rng.standard_normal((count, self.latents))
        noise = rng.standard_normal((count, self.features))
        return z @ self.weights.T + self.offset + np.sqrt(self.noise_variance) * noise, z

    def sample(self, count: int, rng: np.random.Generator) -> Array:
        """Draw x ``(count, feature)`` from its own Gaussian, with no z: another path than :meth:`joint`."""
        root = np.linalg.cholesky(self.covariance)
        draws: Array = rng.standard_normal((count, self.features)) @ root.T + self.offset
        return draws

    def log_density(self, x: ArrayLike) -> Array:
        """Return log p(x) ``(n,)`` in nats, for x ``(n, feature)``."""
        root = np.linalg.cholesky(self.covariance)
        white = np.linalg.solve(root, (self._checked(x) - self.offset).T)
        constant = self.features * np.log(2 * np.pi) / 2 + np.log(np.diag(root)).sum()
        density: Array = -0.5 * (white**2).sum(axis=0) - constant
        return density

    def posterior(self, x: ArrayLike) -> tuple[Array, Array]:
        """Return mean ``(n, latent)`` and covariance ``(latent, latent)`` of p(z | x), x ``(n, feature)``."""
        residual = self._checked(x) - self.offset
        return residual @ self.weights @ self.posterior_covariance / self.noise_variance, self.posterior_covariance

    def rotated(self) -> LinearGaussian:
        """Turn z so that p(z | x) is diagonal, and keep p(x): the linear VAE's optimum on it."""
        left, singular, _ = np.linalg.svd(self.weights, full_matrices=False)
        if self.latents > self.features:  # the latents beyond the features say nothing about x
            spare = self.latents - self.features
            left, singular = np.pad(left, ((0, 0), (0, spare))), np.pad(singular, (0, spare))
        return LinearGaussian(left * singular, self.offset, self.noise_variance)

    def encoder(self) -> Encoder:
        """Return the affine encoder whose q(z | x) *is* p(z | x), so that its bound is log p(x).

        Raises:
            InvalidValue: When p(z | x) is not diagonal; use :meth:`rotated` first.
        """
        variance = np.diag(self.posterior_covariance)
        if not np.allclose(self.posterior_covariance, np.diag(variance), rtol=0, atol=1e-9):
            raise InvalidValue("weights", "columns that are not orthogonal", "orthogonal columns, as rotated() gives")
        kernel = self.weights * variance / self.noise_variance
        return Encoder(kernel, -self.offset @ kernel, np.log(variance))

    def elbo(self, x: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Array:
        """Return E_q log p(x | z) - KL(q(z | x) ‖ p(z)), in closed form.

        Args:
            x: Data ``(n, feature)``.
            mean: Means of the diagonal Gaussians q(z | x), ``(n, latent)``.
            variance: Their variances, broadcast to ``(n, latent)``.

        Returns:
            The evidence lower bound ``(n,)``, nats.
        """
        m, v = self._gaussians(mean, variance)
        residual = self._checked(x) - self.offset - m @ self.weights.T
        square = (residual**2).sum(axis=1) + v @ (self.weights**2).sum(axis=0)
        fit = -0.5 * (square / self.noise_variance + self.features * np.log(2 * np.pi * self.noise_variance))
        bound: Array = fit - 0.5 * (m**2 + v - 1 - np.log(v)).sum(axis=1)
        return bound

    def inference_gap(self, x: ArrayLike, mean: ArrayLike, variance: ArrayLike) -> Array:
        """Return KL(q(z | x) ‖ p(z | x)) ``(n,)`` in nats, for q as in :meth:`elbo`, without going through it."""
        m, v = self._gaussians(mean, variance)
        exact, covariance = self.posterior(x)
        precision = np.linalg.inv(covariance)
        distance = np.einsum("ni,ij,nj->n", m - exact, precision, m - exact)
        log_ratio = np.linalg.slogdet(covariance)[1] - np.log(v).sum(axis=1)
        gap: Array = 0.5 * (v @ np.diag(precision) + distance - self.latents + log_ratio)
        return gap

    def _checked(self, x: ArrayLike) -> Array:
        data = np.asarray(x, np.float64)
        if data.ndim != 2 or data.shape[1] != self.features or not np.isfinite(data).all():
            raise InvalidValue("x", f"shape {data.shape}", f"finite data of shape (n, {self.features})")
        return data

    def _gaussians(self, mean: Any, variance: Any) -> tuple[Array, Array]:
        m, v = np.broadcast_arrays(np.asarray(mean, np.float64), np.asarray(variance, np.float64))
        if m.ndim != 2 or m.shape[1] != self.latents or not (np.isfinite(m).all() and (v > 0).all()):
            raise InvalidValue(
                "mean, variance", f"shape {m.shape}", f"finite means, variances > 0, (n, {self.latents})"
            )
        return m, v
