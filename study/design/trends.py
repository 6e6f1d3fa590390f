"""Trends along a capacity axis: how much an estimand falls per doubling, or per step, of a level.

The fall is minus the least-squares slope, and so linear in the values. A bracket of each value therefore gives an
exact bracket of the fall: weights of one sign take one end, those of the other sign take the other. The relative fall
is one minus the factor by which values fall: the same of their logarithms.
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
    ends = _checked(levels, low, high)
    if not np.isfinite(ends).all():
        raise InvalidValue("low, high", "ends that are not finite", "finite values")
    return _slopes(_weights(levels, log2), ends)


def bracketed_relative_fall(
    levels: Sequence[float], low: ArrayLike, high: ArrayLike, log2: bool = True
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the least and the greatest relative fall that values within their brackets can have.

    It is 1 − e^slope of the logarithms, 0.5 for values that halve. Nothing is clipped: the logarithm of an end at or
    below zero is −∞, and so an end of the fall may be −∞, or 1.

    Args:
        levels: As for :func:`bracketed_fall`.
        low: Lower ends, ``(level, replica)``; they may be infinite.
        high: Upper ends, ``(level, replica)``; alike.
        log2: As for :func:`bracketed_fall`.

    Returns:
        ``(low, high)``, each ``(replica,)``, shares.

    Raises:
        InvalidValue: Levels or values that allow no slope.
    """
    ends = _checked(levels, low, high)
    logs = np.full_like(ends, -np.inf)
    np.log(ends, out=logs, where=ends > 0)
    least, greatest = _slopes(_weights(levels, log2), logs)
    with np.errstate(over="ignore"):
        return -np.expm1(-least), -np.expm1(-greatest)


def _checked(levels: Sequence[float], low: ArrayLike, high: ArrayLike) -> NDArray[np.float64]:
    """Return both ends, ``(2, level, replica)``."""
    ends = [np.asarray(end, dtype=np.float64) for end in (low, high)]
    for name, end in zip(("low", "high"), ends, strict=True):
        if end.ndim != 2 or len(end) != len(levels) or np.isnan(end).any():
            raise InvalidValue(name, end, f"numbers (level, replica) for {len(levels)} levels")
    if ends[0].shape != ends[1].shape:
        raise InvalidValue("low, high", tuple(end.shape for end in ends), "one shape (level, replica)")
    return np.stack(ends)


def _slopes(weights: NDArray[np.float64], ends: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both ends of the weighted sum, ``(replica,)``; where infinities meet, anything is possible."""
    # Weights sum to zero: centring changes nothing but the rounding, and makes constants fall by exactly zero.
    first = np.where(np.isfinite(ends[0, :1]), ends[0, :1], 0.0)
    # A level of no weight counts for nothing, infinite or not.
    products = np.multiply(weights[:, None], ends - first, out=np.zeros_like(ends), where=weights[:, None] != 0)
    with np.errstate(invalid="ignore"):
        least, greatest = products.min(axis=0).sum(axis=0), products.max(axis=0).sum(axis=0)
    return np.where(np.isnan(least), -np.inf, least), np.where(np.isnan(greatest), np.inf, greatest)


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
