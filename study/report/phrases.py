"""Rows in plain words: what a group of rows is about, and what it came to over the backends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from study.evidence.records import VerdictRow
from study.report import text

WORDS = {
    "kl_p5": "the posterior as a whole",
    "dimension_kl_p5": "every one of its dimensions",
    "marginal_kl": "total marginal KL",
    "marginal_kl_per_dimension": "marginal KL per dimension",
    "marginal_kl_per_active": "marginal KL per active dimension",
    "two_sample_accuracy": "two-sample accuracy",
    "sliced_wasserstein": "sliced Wasserstein distance",
    "encoder_width": "a wider encoder",
    "encoder_depth": "a deeper encoder",
    "width": "wider networks",
    "latent_dim": "more latents",
    "min_share_ratio": "share of the worst class against the aggregate's",
    "class_overlap": "overlap with the data's classes",
    "coverage_ratio": "coverage against the aggregate's",
    "density_ratio": "density against the aggregate's",
}
"""Parameter values of the claims in words; a value not listed here says itself."""
SYMBOLS = {"latent_dim": "D"}
SUBJECT = "measure"
"""The parameter by which rows are gathered."""


def words(name: str, value: str) -> str:
    """Write one parameter, e.g. ``a deeper encoder``, or ``D = 4``."""
    if value.replace(".", "", 1).isdigit():
        return f"{SYMBOLS.get(name, name.replace('_', ' '))} = {value}"
    return WORDS.get(value, value.replace("_", " "))


def phrases(groups: Iterable[Sequence[VerdictRow]], *, numbers: bool = True) -> str:
    """Say what rows are about, gathered by measure, with the range of their estimates over the backends.

    Args:
        groups: Rows of one claim; each group is one row on every backend that judged it.
        numbers: Whether to give estimates and thresholds.

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
        about = words(SUBJECT, subject) if subject else ""
        if numbers and about and len({text.threshold(group[0]) for group in members}) == 1:
            about += f" ({text.threshold(members[0][0])})"
        items = list(filter(None, (_item(group, numbers=numbers) for group in members)))
        said = ": ".join(filter(None, [about, ", ".join(items)])) or "the claim as it stands"
        parts.append(f"{said} on {data}" if several else said)
    return "; ".join(parts)


def _item(group: Sequence[VerdictRow], *, numbers: bool) -> str:
    others = [words(name, str(value)) for name, value in group[0].parameters.items() if name != SUBJECT]
    found = _range([row.estimate for row in group if row.estimate is not None]) if numbers else ""
    named = " and ".join(others)
    return f"{named} ({found})" if named and found else named or found


def _range(values: Sequence[float]) -> str:
    ends = [text.number(end) for end in (min(values), max(values))] if values else []
    return " to ".join(dict.fromkeys(ends))


def beside(groups: Iterable[Sequence[VerdictRow]]) -> Mapping[str, list[str]]:
    """Gather the other readings of the rows' estimands.

    Args:
        groups: Rows of one claim; each group is one row on every backend that judged it.

    Returns:
        Reading → one text a row, e.g. ``coverage, D = 2: 0.97 jax, 0.98 torch``: means over the contexts.
    """
    found: dict[str, list[str]] = {}
    for group in groups:
        for reading in group[0].beside:
            means = [f"{text.number(mean)} {row.backend}" for row in group if (mean := _mean(row, reading)) is not None]
            named = ", ".join(words(name, str(value)) for name, value in group[0].parameters.items())
            found.setdefault(reading, []).append(f"{named}: {', '.join(means)}")
    return found


def _mean(row: VerdictRow, reading: str) -> float | None:
    values = [value for value in row.beside.get(reading, {}).values() if value is not None]
    return sum(values) / len(values) if values else None
