"""The word of a row about most VAEs: all contexts together, unless they contradict each other.

Error rates, per row and look: SUPPORTED though at most half of the seeds reach the threshold, or REFUTED though at
least half do, with probability at most the row's level; MIXED though no context contradicts another, (C − 1)/256.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from study.verdicts.counting import Array, Count, allowed, coverage, holds_in, interval, median, share, side
from study.verdicts.judgement import (
    CONTEXT_ALPHA,
    SIDES,
    InContext,
    Judgement,
    More,
    Rule,
    Sample,
    checked,
    joined,
    left_out,
)  # fmt: skip
from study.verdicts.kinds import Reason, Verdict

CONTRADICTION = 2
"""Beside the sides 1, −1 and 0: contexts contradict each other."""


def context_alpha(contexts: int) -> float:
    """Return the level at which each context is judged by itself, to see whether contexts contradict each other."""
    return min(CONTEXT_ALPHA, CONTEXT_ALPHA * 2 / max(1, contexts - 1))


def sides(reach: ArrayLike, short: ArrayLike, counts: Sequence[int], level: float) -> NDArray[np.int64]:
    """Decide studies by their counts: 1 for, −1 against, 0 undecided, 2 where contexts contradict each other.

    Args:
        reach: Replicas that reach the threshold, ``(..., context)``.
        short: Replicas that fall short of it, ``(..., context)``.
        counts: Replicas counted in each context.
        level: One-sided level of the row at this look.
    """
    reach, short = np.asarray(reach), np.asarray(short)
    own_k = [allowed(n, context_alpha(len(counts))) for n in counts]
    own = side(reach, short, counts, own_k)
    count = _padded(counts)
    together = side(reach.sum(-1), short.sum(-1), count, allowed(count, level))
    return np.where((own > 0).any(-1) & (own < 0).any(-1), CONTRADICTION, together)


def judge_most(
    samples: Sequence[Sample], rule: Rule, replicas: int, fresh: Mapping[str, Sample] | None = None
) -> tuple[Judgement, More | None]:
    """Judge "most VAEs reach the threshold": the contexts weighted equally, each with seeds drawn afresh.

    Args:
        samples: One sample per context of the design.
        rule: What was fixed before the data.
        replicas: Replicas of the present look.
        fresh: Not asked for.

    Returns:
        The judgement, and the next look where it may decide.

    Raises:
        InvalidValue: No sample, or a context given twice.
    """
    del fresh
    judged = checked(samples)
    own = context_alpha(len(judged))
    common = Judgement(
        verdict=Verdict.INCONCLUSIVE,
        contexts=tuple(InContext.of(one, rule.threshold, own) for one in samples),
        diverged=sum(one.diverged for one in samples),
        note=left_out(samples),
    )
    if not any(one.replicas for one in judged):
        return replace(common, reason=Reason.DIVERGED if judged else Reason.NOT_APPLICABLE), None
    low, high, missing = _pooled(judged)
    found = Count.of(low, high, rule.threshold, rule.level)
    middle = median(*(np.concatenate([getattr(one, end) for one in judged]) for end in ("low", "high")))
    bottom, top = interval(low, high, found.allowed)
    share_low, share_high = share(found, rule.level)
    counts = [one.replicas for one in judged]
    counted = replace(
        common,
        **vars(found),
        share_low=share_low,
        share_high=share_high,
        holds_in=holds_in([one.reach for one in common.contexts if one.applicable], counts),
        median=middle,
        low=bottom,
        high=top,
        level=coverage(found.count, found.allowed),
    )
    if 2 * len(judged) < len(samples):
        return replace(counted, reason=Reason.NOT_APPLICABLE), None
    by_context = [one for one in common.contexts if one.applicable]
    decided = int(sides([c.reach for c in by_context], [c.short for c in by_context], counts, rule.level))
    if decided == CONTRADICTION:
        return replace(counted, verdict=Verdict.MIXED, note=joined(_contradiction(by_context), common.note)), None
    if decided:
        reason = Reason.NONE if decided > 0 else _closer(low, high, rule)
        return replace(counted, verdict=SIDES[decided], reason=reason), None
    last = len(judged) * max(rule.looks)
    lost = replace(found, reach=found.reach + found.between - missing)  # as if brackets held no threshold
    if common.diverged and lost.bound(last, rule.level):
        return replace(counted, reason=Reason.DIVERGED), None
    if found.between > missing and found.bound(last, rule.level):
        return replace(counted, reason=Reason.FLOOR_BOUND), None
    later = rule.later(replicas)
    return replace(counted, reason=Reason.TOO_FEW_REPLICAS), None if later is None else More(later)


def _padded(counts: Sequence[int]) -> int:
    """How many are counted: as many in each context as in the fullest.

    Contexts weigh equally only with equal numbers of replicas. What one lacks, as a rule because it diverged, is
    counted for neither side, as if its bracket went from −∞ to ∞: that can only keep a word from being said.
    """
    return len(counts) * max(counts)


def _pooled(samples: Sequence[Sample]) -> tuple[Array, Array, int]:
    """Return the ends of all brackets, ``(context · replica,)``, with those that contexts lack; and how many."""
    missing = _padded([one.replicas for one in samples]) - sum(one.replicas for one in samples)
    low = np.concatenate([*(one.low for one in samples), np.full(missing, -np.inf)])
    high = np.concatenate([*(one.high for one in samples), np.full(missing, np.inf)])
    return low, high, missing


def _closer(low: Array, high: Array, rule: Rule) -> Reason:
    """Say how a refuted claim fails: by the same count, against the value of no effect."""
    if rule.zero is None:
        return Reason.NONE
    k, size = allowed(low.size, rule.level), abs(rule.threshold - rule.zero)
    if low.size - ((low > rule.zero - size) & (high < rule.zero + size)).sum() <= k:
        return Reason.NEGLIGIBLE
    return Reason.OPPOSITE if low.size - (high < rule.zero).sum() <= k else Reason.SHORT_OF_IT


def _contradiction(contexts: Sequence[InContext]) -> str:
    holds, fails = (
        [one.context for one in contexts if one.verdict == word] for word in (Verdict.SUPPORTED, Verdict.REFUTED)
    )
    return f"holds in {'; '.join(holds)}, fails in {'; '.join(fails)}"
