"""The verdict rule: an interval against a threshold that was fixed before the data.

Error rates, for every rule below, with ``alpha`` the two-sided level: a claim whose estimand lies below the threshold
is called SUPPORTED with probability at most ``alpha / 2``; one at or above it is called REFUTED with probability at
most ``alpha / 2`` (:func:`judge_mean`) or ``confirmation`` (:func:`judge_universal`). The tests calibrate both by
simulation, with the power.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.verdicts.intervals import Moments, clopper_pearson, mean, open_unit


class Verdict(StrEnum):
    """What the evidence says of a claim."""

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    INCONCLUSIVE = "INCONCLUSIVE"


class Reason(StrEnum):
    """Why a verdict is INCONCLUSIVE, or what decided it."""

    NONE = ""
    TOO_FEW_REPLICAS = "too few replicas"
    FLOOR_BOUND = "floor-bound"
    NOT_CONVERGED = "not converged"
    NOT_APPLICABLE = "not applicable"
    COUNTEREXAMPLE = "counterexample confirmed"
    NO_COUNTEREXAMPLE = "no counterexample found"


@dataclass(frozen=True, eq=False)
class ContextSample:
    """The estimand in one context, one bracket per replica.

    Attributes:
        context: Canonical text of the context.
        low: Lower ends of the brackets, ``(replica,)``; equal to ``high`` for exact values.
        high: Upper ends of the brackets, ``(replica,)``.
        unconverged: Replicas left out because they had not converged. A context without replicas, none of them
            unconverged, is one where no replica meets the claim's precondition: not applicable, and not judged.
    """

    context: str
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    unconverged: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be judged; put crossed ends in order."""
        low, high = (np.asarray(end, dtype=np.float64) for end in (self.low, self.high))
        if low.ndim != 1 or low.shape != high.shape:
            raise InvalidValue("low, high", (low.shape, high.shape), "two arrays (replica,) of one shape")
        if not (np.isfinite(low).all() and np.isfinite(high).all()):
            raise InvalidValue("low, high", (low, high), f"finite values in context {self.context!r}")
        # Two Monte-Carlo estimates of a tight bracket's ends may cross; the wider reading errs to neither side.
        object.__setattr__(self, "low", np.minimum(low, high))
        object.__setattr__(self, "high", np.maximum(low, high))

    @property
    def replicas(self) -> int:
        """Number of replicas judged."""
        return self.low.size

    @property
    def middle(self) -> NDArray[np.float64]:
        """Midpoints of the brackets, ``(replica,)``."""
        return (self.low + self.high) / 2

    @property
    def applicable(self) -> bool:
        """Whether the claim says anything about this context."""
        return self.replicas > 0 or self.unconverged > 0

    @property
    def estimate(self) -> float | None:
        """Mean of the brackets' midpoints; None without replicas."""
        return mean(self.middle) if self.replicas else None


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict, and all that it rests on.

    Attributes:
        verdict: What the evidence says.
        reason: Why it is INCONCLUSIVE, or what decided.
        estimate: Mean of the brackets' midpoints; None where nothing could be estimated.
        low: Lower end of the interval of the brackets' lower ends.
        high: Upper end of the interval of the brackets' upper ends.
        level: Two-sided confidence level of ``low`` and ``high``.
        p_supported: One-sided p-value against "estimand < threshold".
        p_refuted: One-sided p-value against "estimand ≥ threshold".
        contexts: Contexts judged.
        replicas: Replicas of the smallest of them.
        spread: Estimate of each context judged.
        unconverged: Replicas left out because they had not converged.
        note: Anything else a reader needs.
    """

    verdict: Verdict
    reason: Reason
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    level: float
    p_supported: float | None = None
    p_refuted: float | None = None
    contexts: int
    replicas: int
    spread: Mapping[str, float | None] = field(default_factory=dict)
    unconverged: int
    note: str = ""


@dataclass(frozen=True)
class _Bracketed:
    """Welch's interval of a bracketed mean, and the p-values of its two ends."""

    estimate: float
    low: float
    high: float
    p_supported: float
    p_refuted: float
    straddles: bool
    """The bracket itself contains the threshold: no number of replicas can decide."""

    @classmethod
    def of(cls, samples: Sequence[ContextSample], threshold: float, level: float) -> _Bracketed:
        low, middle, high = (
            Moments.of(ends) for ends in zip(*((s.low, s.middle, s.high) for s in samples), strict=True)
        )
        return cls(
            estimate=middle.estimate,
            low=low.interval(level).low,
            high=high.interval(level).high,
            p_supported=low.p_values(threshold)[0],
            p_refuted=high.p_values(threshold)[1],
            straddles=low.estimate < threshold <= high.estimate,
        )

    def shown(self) -> dict[str, Any]:
        """The fields that a judgement shows."""
        return {name: getattr(self, name) for name in ("estimate", "low", "high", "p_supported", "p_refuted")}


def judge_mean(samples: Sequence[ContextSample], *, threshold: float, alpha: float) -> Judgement:
    """Judge "the mean over the contexts is ≥ threshold", inference being over seeds.

    Args:
        samples: One sample per context of the design; contexts weigh equally.
        threshold: Threshold in the estimand's unit.
        alpha: Two-sided level in (0, 1), after the error budget and the looks.

    Returns:
        SUPPORTED when the interval's lower end, of the brackets' lower ends, reaches the threshold; REFUTED when its
        upper end, of the brackets' upper ends, stays below it; otherwise INCONCLUSIVE.

    Raises:
        InvalidValue: No sample, a context given twice, a threshold that is not finite, or alpha outside (0, 1).
    """
    judged, common = _prepare(samples, threshold, alpha)
    if (reason := _unjudgeable(judged)) is not None:
        return Judgement(verdict=Verdict.INCONCLUSIVE, reason=reason, **common)
    interval = _Bracketed.of(judged, threshold, 1 - alpha)
    verdict, reason = Verdict.INCONCLUSIVE, Reason.TOO_FEW_REPLICAS
    if interval.low >= threshold:
        verdict, reason = Verdict.SUPPORTED, Reason.NONE
    elif interval.high < threshold:
        verdict, reason = Verdict.REFUTED, Reason.NONE
    elif interval.straddles:
        reason = Reason.FLOOR_BOUND
    return Judgement(verdict=verdict, reason=reason, **common, **interval.shown())


def candidates(samples: Sequence[ContextSample], threshold: float, alpha: float) -> list[str]:
    """Contexts whose own interval lies below the threshold: counterexamples, once fresh seeds confirm them.

    Args:
        samples: One sample per context.
        threshold: Threshold in the estimand's unit.
        alpha: Two-sided level of each context's interval, in (0, 1).

    Returns:
        The contexts' names, in the order given.

    Raises:
        InvalidValue: As for :func:`judge_mean`.
    """
    judged, _ = _prepare(samples, threshold, alpha)
    return [s.context for s in judged if s.replicas >= 2 and Moments.of([s.high]).interval(1 - alpha).high < threshold]


def judge_universal(
    samples: Sequence[ContextSample],
    *,
    threshold: float,
    alpha: float,
    fresh: Mapping[str, ContextSample] | None = None,
    confirmation: float = 0.05,
) -> Judgement:
    """Judge "the estimand is ≥ threshold in every context".

    Args:
        samples: One sample per context of the design.
        threshold: Threshold in the estimand's unit.
        alpha: Two-sided level of each context's interval, in (0, 1). An intersection-union test needs no correction
            for the number of contexts.
        fresh: Samples on fresh seeds of the contexts that :func:`candidates` named.
        confirmation: Error rate of the confirmation, shared out among the candidates submitted to it.

    Returns:
        SUPPORTED when the lower end reaches the threshold in every context; REFUTED when a candidate's fresh sample
        stays below it; otherwise INCONCLUSIVE. The estimate and interval shown are those of the context with the
        lowest lower end, or of the confirmed counterexample's fresh sample, which selection has not biased.

    Raises:
        InvalidValue: As for :func:`judge_mean`.
    """
    judged, common = _prepare(samples, threshold, alpha)
    intervals = {s.context: _Bracketed.of([s], threshold, 1 - alpha) for s in judged if s.replicas >= 2}
    below = [context for context, interval in intervals.items() if interval.high < threshold]
    submitted = list(dict.fromkeys([*below, *(fresh or {})]))
    share = open_unit("confirmation", confirmation) / max(1, len(submitted))
    confirmed = {
        context: _Bracketed.of([fresh[context]], threshold, 1 - 2 * share)
        for context in below
        if fresh and context in fresh and fresh[context].replicas >= 2
    }
    found = [context for context, interval in confirmed.items() if interval.high < threshold]
    # An intersection-union test needs every context: without one, there is no p-value.
    complete = judged and len(intervals) == len(judged)
    p_supported = max(i.p_supported for i in intervals.values()) if complete else None
    if found:
        shown = min(found, key=lambda context: confirmed[context].p_refuted)
        counter = confirmed[shown]
        note = f"counterexample on fresh seeds: {shown}; {len(found)} of {len(submitted)} candidates confirmed"
        p_refuted = min(1.0, counter.p_refuted * len(submitted))
        fields = common | counter.shown() | {"p_supported": p_supported, "p_refuted": p_refuted}
        fields |= {"level": 1 - 2 * share, "note": _join(note, common["note"])}
        return Judgement(verdict=Verdict.REFUTED, reason=Reason.COUNTEREXAMPLE, **fields)
    if intervals:
        worst = min(intervals.values(), key=lambda interval: interval.low)
        p_refuted = min(1.0, min(i.p_refuted for i in intervals.values()) * len(intervals))
        common |= worst.shown() | {"p_supported": p_supported, "p_refuted": p_refuted}
    if below:
        word = "not confirmed" if fresh else "not yet put to fresh seeds"
        common["note"] = _join(f"{len(below)} of {len(judged)} contexts lie below, {word}", common["note"])
    if (reason := _unjudgeable(judged)) is not None:
        return Judgement(verdict=Verdict.INCONCLUSIVE, reason=reason, **common)
    undecided = [interval for interval in intervals.values() if interval.low < threshold]
    if undecided:
        floor = all(interval.straddles for interval in undecided)
        reason = Reason.FLOOR_BOUND if floor else Reason.TOO_FEW_REPLICAS
        return Judgement(verdict=Verdict.INCONCLUSIVE, reason=reason, **common)
    bound = clopper_pearson(0, len(judged), 0.9)[1]
    note = f"holds in {len(judged)} of {len(judged)} contexts: at most {bound:.0%} of such VAEs may still fail (95 %)"
    return Judgement(verdict=Verdict.SUPPORTED, reason=Reason.NONE, **common | {"note": _join(note, common["note"])})


def _prepare(
    samples: Sequence[ContextSample], threshold: float, alpha: float
) -> tuple[list[ContextSample], dict[str, Any]]:
    """Validate; return the applicable samples and the fields that every judgement of them shares."""
    names = [s.context for s in samples]
    if not names or len(set(names)) < len(names):
        raise InvalidValue("samples", names, "at least one context, each given once")
    if not np.isfinite(threshold):
        raise InvalidValue("threshold", threshold, "a finite number")
    judged = [s for s in samples if s.applicable]
    skipped = len(samples) - len(judged)
    return judged, {
        "level": 1 - open_unit("alpha", alpha),
        "contexts": len(judged),
        "replicas": min((s.replicas for s in judged), default=0),
        "spread": {s.context: s.estimate for s in judged},
        "unconverged": sum(s.unconverged for s in judged),
        "note": f"not applicable in {skipped} of {len(samples)} contexts" if skipped else "",
    }


def _unjudgeable(judged: Sequence[ContextSample]) -> Reason | None:
    """Why no interval can be had over all the contexts; None when one can."""
    if not judged:
        return Reason.NOT_APPLICABLE
    short = [s for s in judged if s.replicas < 2]
    if any(s.unconverged for s in short):
        return Reason.NOT_CONVERGED
    return Reason.TOO_FEW_REPLICAS if short else None


def _join(*notes: str) -> str:
    return "; ".join(filter(None, notes))
