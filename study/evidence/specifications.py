"""The record of the specification curves: what each defensible specification of a headline row comes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from study.evidence.manifest import Manifest

FILE = "specifications.json"


@dataclass(frozen=True, kw_only=True)
class Specification:
    """One specification of one row, and the numbers of its VAEs.

    Attributes:
        claim: Claim id.
        parameters: The claim's parametrisation.
        about: What the estimand of the row is, in words.
        threshold: The claim's.
        unit: Unit of estimand and threshold.
        choices: What was chosen, by what there was a choice of, e.g. ``{"activation": "tanh"}``.
        own: Whether it is one of the claim's at KL weight 1: its measure, and a context of its design.
        replicas: VAEs counted; those that diverged are left out.
        applicable: Whether the claim says anything about these VAEs.
        medians: Median over the VAEs of the lower, and of the upper ends of their numbers; None where there is none.
        low: Lower end of the exact interval of the median over seeds; None where there is no VAE.
        high: Its upper end.
    """

    claim: str
    parameters: Mapping[str, str]
    about: str
    threshold: float
    unit: str
    choices: Mapping[str, str]
    own: bool
    replicas: int
    applicable: bool
    medians: tuple[float | None, float | None]
    low: float | None
    high: float | None

    @property
    def row(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """What the specifications of one row share."""
        return self.claim, tuple(sorted(self.parameters.items()))

    @property
    def median(self) -> float | None:
        """The median, midway between those of both ends."""
        low, high = self.medians
        return None if low is None or high is None else low if low == high else (low + high) / 2

    @property
    def side(self) -> int:
        """1 where the median reaches the threshold, −1 where it falls short; 0 where its bracket holds the threshold.

        It is 0, too, where nothing can be said.
        """
        low, high = self.medians
        if low is None or high is None or not self.applicable:
            return 0
        return 1 if low >= self.threshold else -1 if high < self.threshold else 0


@dataclass(frozen=True, kw_only=True)
class Specifications:
    """Everything that was recorded.

    Attributes:
        manifest: Command, commit, versions, backend, seed root and machine that it came from.
        data: Data set.
        level: Exact confidence level of the intervals.
        rows: The specifications, row by row.
    """

    manifest: Manifest
    data: str
    level: float
    rows: tuple[Specification, ...]
