"""Rows in plain words: what a row is about, what its verdict means, what was read beside it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from study.evidence.records import ClaimWords, VerdictRow
from study.report import text
from study.report.summary import consensus
from study.report.words import SPLIT
from study.verdicts.kinds import Verdict

Words = Mapping[str, str]
PLAIN = "KL weight 1"
"""What goes without saying of a headline row."""
LEADS = {
    Verdict.MIXED.value: "in some architectures, but not in others, ",
    Verdict.INCONCLUSIVE.value: "it is undecided whether ",
    SPLIT: "on some backends, but not on others, ",
}
"""Before what a row would mean if it held, where that is not what was found."""


def said(name: str, value: str, words: Words) -> str:
    """Write one parameter in the claim's words; a value without says itself, e.g. ``latent dim = 4``."""
    if value in words:
        return words[value]
    plain = value.replace("_", " ")
    return f"{name.replace('_', ' ')} = {plain}" if value.replace(".", "", 1).isdigit() else plain


def named(row: VerdictRow, words: Words) -> str:
    """Name a row within its claim, in the claim's words, e.g. ``coverage: KL weight 1, 4 latents``."""
    return ": ".join(said(*one, words) for one in row.parameters.items()) or "the claim as it stands"


def meaning(group: Sequence[VerdictRow], words: ClaimWords) -> str:
    """Say in a clause what the verdict of a row means.

    Args:
        group: The row, on every backend that judged it.
        words: What its claim says of itself; without a meaning its statement holds, or does not.
    """
    means = next((words.means[value] for value in (*group[0].parameters.values(), "") if value in words.means), {})
    sentence = f"“{words.statement or words.claim}”"
    plain = {"SUPPORTED": f"{sentence} holds", "REFUTED": f"{sentence} does not hold", **means}
    verdict, reasons = consensus(group), {row.reason for row in group}
    if verdict in LEADS and verdict not in plain:
        return LEADS[verdict] + plain["SUPPORTED"]
    return plain[reason] if len(reasons) == 1 and (reason := reasons.pop()) in plain else plain[verdict]


def clauses(groups: Iterable[Sequence[VerdictRow]], words: ClaimWords) -> dict[str, list[str]]:
    """Gather what rows mean, verdict by verdict; rows that mean the same share a clause.

    Args:
        groups: Rows of one claim; each group is one row on every backend that judged it.
        words: What the claim says of itself.

    Returns:
        Verdict → clauses. A clause whose rows came to more than one verdict names them, as does one of several data.
    """
    gathered: dict[tuple[str, str], list[VerdictRow]] = {}
    kin: dict[str, set[tuple[str, str]]] = {}
    data = {group[0].data for group in groups}
    for group in groups:
        row = group[0]
        told = (consensus(group), meaning(group, words))
        gathered.setdefault(told, []).append(row)
        kin.setdefault(_key(row, words), set()).add(told)
    found: dict[str, list[str]] = {}
    for (verdict, clause), rows in gathered.items():
        split = any(len(kin[_key(row, words)]) > 1 for row in rows)
        at: dict[str, list[str]] = {}  # which rows → on which data: the same rows on several data are named once
        for one in dict.fromkeys(row.data for row in rows):
            named = dict.fromkeys(_named(row, words) for row in rows if row.data == one) if split else {}
            at.setdefault(_shared(named), []).append(one)
        notes = [
            ", ".join(filter(None, (names, f"on {text.listing(sets)}" if len(data) > 1 else "")))
            for names, sets in at.items()
        ]
        note = "; ".join(filter(None, notes))
        found.setdefault(verdict, []).append(clause + (f" ({note})" if note else ""))
    return found


def _key(row: VerdictRow, words: ClaimWords) -> str:
    """What rows share that mean the same when they come to the same verdict."""
    values = (value for value in (*row.parameters.values(), "") if value in words.means)
    return next((repr(sorted(words.means[value].items())) for value in values), "")


def _named(row: VerdictRow, words: ClaimWords) -> str:
    """Name a row by what its meaning does not say."""
    others = [(name, value) for name, value in row.parameters.items() if value not in words.means]
    named = ", ".join(said(name, value, words.words) for name, value in others or row.parameters.items())
    return named.removeprefix(f"{PLAIN}, ")


def _shared(names: Iterable[str]) -> str:
    """Join names, what all begin and end with once: ``2 latents``, ``4 latents`` → ``2 and 4 latents``."""
    each = [name.split() for name in names if name]
    if len(each) < 2:
        return " ".join(each[0]) if each else ""
    shortest = min(map(len, each))
    start = next((i for i in range(shortest) if len({one[i] for one in each}) > 1), shortest - 1)
    end = next((i for i in range(shortest - start) if len({one[-1 - i] for one in each}) > 1), 0)
    middles = [" ".join(one[start : len(one) - end]) for one in each]
    if all(one.isdecimal() for one in middles):
        middles.sort(key=int)
    return " ".join([*each[0][:start], text.listing(middles), *each[0][len(each[0]) - end :]])


def secondary(group: Sequence[VerdictRow]) -> dict[str, list[str]]:
    """Return the secondary readings of a row: reading → one text a backend, the median of the contexts' medians."""
    found: dict[str, list[str]] = {}
    for row in group:
        for reading, values in row.secondary.items():
            known = [value for value in values.values() if value is not None]
            if known:
                found.setdefault(reading, []).append(f"{text.number(median(known))} {row.backend}")
    return found
