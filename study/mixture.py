"""Log densities of mixtures of many diagonal Gaussians, in blocks that stay in the cache.

Nearly all pairs of a point and a component add nothing to a mixture: the component's own log density lies far below
the largest one. A matrix product in float32, whose rounding error is bounded, says which pairs can matter; those alone
are computed in float64.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_POINTS, _COMPONENTS = 128, 1024
"""Points and components of a tile: 512 KiB of float32, so that a tile stays in the cache."""
_LEFT_OUT = 1e-6
"""Largest error, in nats, that the pairs left out may cost together."""
_SPARSE = 1 / 32
"""Share of a tile's pairs up to which each is computed alone; beyond it, the whole tile is."""
_ERROR = 1e-5
"""Largest rounding error, in nats, that the expanded square may cost; beyond it, differences are taken first."""
_OVERFLOW = 1e30
"""Size of terms above which float32 is not even tried."""

_BLOCK = 2**16
"""Entries of a block of (point, component) pairs: 512 KiB in float64, so that a block stays in the cache."""
_FAR = math.exp(-20)
"""A 1-D density below this share of the highest component's peak is computed again, in float64 logarithms."""
_NARROW = 100.0
"""Half-width of a block of points, in the least standard deviations, up to which float32 differences serve."""


def log_sum(z: Array, mean: Array, log_var: Array) -> Array:
    """Log of the sum over components of exp(−½ Σ_j ((z_j − μ_j)² / σ_j² + log σ_j²)), nats; exact to 1e-4.

    Args:
        z: Points, ``(m, latent)``; the nearer to the origin, like the means, the faster.
        mean: Means, ``(sample, latent)``.
        log_var: Logarithms of the variances, ``(sample, latent)``.

    Returns:
        ``(m,)``.
    """
    components = _Components(z, mean, log_var)
    out = np.empty(len(z))
    for start in range(0, len(z), _POINTS):
        rows = slice(start, start + _POINTS)
        out[rows] = components.log_sum(z[rows])
    return out


class _Components:
    """The components of a mixture in tiles, each with what is known of its rounding errors."""

    def __init__(self, z: Array, mean: Array, log_var: Array) -> None:
        self.mean, self.log_var, self.precision = mean, log_var, np.exp(-log_var)
        self.constant = -0.5 * (log_var + mean**2 * self.precision).sum(-1)
        # A pair's log density is the product of (z², z, 1) and a row of weights.
        self.weights = np.concatenate([-0.5 * self.precision, mean * self.precision, self.constant[:, None]], 1)
        # Forward error of a dot product (Higham 2002, eq. 3.5), bounded over all the points: of its 2D + 1 terms, and
        # of the rounding of its factors, in units of half an epsilon.
        terms = (np.abs(z).max(0) + np.abs(mean)) ** 2 * self.precision + np.abs(log_var)
        size = [0.5 * terms[tile].sum(-1).max() for tile in self._tiles()]
        self.single_error = [float(np.finfo(np.float32).eps) * (2 * z.shape[1] + 2) * one for one in size]
        self.expanded = [float(np.finfo(np.float64).eps) * (2 * z.shape[1] + 2) * one <= _ERROR for one in size]
        fits = bool(np.square(z).max() <= _OVERFLOW)
        self.screened = [fits and one <= _OVERFLOW for one in size]
        self.single = self.weights.clip(-_OVERFLOW, _OVERFLOW).astype(np.float32)
        self.margin = math.log(len(mean) / _LEFT_OUT)
        self.screen = np.empty((_POINTS, _COMPONENTS), np.float32)

    def _tiles(self) -> Iterator[slice]:
        for start in range(0, len(self.mean), _COMPONENTS):
            yield slice(start, min(start + _COMPONENTS, len(self.mean)))

    def log_sum(self, z: Array) -> Array:
        """Log of the sum over all components, tile by tile, for a tile's points."""
        factors = np.concatenate([z**2, z, np.ones((len(z), 1))], axis=1)
        single = factors.clip(-_OVERFLOW, _OVERFLOW).astype(np.float32)
        top, total = np.full(len(z), -np.inf), np.zeros(len(z))
        for number, tile in enumerate(self._tiles()):
            error = self.single_error[number]
            pairs = self._pairs_that_matter(single, tile, error, top) if self.screened[number] else None
            if pairs is None:
                self.screened[number] = False  # nor would it help with the next points
                self._add_all(z, factors, tile, self.expanded[number], top, total)
            elif len(pairs[0]):
                self._add_pairs(z, *pairs, top, total)
        return top + np.log(total)

    def _pairs_that_matter(
        self, single: NDArray[np.float32], tile: slice, error: float, top: Array
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
        """Points and components of the pairs of a tile that can matter, or None if they are many."""
        components = tile.stop - tile.start
        logits = self.screen.reshape(-1)[: len(single) * components].reshape(len(single), components)
        np.matmul(single, self.single[tile].T, out=logits)
        # Rounded down, so that the screen errs on the side of keeping a pair.
        least = np.maximum(top, logits.max(1) - error) - self.margin - error
        matter = logits >= np.nextafter(least.astype(np.float32), np.float32(-np.inf))[:, None]
        found = np.flatnonzero(matter)
        if len(found) > _SPARSE * matter.size:
            return None
        points, which = np.divmod(found, components)
        return points, which + tile.start

    def _add_pairs(self, z: Array, points: NDArray[np.intp], which: NDArray[np.intp], top: Array, total: Array) -> None:
        square = (z[points] - self.mean[which]) ** 2 * self.precision[which]
        logits = -0.5 * (square + self.log_var[which]).sum(-1)
        highest = top.copy()
        np.maximum.at(highest, points, logits)
        total *= np.exp(top - highest)
        total += np.bincount(points, np.exp(logits - highest[points]), minlength=len(z))
        top[:] = highest

    def _add_all(self, z: Array, factors: Array, tile: slice, expanded: bool, top: Array, total: Array) -> None:
        if expanded:
            logits = factors @ self.weights[tile].T
        else:
            logits = np.tile(-0.5 * self.log_var[tile].sum(-1), (len(z), 1))
            for j in range(z.shape[1]):
                logits -= 0.5 * (z[:, j, None] - self.mean[tile, j]) ** 2 * self.precision[tile, j]
        highest = np.maximum(top, logits.max(1))
        total *= np.exp(top - highest)
        total += _shares(logits, highest)
        top[:] = highest


def log_sum_1d(z: Array, mean: Array, log_var: Array) -> Array:
    """:func:`log_sum` of one latent: ``(m,)``, ``(sample,)``, ``(sample,)`` → ``(m,)``, nats; exact to 1e-4.

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
    """Log of the sum of exponentials over the last axis."""
    top = logits.max(-1)
    return np.log(_shares(logits, top)) + top


def _shares(logits: Array, top: Array) -> Array:
    """Sums of exp(logits − top) over the last axis; below the maximum float32 costs 2e-6 nats at most."""
    with np.errstate(over="ignore"):  # what float32 cannot hold is as good as -inf
        return np.exp((logits - top[:, None]).astype(np.float32)).sum(-1, dtype=np.float64)


def _blocks(points: int, components: int) -> list[slice]:
    step = max(8, _BLOCK // components)  # fewer rows would read the weights once for each
    return [slice(start, min(start + step, points)) for start in range(0, points, step)]
