"""From observations to a verdict row, by the rule of :mod:`study.verdicts.rule`.

The budget of a claim is shared among its declared rows at Holm's first step, α / m: rows are judged
as they finish, and this is the only step that does not depend on which other rows were run. The
confirmation of counterexamples, on seeds of its own, has a budget of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from study.errors import EvidenceError
from study.evidence.records import Observation, VerdictRow
from study.runtime.backends import precision
from study.seeds import seed_root
from study.verdicts import budget, looks
from study.verdicts.rule import ContextSample, Judgement, Reason, Verdict, candidates, judge_mean, judge_universal


class Case(Protocol):
    """What judging needs to know of a parametrisation; :class:`study.lab.Case` is one."""

    claim: Any
    parameters: dict[str, str]
    replicas: int
    observations: dict[tuple[object, ...], Observation]
    contexts: Mapping[str, Any]
    fresh_for: frozenset[str]
    fresh: dict[tuple[object, ...], Observation]
    decoder_failures: Mapping[str, float]
    beside: Mapping[str, Mapping[str, float | None]]
    examined: Mapping[str, Any]
    tally: Any


@dataclass(frozen=True, kw_only=True)
class Setting:
    """Where a row was judged.

    Attributes:
        scale: ``quick``, ``standard`` or ``full``.
        data: Data set.
        backend: Keras backend.
        looks: Replicas at each look.
        alpha: Two-sided level of each look, before it is shared among the claim's rows.
        seed_root: Seed root of the trials.
        precision: Precision of their matrix products.
    """

    scale: str
    data: str
    backend: str
    looks: tuple[int, ...]
    alpha: float
    seed_root: str
    precision: str = "float32"

    @classmethod
    def of(cls, scale: str, data: str, backend: str, replicas: int | None = None, root: str | None = None) -> Setting:
        """Use the scale's looks, or one look at ``replicas``; and the seed root of this process, or ``root``."""
        return cls(
            scale=scale,
            data=data,
            backend=backend,
            looks=(replicas,) if replicas is not None else looks.LOOKS[scale],
            alpha=budget.BUDGET if replicas is not None else looks.look_alpha(scale),
            seed_root=root or seed_root(),
            precision=precision(),
        )


@dataclass(frozen=True)
class More:
    """What a row needs before it is decided.

    Attributes:
        replicas: Replicas in each context at the next look.
        fresh_for: Contexts that must be seen on fresh seeds, to confirm a counterexample.
    """

    replicas: int
    fresh_for: frozenset[str] = frozenset()


def samples(observations: Iterable[Observation], contexts: Sequence[str]) -> list[ContextSample]:
    """Group observations by context; NaN is a replica that had not converged."""
    low: dict[str, list[float]] = {context: [] for context in contexts}
    high: dict[str, list[float]] = {context: [] for context in contexts}
    for observation in observations:
        low[observation.context].append(observation.low)
        high[observation.context].append(observation.high)
    return [
        ContextSample(
            context,
            np.array([v for v in low[context] if not math.isnan(v)]),
            np.array([v for v in high[context] if not math.isnan(v)]),
            sum(map(math.isnan, low[context])),
        )
        for context in contexts
    ]


def judge(case: Case, setting: Setting) -> tuple[VerdictRow, More | None]:
    """Judge what a test has observed.

    Returns:
        The row, and what is needed to decide it if another look may.

    Raises:
        EvidenceError: If a context of the design was never observed: a verdict on part of a design is none.
    """
    claim = case.claim
    unseen = [str(context) for context in claim.design if str(context) not in case.contexts]
    if unseen:
        raise EvidenceError(f"{claim.id}: expected observations in every context of the design, none in {unseen}.")
    estimand = claim.estimand(**case.parameters)
    alpha = budget.row_alpha(setting.alpha, claim.declared)
    found = samples(case.observations.values(), [str(context) for context in claim.design])
    if claim.kind == "mean":
        judgement = judge_mean(found, threshold=estimand.threshold, alpha=alpha)
    else:
        below = candidates(found, estimand.threshold, alpha)
        if below and not case.fresh_for:
            fresh_for = frozenset(below)
            return _row(case, setting, estimand, _undecided(alpha)), More(case.replicas, fresh_for)
        fresh = {s.context: s for s in samples(case.fresh.values(), sorted(case.fresh_for))}
        judgement = judge_universal(
            found, threshold=estimand.threshold, alpha=alpha, fresh=fresh or None, confirmation=setting.alpha
        )
    more = None
    if judgement.verdict is Verdict.INCONCLUSIVE and judgement.reason is Reason.TOO_FEW_REPLICAS:
        later = [look for look in setting.looks if look > case.replicas]
        more = More(later[0]) if later else None
    return _row(case, setting, estimand, judgement, kind=claim.kind), more


def judge_search(case: Case, setting: Setting) -> tuple[VerdictRow, More | None]:
    """Judge the universal form of a claim by the counterexamples that a search found, if any.

    All of them are submitted to confirmation on fresh seeds, each at the look's share of the budget divided by their
    number; the smallest VAE confirmed is the one reported.
    """
    claim = case.claim
    alpha = budget.row_alpha(setting.alpha, claim.declared)
    examined = f"{len(case.examined)} VAEs examined"
    found = [
        sample.context
        for sample in samples(case.observations.values(), list(case.contexts))
        if sample.replicas >= 2 and sample.high.mean() < claim.search.threshold
    ]
    if not found:
        judgement = _undecided(alpha, Reason.NO_COUNTEREXAMPLE, note=f"none of {examined} fails")
        return _row(case, setting, claim.search, judgement, kind="search"), None
    found.sort(key=lambda text: _size(case.contexts[text], setting))
    if not case.fresh_for:
        undecided = _row(case, setting, claim.search, _undecided(alpha), kind="search")
        return undecided, More(case.replicas, frozenset(found))
    judged = {
        sample.context: judge_mean([sample], threshold=claim.search.threshold, alpha=2 * setting.alpha / len(found))
        for sample in samples(case.fresh.values(), found)
    }
    confirmed = [text for text in found if judged[text].verdict is Verdict.REFUTED]
    smallest = (confirmed or found)[0]
    size = _size(case.contexts[smallest], setting)[0]
    note = f"smallest found of {examined}: {smallest} ({size} parameters); on fresh seeds {len(confirmed)} of "
    p_refuted = judged[smallest].p_refuted
    judgement = replace(
        judged[smallest],
        verdict=Verdict.REFUTED if confirmed else Verdict.INCONCLUSIVE,
        reason=Reason.COUNTEREXAMPLE if confirmed else judged[smallest].reason or Reason.TOO_FEW_REPLICAS,
        p_refuted=None if p_refuted is None else min(1.0, p_refuted * len(found)),
        note=f"{note}{len(found)} candidates confirmed",
    )
    return _row(case, setting, claim.search, judgement, kind="search"), None


def _size(context: Any, setting: Setting) -> tuple[int, tuple[int, ...]]:
    """Order VAEs from small to large; among equals, from plain to far from plain."""
    return context.config(setting.data, setting.scale).parameter_count, context.rank


def _undecided(alpha: float, reason: Reason = Reason.TOO_FEW_REPLICAS, note: str = "") -> Judgement:
    return Judgement(
        verdict=Verdict.INCONCLUSIVE, reason=reason, level=1 - alpha, contexts=0, replicas=0, unconverged=0, note=note
    )


def _row(case: Case, setting: Setting, estimand: Any, judgement: Judgement, *, kind: str = "mean") -> VerdictRow:
    return VerdictRow(
        claim=case.claim.id,
        parameters=dict(case.parameters),
        data=setting.data,
        scale=setting.scale,
        backend=setting.backend,
        device="+".join(sorted(case.tally.devices)),
        predicted=estimand.prediction(setting.seed_root),
        verdict=judgement.verdict.value,
        reason=judgement.reason.value,
        estimate=judgement.estimate,
        low=judgement.low,
        high=judgement.high,
        threshold=estimand.threshold,
        unit=estimand.unit,
        contexts=judgement.contexts,
        replicas=judgement.replicas,
        level=judgement.level,
        p_supported=judgement.p_supported,
        p_refuted=judgement.p_refuted,
        kind=kind,
        spread=dict(judgement.spread),
        unconverged=judgement.unconverged,
        note="; ".join(filter(None, [judgement.note, _decoder(case)])),
        overturned=estimand.overturned,
        seed_root=setting.seed_root,
        precision=setting.precision,
        beside={name: dict(values) for name, values in case.beside.items()},
    )


def _decoder(case: Case) -> str:
    """Say where a class is missed by decoded aggregate draws too: the decoder's failure, not the sampling's."""
    shares = {str(context): case.decoder_failures.get(str(context), 0.0) for context in case.claim.design}
    failures = [f"{share:.0%} of replicas in {context}" for context, share in shares.items() if share > 0]
    return f"decoder failure (decoded aggregate draws miss a class too): {'; '.join(failures)}" if failures else ""
