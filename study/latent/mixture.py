"""Log densities of mixtures of many diagonal Gaussians, in blocks that stay in the cache.

Nearly all pairs of a point and a component add nothing to a mixture: the component's own log density lies far below
the largest one. A matrix product in float32, whose rounding error is bounded, says which pairs can matter; those alone
are computed in float64, once all pairs have been seen.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_info, threadpool_limits

Array = NDArray[np.float64]
Indices = NDArray[np.intp]

_POINTS, _COMPONENTS = 256, 1024
"""Points and components of a tile: 1 MiB of float32, so that a tile stays in the cache."""
_LEFT_OUT = 1e-6
"""Largest error, in nats, that the pairs left out may cost together."""
_SPARSE = 1 / 32
"""Share of a tile's pairs up to which each is computed alone; beyond it, the whole tile is."""
_ERROR = 1e-5
"""Largest rounding error, in nats, that the expanded square may cost; beyond it, differences are taken first."""
_OVERFLOW = 1e30
"""Size of terms above which float32 is not even tried."""
_HELD = 2**20
"""Numbers in the pairs that wait to be computed, at most but for a tile: 8 MiB."""
_SHARED = 2**27
"""Pairs from which threads are worth starting."""

_FAST = (128, 512)
"""Points and components of a tile of :func:`log_sums`: 256 KiB of float32, in the cache closest to the core."""
_ROUNDING = 0.1
"""Largest bound on its rounding errors, in nats, up to which :func:`log_sums` uses float32; those met are a 100th."""
_LEAST = 1e-32
"""Least density of a pair, as a share of its component's peak: below it, denormal numbers cost ten times as much."""
_FAINT = 1e4 * _LEAST
"""A mixture's density below this share of the highest component's peak is computed again by :func:`log_sum`."""


def log_sum(z: Array, mean: Array, log_var: Array) -> Array:
    """Log of the sum over components of exp(−½ Σ_j ((z_j − μ_j)² / σ_j² + log σ_j²)), nats; exact to 1e-4.

    Many pairs are shared out over as many threads as the BLAS may use; the result does not depend on how many.

    Args:
        z: Points, ``(m, latent)``; the nearer to the origin, like the means, the faster.
        mean: Means, ``(sample, latent)``.
        log_var: Logarithms of the variances, ``(sample, latent)``.

    Returns:
        ``(m,)``.
    """
    components = _Components(z, mean, log_var)
    out = np.empty(len(z))
    first, *rest = (slice(start, start + _POINTS) for start in range(0, len(z), _POINTS))
    out[first] = components.log_sum(z[first], components.screened)
    # Each block goes on from what the first one found, and from nothing else: threads may overtake one another.

    def fill(rows: slice) -> None:
        out[rows] = components.log_sum(z[rows], components.screened.copy())

    threads = min(_threads(), len(rest)) if len(z) * len(mean) >= _SHARED else 1
    if threads > 1:
        with threadpool_limits(1, "blas"), ThreadPoolExecutor(threads) as pool:
            list(pool.map(fill, rest))
    else:
        for rows in rest:
            fill(rows)
    return out


def _threads() -> int:
    """Return the number of threads that every BLAS here may use."""
    return min((library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"), default=1)


class _Components:
    """The components of a mixture in tiles, each with what is known of its rounding errors."""

    def __init__(self, z: Array, mean: Array, log_var: Array) -> None:
        self.mean, self.log_var, self.precision = mean, log_var, np.exp(-log_var)
        self.volume = -0.5 * log_var.sum(-1)
        constant = self.volume - 0.5 * (mean**2 * self.precision).sum(-1)
        # A pair's log density is the product of (z², z, 1) and a row of weights.
        self.weights = np.concatenate([-0.5 * self.precision, mean * self.precision, constant[:, None]], 1)
        # Forward error of a dot product (Higham 2002, eq. 3.5), bounded over all the points: of its 2D + 1 terms (and
        # the screen's one more), and of the rounding of its factors, in units of half an epsilon.
        terms = (np.abs(z).max(0) + np.abs(mean)) ** 2 * self.precision + np.abs(log_var)
        self.size = np.array([0.5 * terms[tile].sum(-1).max() for tile in self.tiles()])
        units = 2 * z.shape[1] + 3
        self.single_error = float(np.finfo(np.float32).eps) * units
        self.expanded = float(np.finfo(np.float64).eps) * units * self.size <= _ERROR
        self.screened = (self.size <= _OVERFLOW) & (np.square(z).max() <= _OVERFLOW)
        ones = np.ones((len(mean), 1))
        self.single = np.concatenate([self.weights.clip(-_OVERFLOW, _OVERFLOW), ones], 1).astype(np.float32)
        self.margin = math.log(len(mean) / _LEFT_OUT)

    def tiles(self) -> Iterator[slice]:
        for start in range(0, len(self.mean), _COMPONENTS):
            yield slice(start, min(start + _COMPONENTS, len(self.mean)))

    def log_sum(self, z: Array, screened: NDArray[np.bool_]) -> Array:
        """Log of the sum over all components for a tile's points; a tile that was not worth a screen is marked so."""
        factors = np.concatenate([z**2, z, np.ones((len(z), 1))], axis=1)
        screen = _Screen(self, factors)
        top, total = np.full(len(z), -np.inf), np.zeros(len(z))
        for number, tile in enumerate(self.tiles()):
            if screened[number]:
                screened[number] = screen.look(number, tile)
            if not screened[number]:
                self._add_all(z, factors, tile, bool(self.expanded[number]), top, total)
                np.maximum(screen.least, top, out=screen.least)
            elif screen.held * z.shape[1] > _HELD:
                self._add_pairs(z, *screen.take(), top, total)
        if screen.held:
            self._add_pairs(z, *screen.take(), top, total)
        return top + np.log(total)

    def _add_pairs(self, z: Array, points: Indices, which: Indices, top: Array, total: Array) -> None:
        square = z[points]
        square -= self.mean[which]
        square *= square
        logits = self.volume[which] - 0.5 * np.einsum("ij,ij->i", square, self.precision[which])
        highest = top.copy()
        np.maximum.at(highest, points, logits)
        total *= np.exp(top - highest)
        total += np.bincount(points, np.exp(logits - highest[points]), minlength=len(z))
        top[:] = highest

    def _add_all(self, z: Array, factors: Array, tile: slice, expanded: bool, top: Array, total: Array) -> None:
        if expanded:
            logits = factors @ self.weights[tile].T
        else:
            logits = np.tile(self.volume[tile], (len(z), 1))
            for j in range(z.shape[1]):
                logits -= 0.5 * (z[:, j, None] - self.mean[tile, j]) ** 2 * self.precision[tile, j]
        highest = np.maximum(top, logits.max(1))
        total *= np.exp(top - highest)
        total += _shares(logits, highest)
        top[:] = highest


class _Screen:
    """The pairs of some points that can matter, by a product in float32, until they are taken.

    Attributes:
        least: What the highest log density of a component is at least, as far as is known, ``(m,)``.
        held: How many pairs were found since the last were taken.
    """

    def __init__(self, components: _Components, factors: Array) -> None:
        self.components = components
        shift = np.zeros((len(factors), 1))
        self.factors = np.concatenate([factors.clip(-_OVERFLOW, _OVERFLOW), shift], 1).astype(np.float32)
        self.buffer = np.empty((len(factors), _COMPONENTS), np.float32)
        self.least, self.held = np.full(len(factors), -np.inf), 0
        self.pairs: list[tuple[Indices, Indices, Array]] = []

    def look(self, number: int, tile: slice) -> bool:
        """Find the pairs of a tile that can matter; return False, and hold none, if they are many."""
        if not np.isfinite(self.least).all():
            self.factors[:, -1] = 0
            logits, error = self._product(number, tile)
            np.maximum(self.least, logits.max(1) - error, out=self.least)
        # The product itself subtracts what a pair must reach: one number then serves to compare all pairs with.
        self.factors[:, -1] = self.components.margin - self.least
        logits, error = self._product(number, tile)
        found = np.flatnonzero(logits >= -error)
        if len(found) > _SPARSE * logits.size:
            return False
        points, which = np.divmod(found, logits.shape[1])
        value = logits.reshape(-1)[found].astype(np.float64) - self.factors[points, -1]
        np.maximum.at(self.least, points, value - error)
        self.pairs.append((points, which + tile.start, value + error))
        self.held += len(found)
        return True

    def take(self) -> tuple[Indices, Indices]:
        """Return points and components of the pairs that, by all that is known now, can matter; forget them."""
        points, which, most = (np.concatenate(arrays) for arrays in zip(*self.pairs, strict=True))
        matter = most >= self.least[points] - self.components.margin
        self.pairs, self.held = [], 0
        return points[matter], which[matter]

    def _product(self, number: int, tile: slice) -> tuple[NDArray[np.float32], float]:
        """Return the shifted log densities of a tile's pairs, and what rounding may have done to them."""
        count = tile.stop - tile.start
        logits = self.buffer.reshape(-1)[: len(self.factors) * count].reshape(len(self.factors), count)
        np.matmul(self.factors, self.components.single[tile].T, out=logits)
        shift = float(np.abs(self.factors[:, -1]).max())
        return logits, self.components.single_error * (float(self.components.size[number]) + shift)


def log_sums(z: Array, mean: Array, log_var: Array, octaves: int = 0) -> Array:
    """Log sums as :func:`log_sum`, of the mixture and of the same with its variances doubled, nats; exact to 1e-3.

    All widths cost one exponential a pair, as that of one width is the square of that of twice the variance. Plain
    float32 is three to five times as fast as :func:`log_sum`; where its rounding could matter, float64 is used.

    Args:
        z: Points, ``(m, latent)``; the nearer to the origin, like the means, the faster.
        mean: Means, ``(sample, latent)``.
        log_var: Logarithms of the variances, ``(sample, latent)``.
        octaves: How many times the variances are doubled.

    Returns:
        ``(octaves + 1, m)``: variances × 1, × 2, × 4, …
    """
    precision, volume = np.exp(-log_var), -0.5 * log_var.sum(-1)
    size = 0.5 * ((np.abs(z).max(0) + np.abs(mean)) ** 2 * precision).sum(-1).max()
    single = float(np.finfo(np.float32).eps) * (2 * z.shape[1] + 3) * size <= _ROUNDING
    kind = np.float32 if single else np.float64
    constant = -0.5 * (mean**2 * precision).sum(-1, keepdims=True)
    # Powers of 2 cost half of those of e.
    weights = np.concatenate([-0.5 * precision, mean * precision, constant], 1) / (2**octaves * math.log(2))
    factors = np.concatenate([z**2, z, np.ones((len(z), 1))], 1).astype(kind)
    columns, top = weights.T.astype(kind), volume.max()
    peaks = np.exp(volume - top).astype(kind)
    total = np.zeros((octaves + 1, len(z)))
    points, components = _FAST
    buffer = np.empty(points * components, kind)
    for rows in (slice(i, min(i + points, len(z))) for i in range(0, len(z), points)):
        for tile in (slice(i, min(i + components, len(mean))) for i in range(0, len(mean), components)):
            shape = (rows.stop - rows.start, tile.stop - tile.start)
            pairs = buffer[: shape[0] * shape[1]].reshape(shape)
            np.matmul(factors[rows], columns[:, tile], out=pairs)
            np.exp2(np.maximum(pairs, math.log2(_LEAST), out=pairs), out=pairs)
            for octave in range(octaves, -1, -1):
                total[octave, rows] += pairs @ peaks[tile]
                if octave:
                    np.square(np.maximum(pairs, math.sqrt(_LEAST), out=pairs), out=pairs)
    with np.errstate(divide="ignore"):
        out = np.log(total) + top - 0.5 * math.log(2) * z.shape[1] * np.arange(octaves + 1)[:, None]
    for octave in range(octaves + 1):
        if (faint := total[octave] <= _FAINT * len(mean)).any():
            out[octave, faint] = log_sum(z[faint], mean, log_var + octave * math.log(2))
    return out


def _shares(logits: Array, top: Array) -> Array:
    """Sums of exp(logits − top) over the last axis; below the maximum float32 costs 2e-6 nats at most."""
    with np.errstate(over="ignore"):  # what float32 cannot hold is as good as -inf
        return np.exp((logits - top[:, None]).astype(np.float32)).sum(-1, dtype=np.float64)
