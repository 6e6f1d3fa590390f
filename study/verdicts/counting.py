"""Counting: how many numbers reach a threshold, how many fall short, and what that decides.

This is the sign test, exact whatever the distribution. If the average share of seeds that reach the threshold is at
most ½, all but k of N reach it with probability at most P(Bin(N, ½) ≤ k); contexts may differ in their shares.

Source:
    Hoeffding 1956, for k ≤ N/2 − 1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv

from study.errors import InvalidValue

Array = NDArray[np.float64]
HALF = 0.5
HOLDS_AT = 0.05
"""Level at which it is said in how many contexts a claim holds."""


@cache
def allowed(count: int, alpha: float) -> int:
    """Return how many of N numbers may be otherwise: the largest k with P(Bin(N, ½) ≤ k) ≤ α; −1 for none.

    Args:
        count: N.
        alpha: One-sided level in (0, 1).

    Raises:
        InvalidValue: A level outside (0, 1), or a negative number of numbers.
    """
    if count < 0:
        raise InvalidValue("count", count, "an integer ≥ 0")
    k = np.arange(count // 2)  # k ≤ N/2 − 1
    # Levels such as 1/256 are met exactly: the last digit of scipy's sum must not undo that.
    return int((bdtr(k, count, HALF) <= open_unit("alpha", alpha) * (1 + 1e-9)).sum()) - 1


def side(reach: ArrayLike, short: ArrayLike, count: ArrayLike, k: ArrayLike) -> NDArray[np.int64]:
    """Return 1 where all but k reach the threshold, −1 where all but k fall short, else 0; of any shape."""
    reach, short, count, k = map(np.asarray, (reach, short, count, k))
    return np.where(count - reach <= k, 1, np.where(count - short <= k, -1, 0))


@dataclass(frozen=True)
class Count:
    """How many of N numbers reach the threshold, and how many fall short.

    Attributes:
        reach: Numbers whose lower end is at or above the threshold.
        short: Numbers whose upper end is below it; those that do neither have it between their ends.
        count: N.
        allowed: k, how many may be otherwise; −1 where N is too small to decide.
    """

    reach: int
    short: int
    count: int
    allowed: int

    @classmethod
    def of(cls, low: Array, high: Array, threshold: float, alpha: float) -> Count:
        """Count brackets ``(replica,)`` against a threshold, at a one-sided level."""
        reach, short = int((low >= threshold).sum()), int((high < threshold).sum())
        return cls(reach, short, low.size, allowed(low.size, alpha))

    @property
    def side(self) -> int:
        """1 where the count decides for the claim, −1 against it, 0 neither."""
        return int(side(self.reach, self.short, self.count, self.allowed))

    @property
    def between(self) -> int:
        """Numbers that do neither."""
        return self.count - self.reach - self.short

    def bound(self, later: int, alpha: float) -> bool:
        """Whether so many do neither that not even ``later`` numbers, in these shares, would decide."""
        k = allowed(later, alpha)
        return self.between > 0 <= k and self.between * later > k * self.count


def interval(low: Array, high: Array, k: int) -> tuple[float, float]:
    """Return the exact interval of the median by order statistics; of brackets, from the lower to the upper ends.

    It lies at or above a threshold exactly when all but k numbers reach it, below exactly when all but k fall short.

    Args:
        low: Lower ends, ``(replica,)``.
        high: Upper ends, ``(replica,)``.
        k: How many may be otherwise; −1 bounds nothing.
    """
    if k < 0:
        return -math.inf, math.inf
    return float(np.sort(low)[k]), float(np.sort(high)[::-1][k])


def coverage(count: int, k: int) -> float:
    """Return the exact confidence level of :func:`interval`."""
    return 1.0 if k < 0 else 1 - 2 * float(bdtr(k, count, HALF))


def median(low: Array, high: Array) -> float | None:
    """Return the median, of brackets midway between those of their ends; None without numbers, or from −∞ to ∞."""
    if not low.size:
        return None
    ends = np.sort(low), np.sort(high)
    below, above = (_middle(one[(one.size - 1) // 2], one[one.size // 2]) for one in ends)
    found = _middle(below, above)
    return None if math.isnan(found) else found


def _middle(a: float, b: float) -> float:
    """Half-way between; of equal ones exactly that one, of opposite infinities NaN."""
    if a == b or math.isinf(a) != math.isinf(b):
        return float(a if math.isinf(a) or a == b else b)
    return math.nan if math.isinf(a) else float(a + (b - a) / 2)


def share(found: Count, alpha: float) -> tuple[float, float]:
    """Return the interval of the share that reaches the threshold, each end at the one-sided level.

    Its ends lie on one side of ½ exactly when the count decides.

    Source:
        Clopper and Pearson 1934.
    """
    reach, n = found.reach, found.count
    most = n - found.short
    low = float(betaincinv(reach, n - reach + 1, alpha)) if reach else 0.0
    high = float(betaincinv(most + 1, n - most, 1 - alpha)) if most < n else 1.0
    # At levels near the least float the inverse is NaN; then nothing is known of that end.
    return (0.0 if math.isnan(low) else low), (1.0 if math.isnan(high) else high)


def holds_in(reach: Sequence[int], counts: Sequence[int], alpha: float = HOLDS_AT) -> int:
    """Return in how many contexts, at least, the claim holds: the partial conjunction of their sign tests.

    More than so many are claimed with probability at most α.

    Args:
        reach: Numbers that reach the threshold, one a context.
        counts: Numbers counted, one a context.
        alpha: Level in (0, 1).

    Source:
        Dror et al. 2017; Bonferroni's version of Benjamini and Heller 2008.
    """
    p = np.sort([float(bdtr(n - r, n, HALF)) if n else 1.0 for r, n in zip(reach, counts, strict=True)])
    conjunction = (p.size - np.arange(p.size)) * p
    refused = np.flatnonzero(conjunction > alpha)
    return int(refused[0]) if refused.size else int(p.size)


def open_unit(argument: str, value: float) -> float:
    """Return ``value`` if it lies in (0, 1), and refuse it under the name ``argument`` otherwise."""
    if not 0 < value < 1:
        raise InvalidValue(argument, value, "a number in (0, 1)")
    return value
