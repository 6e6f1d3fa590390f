"""Anybody's numbers, judged by the rule of the study: one number a seed, in one context or several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from study.errors import InvalidValue, printable
from study.types import is_finite
from study.verdicts.judgement import Judgement, Rule, Sample
from study.verdicts.looks import BUDGET
from study.verdicts.word import judge_most


@dataclass(frozen=True, kw_only=True)
class Counted(Judgement):
    """A judgement of anybody's numbers; printed, it says all that a reader needs.

    Attributes:
        threshold: What was asked: do most seeds reach it?
    """

    threshold: float

    @property
    def word(self) -> str:
        """The verdict, with its reason if it has one."""
        return self.verdict.value + (f" ({self.reason.value})" if self.reason else "")

    @property
    def interval(self) -> tuple[float, float]:
        """Exact interval of the median, infinite where there are too few numbers to bound it."""
        return _known(self.low), _known(self.high)

    @property
    def share(self) -> tuple[float, float]:
        """Interval of the share of seeds that reach the threshold."""
        return _known(self.share_low), _known(self.share_high)

    def __str__(self) -> str:
        """Return the word, the count, the median and each context."""
        may = f"at most {self.allowed} may be otherwise" if self.allowed >= 0 else "too few to decide"
        low, high = self.share
        lines = [
            f"{self.word}: {self.reach} of {self.count} reach {self.threshold:g}, {self.short} fall short ({may})",
            f"median {_known(self.median):.4g}, interval [{self.interval[0]:.4g}, {self.interval[1]:.4g}] at "
            f"{100 * self.level:.4g} %",
            f"share that reaches it: {100 * low:.0f} % to {100 * high:.0f} %",
        ]
        if len(self.contexts) > 1:
            lines.append(f"holds in {self.holds_in} of {len(self.contexts)} contexts, at 5 %")
            lines += [f"  {one.context}: {one.reach} of {one.replicas}, {one.verdict}" for one in self.contexts]
        return printable("\n".join(lines))


def judge(
    values: ArrayLike | Mapping[str, ArrayLike],
    threshold: float,
    *,
    zero: float | None = None,
    alpha: float = BUDGET,
) -> Counted:
    """Judge "most seeds reach the threshold" by counting, as the study judges its own claims.

    Args:
        values: One number a seed, ``(replica,)``; or several contexts, as ``(context, replica)``, a list of arrays or
            by name. Contexts weigh equally, so that each must have as many seeds as the others.
        threshold: Fixed before the numbers were seen.
        zero: Value of no effect, for a closer word where the claim is refuted; None for none.
        alpha: One-sided level. Share it: divide it by the number of rows, and of looks at the data.

    Returns:
        Word, count, interval and share; it prints. Too few numbers are INCONCLUSIVE, and say so.

    Raises:
        InvalidValue: No number, one that is NaN, contexts of different sizes, or a threshold that is no number.
    """
    for name, number in (("threshold", threshold), ("zero", zero), ("alpha", alpha)):
        if not (is_finite(number) or (name == "zero" and number is None)):
            raise InvalidValue(name, number, "a finite number" + ", or None" * (name == "zero"))
    samples = [Sample(name, array, array) for name, array in _contexts(values).items()]
    sizes = sorted({one.replicas for one in samples})
    if len(sizes) > 1:
        raise InvalidValue("values", sizes, "as many numbers in each context as in the others")
    rule = Rule(threshold=float(threshold), zero=zero, alpha=alpha, looks=(sizes[0],))
    judged, _ = judge_most(samples, rule, sizes[0])
    return Counted(threshold=rule.threshold, **vars(judged))


def _contexts(values: ArrayLike | Mapping[str, ArrayLike]) -> dict[str, np.ndarray]:
    if isinstance(values, Mapping):
        named = {str(name): array for name, array in values.items()}
        if len(named) < len(values):
            raise InvalidValue("values", list(values), "contexts whose names differ as texts")
    elif isinstance(values, Sequence) and not isinstance(values, str) and any(map(_is_list, values)):
        named = {f"context {index}": one for index, one in enumerate(values)}
    else:
        whole = _numbers("values", values)
        named = {"values": whole} if whole.ndim < 2 else {f"context {i}": one for i, one in enumerate(whole)}
    if not named:
        raise InvalidValue("values", values, "at least one number")
    arrays = {name: _numbers(name, array) for name, array in named.items()}
    for name, array in arrays.items():
        if array.ndim != 1 or not array.size:
            raise InvalidValue(name or "''", array.shape, "an array (replica,) of at least one number")
        if (gone := np.flatnonzero(np.isnan(array))).size:
            raise InvalidValue(name or "''", f"NaN at {gone.tolist()}", "numbers; leave out failed seeds, and say so")
    return arrays


def _numbers(name: str, values: object) -> np.ndarray:
    try:
        array = np.asarray(values)
        if array.dtype.kind in "cSU":  # whose imaginary parts would be dropped, or whose digits be read
            raise TypeError(array.dtype)
        return array.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise InvalidValue(name or "''", values, "numbers, one a seed") from error


def _is_list(value: object) -> bool:
    try:
        return np.ndim(value) > 0  # type: ignore[arg-type]
    except ValueError:  # lists of different lengths
        return True


def _known(value: float | None) -> float:
    return float("nan") if value is None else value
