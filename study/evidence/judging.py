"""From observations to a verdict row, by the rule of :mod:`study.verdicts`; and recorded rows judged again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from study.errors import EvidenceError
from study.evidence.manifest import row_key
from study.evidence.records import JudgedBy, Observation, VerdictRow, apart
from study.verdicts.every import judge_every
from study.verdicts.exact import exact_word, judge_exact
from study.verdicts.judgement import Judgement, More, Rule, Sample
from study.verdicts.kinds import Kind
from study.verdicts.search import judge_search
from study.verdicts.word import judge_most

if TYPE_CHECKING:
    from study.evidence.store import Store

NONE: Mapping[str, Never] = MappingProxyType({})
COMMON = tuple(one.name for one in fields(JudgedBy))
JUDGES = {Kind.MOST: judge_most, Kind.EVERY: judge_every, Kind.SEARCH: judge_search}


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
        """Read from a recorded row what it was judged by; ``design`` is that of its claim on all images."""
        search, design = row.kind == Kind.SEARCH, row.registration.contexts if row.registration else design
        return cls(
            **{name: getattr(row, name) for name in COMMON},
            contexts=tuple(row.examined) if search else tuple(design),
            sizes=tuple(row.examined.values()) if search else (),
        )

    @property
    def rule(self) -> Rule:
        """What the rule asks of them."""
        return Rule(
            threshold=self.threshold, zero=self.zero, alpha=self.alpha, declared=self.declared, looks=self.looks
        )


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
    seen: AbstractSet[str] | None = None,
    secondary: Mapping[str, Mapping[str, float | None]] = NONE,
) -> tuple[VerdictRow, More | None]:
    """Judge what was observed.

    Args:
        terms: What the row is judged by.
        observations: What was observed, replicas in order.
        replicas: Replicas of the present look.
        fresh: What was observed on fresh seeds.
        seen: Contexts that were observed, if only to find that the claim says nothing about them; None trusts that
            every context of the design was.
        secondary: Secondary readings of the estimand, by name: per-context medians, which no verdict rests on.

    Returns:
        The row, and what is needed to decide it if another look may.

    Raises:
        EvidenceError: A context of the design was never observed, since a verdict on part of a design is none; or an
            observation is of no context of the design.
    """
    if seen is not None and (unseen := [context for context in terms.contexts if context not in seen]):
        raise EvidenceError(f"{terms.claim}: expected observations in every context of the design, none in {unseen}.")
    found = samples(observations, terms.contexts, terms.sizes)
    confirming = [one for one in samples(fresh, terms.contexts) if one.applicable]
    judged, more = JUDGES[Kind(terms.kind)](found, terms.rule, replicas, {one.context: one for one in confirming})
    return _row(terms, judged, secondary), more


def judge_identity(
    terms: Terms, cases: int, largest: float, tolerance: float, *, violated: float | None = None, case: str = ""
) -> VerdictRow:
    """Judge an identity: see :func:`study.verdicts.exact.judge_exact`; its tolerance is recorded as the threshold."""
    judged = judge_exact(cases, largest, tolerance, violated=violated, case=case)
    return _row(replace(terms, threshold=tolerance), judged, NONE)


def samples(observations: Iterable[Observation], contexts: Sequence[str], sizes: Sequence[int] = ()) -> list[Sample]:
    """Group observations by context; NaN is a replica that diverged.

    Raises:
        EvidenceError: An observation is of none of the contexts.
    """
    ends: dict[str, list[tuple[float, float]]] = {context: [] for context in contexts}
    for one in observations:
        if one.context not in ends:
            raise EvidenceError(f"observations: expected one of {list(contexts)}, received {one.context!r}.")
        ends[one.context].append((one.low, one.high))
    found = []
    for context, size in zip(contexts, sizes or [0] * len(contexts), strict=True):
        both = np.array(ends[context], dtype=np.float64).reshape(-1, 2)
        kept = both[~np.isnan(both).any(1)]
        found.append(Sample(context, kept[:, 0], kept[:, 1], len(both) - len(kept), size))
    return found


def judge_again(store: Store) -> list[Difference]:
    """Judge every recorded row again, from what is recorded alone.

    Returns:
        Fields that differ: words and counts exactly, numbers by more than the digits recorded.

    Raises:
        EvidenceError: The evidence is damaged.
    """
    differences: list[Difference] = []
    for evidence in store.evidence():
        for row in evidence.rows:
            if row.kind == Kind.EXACT:  # its cases are not recorded, its largest error is
                word = exact_word(row.short, row.median, row.threshold)
                differences += _differences(row, _registered(replace(row, verdict=word.value)))
                continue
            plain, fresh = apart(evidence.of_row(row))
            again, _ = judge(
                Terms.of(row, evidence.design), plain, max(row.looks, default=0), fresh=fresh, secondary=row.secondary
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


def _same(recorded: Any, judged: Any) -> bool:
    """Whether two values are one, as far as nine recorded digits tell."""
    if isinstance(recorded, float) and isinstance(judged, float):
        return math.isclose(recorded, judged, rel_tol=1e-6, abs_tol=1e-9)
    if isinstance(recorded, Mapping) and isinstance(judged, Mapping):
        return recorded.keys() == judged.keys() and all(_same(recorded[key], judged[key]) for key in recorded)
    if isinstance(recorded, tuple) and isinstance(judged, tuple):
        return len(recorded) == len(judged) and all(map(_same, recorded, judged))
    if is_dataclass(recorded) and type(recorded) is type(judged):
        return _same(vars(recorded), vars(judged))
    return bool(recorded == judged)


def _row(terms: Terms, judged: Judgement, secondary: Mapping[str, Mapping[str, float | None]]) -> VerdictRow:
    given = {one.name: getattr(judged, one.name) for one in fields(Judgement)}
    return VerdictRow(
        **{name: getattr(terms, name) for name in COMMON},
        **given | {"verdict": judged.verdict.value, "reason": judged.reason.value},
        secondary={name: dict(values) for name, values in secondary.items()},
        examined=dict(zip(terms.contexts, terms.sizes, strict=True)) if terms.kind == Kind.SEARCH else {},
    )
