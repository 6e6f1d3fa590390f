"""The error budget: 5 % a claim, shared by its declared parametrisations, and Holm over a whole table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from study.errors import InvalidValue
from study.verdicts.intervals import open_unit

BUDGET = 0.05
"""Probability that any row of a claim errs, over its parametrisations and its looks."""


def row_alpha(alpha: float, declared: int) -> float:
    """Return the level at which each row of a claim is judged as it finishes: Holm's first step.

    Only the first step does not depend on which other rows ran, so that running a part of a claim judges its rows as
    running the whole would.

    Args:
        alpha: Level of the whole claim, in (0, 1).
        declared: Parametrisations that the claim declares, whether run or not.

    Returns:
        ``alpha / declared``.

    Raises:
        InvalidValue: A level outside (0, 1), or no parametrisation.
    """
    if declared < 1:
        raise InvalidValue("declared", declared, "an integer ≥ 1")
    return open_unit("alpha", alpha) / declared


def holm(p_values: Sequence[float | None], alpha: float = BUDGET, declared: int | None = None) -> NDArray[np.float64]:
    """Adjust p-values by Holm's step-down procedure.

    Rejecting where the adjusted p-value is ≤ a level rejects any true hypothesis with probability at most that level,
    whatever the dependence between the rows.

    Args:
        p_values: One p-value a row; None for a row that could not be judged, which counts as 1.
        alpha: Level of the family, in (0, 1); adjusted p-values are the same at every level.
        declared: Size of the family; None for as many as given.

    Returns:
        Adjusted p-values of the rows given, ``(row,)``.

    Raises:
        InvalidValue: A p-value outside [0, 1], a level outside (0, 1), or a family smaller than the rows given.

    Source:
        Holm 1979.
    """
    open_unit("alpha", alpha)
    p = np.array([1.0 if value is None else value for value in p_values], dtype=np.float64)
    if not ((p >= 0) & (p <= 1)).all():
        raise InvalidValue("p_values", p_values, "numbers in [0, 1], or None")
    family = p.size if declared is None else declared
    if family < p.size:
        raise InvalidValue("declared", declared, f"at least the {p.size} rows given")
    if not p.size:
        return p
    from statsmodels.stats.multitest import multipletests  # Lazy: slow to import, and judging a row does not need it.

    adjusted: NDArray[np.float64] = multipletests(np.append(p, np.ones(family - p.size)), alpha, method="holm")[1]
    return adjusted[: p.size]
