"""The records of the study: what was observed, what a claim says of itself, and what it came to."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING

from msgspec import UNSET, UnsetType

from study.errors import InvalidValue
from study.evidence.fingerprint import Registration
from study.evidence.serialise import rounded
from study.verdicts.judgement import InContext
from study.verdicts.kinds import Kind, Reason, Verdict
from study.verdicts.looks import BUDGET

if TYPE_CHECKING:
    from study.design.claim import Claim

Parameters = tuple[tuple[str, str], ...]
Identity = tuple[str, Parameters, str]
"""Claim, parametrisation and data set: what makes two rows the same one within a scale and a backend."""
GIVEN = "given"
"""Backend and device of rows about what the study did not train: somebody's models, or their numbers."""
FRESH = "fresh: "
"""Before the context of an observation that confirms a counterexample, on seeds of its own."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One estimand value; seeing it twice changes nothing.

    Attributes:
        claim: Claim id.
        parameters: The claim's parametrisation, e.g. ``{"axis": "latent_dim", "measure": "total"}``.
        data: Data set.
        context: Canonical text of the context that the claim holds fixed.
        replica: Index of the replica.
        low: Lower end of the bracket of the value (equal to ``high`` for an exact value), may be −∞; NaN diverged.
        high: Upper end of the bracket.
    """

    claim: str
    parameters: Mapping[str, str]
    data: str
    context: str
    replica: int
    low: float
    high: float

    @property
    def identity(self) -> tuple[str, Parameters, str, str, int]:
        """What makes two observations the same one."""
        return (self.claim, tuple(sorted(self.parameters.items())), self.data, self.context, self.replica)

    @property
    def row(self) -> Identity:
        """The identity of the row that it belongs to."""
        return self.identity[:3]


def as_fresh(observations: Iterable[Observation]) -> list[Observation]:
    """Mark observations as those on fresh seeds, as they are recorded."""
    return [replace(o, context=f"{FRESH}{o.context}") for o in observations]


def apart(observations: Iterable[Observation]) -> tuple[list[Observation], list[Observation]]:
    """Tell recorded observations apart: those of the looks, and those on fresh seeds, their mark removed."""
    plain, fresh = [], []
    for o in observations:
        if o.context.startswith(FRESH):
            fresh.append(replace(o, context=o.context.removeprefix(FRESH)))
        else:
            plain.append(o)
    return plain, fresh


@dataclass(frozen=True, kw_only=True)
class Series:
    """The observations of one row in one context, as a file holds them.

    Attributes:
        parameters: The claim's parametrisation.
        data: Data set.
        context: Canonical text of the context.
        replicas: Indices of the replicas.
        low: Lower ends; None diverged.
        high: Upper ends; left out where they equal the lower ones.
    """

    parameters: Mapping[str, str]
    data: str
    context: str
    replicas: tuple[int, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...] | UnsetType = UNSET

    def __post_init__(self) -> None:
        """Refuse ends that do not belong to the replicas."""
        if {len(self.low), len(self.ends)} != {len(self.replicas)}:
            raise InvalidValue("observations", (self.replicas, self.low, self.high), "two ends for each replica")

    @property
    def ends(self) -> tuple[float | None, ...]:
        """Upper ends, left out or not."""
        return self.low if self.high is UNSET else self.high

    @property
    def row(self) -> tuple[Parameters, str]:
        """What the series of one row of a claim share."""
        return tuple(sorted(self.parameters.items())), self.data

    def observations(self, claim: str) -> list[Observation]:
        """Return its observations, which are of this claim."""
        return [
            Observation(
                claim=claim,
                parameters=self.parameters,
                data=self.data,
                context=self.context,
                replica=replica,
                low=math.nan if low is None else low,
                high=math.nan if high is None else high,
            )
            for replica, low, high in zip(self.replicas, self.low, self.ends, strict=True)
        ]


def series(observations: Iterable[Observation]) -> tuple[Series, ...]:
    """Gather observations of one claim by parameters, data and context, in a stable order.

    Raises:
        InvalidValue: One observation has two values.
    """
    unique: dict[tuple[str, Parameters, str, str, int], tuple[float | None, float | None]] = {}
    for o in observations:
        ends = (rounded(o.low), rounded(o.high))
        if unique.setdefault(o.identity, ends) != ends:
            raise InvalidValue("observations", (unique[o.identity], ends), f"one value of {o.identity}")
    gathered = []
    ordered = sorted(unique.items(), key=lambda item: item[0])
    for (_, parameters, data, context), members in groupby(ordered, key=lambda item: item[0][:4]):
        replicas, low, high = zip(*((key[-1], *ends) for key, ends in members), strict=True)
        ends_differ = UNSET if low == high else high
        gathered.append(
            Series(
                parameters=dict(parameters), data=data, context=context, replicas=replicas, low=low, high=ends_differ
            )
        )
    return tuple(gathered)


@dataclass(frozen=True, kw_only=True)
class JudgedBy:
    """All that a row is judged by, beside what was observed.

    Attributes:
        claim: Claim id.
        parameters: The claim's parametrisation.
        data: Data set.
        scale: ``quick``, ``standard`` or ``full``.
        backend: ``tensorflow``, ``jax`` or ``torch``; or :data:`GIVEN`.
        device: What it was trained on, e.g. ``cpu``; or :data:`GIVEN`.
        kind: ``most``, ``every``, ``search`` or ``exact``.
        threshold: The threshold fixed before the data.
        zero: Value of no effect; None for a margin.
        unit: Unit of median, interval, threshold and zero.
        declared: Counted rows that the claim declares: its level is shared among them.
        looks: Replicas at each look, which share it as well.
        alpha: One-sided level of the whole claim, before it is shared.
        predicted: Predicted verdict, or ``""`` for an exploratory row.
        seed_root: Seed root of the trials.
        precision: Precision of matrix products while they were trained, ``float32`` or ``tf32``.
        registered: When its claim was registered, an ISO date; ``""`` where the row is that of a draft, of a claim
            whose file was not committed, or of fewer replicas than the scale takes: such a row is exploratory.
        overturned: Earlier predictions that evidence overturned, and what did; may be "".
        fingerprint: That of the registration.
        registration: What was fixed of the row before its data were seen.
    """

    claim: str
    parameters: Mapping[str, str]
    data: str
    scale: str
    backend: str
    device: str
    kind: str = Kind.MOST.value
    threshold: float
    zero: float | None = 0.0
    unit: str
    declared: int = 1
    looks: tuple[int, ...] = ()
    alpha: float = BUDGET
    predicted: str = ""
    seed_root: str = ""
    precision: str = "float32"
    registered: str = ""
    overturned: str = ""
    fingerprint: str = ""
    registration: Registration | None = None

    @property
    def expected(self) -> str:
        """The prediction that the row was registered with, or ``exploratory``."""
        return (self.registered and self.predicted) or "exploratory"


@dataclass(frozen=True, kw_only=True)
class VerdictRow(JudgedBy):
    """One judged parametrisation of one claim.

    Attributes:
        verdict: ``SUPPORTED``, ``REFUTED``, ``MIXED`` or ``INCONCLUSIVE``.
        reason: Why INCONCLUSIVE, or more closely what it says, e.g. ``opposite``; may be "".
        reach: How many of those counted reach the threshold.
        short: How many fall short of it; the others have it between their ends.
        count: How many are counted: VAEs; of every VAE, and of a search, contexts; of an identity cases.
        allowed: How many of them may be otherwise; −1 where there are too few to decide.
        share_low: Lower end of the interval of the share of VAEs that reach it, at the row's level; may be None.
        share_high: Its upper end.
        holds_in: In how many contexts, at least, it holds at 5 %.
        median: Median over the VAEs; of every VAE the lowest context's, or the counterexample's on fresh seeds; of an
            identity the largest error. None where there is none.
        low: Lower end of its interval; infinite where there are too few to bound it.
        high: Upper end of its interval.
        level: Exact confidence level of the interval.
        contexts: What each context of the design says by itself.
        diverged: Replicas left out because their loss was not finite.
        note: Anything else a reader needs, e.g. the counterexample found; may be "".
        secondary: Secondary readings of the estimand, by name: per-context medians, which no verdict rests on.
        examined: The contexts that a search examined, smallest first, and the number of their VAEs' parameters.
    """

    verdict: str
    reason: str
    reach: int
    short: int
    count: int
    allowed: int
    share_low: float | None = None
    share_high: float | None = None
    holds_in: int = 0
    median: float | None
    low: float | None
    high: float | None
    level: float
    contexts: tuple[InContext, ...] = ()
    diverged: int = 0
    note: str = ""
    secondary: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)
    examined: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse words that the rule does not have."""
        known = {"kind": Kind, "verdict": Verdict, "reason": Reason}
        for name, words in known.items():
            if getattr(self, name) not in list(words):
                raise InvalidValue(name, getattr(self, name), "one of " + ", ".join(map(repr, map(str, words))))

    def contradicts(self, predicted: str) -> bool:
        """Whether it says another word than a prediction; INCONCLUSIVE contradicts none."""
        return bool(predicted) and self.verdict not in (predicted, Verdict.INCONCLUSIVE)

    @property
    def judged_in(self) -> tuple[InContext, ...]:
        """The contexts about which the claim says something."""
        return tuple(one for one in self.contexts if one.applicable)

    @property
    def replicas(self) -> int:
        """Replicas in each context: the least over contexts."""
        return min((one.replicas for one in self.judged_in), default=0)

    @property
    def identity(self) -> Identity:
        """What makes two rows the same one within a scale and a backend."""
        return (self.claim, tuple(sorted(self.parameters.items())), self.data)


@dataclass(frozen=True, kw_only=True)
class ClaimWords:
    """What a claim says of itself.

    Attributes:
        claim: Claim id.
        statement: What is claimed, in a sentence.
        source: Who says so.
        chapter: Chapter of the page that it belongs to; chapters stand in the order of their names.
        question: The question that it answers; may be "".
        quotation: The words of the source; may be "".
        words: Parameter value → words.
        means: Parameter value → verdict or reason → what that means in plain words.
    """

    claim: str
    statement: str = ""
    source: str = ""
    chapter: str = ""
    question: str = ""
    quotation: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    means: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @classmethod
    def of(cls, claim: Claim) -> ClaimWords:
        """Take the words of a claim."""
        return cls(
            claim=claim.id,
            statement=claim.statement,
            source=claim.source,
            chapter=claim.chapter,
            question=claim.question,
            quotation=claim.quotation,
            words=dict(claim.words),
            means={value: dict(said) for value, said in claim.means.items()},
        )


@dataclass(frozen=True, kw_only=True)
class Evidence(ClaimWords):
    """The evidence on a claim at one scale, on one backend: the content of a file, and what a worker hands over.

    Attributes:
        scale: ``quick``, ``standard`` or ``full``.
        backend: Backend that trained.
        design: Canonical texts of the contexts of the design, in order.
        rows: Verdict rows.
        observations: What they rest on; those on fresh seeds carry the mark :data:`FRESH`.
    """

    scale: str
    backend: str
    design: tuple[str, ...]
    rows: tuple[VerdictRow, ...]
    observations: tuple[Series, ...]

    @classmethod
    def gather(
        cls,
        words: ClaimWords,
        row: VerdictRow,
        observations: Iterable[Observation],
        fresh: Iterable[Observation] = (),
        design: Iterable[str] = (),
    ) -> Evidence:
        """Gather the evidence on one row.

        Args:
            words: What its claim says of itself.
            row: The row.
            observations: What it rests on.
            fresh: What confirms counterexamples, under their own contexts.
            design: Canonical texts of the contexts of the design, in order.

        Raises:
            InvalidValue: A record of another row, or one observation with two values.
        """
        seen = [*observations, *as_fresh(fresh)]
        if row.claim != words.claim:
            raise InvalidValue("row", row.identity, f"a row of claim {words.claim!r}")
        if stray := [o.identity for o in seen if o.row != row.identity]:
            raise InvalidValue("observations", stray[0], f"observations of the row {row.identity}")
        own = {name: getattr(words, name) for name in ClaimWords.__dataclass_fields__}
        return cls(
            **own,
            scale=row.scale,
            backend=row.backend,
            design=tuple(design),
            rows=(row,),
            observations=series(seen),
        )

    def of_row(self, row: VerdictRow) -> list[Observation]:
        """Return the observations of one row."""
        return [o for one in self._series.get(row.identity[1:], ()) for o in one.observations(self.claim)]

    @cached_property
    def _series(self) -> dict[tuple[Parameters, str], list[Series]]:
        """The observations by row."""
        found: dict[tuple[Parameters, str], list[Series]] = {}
        for one in self.observations:
            found.setdefault(one.row, []).append(one)
        return found
