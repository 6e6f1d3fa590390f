"""Exact claims: an identity holds in every case that was tried, or one case refutes it."""

from __future__ import annotations

import math

from study.errors import InvalidValue
from study.verdicts.judgement import Judgement
from study.verdicts.kinds import Reason, Verdict


def judge_exact(
    cases: int, largest: float, tolerance: float, *, violated: float | None = None, case: str = ""
) -> Judgement:
    """Judge an identity by the cases tried.

    Args:
        cases: Cases in which it held.
        largest: Largest error among these.
        tolerance: Largest error that is allowed.
        violated: Error of the violated case, shrunken; None where none is.
        case: That case, in words.

    Returns:
        The judgement; in place of a median it shows the error.

    Raises:
        InvalidValue: No case was tried.
    """
    if violated is None and not cases:
        raise InvalidValue("cases", 0, "at least one case, by lab.exact(CLAIM, error)")
    error = largest if violated is None else violated
    said = f"{cases} cases, largest error {error:.3g}"
    if violated is not None:
        said = f"violated, error {error:.3g}: {case}"
    return Judgement(
        verdict=exact_word(int(violated is not None), error, tolerance),
        reason=Reason.NONE if violated is None else Reason.COUNTEREXAMPLE,
        reach=cases,
        short=int(violated is not None),
        count=cases + (violated is not None),
        allowed=0,
        median=None if math.isnan(error) else error,
        note=f"tolerance {tolerance:g}; {said}",
    )


def exact_word(violations: int, error: float | None, tolerance: float) -> Verdict:
    """Return the word of an identity by its largest error; one that is no number is no small one."""
    held = not violations and error is not None and error <= tolerance
    return Verdict.SUPPORTED if held else Verdict.REFUTED
