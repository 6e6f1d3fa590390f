"""Trends along a capacity axis: how much an estimand falls per doubling, or per step, of a level.

The fall is minus the least-squares slope, and so linear in the values. A bracket of each value therefore gives an
exact bracket of the fall: weights of one sign take one end, those of the other sign take the other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.errors import InvalidValue


def bracketed_fall(
    levels: Sequence[float], low: ArrayLike, high: ArrayLike, log2: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the greatest fall that values within their brackets can have.

    Args:
        levels: Levels of the axis, at least two of them different; positive if ``log2``.
        low: Lower ends of the estimand's brackets, ``(level, replica)``.
        high: Upper ends, ``(level, replica)``.
        log2: Whether the fall is per doubling of the level, or else per unit of it.

    Returns:
        ``(low, high)``, each ``(replica,)``, in the unit of the values.

    Raises:
        InvalidValue: Levels or values that allow no slope.
    """
    weights = _weights(levels, log2)[:, None]
    ends = [np.asarray(end, dtype=np.float64) for end in (low, high)]
    for name, end in zip(("low", "high"), ends, strict=True):
        if end.ndim != 2 or len(end) != len(weights) or not np.isfinite(end).all():
            raise InvalidValue(name, end, f"finite values (level, replica) for {len(weights)} levels")
    if ends[0].shape != ends[1].shape:
        raise InvalidValue("low, high", tuple(end.shape for end in ends), "one shape (level, replica)")
    # Weights sum to zero: centring changes nothing but the rounding, and makes constants fall by exactly zero.
    products = np.stack([weights * (end - ends[0][:1]) for end in ends])
    return products.min(axis=0).sum(axis=0), products.max(axis=0).sum(axis=0)


def _weights(levels: Sequence[float], log2: bool) -> NDArray[np.float64]:
    """Weights ``(level,)`` of the values in the fall."""
    x = np.asarray(levels, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all() or (log2 and (x <= 0).any()):
        raise InvalidValue("levels", levels, "finite positive levels" if log2 else "finite levels")
    if np.unique(x).size < 2:
        raise InvalidValue("levels", levels, "at least two different levels")
    x = np.log2(x) if log2 else x
    x = x - x.mean()
    return -x / (x @ x)
