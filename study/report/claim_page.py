"""A page a claim: its sentence and source, each row once, its pictures, what was predicted, its controls, its command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from study.evidence.records import VerdictRow
from study.report import phrases, text
from study.report.content import Content
from study.report.headline import Group
from study.report.summary import consensus
from study.report.words import MANY, SPLIT, VERDICTS, letters

ALIKE = "✓"
"""Beside a verdict on which all backends agree."""


def context(content: Content, claim: str) -> dict[str, Any]:
    """Return what the template of a claim's page needs."""
    words, groups = content.claims[claim], content.groups_of(claim)
    finding = next((one for one in content.findings if one.words.claim == claim), None)
    return {
        "content": content,
        "words": words,
        "groups": groups,
        "means": finding.means if finding else [],
        "command": text.command(groups[0][0]),
        "legend": legend(groups),
        "notes": _notes(groups, words.words),
        "secondary": _secondary(groups, words.words),
        "overturned": [one for one in content.overturned if one.claim == claim],
        "controls": content.controls.get(claim, ()),
        "phrases": phrases,
        "text": text,
        "letters": letters,
        "median": lambda row: text.interval(row.median, row.low, row.high),
        "expected": expected,
        "verdict": verdict,
        "perbackend": per_backend,
    }


def expected(group: Group) -> str:
    """Write what was predicted; of backends that were told differently, each."""
    return ", ".join(dict.fromkeys(row.expected for row in group))


def verdict(group: Group) -> str:
    """Write the verdict of a row once, with a tick where several backends agree and a line each where they do not."""
    alike = len({row.verdict for row in group}) == 1
    if alike:
        reasons = {row.reason for row in group}
        said = f"{VERDICTS[group[0].verdict].mark} {group[0].verdict}" + (
            f": {r}" if (r := reasons.pop()) and not reasons else ""
        )
        return f"{said} {ALIKE} {text.listing(row.backend for row in group)}" if len(group) > 1 else said
    joint = consensus(group)
    head = f"{VERDICTS[joint].mark} {VERDICTS[joint].answer if joint == SPLIT else joint}"
    return "<br>".join([head, *(f"{row.backend}: {text.verdict(row)}" for row in group)])


def per_backend(group: Group, write: Callable[[VerdictRow], str]) -> str:
    """Write something of each backend, once where it is the same of all."""
    found = {row.backend: write(row) for row in group}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return "<br>".join(f"{backend} {said}" for backend, said in found.items())


def legend(groups: Sequence[Group]) -> str:
    """Say which contexts the letters stand for, in their order."""
    letters_ = "Contexts: S supported, R refuted, I undecided by itself, – not applicable"
    listed = {
        tuple(one.context for one in row.contexts) for group in groups for row in group if 1 < len(row.contexts) <= MANY
    }
    names = {"; ".join(text.md(name) for name in contexts) for contexts in listed}
    return f"{letters_}; in this order: {' or '.join(sorted(names))}." if names else f"{letters_}."


def _notes(groups: Sequence[Group], words: phrases.Words) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in groups:
        for row in group:
            if row.note:
                where = f"{text.md(phrases.about(row, words))} on {text.md(row.data)}, {row.scale}, {row.backend}"
                found.setdefault(row.note, []).append(where)
    return found


def _secondary(groups: Sequence[Group], words: phrases.Words) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for group in groups:
        for reading, values in phrases.secondary(group).items():
            named = text.md(phrases.about(group[0], words))
            found.setdefault(reading, []).append(f"{named}: {', '.join(values)}")
    return found
