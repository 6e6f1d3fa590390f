"""Claims of every VAE: each listed context by itself, and counterexamples that fresh seeds must confirm.

A row counts contexts. Each is judged at 1/256 a look; the claim is SUPPORTED when every one is decided for, which needs
no correction for their number, and REFUTED when one is decided against twice, the second time on fresh seeds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from study.verdicts.counting import coverage, holds_in, interval
from study.verdicts.judgement import (
    CONTEXT_ALPHA,
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


def judge_every(
    samples: Sequence[Sample], rule: Rule, replicas: int, fresh: Mapping[str, Sample] | None = None
) -> tuple[Judgement, More | None]:
    """Judge "every VAE reaches the threshold", of the listed contexts.

    Args:
        samples: One sample per context of the design.
        rule: What was fixed before the data; neither declared rows nor looks share a level here.
        replicas: Replicas of the present look.
        fresh: Samples on fresh seeds, by context, of the candidates that were put to them.

    Returns:
        The judgement, which shows the lowest context, or the confirmed counterexample on fresh seeds, which selection
        has not biased; and what is needed to decide: candidates on fresh seeds, or a further look at some contexts.

    Raises:
        InvalidValue: As for :func:`study.verdicts.word.judge_most`.
    """
    judged, fresh = checked(samples), fresh or {}
    contexts = {one.context: InContext.of(one, rule.threshold, CONTEXT_ALPHA) for one in samples}
    holding = [one for one in judged if contexts[one.context].verdict == Verdict.SUPPORTED]
    against = [one for one in judged if contexts[one.context].verdict == Verdict.REFUTED]
    found = confirmed(against, fresh, rule.threshold)
    shown = fresh[found[0].context] if found else min(judged, key=_lower_end, default=None)
    counted = showing(
        Judgement(
            verdict=Verdict.INCONCLUSIVE,
            reach=len(holding),
            short=len(found),
            count=len(judged),
            allowed=0,
            holds_in=holds_in([contexts[s.context].reach for s in judged], [s.replicas for s in judged]),
            contexts=tuple(contexts.values()),
            diverged=sum(one.diverged for one in (*samples, *fresh.values())),
            note=left_out(samples),
        ),
        shown,
    )
    if found:
        note = f"fails on fresh seeds, too: {'; '.join(one.context for one in found)}"
        note = joined(note, counted.note)
        return replace(counted, verdict=Verdict.REFUTED, reason=Reason.COUNTEREXAMPLE, note=note), None
    if unseen := frozenset(one.context for one in against if one.context not in fresh):
        return replace(counted, reason=Reason.NOT_CONFIRMED), More(replicas, fresh_for=unseen)
    if 2 * len(judged) < len(samples) or not judged:
        return replace(counted, reason=Reason.NOT_APPLICABLE), None
    if len(holding) == len(judged):
        note = joined(f"in all {len(judged)} listed", counted.note)
        return replace(counted, verdict=Verdict.SUPPORTED, note=note), None
    return _undecided(counted, [one for one in judged if one not in holding], against, rule, replicas)


def confirmed(against: Sequence[Sample], fresh: Mapping[str, Sample], threshold: float) -> list[Sample]:
    """Return the candidates that their fresh seeds decide against again."""
    again = ((one, fresh[one.context]) for one in against if one.context in fresh)
    return [one for one, sample in again if decided_against(sample, threshold)]


def decided_against(sample: Sample, threshold: float) -> bool:
    """Whether a context, by itself, is decided against."""
    return sample.count(threshold, CONTEXT_ALPHA).side < 0


def _undecided(
    counted: Judgement, open_: Sequence[Sample], against: Sequence[Sample], rule: Rule, replicas: int
) -> tuple[Judgement, More | None]:
    """Say why some contexts are undecided, and which of them a further look may decide."""
    last = max(rule.looks)
    helped = frozenset(
        one.context
        for one in open_
        if one.replicas and not one.count(rule.threshold, CONTEXT_ALPHA).bound(last, CONTEXT_ALPHA)
    )
    note = f"undecided: {'; '.join(one.context for one in open_)}"
    if against:
        note = f"below, not so on fresh seeds: {'; '.join(one.context for one in against)}"
    counted = replace(counted, note=joined(note, counted.note))
    if helped:
        reason = Reason.NOT_CONFIRMED if against else Reason.TOO_FEW_REPLICAS
        later = rule.later(replicas)
        return replace(counted, reason=reason), None if later is None else More(later, helped)
    reason = Reason.FLOOR_BOUND if any(one.replicas for one in open_) else Reason.DIVERGED
    return replace(counted, reason=reason), None


def _lower_end(sample: Sample) -> float:
    return interval(sample.low, sample.high, sample.count(0.0, CONTEXT_ALPHA).allowed)[0]


def showing(judgement: Judgement, sample: Sample | None) -> Judgement:
    """Show the median of one context, with its interval."""
    if sample is None:
        return judgement
    k = sample.count(0.0, CONTEXT_ALPHA).allowed
    low, high = interval(sample.low, sample.high, k)
    return replace(judgement, median=sample.median, low=low, high=high, level=coverage(sample.replicas, k))
