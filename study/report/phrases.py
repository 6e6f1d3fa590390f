"""Rows in plain words: what a group of rows is about, and what it came to over the backends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from study.evidence.records import VerdictRow
from study.report import text

SUBJECT = "measure"
"""The parameter by which rows are gathered."""
Words = Mapping[str, str]


def said(name: str, value: str, words: Words) -> str:
    """Write one parameter in the claim's words; a value without says itself, e.g. ``latent dim = 4``."""
    if value in words:
        return words[value]
    plain = value.replace("_", " ")
    return f"{name.replace('_', ' ')} = {plain}" if value.replace(".", "", 1).isdigit() else plain


def named(row: VerdictRow, words: Words) -> str:
    """Name a row within its claim, in the claim's words."""
    return ": ".join(said(*one, words) for one in row.parameters.items()) or "the claim as it stands"


def phrases(groups: Iterable[Sequence[VerdictRow]], words: Words, *, numbers: bool = True) -> str:
    """Say what rows are about, gathered by measure, with the range of their medians over the backends.

    Args:
        groups: Rows of one claim; each group is one row on every backend that judged it.
        words: The claim's words, by parameter value.
        numbers: Whether to give medians and thresholds.

    Returns:
        E.g. ``coverage (≥ 0.9 ratio): D = 2 (0.97 to 0.98), D = 4 (0.96)``; more measures follow after semicolons,
        and a data set other than the first is named.
    """
    gathered: dict[tuple[str, str], list[Sequence[VerdictRow]]] = {}
    for group in groups:
        row = group[0]
        gathered.setdefault((row.data, row.parameters.get(SUBJECT, "")), []).append(group)
    several = len({data for data, _ in gathered}) > 1
    parts = []
    for (data, subject), members in gathered.items():
        about = said(SUBJECT, subject, words) if subject else ""
        if numbers and about and len({text.threshold(group[0]) for group in members}) == 1:
            about += f" ({text.threshold(members[0][0])})"
        items = list(filter(None, (_item(group, words, numbers=numbers) for group in members)))
        phrase = ": ".join(filter(None, [about, ", ".join(items)])) or "the claim as it stands"
        parts.append(f"{phrase} on {data}" if several else phrase)
    return "; ".join(parts)


def _item(group: Sequence[VerdictRow], words: Words, *, numbers: bool) -> str:
    others = [said(name, value, words) for name, value in group[0].parameters.items() if name != SUBJECT]
    found = _range([row.median for row in group if row.median is not None]) if numbers else ""
    named = " and ".join(others)
    return f"{named} ({found})" if named and found else named or found


def _range(values: Sequence[float]) -> str:
    ends = [text.number(end) for end in (min(values), max(values))] if values else []
    return " to ".join(dict.fromkeys(ends))


def secondary(groups: Iterable[Sequence[VerdictRow]], words: Words) -> Mapping[str, list[str]]:
    """Gather the secondary readings of the rows' estimands.

    Args:
        groups: Rows of one claim; each group is one row on every backend that judged it.
        words: The claim's words, by parameter value.

    Returns:
        Reading → one text a row, e.g. ``coverage, D = 2: 0.97 jax, 0.98 torch``: medians of the contexts' medians.
    """
    found: dict[str, list[str]] = {}
    for group in groups:
        for reading in group[0].secondary:
            middles = [
                f"{text.number(one)} {row.backend}" for row in group if (one := _middle(row, reading)) is not None
            ]
            named = ", ".join(said(name, value, words) for name, value in group[0].parameters.items())
            found.setdefault(reading, []).append(f"{named}: {', '.join(middles)}")
    return found


def _middle(row: VerdictRow, reading: str) -> float | None:
    values = [value for value in row.secondary.get(reading, {}).values() if value is not None]
    return median(values) if values else None
