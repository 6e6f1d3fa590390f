"""The counterexample that a search ended with: a small file, from which its VAE can be trained and measured again."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from study.errors import InvalidValue
from study.evidence.judging import samples
from study.evidence.manifest import DISTRIBUTION
from study.evidence.records import FRESH, Evidence, Observation, Series, VerdictRow, apart, series
from study.runtime.backends import version
from study.verdicts.every import confirmed, decided_against
from study.verdicts.judgement import Sample
from study.verdicts.kinds import Kind, Verdict

FOLDER = "counterexamples"


@dataclass(frozen=True, kw_only=True)
class Counterexample:
    """The smallest VAE that a search found of which its claim does not hold, again on fresh seeds.

    Attributes:
        kind: What the file is.
        claim: Claim id.
        statement: What is claimed.
        threshold: What every VAE should reach.
        unit: Unit of threshold and values.
        examined: How many VAEs the search examined.
        size: Parameters of this one.
        config: This one: every field of its config that its key hashes.
        confirmed: The row and the context, and the values on fresh seeds: a replica's seeds are hashed from the seed
            root, the config and its index.
        scale: ``quick``, ``standard`` or ``full``.
        backend: Backend that trained.
        device: What it was trained on.
        precision: Precision of matrix products.
        seed_root: Seed root of the trials.
        version: Version of the study that wrote the file; None where it was not installed.
    """

    kind: Literal["counterexample"]
    claim: str
    statement: str
    threshold: float
    unit: str
    examined: int
    size: int
    config: Mapping[str, Any]
    confirmed: Series
    scale: str
    backend: str
    device: str
    precision: str
    seed_root: str
    version: str | None

    def __post_init__(self) -> None:
        """Refuse values that confirm nothing."""
        if not self.sample.replicas or not self.confirmed.context.startswith(FRESH):
            raise InvalidValue("confirmed", self.confirmed.context, f"values in a context that begins with {FRESH!r}")

    @property
    def context(self) -> str:
        """Canonical text of its context."""
        return self.confirmed.context.removeprefix(FRESH)

    @property
    def data(self) -> str:
        """Data set."""
        return self.confirmed.data

    @property
    def sample(self) -> Sample:
        """Its values on fresh seeds, as recorded."""
        return _sample(self.confirmed)


@dataclass(frozen=True, eq=False)
class Replay:
    """A counterexample, measured again.

    Attributes:
        again: Its values now.
        furthest: By how much, at most, the value of a replica differs from the recorded one; None where none of them
            was measured.
        stands: Whether it still is a counterexample.
    """

    again: Sample
    furthest: float | None
    stands: bool

    @classmethod
    def of(cls, one: Counterexample, observations: Iterable[Observation]) -> Replay:
        """Compare what was observed now with what is recorded, at the digits that are recorded."""
        now = next(iter(series(observations)), None)
        if now is None:
            return cls(Sample(one.context, np.empty(0), np.empty(0)), None, stands=False)
        recorded, measured, again = _ends(one.confirmed), _ends(now), _sample(now)
        off = [
            abs(a - b) for i in recorded.keys() & measured.keys() for a, b in zip(recorded[i], measured[i], strict=True)
        ]
        return cls(again, max(off, default=None), decided_against(again, one.threshold))


def place(row: VerdictRow) -> Path:
    """Return where the file of a row lies beneath the folder of the evidence."""
    name, data = (re.sub(r"[^\w.-]+", "-", words) for words in ("-".join(row.parameters.values()), row.data))
    return Path(row.scale, row.backend, FOLDER, row.claim, f"{name},{data}.json")


def refuted(row: VerdictRow) -> bool:
    """Whether a row is a search that ended with a counterexample."""
    return (row.kind, row.verdict) == (Kind.SEARCH, Verdict.REFUTED)


def found(evidence: Evidence, row: VerdictRow) -> Counterexample | None:
    """Return the counterexample that a search ended with; None where it found none.

    Args:
        evidence: The evidence of its claim.
        row: One of its rows.
    """
    from study.design.contexts import Context

    if not refuted(row):
        return None
    plain, fresh = apart(evidence.of_row(row))
    of = {one.context: one for one in samples(fresh, tuple(row.examined))}
    candidates = [one for one in samples(plain, tuple(row.examined)) if decided_against(one, row.threshold)]
    smallest = next(iter(confirmed(candidates, of, row.threshold)), None)
    if smallest is None:
        return None
    context = smallest.context
    (seen,) = (s for s in evidence.observations if s.row == row.identity[1:] and s.context == f"{FRESH}{context}")
    return Counterexample(
        kind="counterexample",
        claim=row.claim,
        statement=evidence.statement,
        threshold=row.threshold,
        unit=row.unit,
        examined=len(row.examined),
        size=row.examined[context],
        config=Context.read(context).config(row.data, row.scale).as_dict(),
        confirmed=seen,
        scale=row.scale,
        backend=row.backend,
        device=row.device,
        precision=row.precision,
        seed_root=row.seed_root,
        version=version(DISTRIBUTION),
    )


def _sample(one: Series) -> Sample:
    (sample,) = samples(one.observations(""), (one.context,))
    return sample


def _ends(one: Series) -> dict[int, tuple[float, float]]:
    return {o.replica: (o.low, o.high) for o in one.observations("") if o.low == o.low}
