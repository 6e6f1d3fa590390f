"""Looks: how many replicas each scale may buy, and what each look at the evidence costs."""

from __future__ import annotations

from study.errors import InvalidValue
from study.verdicts.budget import BUDGET

LOOKS = {"quick": (8,), "standard": (8, 16, 32), "full": (8, 16, 32)}
"""Replicas at each look; a row that is INCONCLUSIVE for want of replicas goes on to the next."""


def look_alpha(scale: str) -> float:
    """Return the two-sided level of each look: the claim's budget, shared equally (Bonferroni).

    Args:
        scale: A key of :data:`LOOKS`.

    Returns:
        The level; the looks together err with probability at most :data:`~study.verdicts.budget.BUDGET`.

    Raises:
        InvalidValue: An unknown scale.
    """
    return BUDGET / len(_looks(scale))


def allowed(scale: str, replicas: int | None = None) -> tuple[tuple[int, ...], float]:
    """Return the replicas at each look of a run, and the two-sided level of each look.

    Args:
        scale: A key of :data:`LOOKS`.
        replicas: Look once, at so many; None for the looks of the scale.

    Raises:
        InvalidValue: An unknown scale.
    """
    looks = _looks(scale)
    return (looks, look_alpha(scale)) if replicas is None else ((replicas,), BUDGET)


def _looks(scale: str) -> tuple[int, ...]:
    if scale not in LOOKS:
        raise InvalidValue("scale", scale, "one of " + ", ".join(map(repr, LOOKS)))
    return LOOKS[scale]
