"""From observations to a verdict row, by the rule of :mod:`study.verdicts.rule`; and recorded rows judged again.

The budget of a claim is shared among its declared rows at Holm's first step, α / m: rows are judged as they finish, and
this is the only step that does not depend on which other rows were run. The confirmation of counterexamples, on seeds
of its own, has a budget of its own.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Never

import numpy as np

from study.errors import EvidenceError
from study.evidence.manifest import row_key
from study.evidence.records import JudgedBy, Observation, VerdictRow, apart
from study.verdicts import budget
from study.verdicts.rule import ContextSample, Judgement, Reason, Verdict, candidates, judge_mean, judge_universal

if TYPE_CHECKING:
    from study.evidence.store import Store

NONE: Mapping[str, Never] = MappingProxyType({})
COMMON = tuple(one.name for one in fields(JudgedBy))


@dataclass(frozen=True, kw_only=True)
class Terms(JudgedBy):
    """All that a row is judged by, beside what was observed.

    Attributes:
        contexts: Canonical texts of the contexts of the design, in order; for a search those examined, smallest first.
        sizes: For a search, the number of parameters of each of these VAEs.
    """

    contexts: tuple[str, ...]
    sizes: tuple[int, ...] = ()

    @classmethod
    def of(cls, row: VerdictRow, design: Sequence[str]) -> Terms:
        """Read from a recorded row what it was judged by; ``design`` is that of its claim."""
        search = row.kind == "search"
        return cls(
            **{name: getattr(row, name) for name in COMMON},
            contexts=tuple(row.examined) if search else tuple(design),
            sizes=tuple(row.examined.values()) if search else (),
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


@dataclass(frozen=True)
class Difference:
    """A field of a recorded row that does not follow from its observations.

    Attributes:
        row: The row as recorded.
        field: Name of the field.
        recorded: What is recorded.
        again: What judging again gives.
    """

    row: VerdictRow
    field: str
    recorded: object
    again: object

    def __str__(self) -> str:
        """Say what differs, of which row."""
        where = f"{self.row.scale}, {self.row.backend}"
        said = f"recorded {self.field} {self.recorded}, judged again {self.again}"
        return f"row {row_key(self.row)} ({where}): {said}"


def judge(
    terms: Terms,
    observations: Iterable[Observation],
    replicas: int,
    *,
    fresh: Iterable[Observation] = (),
    fresh_for: Collection[str] = frozenset(),
    seen: Collection[str] | None = None,
    decoder_failures: Mapping[str, float] = NONE,
    secondary: Mapping[str, Mapping[str, float | None]] = NONE,
) -> tuple[VerdictRow, More | None]:
    """Judge what was observed.

    Args:
        terms: What the row is judged by.
        observations: What was observed, replicas in order.
        replicas: Replicas of the present look.
        fresh: What was observed on fresh seeds.
        fresh_for: Contexts that were put to fresh seeds.
        seen: Contexts that were observed, if only to find that the claim says nothing about them; None trusts that
            every context of the design was.
        decoder_failures: Share of replicas, by context, in which even decoded aggregate draws miss a class: the
            decoder's failure, not the sampling's.
        secondary: Secondary readings of the estimand, by name: per-context means, which no verdict rests on.

    Returns:
        The row, and what is needed to decide it if another look may.

    Raises:
        EvidenceError: A context of the design was never observed, since a verdict on part of a design is none; or an
            observation is of no context of the design.
    """
    if seen is not None and (unseen := [context for context in terms.contexts if context not in seen]):
        raise EvidenceError(f"{terms.claim}: expected observations in every context of the design, none in {unseen}.")
    found = samples(observations, terms.contexts)
    decide = _decide_search if terms.kind == "search" else _decide
    judgement, more = decide(terms, found, replicas, fresh, fresh_for)
    return _row(terms, judgement, decoder_failures, secondary), more


def judge_exact(
    terms: Terms, cases: int, largest: float, tolerance: float, *, violated: float | None = None, case: str = ""
) -> VerdictRow:
    """Judge an identity by the cases tried: one that is violated refutes it.

    Args:
        terms: What the row is judged by; its threshold is not asked.
        cases: Cases in which it held.
        largest: Largest error among these.
        tolerance: Largest error that is allowed.
        violated: Error of the violated case, shrunken; None where none is.
        case: That case, in words.
    """
    if violated is None and not cases:
        raise EvidenceError(f"{terms.claim}: expected at least one case, by lab.exact(CLAIM, error, tolerance).")
    error = largest if violated is None else violated
    said = (
        f"{cases} cases, largest error {largest:.3g}" if violated is None else f"violated, error {violated:.3g}: {case}"
    )
    return VerdictRow(
        **{name: getattr(terms, name) for name in COMMON if name != "threshold"},
        threshold=tolerance,
        verdict=(Verdict.SUPPORTED if violated is None else Verdict.REFUTED).value,
        reason=(Reason.NONE if violated is None else Reason.COUNTEREXAMPLE).value,
        estimate=None if math.isnan(error) else error,
        low=None,
        high=None,
        level=1.0,
        p_supported=None,
        p_refuted=None,
        contexts=0,
        replicas=0,
        note=f"tolerance {tolerance:g}; {said}",
    )


def samples(observations: Iterable[Observation], contexts: Sequence[str]) -> list[ContextSample]:
    """Group observations by context; NaN is a replica that had not converged.

    Raises:
        EvidenceError: An observation is of none of the contexts.
    """
    low: dict[str, list[float]] = {context: [] for context in contexts}
    high: dict[str, list[float]] = {context: [] for context in contexts}
    for observation in observations:
        if observation.context not in low:
            raise EvidenceError(f"observations: expected one of {list(contexts)}, received {observation.context!r}.")
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


def judge_again(store: Store) -> list[Difference]:
    """Judge every recorded row again, from what is recorded alone.

    Returns:
        Fields that differ: words exactly, numbers by more than the digits recorded.

    Raises:
        EvidenceError: The evidence is damaged.
    """
    differences: list[Difference] = []
    for evidence in store.evidence():
        for row in evidence.rows:
            if row.kind == "exact":  # its cases are not recorded, its largest error is
                held = row.estimate is not None and row.estimate <= row.threshold
                word = Verdict.SUPPORTED if held else Verdict.REFUTED
                differences += _differences(row, _registered(replace(row, verdict=word.value)))
                continue
            plain, fresh = apart(evidence.of_row(row))
            again, _ = judge(
                Terms.of(row, evidence.design),
                plain,
                max(row.looks, default=row.replicas),
                fresh=fresh,
                fresh_for={o.context for o in fresh},
                decoder_failures=row.decoder_failures,
                secondary=row.secondary,
            )
            differences += _differences(row, _registered(again))
    return differences


def check_again(store: Store) -> None:
    """Refuse evidence that does not follow from what was observed.

    Raises:
        EvidenceError: Naming the first row, what is recorded, and what judging again gives.
    """
    if differences := judge_again(store):
        more = f", and {len(differences) - 1} other differences" if len(differences) > 1 else ""
        raise EvidenceError(f"{differences[0]}{more}; `study judge` lists all.")


def _registered(row: VerdictRow) -> VerdictRow:
    """Give a row what its registration says that it is judged by."""
    one = row.registration
    if one is None:
        return row
    return replace(
        row, fingerprint=one.fingerprint, kind=one.kind, threshold=float(one.threshold), declared=one.declared
    )


def _differences(row: VerdictRow, again: VerdictRow) -> Iterator[Difference]:
    for one in fields(VerdictRow):
        recorded, judged = getattr(row, one.name), getattr(again, one.name)
        if not _same(recorded, judged):
            yield Difference(row, one.name, recorded, judged)


def _same(recorded: object, judged: object) -> bool:
    """Whether two values are one, as far as nine recorded digits tell."""
    if isinstance(recorded, float) and isinstance(judged, float):
        # A p-value far below 1e-9 magnifies the rounding of what was observed, and says nothing more.
        return math.isclose(recorded, judged, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(recorded, Mapping) and isinstance(judged, Mapping):
        return recorded.keys() == judged.keys() and all(_same(recorded[key], judged[key]) for key in recorded)
    return recorded == judged


def _decide(
    terms: Terms,
    found: Sequence[ContextSample],
    replicas: int,
    fresh: Iterable[Observation],
    fresh_for: Collection[str],
) -> tuple[Judgement, More | None]:
    """Judge the mean over the contexts of the design, or each of them."""
    alpha = budget.row_alpha(terms.alpha, terms.declared)
    if terms.kind == "mean":
        judgement = judge_mean(found, threshold=terms.threshold, alpha=alpha)
    else:
        below = candidates(found, terms.threshold, alpha)
        if below and not fresh_for:
            return _undecided(alpha), More(replicas, frozenset(below))
        confirming = {s.context: s for s in samples(fresh, sorted(fresh_for))}
        judgement = judge_universal(
            found, threshold=terms.threshold, alpha=alpha, fresh=confirming or None, confirmation=terms.alpha
        )
    more = None
    if judgement.verdict is Verdict.INCONCLUSIVE and judgement.reason is Reason.TOO_FEW_REPLICAS:
        later = [look for look in terms.looks if look > replicas]
        more = More(later[0]) if later else None
    return judgement, more


def _decide_search(
    terms: Terms,
    seen: Sequence[ContextSample],
    replicas: int,
    fresh: Iterable[Observation],
    fresh_for: Collection[str],
) -> tuple[Judgement, More | None]:
    """Judge the universal form of a claim by the counterexamples that a search found, if any.

    All of them are submitted to confirmation on fresh seeds, each at the look's share of the budget divided by their
    number; the smallest VAE confirmed is the one reported.
    """
    alpha = budget.row_alpha(terms.alpha, terms.declared)
    examined = f"{len(terms.contexts)} VAEs examined"
    found = [s.context for s in seen if s.replicas >= 2 and s.high.mean() < terms.threshold]
    if not found:
        return _undecided(alpha, Reason.NO_COUNTEREXAMPLE, note=f"none of {examined} fails"), None
    if not fresh_for:
        return _undecided(alpha), More(replicas, frozenset(found))
    judged = {
        sample.context: judge_mean([sample], threshold=terms.threshold, alpha=2 * terms.alpha / len(found))
        for sample in samples(fresh, found)
    }
    confirmed = [text for text in found if judged[text].verdict is Verdict.REFUTED]
    smallest = (confirmed or found)[0]  # they are examined, and so found, smallest first
    size = dict(zip(terms.contexts, terms.sizes, strict=True))[smallest]
    note = f"smallest found of {examined}: {smallest} ({size} parameters); on fresh seeds {len(confirmed)} of "
    p_refuted = judged[smallest].p_refuted
    judgement = replace(
        judged[smallest],
        verdict=Verdict.REFUTED if confirmed else Verdict.INCONCLUSIVE,
        reason=Reason.COUNTEREXAMPLE if confirmed else judged[smallest].reason or Reason.TOO_FEW_REPLICAS,
        p_refuted=None if p_refuted is None else min(1.0, p_refuted * len(found)),
        note=f"{note}{len(found)} candidates confirmed",
    )
    return judgement, None


def _undecided(alpha: float, reason: Reason = Reason.TOO_FEW_REPLICAS, note: str = "") -> Judgement:
    return Judgement(
        verdict=Verdict.INCONCLUSIVE, reason=reason, level=1 - alpha, contexts=0, replicas=0, unconverged=0, note=note
    )


def _row(
    terms: Terms,
    judgement: Judgement,
    decoder_failures: Mapping[str, float],
    secondary: Mapping[str, Mapping[str, float | None]],
) -> VerdictRow:
    failures = {context: share for context in terms.contexts if (share := decoder_failures.get(context, 0.0)) > 0}
    return VerdictRow(
        **{name: getattr(terms, name) for name in COMMON},
        verdict=judgement.verdict.value,
        reason=judgement.reason.value,
        estimate=judgement.estimate,
        low=judgement.low,
        high=judgement.high,
        level=judgement.level,
        p_supported=judgement.p_supported,
        p_refuted=judgement.p_refuted,
        contexts=judgement.contexts,
        replicas=judgement.replicas,
        unconverged=judgement.unconverged,
        spread=dict(judgement.spread),
        note="; ".join(filter(None, [judgement.note, _decoder(failures)])),
        secondary={name: dict(values) for name, values in secondary.items()},
        decoder_failures=failures,
        examined=dict(zip(terms.contexts, terms.sizes, strict=True)) if terms.kind == "search" else {},
    )


def _decoder(failures: Mapping[str, float]) -> str:
    """Say where a class is missed by decoded aggregate draws too."""
    said = [f"{share:.0%} of replicas in {context}" for context, share in failures.items()]
    return f"decoder failure (decoded aggregate draws miss a class too): {'; '.join(said)}" if said else ""
