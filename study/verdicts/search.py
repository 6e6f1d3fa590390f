"""Searches for a counterexample: a candidate is decided against twice, the second time on fresh seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from study.verdicts.every import confirmed, decided_against, showing
from study.verdicts.judgement import CONTEXT_ALPHA, InContext, Judgement, More, Rule, Sample, joined, left_out
from study.verdicts.kinds import Reason, Verdict

__all__ = ["decided_against", "judge_search"]


def judge_search(
    samples: Sequence[Sample], rule: Rule, replicas: int, fresh: Mapping[str, Sample] | None = None
) -> tuple[Judgement, More | None]:
    """Judge "every VAE reaches the threshold" by what a search found.

    Args:
        samples: One sample per VAE examined, smallest first.
        rule: What was fixed before the data; only its threshold is asked.
        replicas: Replicas of the present look.
        fresh: Samples on fresh seeds, by context, of the candidates that were put to them.

    Returns:
        REFUTED by the smallest VAE confirmed, which it shows on its fresh seeds; otherwise INCONCLUSIVE, since a search
        that finds nothing proves nothing. And the candidates that must be seen on fresh seeds.
    """
    fresh = fresh or {}
    contexts = tuple(InContext.of(one, rule.threshold, CONTEXT_ALPHA) for one in samples)
    candidates = [one for one in samples if decided_against(one, rule.threshold)]
    found = confirmed(candidates, fresh, rule.threshold)
    applicable = [one for one in samples if one.applicable]
    examined = f"{len(samples)} VAEs examined"
    counted = Judgement(
        verdict=Verdict.INCONCLUSIVE,
        reason=Reason.NO_COUNTEREXAMPLE,
        reach=sum(one.verdict == Verdict.SUPPORTED for one in contexts),
        short=len(found),
        count=len(applicable),
        allowed=0,
        contexts=contexts,
        diverged=sum(one.diverged for one in (*samples, *fresh.values())),
        note=joined(f"none of {examined} fails", left_out(samples)),
    )
    if not candidates:
        return counted, None
    counted = replace(counted, reason=Reason.NOT_CONFIRMED, note="")
    if unseen := frozenset(one.context for one in candidates if one.context not in fresh):
        return counted, More(replicas, fresh_for=unseen)
    smallest = (found or candidates)[0]
    note = f"smallest found of {examined}: {smallest.context} ({smallest.size} parameters)"
    note += f"; on fresh seeds {len(found)} of {len(candidates)} candidates confirmed"
    counted = replace(showing(counted, fresh[smallest.context]), note=joined(note, left_out(samples)))
    return (replace(counted, verdict=Verdict.REFUTED, reason=Reason.COUNTEREXAMPLE) if found else counted), None
