"""Log densities of mixtures of diagonal Gaussians where points come in groups that lie close together."""

from __future__ import annotations

import math

import numpy as np

from study.latent.gaussians import LOG_2PI, DiagonalGaussians
from study.types import Float32

_AT_ONCE = 240
"""Points at once, so that their pairs with some thousand components stay in the cache."""
_FAINT = -120.0
"""Binary logarithms of ratios to the highest component's are not taken below this: denormal numbers are slow."""


def nearby_log_density(q: DiagonalGaussians, z: Float32, floor: Float32) -> Float32:
    """Log of the aggregate posterior's density and a floor together, nats, of points close together in each group.

    In float32 about the middle of each group, where little cancels: its rounding error is typically below 1e-5. The
    floor is what lets one scale serve a whole group: what vanishes below it does not count.

    Args:
        q: The components.
        z: Points, ``(replica, group, m, latent)``.
        floor: Log of a density that is added, nats, ``(replica, group, m)``.

    Returns:
        ``(replica, group, m)``.
    """
    out = np.empty(z.shape[:-1], np.float32)
    constant = -0.5 * q.log_var.sum(-1) - math.log(q.samples) - 0.5 * q.latent * LOG_2PI
    precision = np.exp(-q.log_var).swapaxes(1, 2)
    ones = np.ones(q.samples, np.float32)
    buffer = np.empty((_AT_ONCE, q.samples), np.float32)  # one for all: a new one each time costs twice as much
    for replica, group in np.ndindex(*z.shape[:2]):
        middle = z[replica, group].mean(0, dtype=np.float64)
        points = (z[replica, group] - middle).astype(np.float32)
        forms = np.concatenate([np.square(points), points, np.ones((len(points), 1), np.float32)], 1)
        # A pair's log density is the product of (z², z, 1) and a column of weights; one scale for all of them.
        mean = q.mean[replica].T - middle[:, None]
        scaled = mean * precision[replica]
        last = constant[replica] - 0.5 * np.einsum("ji,ji->i", mean, scaled)
        scale = float(max(last.max(), floor[replica, group].max()))
        weights = np.concatenate([-0.5 * precision[replica], scaled, last[None] - scale])
        weights = (weights / math.log(2)).astype(np.float32)  # a power of 2 costs half of one of e
        total = np.exp(floor[replica, group] - scale)
        for rows in (slice(i, i + _AT_ONCE) for i in range(0, len(forms), _AT_ONCE)):
            pairs = np.matmul(forms[rows], weights, out=buffer[: len(forms[rows])])
            total[rows] += np.exp2(np.maximum(pairs, _FAINT, out=pairs), out=pairs) @ ones
        out[replica, group] = scale + np.log(total)
    return out
