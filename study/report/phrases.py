"""Rows in plain words: what a row is about, what its verdict means, what was read beside it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from statistics import median

from study.evidence.records import ClaimWords, VerdictRow
from study.report import text
from study.report.summary import consensus
from study.report.words import SPLIT, VERDICTS
from study.verdicts.kinds import Reason, Verdict

Words = Mapping[str, str]
PLAIN = "KL weight 1"
"""What goes without saying of a headline row."""
LEADS = {
    Verdict.MIXED.value: "in some architectures, but not in others, ",
    Verdict.INCONCLUSIVE.value: "it is undecided whether ",
    SPLIT: "on some backends, but not on others, ",
}
"""Before what a row would mean if it held, where that is not what was found."""
NOT_ASKED = "it cannot be asked whether "
"""The same of a row that says nothing of any of its VAEs."""
APART = "in some architectures by one measure and in others by another, "
"""The same of rows that came to MIXED in opposite ways."""
BESIDE = {
    Verdict.REFUTED.value: "not {}",
    Verdict.MIXED.value: "{} in some architectures only",
    Verdict.INCONCLUSIVE.value: "undecided {}",
    SPLIT: "{} on some backends only",
}
"""Around the rows that came to another word than the rows whose meaning stands before them."""
ORDER = tuple(VERDICTS)
Told = tuple[str, str]
"""A verdict, and the clause of what it means."""
Kin = Mapping[Told, Sequence[VerdictRow]]
"""Rows that share what they could mean, by what is told of them."""


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
    if reasons == {Reason.NOT_APPLICABLE} and Reason.NOT_APPLICABLE not in plain:
        return NOT_ASKED + plain["SUPPORTED"]
    if verdict in LEADS and verdict not in plain:
        return LEADS[verdict] + plain["SUPPORTED"]
    return plain[reason] if len(reasons) == 1 and (reason := reasons.pop()) in plain else plain[verdict]


def clauses(groups: Sequence[Sequence[VerdictRow]], words: ClaimWords) -> dict[str, list[str]]:
    """Gather what rows mean, verdict by verdict; rows that mean the same share a clause.

    Args:
        groups: Rows of one claim; each group is one row on every backend that judged it.
        words: What the claim says of itself.

    Returns:
        Verdict → clauses. A clause whose rows came to more than one verdict names them, as does one of several data.
    """
    found: dict[str, list[str]] = {}
    several = _several(groups)
    for kin in _kin(groups, words):
        for told, rows in kin.items():
            clause = APART + told[1].removeprefix(LEADS[Verdict.MIXED]) if _apart(rows) else told[1]
            found.setdefault(told[0], []).append(_noted(clause, _where(kin, told, words, several)))
    return found


def _apart(rows: Iterable[VerdictRow]) -> bool:
    """Whether rows that mean the same are MIXED, and an architecture says one thing in one and another in another."""
    found: dict[tuple[str, str], set[str]] = {}
    for row in (row for row in rows if row.verdict == Verdict.MIXED):
        for one in row.contexts:
            found.setdefault((row.data, one.context), set()).add(one.verdict)
    return any(said >= {Verdict.SUPPORTED, Verdict.REFUTED} for said in found.values())


def summed(
    groups: Sequence[Sequence[VerdictRow]], words: ClaimWords, everywhere: Collection[str] = ()
) -> dict[str, list[str]]:
    """Gather what rows mean as :func:`clauses` does, but in brief: of those whose meaning the claim lists first.

    What holds in some rows but not in others is said once, with what holds, e.g. ``width helps (not with 4 latents)``;
    of what holds on all data no data are named. What is undecided in every row that could mean the same is left out.

    Args:
        groups: As for :func:`clauses`.
        words: What the claim says of itself.
        everywhere: All data that are spoken of, beside those of these rows.
    """
    found: dict[str, list[str]] = {}
    groups = [group for group in groups if answers(group[0], words)] or groups
    everywhere = {*everywhere, *(group[0].data for group in groups)}
    several = len(everywhere) > 1
    for kin in _kin(groups, words):
        told = sorted(kin, key=lambda one: ORDER.index(one[0]))
        where = {one: _where(kin, one, words, several) for one in told}
        several_words = len({verdict for verdict, _ in told}) > 1 and told[0][0] == Verdict.SUPPORTED
        if (several_words or len(told) == 1) and {row.data for row in kin[told[0]]} == everywhere:
            where[told[0]] = ""
        if several_words:
            brief = told if not where[told[0]] else [one for one in told if one[0] != Verdict.INCONCLUSIVE]
            notes = (_beside(one, where[one]) for one in brief if where[one])
            found.setdefault(Verdict.SUPPORTED, []).append(_noted(told[0][1], "; ".join(notes)))
            continue
        for one in (one for one in told if one[0] != Verdict.INCONCLUSIVE):
            found.setdefault(one[0], []).append(_noted(one[1], where[one]))
    return found


def answers(row: VerdictRow, words: ClaimWords) -> bool:
    """Whether a row answers its claim's question in brief: it has the meaning that the claim lists first, if any."""
    return not words.means or _key(row, words) == _of(next(iter(words.means.values())))


def _beside(told: Told, where: str) -> str:
    verdict, clause = told
    if verdict not in BESIDE:
        return where
    around = "not to be asked {}" if clause.startswith(NOT_ASKED) else BESIDE[verdict]
    return around.format(where if where.startswith("on ") else f"with {where}")


def _several(groups: Iterable[Sequence[VerdictRow]]) -> bool:
    return len({group[0].data for group in groups}) > 1


def _noted(clause: str, note: str) -> str:
    return f"{clause} ({note})" if note else clause


def _kin(groups: Iterable[Sequence[VerdictRow]], words: ClaimWords) -> list[Kin]:
    """Gather rows that share what they could mean: of each such kin, verdict and clause → rows."""
    found: dict[str, dict[Told, list[VerdictRow]]] = {}
    for group in groups:
        told = (consensus(group), meaning(group, words))
        found.setdefault(_key(group[0], words), {}).setdefault(told, []).append(group[0])
    return list(found.values())


def _where(kin: Kin, told: Told, words: ClaimWords, several: bool) -> str:
    """Say of which rows something is told: of those on data where their kin came to more, and on which data."""
    split = len(kin) > 1
    at: dict[str, list[str]] = {}  # which rows → on which data: the same rows on several data are named once
    for data in dict.fromkeys(row.data for row in kin[told]):
        others = any(row.data == data for one, rows in kin.items() if one != told for row in rows)
        named = (
            (_named(row, words) for row in kin[told] if row.data == data) if split and (others or not several) else ()
        )
        at.setdefault(shared(dict.fromkeys(named)), []).append(text.images(data))
    notes = (" ".join(filter(None, (names, f"on {text.listing(sets)}" * several))) for names, sets in at.items())
    return "; ".join(filter(None, notes))


def _key(row: VerdictRow, words: ClaimWords) -> str:
    """What rows share that mean the same when they come to the same verdict."""
    values = (value for value in (*row.parameters.values(), "") if value in words.means)
    return next((_of(words.means[value]) for value in values), "")


def _of(meaning: Mapping[str, str]) -> str:
    return repr(sorted(meaning.items()))


def _named(row: VerdictRow, words: ClaimWords) -> str:
    """Name a row by what its meaning does not say."""
    others = [(name, value) for name, value in row.parameters.items() if value not in words.means]
    if others:
        named = ", ".join(said(name, value, words.words) for name, value in others)
    else:  # what stands before a colon says what was asked, and so does the meaning
        named = ", ".join(said(*one, words.words).rpartition(": ")[2] for one in row.parameters.items())
    return named.removeprefix(f"{PLAIN}, ")


def shared(names: Iterable[str]) -> str:
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
