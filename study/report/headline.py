"""The rows that a question is answered by: those about VAEs of KL weight 1, each at its largest scale."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from study.evidence.records import VerdictRow
from study.report.summary import by_row
from study.verdicts.kinds import Kind, Verdict

WEIGHT = re.compile(r"\bkl_weight=(\d+(?:\.\d+)?)")
"""How the canonical text of a VAE names its KL weight."""
Group = Sequence[VerdictRow]
"""One row on every backend that judged it."""


def headline(row: VerdictRow) -> bool:
    """Whether a row speaks of the VAE of the discussion, whose KL weight is 1; a row that names no weight does.

    A search does not: the VAE that it ends with may have any weight.
    """
    if row.kind == Kind.SEARCH:
        return False
    asked = row.registration.asked.values() if row.registration else ()
    weights = {float(weight) for text in asked for weight in WEIGHT.findall(text)}
    return not weights or 1.0 in weights


def largest(rows: Iterable[VerdictRow]) -> list[Group]:
    """Return each row at the largest scale at which it was judged, on every backend that judged it there."""
    found: dict[tuple[Any, ...], Group] = {}
    for (identity, _), group in by_row(rows).items():
        found[identity] = group  # by_row sorts scales from small to large
    return list(found.values())


def margin(row: VerdictRow) -> tuple[float, float]:
    """Return how clear a word is: how many more VAEs might be otherwise, and how far off the threshold is.

    Of two rows the less clear has the smaller pair. The threshold is so many widths of the interval outside it.
    """
    sides = {Verdict.SUPPORTED: row.reach, Verdict.REFUTED: row.short}
    decided = sides.get(Verdict(row.verdict), max(row.reach, row.short))
    spare = row.allowed - (row.count - decided)
    if row.low is None or row.high is None or not row.high > row.low:
        return spare, float("inf")
    return spare, max(row.low - row.threshold, row.threshold - row.high) / (row.high - row.low)


def least_clear(groups: Iterable[Group]) -> VerdictRow:
    """Return the row, of some backend, whose word is the least clear; the first of several."""
    return min((row for group in groups for row in group), key=margin)
