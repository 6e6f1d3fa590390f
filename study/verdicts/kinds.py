"""The words of the rule: kinds of claim, verdicts, and why a verdict is what it is."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a row says its inequality of."""

    MOST = "most"
    EVERY = "every"
    SEARCH = "search"
    EXACT = "exact"


class Verdict(StrEnum):
    """What the evidence says of a claim."""

    SUPPORTED = "SUPPORTED"
    REFUTED = "REFUTED"
    MIXED = "MIXED"
    INCONCLUSIVE = "INCONCLUSIVE"


class Reason(StrEnum):
    """Why a verdict is INCONCLUSIVE, or more closely what it says."""

    NONE = ""
    NEGLIGIBLE = "negligible"
    OPPOSITE = "opposite"
    SHORT_OF_IT = "short of it"
    TOO_FEW_REPLICAS = "too few replicas"
    FLOOR_BOUND = "floor-bound"
    NOT_APPLICABLE = "not applicable"
    DIVERGED = "diverged"
    COUNTEREXAMPLE = "counterexample confirmed"
    NOT_CONFIRMED = "counterexample not confirmed"
    NO_COUNTEREXAMPLE = "no counterexample found"
