"""Equality within a margin: an equivalence test, two one-sided inequalities and never a failure to reject."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from study.errors import InvalidValue
from study.verdicts.rule import ContextSample, Judgement, Verdict, judge_mean


def judge_equal(samples: Sequence[ContextSample], *, target: float, margin: float, alpha: float) -> Judgement:
    """Judge "the mean over the contexts is within ``margin`` of ``target``".

    Error rates: an estimand outside the margin is called SUPPORTED with probability at most ``alpha / 2``, one inside
    it REFUTED with probability at most ``alpha``.

    Args:
        samples: One sample per context of the design; contexts weigh equally.
        target: The value claimed, in the estimand's unit.
        margin: Largest distance from the target that counts as equal, > 0.
        alpha: Two-sided level in (0, 1), after the error budget and the looks.

    Returns:
        SUPPORTED when both inequalities are: the whole interval lies within the margin. REFUTED when one of them is:
        the whole interval lies beyond one side. INCONCLUSIVE otherwise. The estimate and interval are the estimand's.

    Raises:
        InvalidValue: A margin that is not > 0, or as for :func:`~study.verdicts.rule.judge_mean`.

    Source:
        Schuirmann 1987 (two one-sided tests).
    """
    if not margin > 0:
        raise InvalidValue("margin", margin, "a number > 0")
    above = judge_mean(samples, threshold=target - margin, alpha=alpha)
    mirrored = [replace(sample, low=-sample.high, high=-sample.low) for sample in samples]
    below = judge_mean(mirrored, threshold=-(target + margin), alpha=alpha)
    sides = (above, below)
    # The side that decides: the one refuted, else one that is not supported, else either.
    order = (Verdict.REFUTED, Verdict.INCONCLUSIVE, Verdict.SUPPORTED)
    decisive = min(sides, key=lambda side: order.index(side.verdict))
    supported = [side.p_supported for side in sides if side.p_supported is not None]
    refuted = [side.p_refuted for side in sides if side.p_refuted is not None]
    return replace(
        above,
        verdict=decisive.verdict,
        reason=decisive.reason,
        p_supported=max(supported, default=None),
        p_refuted=min(1.0, 2 * min(refuted)) if refuted else None,
    )
