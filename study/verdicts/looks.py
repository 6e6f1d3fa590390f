"""Looks: how many replicas each scale may buy, and the level that is left to a row at each."""

from __future__ import annotations

from collections.abc import Sequence

from study.errors import InvalidValue

BUDGET = 0.05
"""Probability, at most, that a claim carries a wrong SUPPORTED or REFUTED on one data set, scale and backend."""
LOOKS = {"quick": (8, 16), "standard": (8, 16, 32), "full": (8, 16, 32)}
"""Replicas at each look; a row that is INCONCLUSIVE for want of replicas goes on to the next."""
FRESH = 16
"""Fresh seeds on which a counterexample is confirmed."""


def looks(scale: str, replicas: int | None = None) -> tuple[int, ...]:
    """Return the replicas at each look of a run.

    Args:
        scale: A key of :data:`LOOKS`.
        replicas: Look once, at so many; None for the looks of the scale.

    Raises:
        InvalidValue: An unknown scale.
    """
    if scale not in LOOKS:
        raise InvalidValue("scale", scale, "one of " + ", ".join(map(repr, LOOKS)))
    return LOOKS[scale] if replicas is None else (replicas,)


def row_alpha(alpha: float, declared: int, looks: Sequence[int]) -> float:
    """Return the one-sided level of a row at one look: the claim's, shared equally by its rows and the looks.

    It does not depend on which other rows ran, so that running a part of a claim judges its rows as the whole would.

    Args:
        alpha: Level of the whole claim.
        declared: Counted rows that the claim declares, whether run or not.
        looks: Replicas at each look.

    Raises:
        InvalidValue: No row, or no look.
    """
    if declared < 1:
        raise InvalidValue("declared", declared, "an integer ≥ 1")
    if not looks:
        raise InvalidValue("looks", looks, "at least one look")
    return alpha / declared / len(looks)
