"""What the rule is given, and what it hands back: samples and terms in, a judgement and what more is needed out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.verdicts.counting import Count, median
from study.verdicts.kinds import Reason, Verdict
from study.verdicts.looks import BUDGET, row_alpha

SIDES = {1: Verdict.SUPPORTED, -1: Verdict.REFUTED, 0: Verdict.INCONCLUSIVE}
CONTEXT_ALPHA = 1 / 256
"""Level at which a context is judged by itself: at 8 replicas all eight, at 16 all but two, at 32 all but eight."""


@dataclass(frozen=True, eq=False)
class Sample:
    """The estimand in one context, one bracket per replica.

    Attributes:
        context: Canonical text of the context.
        low: Lower ends of the brackets, ``(replica,)``; equal to ``high`` for exact values, may be infinite.
        high: Upper ends of the brackets, ``(replica,)``.
        diverged: Replicas left out because their loss was not finite. A context without replicas, none of them
            diverged, is one about which the claim says nothing.
        size: Number of parameters of its VAE, where a search needs it.
    """

    context: str
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    diverged: int = 0
    size: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be counted; put crossed ends in order."""
        low, high = (np.asarray(end, dtype=np.float64) for end in (self.low, self.high))
        if low.ndim != 1 or low.shape != high.shape:
            raise InvalidValue("low, high", (low.shape, high.shape), "two arrays (replica,) of one shape")
        if np.isnan(low).any() or np.isnan(high).any():
            raise InvalidValue("low, high", (low, high), f"numbers in context {self.context!r}")
        # Two Monte-Carlo estimates of a tight bracket's ends may cross; the wider reading errs to neither side.
        object.__setattr__(self, "low", np.minimum(low, high))
        object.__setattr__(self, "high", np.maximum(low, high))

    @property
    def replicas(self) -> int:
        """Number of replicas counted."""
        return self.low.size

    @property
    def applicable(self) -> bool:
        """Whether the claim says anything about this context."""
        return self.replicas > 0 or self.diverged > 0

    @property
    def median(self) -> float | None:
        """Median of the replicas; None without any."""
        return median(self.low, self.high)

    def count(self, threshold: float, alpha: float) -> Count:
        """Count the replicas of this context against a threshold, at a one-sided level."""
        return Count.of(self.low, self.high, threshold, alpha)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """What was fixed before the data.

    Attributes:
        threshold: Threshold in the estimand's unit.
        zero: Value of no effect; None for a margin, whose refusal gets no closer word.
        alpha: One-sided level of the whole claim.
        declared: Counted rows of the claim, which share it.
        looks: Replicas at each look, which share it as well.
    """

    threshold: float
    zero: float | None = 0.0
    alpha: float = BUDGET
    declared: int = 1
    looks: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a threshold that is no number."""
        if not math.isfinite(self.threshold):
            raise InvalidValue("threshold", self.threshold, "a finite number")

    @property
    def level(self) -> float:
        """One-sided level of the row at each look."""
        return row_alpha(self.alpha, self.declared, self.looks)

    def later(self, replicas: int) -> int | None:
        """Return the replicas of the next look; None after the last."""
        return next((look for look in self.looks if look > replicas), None)


@dataclass(frozen=True, kw_only=True)
class InContext:
    """What one context says by itself.

    Attributes:
        context: Canonical text of the context.
        replicas: Replicas counted.
        reach: How many of them reach the threshold.
        short: How many fall short of it.
        median: Their median; None without any.
        verdict: SUPPORTED, REFUTED or INCONCLUSIVE, of this context alone; "" where the claim says nothing about it.
        applicable: Whether the claim says anything about it.
    """

    context: str
    replicas: int
    reach: int
    short: int
    median: float | None
    verdict: str
    applicable: bool

    @classmethod
    def of(cls, sample: Sample, threshold: float, alpha: float) -> InContext:
        """Judge one context by itself, at a one-sided level."""
        found = sample.count(threshold, alpha)
        return cls(
            context=sample.context,
            replicas=found.count,
            reach=found.reach,
            short=found.short,
            median=sample.median,
            verdict=SIDES[found.side].value if sample.applicable else "",
            applicable=sample.applicable,
        )


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict, and all that it rests on.

    Attributes:
        verdict: What the evidence says.
        reason: Why it is INCONCLUSIVE, or more closely what it says.
        reach: How many of those counted reach the threshold.
        short: How many fall short of it.
        count: How many are counted: VAEs; for a claim of every VAE, and a search, contexts; cases of an identity.
        allowed: How many of them may be otherwise; −1 where there are too few to decide.
        share_low: Lower end of the interval of the share of VAEs that reach the threshold; None where it is not asked.
        share_high: Its upper end.
        holds_in: In how many contexts, at least, it holds at 5 %.
        median: Median of the VAEs, or what :mod:`~study.verdicts.every` and the others show in its place.
        low: Lower end of its interval.
        high: Its upper end.
        level: Exact confidence level of this interval.
        contexts: What each context says by itself.
        diverged: Replicas left out because their loss was not finite.
        note: Anything else a reader needs.
    """

    verdict: Verdict
    reason: Reason = Reason.NONE
    reach: int = 0
    short: int = 0
    count: int = 0
    allowed: int = -1
    share_low: float | None = None
    share_high: float | None = None
    holds_in: int = 0
    median: float | None = None
    low: float | None = None
    high: float | None = None
    level: float = 1.0
    contexts: tuple[InContext, ...] = ()
    diverged: int = 0
    note: str = ""


@dataclass(frozen=True)
class More:
    """What a row needs before it is decided.

    Attributes:
        replicas: Replicas at the next look.
        contexts: The contexts that are looked at again; none for all.
        fresh_for: Contexts that must be seen on fresh seeds, to confirm a counterexample; none for an ordinary look.
    """

    replicas: int
    contexts: frozenset[str] = frozenset()
    fresh_for: frozenset[str] = frozenset()


def checked(samples: Sequence[Sample]) -> list[Sample]:
    """Return the applicable samples.

    Raises:
        InvalidValue: No sample, or a context given twice.
    """
    names = [one.context for one in samples]
    if not names or len(set(names)) < len(names):
        raise InvalidValue("samples", names, "at least one context, each given once")
    return [one for one in samples if one.applicable]


def left_out(samples: Sequence[Sample]) -> str:
    """Say of how many contexts the claim says nothing, and how many replicas diverged; nothing where none."""
    skipped, diverged = sum(not one.applicable for one in samples), sum(one.diverged for one in samples)
    return joined(
        f"not applicable in {skipped} of {len(samples)} contexts" if skipped else "",
        f"{diverged} {'replica' if diverged == 1 else 'replicas'} diverged" if diverged else "",
    )


def joined(*notes: str) -> str:
    """Join the notes that say something."""
    return "; ".join(filter(None, notes))
