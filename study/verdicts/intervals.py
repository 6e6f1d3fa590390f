"""Confidence intervals: Welch's for an equal-weight mean over contexts, Clopper–Pearson's for a share."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv, stdtr, stdtrit

from study.errors import InvalidValue


@dataclass(frozen=True)
class Interval:
    """A two-sided confidence interval.

    Attributes:
        estimate: Point estimate, in the unit of the samples.
        low: Lower end.
        high: Upper end.
        level: Confidence level, e.g. 0.95; each end alone is a one-sided bound at ``(1 + level) / 2``.
        df: Degrees of freedom; infinite when nothing varied.
    """

    estimate: float
    low: float
    high: float
    level: float
    df: float


class Moments(NamedTuple):
    """An equal-weight mean over contexts, its standard error and its degrees of freedom."""

    estimate: float
    error: float
    df: float

    @classmethod
    def of(cls, samples: Sequence[ArrayLike]) -> Moments:
        """Reduce one array ``(replica,)`` per context; see :func:`welch`."""
        if not samples:
            raise InvalidValue("samples", samples, "at least one sample")
        means, variances, dfs = np.array([_moments(sample) for sample in samples]).T
        total = variances.sum()
        if total == 0:
            return cls(mean(means), 0.0, math.inf)
        share = variances / total  # Normalised first: squares of tiny variances would underflow.
        return cls(mean(means), math.sqrt(total) / len(samples), float(1 / (share**2 / dfs).sum()))

    def interval(self, level: float) -> Interval:
        """Return the two-sided interval at a level in (0, 1)."""
        tail = (1 - open_unit("level", level)) / 2
        # The lower tail's quantile, negated: `1 - tail` would lose the digits of a small tail.
        reach = -float(stdtrit(self.df, tail)) * self.error if self.error > 0 else 0.0
        return Interval(self.estimate, self.estimate - reach, self.estimate + reach, level, self.df)

    def p_values(self, threshold: float) -> tuple[float, float]:
        """Return the one-sided p-values against "mean < threshold" and against "mean ≥ threshold"."""
        if self.error == 0:
            return (0.0, 1.0) if self.estimate >= threshold else (1.0, 0.0)
        t = (self.estimate - threshold) / self.error
        return float(stdtr(self.df, -t)), float(stdtr(self.df, t))


def welch(samples: Sequence[ArrayLike], level: float) -> Interval:
    """Interval of the equal-weight mean of the contexts' means, contexts held fixed.

    The variance of the estimate is the sum of ``s² / n`` over the C contexts, divided by C². Its error rates: on
    normal samples each end is crossed with probability ``(1 - level) / 2``, within 0.5 percentage points at level
    0.95 with 8 replicas, whatever the contexts' variances (calibrated in the tests).

    Args:
        samples: One array ``(replica,)`` per context, each of at least two finite values.
        level: Confidence level in (0, 1).

    Returns:
        The interval, of zero width and infinite ``df`` where no sample varies.

    Raises:
        InvalidValue: No sample, a sample too short or not finite, or a level outside (0, 1).

    Source:
        Welch 1947; Satterthwaite 1946.
    """
    return Moments.of(samples).interval(level)


def welch_p(samples: Sequence[ArrayLike], threshold: float) -> tuple[float, float]:
    """One-sided p-values of the two ends of :func:`welch`.

    ``p_supported <= (1 - level) / 2`` exactly when the lower end reaches the threshold, and likewise
    ``p_refuted`` for the upper end.

    Args:
        samples: As for :func:`welch`.
        threshold: The threshold, in the unit of the samples.

    Returns:
        ``(p_supported, p_refuted)``: against "mean < threshold", and against "mean ≥ threshold".

    Raises:
        InvalidValue: As for :func:`welch`.
    """
    return Moments.of(samples).p_values(threshold)


def clopper_pearson(failures: int, n: int, level: float) -> tuple[float, float]:
    """Exact two-sided interval of a binomial share; it covers with probability ≥ ``level`` at every share.

    Args:
        failures: Number of failures among the ``n`` trials.
        n: Number of trials.
        level: Confidence level in (0, 1); the upper end alone is a one-sided bound at ``(1 + level) / 2``.

    Returns:
        ``(low, high)``.

    Raises:
        InvalidValue: A count or level that makes no sense.

    Source:
        Clopper and Pearson 1934.
    """
    tail = (1 - open_unit("level", level)) / 2
    if n < 1:
        raise InvalidValue("n", n, "an integer ≥ 1")
    if not 0 <= failures <= n:
        raise InvalidValue("failures", failures, f"an integer from 0 to n = {n}")
    low = float(betaincinv(failures, n - failures + 1, tail)) if failures else 0.0
    high = float(betaincinv(failures + 1, n - failures, 1 - tail)) if failures < n else 1.0
    return low, high


def mean(values: NDArray[np.float64]) -> float:
    """Mean about the first value: exact for constants, so that "≥ threshold" holds at equality."""
    return float(values[0] + np.mean(values - values[0]))


def open_unit(argument: str, value: float) -> float:
    """Return ``value`` if it lies in (0, 1), and refuse it under the name ``argument`` otherwise."""
    if not 0 < value < 1:
        raise InvalidValue(argument, value, "a number in (0, 1)")
    return value


def _moments(sample: ArrayLike) -> tuple[float, float, int]:
    """Mean, squared standard error and degrees of freedom of one sample, about its first value (see :func:`mean`)."""
    array = np.asarray(sample, dtype=np.float64)
    if array.ndim != 1 or array.size < 2 or not np.isfinite(array).all():
        raise InvalidValue("samples", array, "arrays (replica,) of at least 2 finite values")
    shifted = array - array[0]
    centre = shifted.sum() / array.size
    centred = shifted - centre
    df = array.size - 1
    return array[0] + centre, (centred @ centred) / df / array.size, df
