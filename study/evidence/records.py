"""The records of the study, and their one JSON form (schema-versioned, no NaN, stable order)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

SCHEMA = 1
"""Version of every recorded file; readers refuse any other."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """One estimand value; seeing it twice changes nothing.

    Attributes:
        claim: Claim id.
        parameters: The claim's parametrisation, e.g. ``{"axis": "latent_dim", "measure": "total"}``.
        data: Data set.
        context: Canonical text of the context that the claim holds fixed.
        replica: Index of the replica.
        low: Lower end of the bracket of the value (equal to ``high`` for an exact value).
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
    def identity(self) -> tuple[Any, ...]:
        """What makes two observations the same one."""
        return (self.claim, tuple(sorted(self.parameters.items())), self.data, self.context, self.replica)


@dataclass(frozen=True, kw_only=True)
class VerdictRow:
    """One judged parametrisation of one claim.

    Attributes:
        claim: Claim id.
        parameters: The claim's parametrisation.
        data: Data set.
        scale: ``quick``, ``standard`` or ``full``.
        backend: ``tensorflow``, ``jax`` or ``torch``.
        device: What it was trained on, e.g. ``cpu``.
        predicted: Predicted verdict, or ``""`` for an exploratory row.
        verdict: ``SUPPORTED``, ``REFUTED`` or ``INCONCLUSIVE``.
        reason: Why INCONCLUSIVE; else what decided, e.g. a confirmed counterexample; may be "".
        estimate: Point estimate (None where nothing could be estimated).
        low: Lower end of its interval.
        high: Upper end of its interval.
        threshold: The threshold fixed before the data.
        unit: Unit of estimate, interval and threshold.
        contexts: Number of contexts judged.
        replicas: Replicas in each context (the least over contexts).
        level: Confidence level of the interval (after the error budget and the looks).
        p_supported: One-sided p-value against "estimand < threshold" (small: SUPPORTED).
        p_refuted: One-sided p-value against "estimand ≥ threshold" (small: REFUTED).
        kind: ``mean``, ``universal`` or ``search``.
        spread: Per-context estimates ``{context: estimate}``; shown, never averaged away.
        unconverged: Replicas kept out because they had not converged.
        note: Anything else a reader needs, e.g. the counterexample found; may be "".
        overturned: An earlier prediction that evidence overturned, when and where; may be "".
        seed_root: Seed root of the trials.
        precision: Precision of matrix products while they were trained, ``float32`` or ``tf32``.
        beside: Other readings of the estimand, by name: per-context means, which no verdict rests on.
    """

    claim: str
    parameters: Mapping[str, str]
    data: str
    scale: str
    backend: str
    device: str
    predicted: str
    verdict: str
    reason: str
    estimate: float | None
    low: float | None
    high: float | None
    threshold: float
    unit: str
    contexts: int
    replicas: int
    level: float
    p_supported: float | None
    p_refuted: float | None
    kind: str = "mean"
    spread: Mapping[str, float | None] = field(default_factory=dict)
    unconverged: int = 0
    note: str = ""
    overturned: str = ""
    seed_root: str = ""
    precision: str = "float32"
    beside: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two rows the same one within a scale and a backend."""
        return (self.claim, tuple(sorted(self.parameters.items())), self.data)


def to_json(record: Observation | VerdictRow) -> dict[str, Any]:
    """Return a record as plain JSON values."""
    return asdict(record)


def observation_from_json(fields: Mapping[str, Any]) -> Observation:
    """Rebuild an observation."""
    return Observation(**fields)


def row_from_json(fields: Mapping[str, Any]) -> VerdictRow:
    """Rebuild a verdict row."""
    return VerdictRow(**fields)
