"""A value known only between two ends, and expectations over draws of the aggregate posterior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from study.errors import InvalidValue
from study.latent.gaussians import LOG_2PI, Array, DiagonalGaussians, prior_log_density_per_dimension

DRAWS = 2880
"""Draws for an expectation: 8 of each of 360 held-out digits."""


@dataclass(frozen=True, eq=False)
class Bracket:
    """The ends between which a value lies, one pair per replica.

    Attributes:
        low: Lower end, ``(replica,)``.
        high: Upper end, ``(replica,)``; equal to ``low`` for an exact value.
        floor: The least that ``high`` could ever be with as few samples, ``(replica,)``; None where there is no floor.
    """

    low: Array
    high: Array
    floor: Array | None = None

    def __post_init__(self) -> None:
        """Refuse ends out of order."""
        if np.shape(self.low) != np.shape(self.high) or not np.all(np.asarray(self.low) <= np.asarray(self.high)):
            raise InvalidValue("low, high", (self.low, self.high), "arrays of one shape with low ≤ high")

    def __truediv__(self, divisor: float) -> Bracket:
        """Divide both ends, and the floor, by a positive number."""
        if not divisor > 0:
            raise InvalidValue("divisor", divisor, "a positive number")
        return Bracket(self.low / divisor, self.high / divisor, None if self.floor is None else self.floor / divisor)


def rounds(q: DiagonalGaussians, draws: int = DRAWS) -> int:
    """Return how many draws an expectation takes: whole rounds over few components, one each of some of many."""
    return q.samples * -(-draws // q.samples) if q.samples < draws else draws


def expectation(values: Array, q: DiagonalGaussians, z: Array) -> Array:
    """Mean over stratified draws of ``q``, with control variates whose expectations are known exactly.

    The controls are each draw's log densities under its own component and under the prior, split into their exact
    means given the component, and the rest. A mixture whose components stand apart follows the first, a mixture like
    the prior neither: so the mean is far less noisy where the marginal KL is large, and as good as the plain one
    elsewhere.

    Args:
        values: ``(replica, m)`` for the whole latent, or ``(replica, m, latent)`` for each dimension.
        q: The Gaussians that ``z`` was drawn from by :meth:`DiagonalGaussians.draw`.
        z: All the draws, ``(replica, m, latent)``.

    Returns:
        ``(replica,)``, or ``(replica, latent)``.

    Source:
        Owen 2013, "Monte Carlo theory, methods and examples", section 8.9 (regression estimator).
    """
    if z.shape[1] < 32:  # too few draws to fit four slopes
        return values.mean(1)
    means = (-0.5 * (q.log_var + LOG_2PI + 1), -0.5 * (q.mean**2 + q.var + LOG_2PI))
    densities = (q.own_log_density(z), prior_log_density_per_dimension(z))
    if values.ndim == 2:
        means = tuple(m.sum(-1, keepdims=True) for m in means)
        densities = tuple(d.sum(-1, keepdims=True) for d in densities)
    own = q.component(z.shape[1])
    controls = [density - mean[:, own] for density, mean in zip(densities, means, strict=True)]
    controls += [(mean - mean.mean(1, keepdims=True))[:, own] for mean in means]
    return _regress(values.reshape(controls[0].shape), controls).reshape(values[:, 0].shape)


def _regress(values: Array, controls: list[Array]) -> Array:
    """Regression estimator over axis 1: ``(replica, m, k)`` and controls of mean 0 alike → ``(replica, k)``."""
    control = np.stack(controls, axis=-1).swapaxes(1, 2)  # (replica, k, m, control)
    offset = control.mean(2)
    centred = (control - offset[:, :, None]).swapaxes(-1, -2)
    target = (values - values.mean(1, keepdims=True)).swapaxes(1, 2)[..., None]
    slope = np.linalg.pinv(centred @ centred.swapaxes(-1, -2), rcond=1e-9, hermitian=True) @ (centred @ target)
    return values.mean(1) - (slope[..., 0] * offset).sum(-1)
